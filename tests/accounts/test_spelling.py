"""The database folds people's cards as `accounts.spelling` folds what is asked."""

import unicodedata
from collections.abc import Sequence

import pytest
from django.db import connection

from accounts import spelling
from accounts.models import User

BLOCKS = [(0x20, 0x250), (0x2000, 0x2070), (0x3001, 0x3100), (0x4E00, 0x9FFF), (0xF900, 0xFAD9)]
BLOCKS += [(0xFF01, 0xFFA0), (0x20B00, 0x20C00)]
NAMES = [
    "髙橋　ワカナ",
    "ｻｰﾊﾞ",
    "渡邉 太郎",
    "ＨＡＮＡＫＯ　Kaku",
    "Ōno",
    "がくせい",
    "葛\U000e0100城",
    "Hanako@demo.example",
    "03-1234-5678",
]


def folded_by_the_database(texts: Sequence[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_folded(t) FROM unnest(%s) WITH ORDINALITY AS x (t, n) ORDER BY n", [[*texts]])
        return [text for (text,) in cursor.fetchall()]


@pytest.mark.usefixtures("db")
def test_database_and_program_fold_every_letter_of_names_alike() -> None:
    signs = [
        chr(code) for begin, end in BLOCKS for code in range(begin, end) if unicodedata.category(chr(code)) != "Cn"
    ]
    texts = [*NAMES, *signs]
    differing = [
        (text, ours, theirs)
        for text, theirs in zip(texts, folded_by_the_database(texts), strict=True)
        if (ours := spelling.fold(text)) != theirs
    ]
    assert differing == []


@pytest.mark.usefixtures("db")
def test_a_card_follows_every_way_of_changing_an_account() -> None:
    person = User.objects.create_user("wakana@demo.example", name="高橋 ワカナ", phone="03-1234-5678")
    assert "高橋わかな" in person.sought
    User.objects.filter(pk=person.pk).update(name="高橋 まどか")
    person.refresh_from_db()
    assert person.sought.split("\n") == ["", "高橋まどか", "", "", "wakanademoexample", "0312345678"]
