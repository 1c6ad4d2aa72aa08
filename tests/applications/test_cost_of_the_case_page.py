"""What the examination page asks the database: a fixed number of questions, whatever has happened to the case."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applications.models import Application
from applications.selectors import rivals
from applications.selectors.background import background_of
from applications.services import deciding, examination
from applications.services.examination import Talk
from regulations.models import Contract
from tests.applications import cases
from tests.applications.crowd import crowd
from tests.people import ORIGIN, People, signed_in

MOST = 32


def questions(application: Application, people: People) -> list[str]:
    """Return what the page of the case asks when it is opened for the second time."""
    examiner = signed_in(people.examiner)
    examiner.get(f"/examination/{application.pk}/")
    with CaptureQueriesContext(connection) as asked:
        assert examiner.get(f"/examination/{application.pk}/").status_code == 200
    return [query["sql"][:120] for query in asked]


def test_the_examination_page_asks_no_more_the_more_has_happened(application: Application, people: People) -> None:
    cases.claimed(application, people)
    early = questions(application, people)
    assert len(early) <= MOST, early
    cases.judged(application, people)
    actor, now = people.examiner.actor(ORIGIN), timezone.now()
    for n in range(3):
        cases.hand_in(application, "company_register", now + timedelta(minutes=n))
        talk = Talk(channel="telephone", with_whom="総務の方", text="在籍を確認")
        examination.log_contact(application=application, talk=talk, actor=actor, at=now)
    cases.submitted(people.jiro, person_latin="Sonota Jiro")
    contract = application.contract
    assert contract is not None
    for n in range(3):
        named = {"parent_service": contract.parent_service, "corporation": contract.corporation}
        Contract.objects.create(number=f"E-4990{n}", begins_at=now, **named)
    deciding.recommend(application=application, seen=cases.seen_of(application), actor=actor, at=now)
    approver = people.approver.actor(ORIGIN)
    deciding.send_back(application=application, note="もう一度", actor=approver, at=now)
    late = questions(application, people)
    assert len(late) <= MOST, late


@pytest.mark.parametrize("index", ["open_by_printed_name", "application_by_contract", "subscription_by_subject"])
def test_what_stands_beside_a_case_is_read_by_an_index(application: Application, people: People, index: str) -> None:
    crowd(application, 30)
    application.refresh_from_db()
    with CaptureQueriesContext(connection) as asked:
        rivals.rivals_of(application)
        background_of(application, timezone.now())
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        plans = ""
        for query in asked:
            cursor.execute(f"EXPLAIN {query['sql']}")
            plans += "\n".join(line for (line,) in cursor.fetchall())
    assert index in plans
