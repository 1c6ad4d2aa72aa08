"""How fast the office's pages are with a million applications: the queue at any depth, searching, one examination.

`python -m benchmarks.pages [COUNT]`. Times are those of the real views with all middleware and templates.
"""

import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID

from benchmarks import bulk
from benchmarks.bench import own_database, report, say
from benchmarks.population import EXAMINERS, TABLES, Templates, bare, prepare, write

APPLICATIONS = 1_000_000
TIMES = 15
QUEUE = "/examination/"
# For each length: what stands on most cards, a frequent name, a seldom one, one that a single person has, and none.
SOUGHT = {
    2: {"everywhere": "株式", "frequent": "山田", "seldom": "青浦", "single": "つむ", "absent": "琴爪"},
    3: {"everywhere": "式会社", "frequent": "山田商", "seldom": "青浦精", "single": "つむぎ", "absent": "琴爪鳥"},
    6: {
        "everywhere": "株式会社 山田", "frequent": "株式会社山田", "seldom": "アオウラスズ", "single": "野つむぎデモ",
        "absent": "琴爪鳥居源内",
    },
}  # fmt: skip


def build(count: int) -> "tuple[Any, UUID]":
    """Fill the database; return the examiner who looks at the pages, and a case that is being examined."""
    from django.db import connection  # noqa: PLC0415 — Django is set up by now

    at = datetime.now(UTC)
    examiner, case, templates = make_templates(at)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off; SET work_mem = '64MB'")
        prepare(cursor, count, templates, at)
        with bare(cursor, TABLES):
            write(cursor, count, templates)
            give_history(cursor, case)
        cursor.execute("RESET work_mem")
    return examiner, case


def make_templates(at: datetime) -> "tuple[Any, UUID, Templates]":
    """Send one application for each demo target system through the services, and begin to examine the first."""
    from accounts.models import User  # noqa: PLC0415 — as above
    from applications.worker import pages  # noqa: PLC0415
    from audit.models import Event  # noqa: PLC0415
    from lra_portal.demo.journey import Journey, actor_of  # noqa: PLC0415
    from lra_portal.demo.loading import load_demo  # noqa: PLC0415
    from lra_portal.demo.people import EXAMINER  # noqa: PLC0415
    from lra_portal.demo.scenarios import SCENARIOS  # noqa: PLC0415

    load_demo(at=at - timedelta(days=1))
    authority = make_authority(at)
    journeys = [Journey(SCENARIOS[slug]) for slug in ("e-contract", "member-client", "monitored-device")]
    for journey in journeys:
        journey.apply()
    pages.render_waiting()
    examiner = User.objects.get(email=EXAMINER.email)
    first = journeys[0].application
    item = begin_to_examine(first, actor_of(EXAMINER))
    examiners = [examiner.pk] + [
        User.objects.create_user(f"bench-examiner{n}@demo.example", name=f"審査 {n}").pk for n in range(1, EXAMINERS)
    ]
    event = Event.objects.filter(story=first.pk).first()
    assert event is not None
    certificate = make_certificate(first, authority, at)
    return examiner, first.pk, Templates([j.application.pk for j in journeys], certificate, event.pk, item, examiners)


