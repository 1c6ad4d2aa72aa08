"""The queue: its tabs and counts, its orders, its pages both ways, what it costs."""

import csv
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.paging import Place, turned
from applications.models import Application
from applications.selectors import queue
from applications.selectors.pinned import systems_in_force
from applications.selectors.queue import ORDERS, SCOPES, Wanted, lines_of, listed, page_of
from applications.selectors.tallies import MOST, tallies
from audit.models import Event
from regulations.models import TargetSystem
from tests.applications.crowd import crowd
from tests.people import People, signed_in

QUEUE = "/examination/"


@pytest.fixture
def examiner(people: People) -> Client:
    return signed_in(people.examiner)


@pytest.fixture
def office(application: Application, people: People) -> Application:
    """Something in every tab, some of it late, some of it for today, some of it decided."""
    at = timezone.now()
    Application.objects.filter(pk=application.pk).update(due_at=at + timedelta(days=9))
    application.refresh_from_db()
    crowd(application, 3)
    crowd(application, 2, due_at=at - timedelta(hours=1))
    crowd(application, 4, status="examining", examiner_id=people.examiner.pk)
    crowd(application, 2, status="examining", examiner_id=people.second_examiner.pk, due_at=at - timedelta(days=2))
    crowd(application, 2, status="waiting_information", examiner_id=people.examiner.pk, due_at=at - timedelta(days=2))
    crowd(application, 3, status="awaiting_approval", examiner_id=people.examiner.pk)
    crowd(application, 2, status="approved")
    crowd(application, 1, status="withdrawn")
    return application


def rows_of(browser: Client, **typed: str) -> list[Application]:
    return [line.application for line, _left, _acts in browser.get(QUEUE, typed).context["rows"]]


def test_each_tab_holds_as_many_as_its_tally_says(office: Application, people: People) -> None:
    at = timezone.now()
    systems = systems_in_force()
    counted = tallies(person=people.examiner, at=at, systems=[system.pk for system in systems])
    held = {scope: listed(Wanted(scope=scope), people.examiner, at).count() for scope in SCOPES}
    assert {scope: tally.number for scope, tally in counted.tabs.items()} == held
    known = {"all": 17, "overdue": 4, "mine": 6, "unclaimed": 6, "waiting": 2, "approval": 3}
    assert {scope: held[scope] for scope in known} == known
    assert {system.slug: counted.systems[system.pk].number for system in systems}["e-contract"] == 17


def test_the_day_ends_at_midnight_in_tokyo_for_what_is_due_today(application: Application, people: People) -> None:
    at = timezone.now()
    crowd(application, 1, due_at=queue.close_of_today(at))
    crowd(application, 1, due_at=queue.close_of_today(at) + timedelta(seconds=1))
    assert listed(Wanted(scope="today"), people.examiner, at).count() == 1


def test_a_long_queue_is_counted_up_to_a_thousand_and_no_further(application: Application, people: People) -> None:
    crowd(application, MOST + 5)
    counted = tallies(person=people.examiner, at=timezone.now(), systems=[])
    assert (counted.tabs["unclaimed"].number, counted.tabs["unclaimed"].more) == (MOST, True)
    page = signed_in(people.examiner).get(QUEUE).content.decode()
    assert f"{MOST}+" in page


@pytest.mark.parametrize("scope", SCOPES)
def test_a_tab_shows_what_it_holds_by_due_time(
    examiner: Client, office: Application, people: People, scope: str
) -> None:
    expected = listed(Wanted(scope=scope), people.examiner, timezone.now()).order_by("due_at", "pk")
    assert rows_of(examiner, scope=scope) == list(expected)


def test_a_list_is_narrowed_down_to_a_target_system_and_a_state(examiner: Client, office: Application) -> None:
    other = TargetSystem.objects.get(slug="member-client")
    moved = crowd(office, 2, target_system_id=other.pk)
    assert rows_of(examiner, target="member-client") == moved
    assert len(rows_of(examiner, target="e-contract", status="awaiting_approval")) == 3
    assert not rows_of(examiner, scope="mine", target="member-client")


def test_what_is_decided_is_listed_too_the_latest_first(examiner: Client, office: Application) -> None:
    rows = rows_of(examiner, status="approved")
    assert [row.status for row in rows] == ["approved", "approved"]
    assert len(rows_of(examiner, status="withdrawn", scope="mine")) == 1


