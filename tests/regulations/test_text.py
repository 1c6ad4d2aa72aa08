"""Japanese input is made uniform, and what could mislead is refused with its place."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations.text import (
    NORMALISERS,
    TextError,
    address_of,
    character_set,
    clean,
    corporate_check_digit,
    normalise,
)

GOOD = [
    ("text", "株式会社\u3000見本", "株式会社 見本"),
    ("text", "髙橋 𠮷男", "髙橋 𠮷男"),
    ("text", "葛\U000e0100城", "葛\U000e0100城"),
    ("text", "カ\u3099", "ガ"),
    ("kana", "さとう ﾐﾉﾘ", "サトウ ミノリ"),
    ("latin", "Ｍｉｈｏｎ  Ｓｅｉｋｉ", "Mihon Seiki"),
    ("latin", "O’Hara−Sato", "O'Hara-Sato"),
    ("postal_code", "〒１０５−０００１", "105-0001"),
    ("tel", "０３（００００）００００", "03-0000-0000"),
    ("email", "Ｔａｒｏ＠Example.JP", "Taro@example.jp"),
    ("date", "２０２６年４月１日", "2026-04-01"),
]
BAD = [
    ("text", "見本\n商事", "unseen_character", 3),
    ("text", "見本\u202e商事", "unseen_character", 3),
    ("text", "\u200b見本", "unseen_character", 1),
    ("text", "見\x00本", "unseen_character", 2),
    ("text", "見本\ue000", "unseen_character", 3),
    ("text", "見本\ud800", "unseen_character", 3),
    ("text", "見本\ufe0f", "unseen_character", 3),
    ("text", "a\u2028b", "unseen_character", 2),
    ("text", "M\u0456hon", "mixed_scripts", 2),
    ("text", "見本Ω", "mixed_scripts", 3),
    ("kana", "サトウ漢", "not_kana", 4),
    ("latin", "Tsumugi Ōno", "not_latin", 9),
    ("latin", "佐藤", "not_latin", 1),
    ("corporate_number", "1234567890123", "check_digit", None),
    ("corporate_number", "123", "corporate_number", None),
    ("tel", "12", "tel", None),
    ("email", "nobody", "email", None),
    ("date", "2026-02-30", "date", None),
    ("date", "yesterday", "date", None),
]


@pytest.mark.parametrize(("kind", "typed", "stored"), GOOD)
def test_both_widths_are_accepted_and_stored_in_one_spelling(kind: str, typed: str, stored: str) -> None:
    assert normalise(kind, typed) == stored


@pytest.mark.parametrize(("kind", "typed", "code", "position"), BAD)
def test_misleading_text_is_refused_with_its_place(kind: str, typed: str, code: str, position: int | None) -> None:
    with pytest.raises(TextError) as refused:
        normalise(kind, typed)
    assert (refused.value.code, refused.value.position) == (code, position)
    assert refused.value.message


def test_a_macron_is_refused_with_the_two_usual_spellings() -> None:
    with pytest.raises(TextError) as refused:
        normalise("latin", "Ōno")
    assert "O" in refused.value.message
    assert "Oh" in refused.value.message


def test_sixty_five_characters_are_one_too_many() -> None:
    assert normalise("latin", "a" * 64, max_length=64) == "a" * 64
    with pytest.raises(TextError) as refused:
        normalise("latin", "a" * 65, max_length=64)
    assert refused.value.code == "too_long"


def test_only_the_characters_that_the_rules_name_are_taken_after_the_width_is_made_uniform() -> None:
    assert normalise("latin", "Ｍ-００１", characters="A-Z0-9-") == "M-001"
    with pytest.raises(TextError) as refused:
        normalise("latin", "M-00a", characters="A-Z0-9-")
    assert (refused.value.code, refused.value.position) == ("character", 5)
    assert "A-Z0-9-" in refused.value.message


def test_characters_are_named_one_by_one_or_as_ranges() -> None:
    assert character_set("") == frozenset()
    assert character_set("A-C/-") == frozenset("ABC/-")
    assert character_set("一-三") >= frozenset("一丁三")
    for wrong in ("Z-A", "AA", "A-CB", "\n"):
        with pytest.raises(ValueError, match=r"backwards|twice"):
            character_set(wrong)


def test_line_breaks_are_kept_where_several_lines_are_asked_for() -> None:
    assert clean("一行目\r\n二行目", multiline=True) == "一行目\n二行目"


@given(st.integers(0, 10**12 - 1))
def test_a_corporate_number_with_its_check_digit_is_accepted_and_with_another_refused(base: int) -> None:
    digits = f"{base:012d}"
    right = corporate_check_digit(digits)
    assert normalise("corporate_number", right + digits) == right + digits
    wrong = "1" if right != "1" else "2"
    with pytest.raises(TextError):
        normalise("corporate_number", wrong + digits)


@given(st.sampled_from(sorted(NORMALISERS)), st.text(max_size=40))
def test_whatever_is_typed_is_refused_in_words_or_stays_the_same_when_typed_again(kind: str, typed: str) -> None:
    try:
        stored = normalise(kind, typed)
    except TextError as error:
        stored, reason = "", error.message
    else:
        reason = "kept"
    assert reason
    assert normalise(kind, stored) == stored
    assert unicodedata.is_normalized("NFC", stored)


def test_a_postal_code_leads_to_its_address() -> None:
    assert address_of("105-0001") == "東京都港区虎ノ門"
    assert address_of("000-0000") == ""
