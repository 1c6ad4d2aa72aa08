"""Many submissions at once for one person give one application (fault 4, O-4.3.3)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from applications.models import Application
from applications.selectors.intake import contents_digest
from applications.services import intake
from audit.refusals import Refused
from certificates import csr
from certificates.models import Order
from lra_portal.demo.regulations import LOADER
from regulations.models import Subscription
from regulations.services import consents, target_systems
from tests.applications.applying import load_rules, request_pem, target_system
from tests.harness.cloned import Clone
from tests.instants import MONDAY_9_00, WEDNESDAY_11_00
from tests.people import ORIGIN, People

AT_ONCE = 50
VALUES = {
    "person_name": "架空 花子",
    "person_reading": "カクウ ハナコ",
    "phone": "03-0000-0000",
    "person_latin": "Hanako Kaku",
    "member_number": "M-000123",
    "email": "hanako@demo.example",
}


def make_drafts(people: People) -> list[Application]:
    """Drafts of one person for the member service, each complete but for the document."""
    system = target_system("member-client")
    rules = {**system.version_in_force().rules, "documents": []}
    version = target_systems.import_version(target_system=system, data=rules, actor=LOADER, at=MONDAY_9_00)
    version = target_systems.activate(version=version, actor=LOADER, at=MONDAY_9_00)
    der = csr.read(request_pem().encode(), key_types=["p256"]).der
    return [
        Application.objects.create(
            applicant=people.hanako,
            rules=version,
            values=VALUES,
            typed=VALUES,
            csr_der=der,
            status_since=WEDNESDAY_11_00,
            created_at=WEDNESDAY_11_00,
            saved_at=WEDNESDAY_11_00,
        )
        for _number in range(AT_ONCE)
    ]


def submit(application: Application) -> str:
    """Submit in a thread of its own; the code of the refusal, or "received"."""
    try:
        application.refresh_from_db()
        ticked = [item.key for item in consents.asked_for(ruleset=application.rules.ruleset, at=WEDNESDAY_11_00)]
        intake.submit(
            application=application,
            ticked=ticked,
            seen=contents_digest(application),
            actor=application.applicant.actor(ORIGIN),
            at=WEDNESDAY_11_00,
        )
    except Refused as refused:
        return str(refused.details["codes"])
    finally:
        connections.close_all()
    return "received"


@pytest.mark.clause("O-4.3.3")
def test_fifty_submissions_at_once_for_one_person_are_one_application(
    clone: Clone, people: People, issuing: object
) -> None:
    load_rules(MONDAY_9_00)
    drafts = make_drafts(people)
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(submit, drafts))
    assert outcomes.count("received") == 1, set(outcomes)
    assert set(outcomes) == {"received", "['open_application']"}
    assert Application.objects.filter(status="submitted").count() == 1
    assert Order.objects.count() == Subscription.objects.count() == 1


@pytest.mark.clause("O-4.2")
def test_one_application_submitted_at_once_from_many_windows_has_one_receipt(
    clone: Clone, people: People, issuing: object
) -> None:
    load_rules(MONDAY_9_00)
    draft = make_drafts(people)[0]
    copies = [Application.objects.get(pk=draft.pk) for _number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(submit, copies)) <= {"received"}
    draft.refresh_from_db()
    assert draft.receipt_number == "2026-000001"
    assert Order.objects.count() == 1
