"""The office in figures: what is counted, over which time, for whom, and that pictures say themselves in words."""

from datetime import datetime, timedelta
from unicodedata import east_asian_width

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from applications.models import Application, InformationRequest
from applications.pictures import LABEL, lying
from applications.rules.deciding import GROUNDS
from applications.selectors.dashboard import Figures, figures
from applications.selectors.pinned import systems_in_force
from regulations.selectors import business_calendar
from tests.applications import cases
from tests.applications.crowd import crowd
from tests.instants import TOKYO
from tests.people import People, signed_in

PAGE = "/examination/figures/"
FRIDAY = datetime(2026, 11, 20, 15, 0, tzinfo=TOKYO)


def on(day: int, hour: int = 10) -> datetime:
    return datetime(2026, 11, day, hour, 0, tzinfo=TOKYO)


@pytest.fixture
def application(issuing: object, people: People, demo_rules: None) -> Application:
    with time_machine.travel(on(16), tick=False):
        return cases.submitted(people.hanako)


def counted(weeks: int = 4, slug: str = "") -> Figures:
    system = next((one for one in systems_in_force() if one.slug == slug), None)
    return figures(weeks=weeks, system=system, calendar=business_calendar(), at=FRIDAY)


def test_what_came_in_and_was_decided_is_counted_by_business_day(application: Application) -> None:
    crowd(application, 3, submitted_at=on(18))
    crowd(application, 2, submitted_at=on(14), status="approved", decided_at=on(17))
    crowd(application, 5, submitted_at=on(1) - timedelta(days=60), status="approved", decided_at=on(1) - timedelta(50))
    found = counted()
    come = dict(zip(found.days, found.come, strict=True))
    assert (come[on(18).date()], come[on(16).date()]) == (3, 3)  # Saturday's two count with Monday's one
    assert dict(zip(found.days, found.decided, strict=True))[on(17).date()] == 2
    assert (sum(found.come), sum(found.decided)) == (6, 2)
    assert all(day.weekday() < 5 for day in found.days)


def test_what_waits_is_counted_by_state_and_age(application: Application) -> None:
    crowd(application, 2, status="awaiting_approval", submitted_at=on(20, 9))
    crowd(application, 1, status="examining", submitted_at=on(5))
    waiting = dict(counted().waiting)
    assert waiting["awaiting_approval"] == [2, 0, 0, 0]
    assert waiting["submitted"] == [0, 0, 1, 0]
    assert waiting["examining"] == [0, 0, 0, 1]


def test_the_time_to_a_decision_leaves_out_what_the_applicant_took(application: Application, people: People) -> None:
    asked = crowd(application, 1, status="approved", submitted_at=on(12), decided_at=on(20))[0]
    crowd(application, 1, status="approved", submitted_at=on(18), decided_at=on(20))
    InformationRequest.objects.create(
        application=asked, items=[], message="x", asked_by=people.examiner, asked_at=on(13), due_at=on(19),
        lapses_at=on(30), answered_at=on(18),
    )  # fmt: skip
    found = counted()
    assert found.taken == [0, 0, 1, 1, 0, 0, 0]  # six days less three, and two
    assert found.mean == 2.5
    (row,) = found.systems
    assert (row.promised, row.decided, row.in_time) == (3, 2, 100)


def test_figures_can_be_those_of_one_target_system(application: Application) -> None:
    assert sum(counted(slug="e-contract").come) == 1
    assert sum(counted(slug="member-client").come) == 0


def test_refusals_are_counted_by_ground(application: Application, people: People) -> None:
    rows = crowd(application, 3, status="awaiting_approval")
    for row, ground in zip(rows, ("unsuitable", "procedure", "unsuitable"), strict=True):
        facts = {"refusal_ground": ground, "refusal_text": "x", "decided_at": on(19)}
        Application.objects.filter(pk=row.pk).update(status="refused", **facts)
    assert counted().grounds == [("unsuitable", 2), ("procedure", 1)]


def test_the_page_says_every_picture_in_words_and_asks_little(application: Application, people: People) -> None:
    with time_machine.travel(FRIDAY, tick=False):
        browser = signed_in(people.approver)
        browser.get(PAGE)
        with CaptureQueriesContext(connection) as asked:
            page = browser.get(PAGE, {"weeks": "13", "target": "e-contract"}).content.decode()
    assert len(asked) <= 20
    assert page.count('role="img"') == page.count('<svg class="chart')
    assert 'aria-label="1 件を受け付けました"' in page
    assert 'value="13" selected' in page


@pytest.mark.parametrize("typed", [{"weeks": "x", "target": "\x00"}, {"weeks": "-1"}])
def test_words_that_are_none_give_the_usual_figures(
    application: Application, people: People, typed: dict[str, str]
) -> None:
    assert signed_in(people.examiner).get(PAGE, typed).context["weeks"] == 4


def test_figures_are_for_the_office_and_the_auditor(application: Application, people: People) -> None:
    codes = {
        name: signed_in(getattr(people, name)).get(PAGE).status_code
        for name in ("examiner", "approver", "auditor", "agent", "hanako")
    }
    assert codes == {"examiner": 200, "approver": 200, "auditor": 200, "agent": 404, "hanako": 404}


def test_lying_bars_fill_the_width_and_leave_nothing_out() -> None:
    chart = lying([("a", [3, 1]), ("b", [0, 2]), ("c", [])])
    assert [row.total for row in chart.rows] == [4, 2, 0]
    assert sum(piece.width for piece in chart.rows[0].pieces) == 2 * chart.rows[1].pieces[0].width
    assert lying([]).rows == []


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_bar_lies_on_the_words_beside_it(language: str) -> None:
    with override(language):
        labels = [str(ground) for ground in GROUNDS.values()]
    chart = lying([(label, [1]) for label in labels])
    for row in chart.rows:
        widths = [14 if east_asian_width(letter) in "WF" else 7 for letter in row.label]
        assert row.pieces[0].x > sum(widths)
    assert lying([("短い", [1])]).rows[0].pieces[0].x == LABEL
