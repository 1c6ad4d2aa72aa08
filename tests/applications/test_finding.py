"""Finding applications: however a name is typed, whatever became of the application, frequent names and rare ones."""

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import spelling
from accounts.paging import Place
from applications.models import Application, IndexCard
from applications.selectors import searching
from applications.selectors.searching import Hits, found
from applications.services import intake
from applications.services.finding import file_card
from certificates.models import Certificate, Intent
from tests.applications import cases
from tests.people import ORIGIN, People

SPELLINGS = [
    ("高橋 わかな", "髙橋　ワカナ"),
    ("サーバー", "ｻｰﾊﾞ"),
    ("ｷｬﾉﾝ", "キヤノン"),
    ("渡邉", "渡辺"),
    ("Hanako Kaku", "ＨＡＮＡＫＯ　ＫＡＫＵ"),
    ("2026-000142", "２０２６－０００１４２"),
    ("Ōno", "ono"),
    ("𠮷田", "吉田"),
    ("がくせい", "ガクセイ"),
]


@pytest.mark.parametrize(("kept", "typed"), SPELLINGS)
def test_two_ways_to_write_the_same_fold_to_one(kept: str, typed: str) -> None:
    assert spelling.fold(kept) == spelling.fold(typed)


def test_different_kana_stay_different() -> None:
    assert spelling.fold("かき") != spelling.fold("がぎ")
    assert spelling.fold("ばん") != spelling.fold("ぱん")


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_and_leaves_only_letters_and_digits(text: str) -> None:
    folded = spelling.fold(text)
    assert spelling.fold(folded) == folded
    assert all(letter.isalnum() or letter in "々〆" for letter in folded), folded


@given(st.text(alphabet="山田高橋ミホン株式会社 abc-12", min_size=1, max_size=20), st.data())
def test_whatever_stands_on_a_card_is_found_by_any_part_of_two_letters(text: str, data: st.DataObject) -> None:
    card = spelling.card([text])
    folded = spelling.fold(text)
    if len(folded) >= 2:
        begin = data.draw(st.integers(0, len(folded) - 2))
        end = data.draw(st.integers(begin + 2, len(folded)))
        assert all(word in card for word in spelling.asked(folded[begin:end]))


def found_by(text: str, **only: object) -> list[Application]:
    hits = found(text=text, only=only, place=Place(), size=50)
    return [Application.objects.get(pk=pk) for pk in hits.applications]


@pytest.mark.parametrize(
    "text", ["架空", "かくう", "ｶｸｳ ﾊﾅｺ", "花子 見本", "Hanako", "kaku", "精機", "E-40213", "e40213", "架"]
)
def test_an_application_is_found_by_names_readings_and_numbers(application: Application, text: str) -> None:
    assert found_by(text) == [application]


def test_an_application_is_found_by_its_receipt_and_corporate_number(application: Application) -> None:
    receipt, company = application.receipt_number or "", application.values["corporate_number"]
    for text in (receipt, receipt.replace("-", ""), receipt[-3:], company, company[:4], company[-4:]):
        assert found_by(text) == [application], text


@pytest.mark.parametrize("text", ["不在", "空架", "カクク", "%", "_", "\\", "　", "\x00", "東京都"])
def test_what_nobody_is_called_finds_nobody(application: Application, text: str) -> None:
    assert not found_by(text)


def issued_for(application: Application, serial: str) -> Certificate:
    """Return a certificate of the application with this serial number."""
    other = cases.certificate_of_same_subject(application)
    intent = Intent.objects.create(
        order=application.order,
        round=1,
        authority=other.authority,
        serial=serial,
        statement={},
        status_since=other.issued_at,
        signer="test",
        lock_key=1,
        lease_until=other.issued_at,
    )
    columns = {"management_number": "C-000042", "sha256": serial, "serial": serial, "story": application.story}
    columns |= {"order": application.order, "intent": intent, "subscription": application.subscription}
    named = {field.attname: getattr(other, field.attname) for field in Certificate._meta.concrete_fields}
    kept = {name: value for name, value in named.items() if name.removesuffix("_id") not in columns and name != "id"}
    return Certificate.objects.create(**kept, **columns)


