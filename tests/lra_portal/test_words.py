"""Dates, waits and statuses read as people write them, in both languages."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts import states as accounts
from applications import states as applications
from applications.selectors import progress
from certificates import states as certificates
from lra_portal.instants import day_in_words, due_text, era_in_words, instant_in_words
from lra_portal.statuses import has_word, status_word
from regulations import states as regulations
from revocation import states as revocation
from support_desk import states as support_desk
from tests.instants import FRIDAY_17_59, JANUARY_5_9_00, TUESDAY_AFTER_THE_HOLIDAY_9_00, WEDNESDAY_11_00
from tests.people import People, signed_in

KINDS = {
    "application": applications.APPLICATION,
    "order": certificates.ORDER,
    "subscription": regulations.SUBSCRIPTION,
    "rules": regulations.RULES,
    "revocation": revocation.REQUEST,
    "mass_revocation": revocation.MASS,
    "ticket": support_desk.TICKET,
    "notice": accounts.NOTICE,
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_state_of_every_machine_has_its_words(kind: str) -> None:
    machine = KINDS[kind]
    states = {*machine.initial, *(state for move in machine.moves for state in (*move.sources, move.target))}
    assert {state for state in states if not has_word(kind, state)} == set()


def test_every_standing_of_an_application_has_its_words() -> None:
    shown = {*progress.STEP_OF, *progress.ENDED}
    assert {code for code in shown if not has_word("application", code)} == set()


def test_a_status_is_said_in_the_words_people_know() -> None:
    with translation.override("ja"):
        words = [str(status_word("application", code).word) for code in ("submitted", "waiting_information", "refused")]
        assert words == ["提出済", "追加資料依頼中", "否認"]
        assert str(status_word("revocation", "revoked").word) == "失効済み"
        assert str(status_word("certificate", "revoked").word) == "失効"


@time_machine.travel(WEDNESDAY_11_00, tick=False)
def test_a_day_carries_its_year_only_where_it_is_another_one() -> None:
    with translation.override("ja"):
        assert instant_in_words(TUESDAY_AFTER_THE_HOLIDAY_9_00) == "11月24日(火) 9:00"
        assert instant_in_words(JANUARY_5_9_00) == "2027年1月5日(火) 9:00"
    with translation.override("en"):
        assert instant_in_words(TUESDAY_AFTER_THE_HOLIDAY_9_00) == "24 Nov 2026, 9:00 JST"


def test_an_instant_is_told_on_tokyos_clock() -> None:
    with translation.override("ja"):
        assert day_in_words(datetime(2026, 11, 20, 15, 0, tzinfo=UTC), year=True) == "2026年11月21日(土)"


def test_paper_tells_the_day_by_the_era_too() -> None:
    assert era_in_words(date(2026, 11, 24)) == "令和8年11月24日"
    assert era_in_words(date(2019, 5, 1)) == "令和元年5月1日"
    assert era_in_words(date(2019, 4, 30)) == "平成31年4月30日"


@pytest.mark.parametrize(
    ("left", "business", "words", "level"),
    [
        (timedelta(days=4), 4, "あと 4 営業日", ""),
        (timedelta(days=4), 1, "あと 1 営業日", "near"),
        (timedelta(hours=3, minutes=40), 0, "あと 3 時間 40 分", "near"),
        (timedelta(hours=-2, minutes=-20), 0, "2 時間 20 分 過ぎています", "over"),
    ],
)
def test_a_wait_shows_what_is_left_in_three_steps(left: timedelta, business: int, words: str, level: str) -> None:
    at = WEDNESDAY_11_00
    with translation.override("ja"), time_machine.travel(at, tick=False):
        shown = due_text(at + left, at=at, business_left=business)
    assert (shown.left, shown.level) == (words, level)


def test_today_is_said_as_today() -> None:
    with translation.override("ja"), time_machine.travel(FRIDAY_17_59, tick=False):
        shown = due_text(FRIDAY_17_59 + timedelta(minutes=1), at=FRIDAY_17_59)
    assert (shown.day, shown.clock, shown.left) == ("今日", "18:00", "あと 1 分")


def test_switching_the_language_changes_the_pages_and_the_mails_of_who_is_signed_in(people: People) -> None:
    client = signed_in(people.hanako)
    assert client.post(reverse("set_language"), {"language": "en", "next": "/"}).status_code == 302
    people.hanako.refresh_from_db()
    assert people.hanako.language == "en"
    assert 'lang="en"' in client.get(reverse("repository:top")).content.decode()
    assert Client().get(reverse("set_language")).status_code == 405


def test_reading_an_address_that_only_takes_forms_leads_to_the_page_above_it(people: People) -> None:
    client = signed_in(people.hanako)
    there = client.get("/applications/00000000-0000-4000-8000-000000000000/documents/", HTTP_ACCEPT="text/html")
    assert (there.status_code, there["Location"]) == (302, "/applications/00000000-0000-4000-8000-000000000000/")


@pytest.mark.django_db
def test_a_form_without_its_token_and_too_many_attempts_are_refused_in_the_skin() -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(reverse("account_login"), {"login": "x@demo.example", "password": "x"})
    assert answer.status_code == 403
    assert "このページは開けません" in answer.content.decode()
    with translation.override("ja"):
        page = render_to_string("429.html")
    assert "しばらくおいて" in page
    assert " style=" not in page


def test_the_last_resort_page_asks_nothing_of_what_may_be_broken() -> None:
    page = render_to_string("errors/500.html")
    assert "masthead" in page
    assert "<c-" not in page
