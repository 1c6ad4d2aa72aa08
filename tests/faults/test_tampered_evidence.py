"""Sealed evidence that was tampered with, by whom nothing stops: the verifier alone names the place (fault 26).

The same by the roles of the portal's processes is refused by grants and guards.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest
from django.conf import settings
from pytest_django import DjangoDbBlocker

from audit.models import Event, SealLeaf
from tests.audit.evidence import Evidence
from tests.harness.cloned import cloned
from tests.harness.servers import Servers

pytestmark = pytest.mark.clause("O-16.2.7", "O-19", "O-20")
COPIED_EVENT = """
    INSERT INTO audit_event (id, uid, act, outcome, at, recorded_at, person_id, role, origin, subject_type, subject_id,
                             story, before, after, details_digest)
    SELECT 10000, gen_random_uuid(), act, outcome, at, RECORDED, person_id, role, origin, subject_type, subject_id,
           story, before, after, details_digest FROM audit_event WHERE id = {event}
"""
NEW_EVENT = COPIED_EVENT.replace("RECORDED", "recorded_at")
OLD_EVENT = COPIED_EVENT.replace("RECORDED", "recorded_at - interval '1 day'")
FORGED_SEAL = """
    INSERT INTO audit_seal (number, follows, previous, size, total, complete, root, sealed_at, key_id, signature)
    SELECT 4, 3, previous, 1, total + 1, complete, root, sealed_at, key_id, signature FROM audit_seal WHERE number = 3