def test_an_application_is_found_by_the_numbers_of_its_certificate(application: Application, people: People) -> None:
    issued_for(application, serial="5f3a91c20d".zfill(40))
    for text in ("C-000042", "c42", "5f:3a:91:c2:0d", "0x5F3A91C20D", "5f3a91c20d"):
        assert found_by(text) == [application], text


def test_applications_of_every_state_are_found_and_can_be_narrowed_down(
    application: Application, people: People
) -> None:
    other = cases.submitted(people.jiro)
    intake.withdraw(application=other, actor=people.jiro.actor(ORIGIN), at=timezone.now())
    other.refresh_from_db()
    assert found_by("見本精機") == [other, application]
    assert found_by("見本精機", status="withdrawn") == [other]
    assert found_by("見本精機", status="submitted") == [application]


def test_a_card_that_is_filed_again_says_what_holds_now(application: Application) -> None:
    application.values |= {"person_name": "架空 月子"}
    application.save(update_fields=["values"])
    file_card(application)
    assert found_by("月子") == [application]
    assert IndexCard.objects.count() == 1


def many(people: People, number: int) -> list[Application]:
    """Return applications for the same company, oldest first; every third one was withdrawn."""
    made = []
    for n in range(number):
        row = cases.submitted(people.hanako, person_name=f"架空 {n}号")
        if n % 3 == 0:
            intake.withdraw(application=row, actor=people.hanako.actor(ORIGIN), at=timezone.now())
        made.append(row)
        row.refresh_from_db()
    return made


def through(text: str, size: int, **only: object) -> list[Hits]:
    """Return the pages from the first to the last, by their keys."""
    pages = [found(text=text, only=only, place=Place(), size=size)]
    while pages[-1].next_key:
        pages.append(found(text=text, only=only, place=Place(after=pages[-1].next_key), size=size))
    return pages


@pytest.fixture
def seven(issuing: object, people: People, demo_rules: None) -> list[Application]:
    return many(people, 7)


def test_pages_of_a_search_show_each_once_both_ways(seven: list[Application], monkeypatch: pytest.MonkeyPatch) -> None:
    for near in (2, 3, 100):
        monkeypatch.setattr(searching, "NEAR", near)
        pages = through("見本精機", 2)
        shown = [pk for page in pages for pk in page.applications]
        assert shown == [row.pk for row in reversed(seven)]
        back = [pages[-1]]
        while back[-1].previous_key:
            back.append(found(text="見本精機", only={}, place=Place(before=back[-1].previous_key), size=2))
        assert {pk for page in back for pk in page.applications} == set(shown)
        assert pages[0].previous_key == ""


def test_a_narrow_search_goes_on_where_it_gave_up(seven: list[Application], monkeypatch: pytest.MonkeyPatch) -> None:
    for near in (2, 3, 100):
        monkeypatch.setattr(searching, "NEAR", near)
        pages = through("見本精機", 1, status="withdrawn")
        shown = [pk for page in pages for pk in page.applications]
        assert shown == [row.pk for row in reversed(seven) if row.status == "withdrawn"]
        assert any(page.partly for page in pages) == (near < 100)


def test_a_key_that_is_none_gives_the_first_page(application: Application) -> None:
    for place in (Place(after="x"), Place(before="-1"), Place(after="²")):
        assert found(text="架空", only={}, place=place, size=5).applications == [application.pk]


def test_rare_names_are_looked_up_in_the_index_of_pairs(application: Application) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM applications_indexcard"
            " WHERE accounts_pairs(text) @> accounts_pairs('架空') ORDER BY id * -1 LIMIT 5"
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "card_by_pairs" in plan