def test_words_that_are_none_are_passed_over(examiner: Client, office: Application) -> None:
    typed = {"scope": "x", "status": "y", "target": "z", "sort": "w", "after": "v", "before": "\x00~"}
    assert len(rows_of(examiner, **typed)) == 17


@pytest.mark.parametrize(("sort", "column"), [("due", "due_at"), ("received", "submitted_at"), ("name", "sort_name")])
def test_the_list_is_sorted_as_one_likes(examiner: Client, office: Application, sort: str, column: str) -> None:
    said = [getattr(row, column) for row in rows_of(examiner, sort=sort)]
    assert said == sorted(said)
    assert len(said) == 17


def test_what_was_received_last_can_stand_first(examiner: Client, office: Application) -> None:
    crowd(office, 1, submitted_at=timezone.now() + timedelta(hours=1), receipt_number="2026-999999")
    assert rows_of(examiner, sort="newest")[0].receipt_number == "2026-999999"


@pytest.mark.parametrize("sort", ORDERS)
def test_the_list_is_turned_page_by_page_both_ways(
    examiner: Client, office: Application, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr(queue, "PAGE", 5)
    pages = [examiner.get(QUEUE, {"sort": sort})]
    while pages[-1].context["paging"]["next_url"]:
        pages.append(examiner.get(f"{QUEUE}{pages[-1].context['paging']['next_url']}"))
    shown = [[line.application.pk for line, _left, _acts in page.context["rows"]] for page in pages]
    assert [len(page) for page in shown] == [5, 5, 5, 2]
    assert len({pk for page in shown for pk in page}) == 17
    back = examiner.get(f"{QUEUE}{pages[2].context['paging']['previous_url']}")
    assert [line.application.pk for line, _left, _acts in back.context["rows"]] == shown[1]
    last = examiner.get(f"{QUEUE}{pages[0].context['paging']['last_url']}")
    assert [line.application.pk for line, _left, _acts in last.context["rows"]][-2:] == shown[3]
    assert not last.context["paging"]["next_url"]


def test_a_search_goes_through_everything_whatever_the_tab(examiner: Client, office: Application) -> None:
    assert len(rows_of(examiner, q="見本精機", scope="mine")) == 20
    assert len(rows_of(examiner, q="見本精機", status="withdrawn")) == 1
    page = examiner.get(QUEUE, {"q": "不在"}).content.decode()
    assert "不在" in page


def test_the_page_asks_at_most_twelve_questions_however_many_wait(examiner: Client, office: Application) -> None:
    crowd(office, 60, status="examining", examiner_id=None)
    examiner.get(QUEUE)
    for typed in ({}, {"last": "1"}, {"scope": "mine"}, {"target": "e-contract", "sort": "name"}):
        with CaptureQueriesContext(connection) as asked:
            assert examiner.get(QUEUE, typed).status_code == 200
        assert len(asked) <= 12, [query["sql"][:80] for query in asked]


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Wanted(), "application_queue"),
        (Wanted(scope="overdue"), "application_queue"),
        (Wanted(scope="unclaimed"), "queue_by_status"),
        (Wanted(scope="approval"), "queue_by_status"),
        (Wanted(scope="mine"), "queue_by_examiner"),
        (Wanted(sort="received"), "queue_by_receipt"),
        (Wanted(sort="name"), "queue_by_name"),
        (Wanted(status="approved"), "application_by_status"),
    ],
)
def test_a_page_begins_at_its_place_in_an_index(
    office: Application, people: People, wanted: Wanted, index: str
) -> None:
    order = wanted.order
    rows = listed(wanted, people.examiner, timezone.now()).order_by(*order.names(backward=False))
    first = rows.first()
    assert first is not None
    with CaptureQueriesContext(connection) as asked:
        turned(rows, order=order, place=Place(after=order.key_of(first)), size=5)
    assert len(asked) == 1
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {asked[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert index in plan, plan
    assert "Sort" not in plan, plan


def test_new_rows_announce_themselves_and_move_nothing(examiner: Client, office: Application, people: People) -> None:
    shown = examiner.get(QUEUE).context["since"]
    quiet = examiner.get(f"{QUEUE}news/", {"since": shown}).content.decode()
    assert 'id="tallies"' in quiet
    assert "arrived" not in quiet
    later = timezone.now() + timedelta(seconds=5)
    crowd(office, 2, submitted_at=later, status_since=later)
    news = examiner.get(f"{QUEUE}news/", {"since": shown}).content.decode()
    assert "新しい申請が 2 件あります" in news
    waiting = examiner.get(f"{QUEUE}news/", {"since": shown, "scope": "approval"}).content.decode()
    assert "arrived" not in waiting
    crowd(office, 1, status="awaiting_approval", status_since=later)
    waiting = examiner.get(f"{QUEUE}news/", {"since": shown, "scope": "approval"}).content.decode()
    assert "新しい申請が 1 件あります" in waiting


@pytest.mark.parametrize("since", ["", "x", "2026-11-26T10:00:00", "\x00"])
def test_a_page_that_does_not_say_since_when_hears_no_news(examiner: Client, office: Application, since: str) -> None:
    answer = examiner.get(f"{QUEUE}news/", {"since": since})
    assert answer.status_code == 200
    assert "arrived" not in answer.content.decode()


def test_a_line_offers_what_its_reader_may_do(office: Application, people: People) -> None:
    def acts(person: User, **typed: str) -> set[tuple[str, ...]]:
        return {acts for _line, _left, acts in signed_in(person).get(QUEUE, typed).context["rows"]}

    assert acts(people.examiner, scope="unclaimed") == {("claim",)}
    assert acts(people.examiner, status="examining", scope="mine") == {("release", "hand_over")}
    assert acts(people.examiner, status="waiting_information") == {("hand_over",)}
    assert acts(people.second_examiner, scope="mine") == {("release", "hand_over")}
    assert acts(people.second_examiner, status="waiting_information") == {()}
    assert acts(people.approver, status="examining") == {("hand_over",)}
    assert acts(people.approver, scope="approval") == {()}
    assert acts(people.auditor) == {()}


def test_taking_and_putting_back_in_the_list_leads_back_to_its_line(
    examiner: Client, office: Application, people: People
) -> None:
    place = f"{QUEUE}{office.pk}/"
    typed = {"list": "scope=unclaimed&sort=name&evil=https://x.example/"}
    answer = examiner.post(f"{place}claim/", typed)
    assert answer["Location"] == f"{QUEUE}?scope=unclaimed&sort=name#row-{office.pk}"
    office.refresh_from_db()
    assert (office.status, office.examiner) == ("examining", people.examiner)
    assert examiner.post(f"{place}release/", {"list": ""})["Location"] == f"{QUEUE}?#row-{office.pk}"
    office.refresh_from_db()
    assert office.status == "submitted"


@pytest.mark.clause("O-9")
def test_the_list_is_taken_away_as_a_file_on_record(
    examiner: Client, office: Application, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "LONG_PAGE", 3)
    evil = crowd(office, 1, values={**office.values, "corporation_name": "=HYPERLINK(1)"}, status="awaiting_approval")
    answer = examiner.get(f"{QUEUE}list.csv", {"scope": "approval"})
    assert answer["Content-Disposition"].startswith("attachment")
    lines = list(csv.reader(answer.getvalue().decode("utf-8-sig").splitlines()))
    assert len(lines) == 1 + 4
    by_number = {line[0]: line for line in lines}
    assert by_number[evil[0].receipt_number or ""][3] == "'=HYPERLINK(1)"
    assert by_number[evil[0].receipt_number or ""][5] == "承認待ち"
    event = Event.objects.get(act="application:export")
    assert (event.person_id, event.details.body) == (people.examiner.pk, {"scope": "approval"})


def test_a_search_is_taken_away_as_a_file_too_but_not_by_everybody(
    examiner: Client, office: Application, people: People
) -> None:
    answer = examiner.get(f"{QUEUE}list.csv", {"q": "見本精機"})
    assert len(answer.getvalue().splitlines()) == 1 + 20
    assert signed_in(people.auditor).get(f"{QUEUE}list.csv").status_code == 404


def test_a_line_leads_to_the_page_of_its_case(office: Application, people: People) -> None:
    page, _partly = page_of(wanted=Wanted(), person=people.examiner, at=timezone.now())
    assert [line.url for line in lines_of(page.rows)] == [
        reverse("applications:case", args=[row.pk]) for row in page.rows
    ]