"""
SWAPPED = (
    "UPDATE audit_sealleaf SET position = position + 100 WHERE seal_number = 2",
    """
    UPDATE audit_sealleaf SET position = CASE position WHEN 101 THEN 2 WHEN 102 THEN 1 ELSE position - 100 END
    WHERE position > 99
    """,
)


@dataclass(frozen=True)
class Place:
    """Second seal, position 2: the event that is tampered with, and its neighbours."""

    before: int
    event: int
    next: int


@dataclass(frozen=True)
class Tampering:
    """What somebody does to the database, and the words in which the verifier names kind and place."""

    statements: tuple[str, ...]
    said: str


KINDS = {
    "edited: who did it": Tampering(
        ("UPDATE audit_event SET person_id = gen_random_uuid() WHERE id = {event}",),
        "edited: seal 2, position 2, event {event}: ",
    ),
    "edited: when it was": Tampering(
        ("UPDATE audit_event SET at = at + interval '1 microsecond' WHERE id = {event}",),
        "edited: seal 2, position 2, event {event}: ",
    ),
    "edited: an empty word instead of none": Tampering(
        ("UPDATE audit_event SET story = NULL WHERE id = {event}",),
        "edited: seal 2, position 2, event {event}: ",
    ),
    "edited: what it said": Tampering(
        ("UPDATE audit_eventdetails SET body = '{{}}' WHERE event_id = {event}",),
        "edited: seal 2, position 2, event {event}: the details",
    ),
    "edited: what it said, and its digest": Tampering(
        (
            "UPDATE audit_eventdetails SET body = '{{}}', salt = '\\x00' WHERE event_id = {event}",
            "UPDATE audit_event SET details_digest = sha256('\\x007b7d') WHERE id = {event}",
        ),
        "edited: seal 2, position 2, event {event}: the event",
    ),
    "edited: the event together with its lea": Tampering(
        (
            "UPDATE audit_sealleaf SET hash = sha256('x') WHERE event_id = {event}",
            "UPDATE audit_event SET role = 'approver' WHERE id = {event}",
        ),
        "edited: seal 2, position 2, event {event}: ",
    ),
    "edited: a leaf with the root of its seal": Tampering(
        ("UPDATE audit_seal SET root = repeat('ab', 32) WHERE number = 2",),
        "edited: seal 2: the signature does not fit the head",
    ),
    "deleted: an event": Tampering(
        ("DELETE FROM audit_event WHERE id = {event}",),
        "deleted: seal 2, position 2, event {event}: ",
    ),
    "deleted: an event with its place": Tampering(
        (
            "DELETE FROM audit_event WHERE id = {event}",
            "DELETE FROM audit_sealleaf WHERE event_id = {event}",
        ),
        "deleted: seal 2, position 3, event {next}: position 2 is missing",
    ),
    "deleted: what an event said": Tampering(
        ("DELETE FROM audit_eventdetails WHERE event_id = {event}",),
        "deleted: event {event}: its details are gone",
    ),
    "deleted: a whole seal from the middle": Tampering(
        (
            "DELETE FROM audit_event WHERE id IN (SELECT event_id FROM audit_sealleaf WHERE seal_number = 2)",
            "DELETE FROM audit_sealleaf WHERE seal_number = 2",
            "DELETE FROM audit_seal WHERE number = 2",
        ),
        "deleted: seal 3: it follows seal 2, but stands after seal 1",
    ),
    "truncated: the newest seal with everything in it": Tampering(
        (
            "DELETE FROM audit_event WHERE id IN (SELECT event_id FROM audit_sealleaf WHERE seal_number = 3)",
            "DELETE FROM audit_sealleaf WHERE seal_number = 3",
            "DELETE FROM audit_seal WHERE number = 3",
        ),
        "truncated: seal 3: it was kept elsewhere, and is missing here",
    ),
    "truncated: the newest seal alone": Tampering(
        ("DELETE FROM audit_seal WHERE number = 3",),
        "truncated: seal 3: it was kept elsewhere, and is missing here",
    ),
    "truncated: all events": Tampering(
        ("TRUNCATE audit_event CASCADE",),
        "deleted: seal 2, position 2, event {event}: ",
    ),
    "truncated: everything": Tampering(
        ("TRUNCATE audit_event, audit_eventdetails, audit_sealleaf, audit_seal",),
        "truncated: seal 1: it was kept elsewhere, and is missing here",
    ),
    "reordered: two places": Tampering(
        SWAPPED,
        "reordered: seal 2, position 2, event {before}: it stands after event {event}",
    ),
    "reordered: what two events say": Tampering(
        (
            "UPDATE audit_event SET id = -1 WHERE id = {event}",
            "UPDATE audit_event SET id = {event} WHERE id = {next}",
            "UPDATE audit_event SET id = {next} WHERE id = -1",
        ),
        "edited: seal 2, position 3, event {next}: ",
    ),
    "reordered: two seals": Tampering(
        (
            "UPDATE audit_seal SET number = 12, follows = 11 WHERE number = 2",
            "UPDATE audit_seal SET number = 2, follows = 1 WHERE number = 3",
            "UPDATE audit_seal SET number = 3, follows = 2 WHERE number = 12",
        ),
        "edited: seal 2: the signature does not fit the head",
    ),
    "inserted: into a seal": Tampering(
        (
            NEW_EVENT,
            "INSERT INTO audit_sealleaf VALUES (10000, 2, 4, sha256('x'))",
        ),
        "inserted: seal 2: it covers 4 events, 5 are there",
    ),
    "inserted: a seal of one's own": Tampering(
        (
            NEW_EVENT,
            "INSERT INTO audit_sealleaf VALUES (10000, 4, 0, sha256('x'))",
            FORGED_SEAL,
        ),
        "edited: seal 4: the signature does not fit the head",
    ),
    "inserted: an event of a past day": Tampering(
        (OLD_EVENT,),
        "inserted: event 10000: it says ",
    ),
}


SEALS = ("audit_seal", "audit_sealleaf", "audit_sealkey")
FORBIDDEN = (
    "UPDATE audit_event SET role = 'approver' WHERE id = {event}",
    "UPDATE audit_eventdetails SET body = '{{}}' WHERE event_id = {event}",
    "DELETE FROM audit_eventdetails WHERE event_id = {event}",
    "DELETE FROM audit_event WHERE id = {event}",
    "TRUNCATE audit_event CASCADE",
    "SET session_replication_role = replica",
    "ALTER TABLE audit_event DISABLE TRIGGER ALL",
    "DROP TRIGGER audit_event_no_change ON audit_event",
    *SWAPPED,
    "UPDATE audit_seal SET root = 'x'",
    "UPDATE audit_sealkey SET reference = 'x'",
    *(f"{word} {table}" for table in SEALS for word in ("DELETE FROM", "TRUNCATE", "DROP TABLE")),
    "SET ROLE lra_owner; DELETE FROM audit_event WHERE id = {event}",
)
FORBIDDEN_BUT_TO_THE_PUBLISHER = (
    "INSERT INTO audit_sealleaf VALUES (10000, 2, 4, '\\x00')",
    FORGED_SEAL,
    "INSERT INTO audit_sealkey SELECT gen_random_uuid(), 'x', public_der, reference, now() FROM audit_sealkey",
)


@pytest.fixture(scope="module")
def shared(
    servers: Servers,
    slot: int,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Evidence]:
    """Three seals over thirteen events, which each test gets as they were."""
    journal = settings.JOURNAL_DIR
    with django_db_blocker.unblock(), cloned(servers, slot) as made:
        evidence = Evidence.begin(made, tmp_path_factory.mktemp("evidence"))
        evidence.seal_three_times()
        evidence.keep()
        yield evidence
    settings.JOURNAL_DIR = journal


@pytest.fixture
def evidence(shared: Evidence) -> Iterator[Evidence]:
    kept = shared.journal.read_bytes()
    yield shared
    shared.journal.write_bytes(kept)
    shared.restore()


def place_of() -> Place:
    """Return the place that is tampered with."""
    leaves = SealLeaf.objects.filter(seal_number=2).order_by("position")
    return Place(*leaves.values_list("event_id", flat=True)[1:4])


def test_untouched_evidence_holds(evidence: Evidence) -> None:
    assert evidence.verify(evidence.export(), "--heads", str(evidence.journal))[0] == 0


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_superuser_did_to_sealed_evidence_is_found_and_its_place_named(evidence: Evidence, kind: str) -> None:
    place = place_of()
    evidence.tamper(*(statement.format(**asdict(place)) for statement in KINDS[kind].statements))
    code, said = evidence.verify(evidence.export(), "--heads", str(evidence.journal))
    assert code == 1, said
    assert KINDS[kind].said.format(**asdict(place)) in said


def test_an_event_of_a_past_day_is_found_after_it_was_sealed_as_well(evidence: Evidence) -> None:
    evidence.tamper(OLD_EVENT.format(event=place_of().event))
    evidence.seal(at=datetime.now(UTC) + timedelta(seconds=9))
    code, said = evidence.verify(evidence.export(details=False))
    assert code == 1
    assert "inserted: seal 4, position 0, event 10000: it says " in said


def test_another_key_in_the_database_does_not_make_its_seals_true(evidence: Evidence) -> None:
    lines = [json.loads(line) for line in evidence.export().read_text().splitlines()]
    for line in lines:
        if "seal" in line:
            line["seal"]["key"] = "00" * 32
    path = evidence.folder / "forged.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    code, said = evidence.verify(path)
    assert (code, "not one of those to be trusted" in said) == (1, True)


def test_a_file_that_breaks_off_is_found(evidence: Evidence) -> None:
    path = evidence.export()
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-3]))
    code, said = evidence.verify(path)
    assert code == 1
    assert "truncated: the file" in said
    path.write_text(path.read_text()[:-40])
    assert evidence.verify(path)[0] == 2


@pytest.mark.parametrize("role", ["lra_web", "lra_worker", "lra_signer", "lra_responder", "lra_repository"])
def test_the_roles_of_the_processes_can_do_none_of_it(evidence: Evidence, role: str) -> None:
    event = place_of().event
    for statement in (*FORBIDDEN, *(FORBIDDEN_BUT_TO_THE_PUBLISHER if role != "lra_signer" else ())):
        with pytest.raises(psycopg2.Error), evidence.clone.connect(role) as asked, asked.cursor() as cursor:
            cursor.execute(statement.format(event=event))
    assert Event.objects.filter(pk=event).exists()
    assert evidence.verify()[0] == 0
