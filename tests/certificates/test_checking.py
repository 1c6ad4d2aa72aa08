"""Everything stored is looked at again: whatever was changed behind the portal's back is found, and raises an alarm."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone
from psycopg2.extras import Json

from accounts.models import Notice
from audit.acts import Act
from audit.models import Event
from certificates import emails
from certificates.models import Certificate, CertificateCheck, CertificationAuthority
from certificates.rules import digest_of
from certificates.worker import batch, check_rounds, check_tasks, checking
from regulations.models import TargetSystemVersion
from tests.certificates import orders
from tests.harness.cloned import Clone
from tests.harness.jobs import Jobs
from tests.harness.servers import superuser
from tests.people import People, signed_in


@pytest.fixture
def stored(clone: Clone, people: People, version: TargetSystemVersion, issuing: CertificationAuthority) -> Certificate:
    """One certificate of each key mode; the one with the applicant's key."""
    orders.queued(people, version)
    orders.approved(people, orders.proposed(people, orders.by_lra(version)))
    assert batch.run() == 2
    return Certificate.objects.get(order__frozen__key_mode="csr")


def run() -> str:
    out = io.StringIO()
    call_command("check_certificates", stdout=out)
    return out.getvalue()


@pytest.mark.clause("O-1.1")
def test_what_was_issued_by_the_book_is_found_in_order_and_that_is_on_record(stored: Certificate) -> None:
    assert "All 2 certificates" in run()
    event = Event.objects.get(act=Act.CERTIFICATE_CHECK)
    assert event.details.body == {"checked": 2, "findings": [], "by": "command"}
    assert not Notice.objects.filter(kind=emails.ALARM).exists()


def as_superuser(clone: Clone, statement: str, *values: object) -> None:
    """Change a row as nobody in the portal can: triggers and grants don't bind the servers' superuser."""
    with superuser(clone.servers, clone.name) as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, values)


def changed_frozen(clone: Clone, certificate: Certificate, **parts: Any) -> None:
    frozen = certificate.order.frozen | parts
    as_superuser(
        clone,
        "UPDATE certificates_order SET frozen = %s, digest = %s WHERE id = %s",
        Json(frozen),
        digest_of(frozen),
        str(certificate.order_id),
    )


def changed_statement(clone: Clone, certificate: Certificate, **parts: Any) -> None:
    said = certificate.intent.statement | parts
    as_superuser(
        clone,
        "UPDATE certificates_intent SET statement = %s WHERE id = %s",
        Json(said),
        str(certificate.intent_id),
    )


BASE = Path(__file__).resolve().parents[2]
OTHER = [["C", "JP"], ["CN", "Somebody Else"]]
CHANGES: dict[str, tuple[Callable[[Clone, Certificate], None], str]] = {
    "a column": (
        lambda clone, c: as_superuser(
            clone, "UPDATE certificates_certificate SET common_name = 'X' WHERE id = %s", str(c.pk)
        ),
        "common_name is not what",
    ),
    "the certificate's bytes": (
        lambda clone, c: as_superuser(
            clone, "UPDATE certificates_certificate SET der = set_byte(der, 300, 7) WHERE id = %s", str(c.pk)
        ),
        "does not parse or verify",
    ),
    "the order, not its digest": (
        lambda clone, c: as_superuser(
            clone,
            "UPDATE certificates_order SET frozen = frozen || '{\"four_eyes\": false}' WHERE id = %s",
            str(c.order_id),
        ),
        "lra.approval",
    ),
    "the order and its digest": (lambda clone, c: changed_frozen(clone, c, subject=OTHER), "lra.approval"),
    "the intent": (lambda clone, c: changed_statement(clone, c, subject=OTHER), "says something else than its intent"),
    "the end in the intent": (
        lambda clone, c: changed_statement(clone, c, not_after=(c.not_after + timedelta(days=1)).isoformat()),
        "not the period of the intent",
    ),
    "an approval": (
        lambda clone, c: as_superuser(
            clone, "DELETE FROM certificates_approval WHERE order_id = %s AND role = 'approver'", str(c.order_id)
        ),
        "missing in round 1: approver",
    ),
    "the time of an approval": (
        lambda clone, c: as_superuser(
            clone,
            "UPDATE certificates_approval SET given_at = now() + interval '1 day' WHERE order_id = %s",
            str(c.order_id),
        ),
        "approved after",
    ),
    "who approved": (
        lambda clone, c: as_superuser(
            clone,
            "UPDATE certificates_approval SET four_eyes = false, person_id ="
            " (SELECT person_id FROM certificates_approval WHERE order_id = %s AND role = 'examiner')"
            " WHERE order_id = %s AND role = 'approver'",
            str(c.order_id),
            str(c.order_id),
        ),
        "one person",
    ),
    "an authority's certificate": (
        lambda clone, _c: as_superuser(
            clone, "UPDATE certificates_certificationauthority SET certificate_der = 'x' WHERE issuer_id IS NOT NULL"
        ),
        "authority issuing: its certificate is not among those on record",
    ),
}


@pytest.mark.clause("O-1.1")
@pytest.mark.parametrize("what", CHANGES)
def test_whatever_was_changed_is_found(clone: Clone, stored: Certificate, what: str) -> None:
    change, said = CHANGES[what]
    change(clone, stored)
    with pytest.raises(CommandError):
        run()
    assert any(said in line for line in checking.everything())
    assert Notice.objects.filter(kind=emails.ALARM).count() == 2


@pytest.fixture
def check_due(stored: Certificate) -> datetime:
    """An instant at which the night's check is due."""
    return timezone.now() + timedelta(days=1)


def test_each_night_everything_is_looked_at_once_in_portions(
    stored: Certificate, check_due: datetime, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_rounds, "PORTION", 1)
    monkeypatch.setattr(check_rounds, "SECONDS", 0.0)
    with time_machine.travel(check_due, tick=False):
        jobs.run(check_tasks.check.name)
        check = CertificateCheck.objects.get()
        assert check.finished_at == check_due
        assert (check.checked, check.findings) == (2, [])
        jobs.run(check_tasks.check.name)
        assert CertificateCheck.objects.count() == 1
    with time_machine.travel(check_due + timedelta(days=1), tick=False):
        jobs.run(check_tasks.check.name)
    assert CertificateCheck.objects.count() == Event.objects.filter(act=Act.CERTIFICATE_CHECK).count() == 2


def test_a_finding_of_the_night_reaches_key_officers_and_stands_on_the_page(
    clone: Clone, stored: Certificate, check_due: datetime, people: People
) -> None:
    as_superuser(clone, "UPDATE certificates_certificate SET common_name = 'X' WHERE id = %s", str(stored.pk))
    check = check_rounds.go_on(at=check_due)
    assert check is not None
    assert [line.split(":")[0] for line in check.findings] == [stored.management_number]
    assert Notice.objects.filter(kind=emails.ALARM).count() == 2
    page = signed_in(people.key_officer).get("/office/orders/").content.decode()
    assert stored.management_number in page
    assert "common_name is not what" in page


def test_the_worker_looks_at_what_is_stored_and_signs_nothing() -> None:
    program = """
from lra_portal.celery import app
import django
django.setup()
app.loader.import_default_modules()
print(sorted(name for name in app.tasks if name.startswith("certificates.")))
"""
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "lra_portal.settings.worker",
        "SECRET_KEY": "x" * 60,
    }
    shown = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=BASE, capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == "['certificates.check', 'certificates.print_letters', 'certificates.watch_seals']"