def begin_to_examine(application: Any, actor: Any) -> int:
    """Let the examiner take the case and judge half of it; return one of the results."""
    from applications.rules import sheet  # noqa: PLC0415 — as above
    from applications.services import examination  # noqa: PLC0415
    from lra_portal.demo.journey import verdict_on  # noqa: PLC0415

    at = datetime.now(UTC)
    case: Any = examination.claim(application=application, actor=actor, at=at)
    items = sheet.sheet_of(case.rules.ruleset, sheet.printed_of(case.rules.ruleset, case.order.frozen))
    asked = [item for item in items if item.kind != "automatic"]
    for item in asked[: len(asked) // 2]:
        examination.judge(application=case, key=item.key, verdict=verdict_on(item), actor=actor, at=at)
    found: int = case.items.values_list("pk", flat=True)[0]
    return found


def make_authority(at: datetime) -> Any:
    """Return the issuing authority that the rules name; nothing is signed here."""
    from certificates.models import CertificationAuthority  # noqa: PLC0415 — as above

    root = None
    for name in ("root", "issuing"):
        root = CertificationAuthority.objects.create(
            name=name, issuer=root, certificate_der=b"", sha256=name, subject_der=b"", key_reference="",
            not_before=at, not_after=at + timedelta(days=3650), ca_url="http://localhost/", crl_url="http://localhost/",
            created_at=at,
        )  # fmt: skip
    return root


def make_certificate(application: Any, authority: Any, at: datetime) -> UUID:
    """Return a certificate that the others are made from."""
    from certificates.models import Certificate, Intent  # noqa: PLC0415 — as above

    intent = Intent.objects.create(
        order=application.order, round=1, authority=authority, serial="0" * 40, statement={}, status="open",
        status_since=at, signer="bench", lock_key=1, lease_until=at,
    )  # fmt: skip
    return Certificate.objects.create(
        story=application.pk, management_number="C-000000", order=application.order, intent=intent,
        subscription=application.subscription, holder=application.applicant, authority=authority, serial="0" * 40,
        der=b"", sha256="0" * 64, public_key_sha256="0" * 64, subject_text="CN=Bench", common_name="Bench",
        not_before=at, not_after=at + timedelta(days=1), issued_at=at, delivery_since=at, slot="past",
    ).pk  # fmt: skip


def give_history(cursor: Any, case: UUID) -> None:
    """Let the case's subject have applied before, and hold certificates."""
    earlier = "(SELECT id FROM applications_application WHERE status = 'approved' ORDER BY submitted_at LIMIT 4)"
    mine = f"(SELECT subscription_id FROM applications_application WHERE id = '{case}')"
    cursor.execute(f"CREATE TEMP TABLE earlier AS SELECT order_id FROM applications_application WHERE id IN {earlier}")
    for table, key in (
        ("applications_application", "order_id"),
        ("certificates_order", "id"),
        ("certificates_certificate", "order_id"),
    ):
        cursor.execute(f"UPDATE {table} SET subscription_id = {mine} WHERE {key} IN (SELECT order_id FROM earlier)")


class Reader:
    """The examiner in front of the pages."""

    def __init__(self, person: Any) -> None:
        from django.test import Client  # noqa: PLC0415 — as above

        self.client = Client(SERVER_NAME="localhost")
        self.client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")

    def milliseconds(self, address: str, **typed: str) -> float:
        """Return the median time of a page; it is looked at once before."""
        taken = []
        for _ in range(TIMES + 1):
            begun = perf_counter()
            answer = self.client.get(address, typed)
            taken.append((perf_counter() - begun) * 1000)
            assert answer.status_code == 200, answer.status_code
        return median(taken[1:])

    def queries(self, address: str) -> int:
        """Return how many questions a page asks the database."""
        from django.db import connection  # noqa: PLC0415 — as above
        from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

        with CaptureQueriesContext(connection) as asked:
            self.client.get(address)
        return len(asked)


def measure(reader: Reader, case: UUID) -> Mapping[str, object]:
    """Return the figures; the first page of the queue is the measure of all others."""
    first = reader.milliseconds(QUEUE)
    last = reader.milliseconds(QUEUE, last="1")
    figures: dict[str, object] = {
        "queue_ms": round(first, 1),
        "queue_last_over_first": round(last / first, 2),
        "queue_queries": reader.queries(QUEUE),
    }
    for length, words in SOUGHT.items():
        taken = {which: reader.milliseconds(QUEUE, q=word) for which, word in words.items()}
        say(f"  {length}: { ({which: round(ms, 1) for which, ms in taken.items()}) }")
        figures[f"search_{length}_over_queue"] = round(max(taken.values()) / first, 2)
    figures["examination_ms"] = round(reader.milliseconds(f"{QUEUE}{case}/"), 1)
    return figures


def main() -> None:
    """Measure and report."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else APPLICATIONS
    # A line for each request is no part of what is measured, and the last line is the result.
    logging.disable(logging.CRITICAL)
    with own_database("pages"):
        examiner, case = build(count)
        say("looking at the pages")
        figures = dict(measure(Reader(examiner), case))
        say("a file of 10,000 applications")
        figures |= bulk.measure()
    report(figures)


if __name__ == "__main__":
    main()
