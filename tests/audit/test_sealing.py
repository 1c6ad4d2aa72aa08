"""Committed events are sealed in signed trees, in a chain, and each can be proved alone (O-16.2.7, O-20)."""

import ast
import hashlib
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

import audit.verifier
from accounts.models import Notice
from audit import invariants, sealing
from audit.exporting import proof_of
from audit.models import Event, LegalHold, RetentionPeriod, Seal, SealLeaf
from audit.verifier import leaf_hash, path_of, root_of
from certificates.models import SignerHeartbeat
from certificates.services import seals
from certificates.worker import sealing as publisher
from certificates.worker.sealing import SealRefusedError
from tests.audit.evidence import Evidence
from tests.people import make_people

# The leaves and roots of the test of RFC 6962's reference implementation.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


@pytest.mark.parametrize("size", ROOTS)
def test_trees_are_those_of_rfc_6962(size: int) -> None:
    hashes = [leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES[:size]]
    assert root_of(hashes).hex() == ROOTS[size]


def test_the_verifier_needs_only_python_and_cryptography() -> None:
    tree = ast.parse(Path(audit.verifier.__file__).read_text())
    named = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    named |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {name.split(".")[0] for name in named} - set(sys.stdlib_module_names) == {"cryptography"}


@pytest.mark.clause("O-16.2.7", "O-19", "O-20")
def test_sealed_evidence_is_verified_from_its_export_alone(evidence: Evidence) -> None:
    evidence.seal_three_times()
    code, said = evidence.verify(evidence.export(), "--heads", str(evidence.journal))
    assert (code, "Everything holds." in said) == (0, True), said
    assert "13 events in 3 seals" in said
    call_command("verify_evidence", heads=evidence.journal, verbosity=0)
    assert list(invariants.breaches()) == []


def test_every_event_has_one_place_and_no_seal_number_is_left_out(evidence: Evidence) -> None:
    evidence.seal_three_times()
    assert list(Seal.objects.order_by("number").values_list("number", "follows", "total")) == [
        (1, 0, 5),
        (2, 1, 9),
        (3, 2, 13),
    ]
    assert set(SealLeaf.objects.values_list("event_id", flat=True)) == set(Event.objects.values_list("pk", flat=True))
    assert evidence.seal() == 0


def test_an_event_that_is_committed_late_is_sealed_though_its_number_is_lower(evidence: Evidence) -> None:
    with evidence.clone.connect("lra_worker") as slow, slow.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('audit_event', 'id'))")
        evidence.record(2)
        evidence.seal()
        cursor.execute(
            "INSERT INTO audit_event (id, uid, act, outcome, at, recorded_at, role, origin, subject_type, subject_id,"
            " before, after, details_digest) VALUES (currval(pg_get_serial_sequence('audit_event', 'id')),"
            " gen_random_uuid(), 'page:visit', 'done', now(), now(), 'anyone', '', '', '', '', '', '\\x00')"
        )
    assert evidence.seal() == 1
    assert SealLeaf.objects.get(seal_number=2).event_id < max(SealLeaf.objects.values_list("event_id", flat=True))


def test_only_one_sealer_works_at_a_time(evidence: Evidence) -> None:
    evidence.record()
    with evidence.clone.connect("lra_signer") as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [sealing._LOCK])
        assert evidence.seal() == 0
    assert evidence.seal() == 4


def test_many_events_are_sealed_in_several_seals_and_only_the_last_says_that_nothing_was_left(
    evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence.record(9)
    monkeypatch.setattr(sealing, "LIMIT", 4)
    assert evidence.seal() == 10
    assert list(Seal.objects.order_by("number").values_list("size", "complete")) == [(4, False), (4, False), (2, True)]
    assert evidence.verify()[0] == 0


@pytest.mark.clause("O-20", "O-9")
def test_one_event_is_proved_without_showing_the_others(evidence: Evidence) -> None:
    event = evidence.seal_three_times()[1][2]
    proof = proof_of(event, details=True)
    path = evidence.folder / "proof.json"
    path.write_text(json.dumps(proof))
    assert evidence.verify(path, what="proof")[0] == 0
    assert "第2件" in json.dumps(proof, ensure_ascii=False)
    assert "第1件" not in json.dumps(proof, ensure_ascii=False)
    assert proof is not None
    for changed in (
        {**proof, "event": proof["event"].replace("claim", "refuse")},
        {**proof, "path": proof["path"][::-1]},
        {**proof, "seal": {**proof["seal"], "size": 5}},
        {**proof, "details": {**proof["details"], "body": '{"note":"別"}'}},
    ):
        path.write_text(json.dumps(changed))
        assert evidence.verify(path, what="proof")[0] == 1


def test_an_event_that_is_not_sealed_yet_has_no_proof(evidence: Evidence) -> None:
    assert proof_of(evidence.record(1)[0], details=False) is None


def test_a_path_leads_from_every_leaf_to_the_root() -> None:
    for size in range(1, 18):
        hashes = [leaf_hash(bytes([n])) for n in range(size)]
        for position, node in enumerate(hashes):
            for side, other in path_of(hashes, position):
                node = audit.verifier.node_hash(*((other, node) if side == "left" else (node, other)))  # noqa: PLW2901
            assert node == root_of(hashes)


@pytest.mark.clause("J-6.2")
def test_evidence_whose_details_were_erased_still_verifies(evidence: Evidence) -> None:
    event = evidence.seal_three_times()[0][1]
    RetentionPeriod.objects.create(act=event.act, days=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_erase_details(%s, %s)", [event.pk, '保存期間の満了 "5\n年"'])
    evidence.seal()
    code, said = evidence.verify()
    assert (code, "1 with erased details" in said) == (0, True), said
    erasing = Event.objects.get(act="evidence:erase")
    assert erasing.details.body == {"reason": '保存期間の満了 "5\n年"'}


@pytest.mark.clause("J-6.2")
def test_an_erasure_needs_retention_a_reason_no_hold_and_the_workers_role(evidence: Evidence) -> None:
    (event,) = evidence.record(1)
    assert "within its retention" in refused(evidence, "lra_worker", event, "x")
    RetentionPeriod.objects.create(act=event.act, days=0)
    assert "say why" in refused(evidence, "lra_worker", event, " ")
    assert event.story is not None
    hold = LegalHold.objects.create(story=event.story, reason="係争", since=datetime.now(UTC))
    assert "legal hold" in refused(evidence, "lra_worker", event, "x")
    LegalHold.objects.filter(pk=hold.pk).update(ended_at=datetime.now(UTC))
    for role in ("lra_web", "lra_signer"):
        assert "permission denied" in refused(evidence, role, event, "x")
    assert refused(evidence, "lra_worker", event, "x") == ""
    assert refused(evidence, "lra_worker", event, "x") == ""
    assert Event.objects.filter(act="evidence:erase").count() == 1


def refused(evidence: Evidence, role: str, event: Event, because: str) -> str:
    """Return why the database does not let a role erase, or nothing where it does."""
    try:
        with evidence.clone.connect(role) as asked, asked.cursor() as cursor:
            cursor.execute("SELECT audit_erase_details(%s, %s)", [event.pk, because])
    except psycopg2.Error as error:
        return str(error)
    return ""


def test_a_database_that_lost_seals_is_not_sealed_until_two_key_officers_agreed(evidence: Evidence) -> None:
    people = make_people()
    evidence.seal_three_times()
    evidence.tamper("DELETE FROM audit_sealleaf WHERE seal_number > 1", "DELETE FROM audit_seal WHERE number > 1")
    with pytest.raises(SealRefusedError, match="does not have seal 3"):
        evidence.seal()
    with evidence.clone.acting_as("lra_signer"):
        publisher.seal_and_beat(at=datetime.now(UTC))
        assert "reconcile_evidence" in SignerHeartbeat.objects.get(name="sealer").refuses
        for officer in (people.key_officer, people.key_officer):
            call_command("reconcile_evidence", person=officer.email, reason="訓練", verbosity=0)
    with pytest.raises(SealRefusedError):
        evidence.seal()
    with evidence.clone.acting_as("lra_signer"):
        call_command("reconcile_evidence", person=people.second_key_officer.email, reason="訓練", verbosity=0)
    evidence.seal()
    assert list(Seal.objects.order_by("number").values_list("number", "follows")) == [(1, 0), (4, 1)]
    code, said = evidence.verify(evidence.export(), "--heads", str(evidence.journal))
    assert (code, "seals 2 to 3 were lost" in said) == (0, True), said


def test_a_journal_that_misses_the_last_head_is_brought_up_to_date(evidence: Evidence) -> None:
    evidence.seal_three_times()
    lines = evidence.journal.read_text().splitlines()
    evidence.journal.write_text("\n".join(lines[:-1]) + "\n")
    evidence.seal()
    assert json.loads(evidence.journal.read_text().splitlines()[-1])["number"] == 3


def test_a_second_key_takes_over_and_both_are_to_be_trusted(evidence: Evidence) -> None:
    evidence.seal_three_times()
    first = evidence.fingerprint
    with evidence.clone.acting_as("lra_signer"):
        with pytest.raises(CommandError):
            call_command("create_evidence_key", verbosity=0)
        call_command("create_evidence_key", another=True, verbosity=0)
    evidence.record()
    evidence.seal()
    assert evidence.verify()[0] == 1
    assert evidence.verify(evidence.export(), "--fingerprint", first)[0] == 0


def test_seals_that_stay_away_are_alarmed_after_ten_seconds(evidence: Evidence) -> None:
    people = make_people()
    evidence.seal()
    now = datetime.now(UTC)
    assert seals.watch(at=now)
    assert Notice.objects.get(kind="certificates/seal_head").recipient == people.auditor
    evidence.record()
    assert seals.watch(at=datetime.now(UTC) + timedelta(seconds=5))
    assert not Notice.objects.filter(kind="certificates/seal_alarm").exists()
    assert not seals.watch(at=datetime.now(UTC) + timedelta(seconds=12))
    told = Notice.objects.filter(kind="certificates/seal_alarm").values_list("recipient", flat=True)
    assert {people.auditor.pk, people.key_officer.pk, people.administrator.pk} <= set(told)


def test_a_rolled_back_seal_leaves_nothing(evidence: Evidence) -> None:
    evidence.record()
    with evidence.clone.acting_as("lra_signer"), transaction.atomic():
        assert publisher.seal_what_waits(at=datetime.now(UTC)) == 4
        transaction.set_rollback(True)
    assert not Seal.objects.exists()
    assert not SealLeaf.objects.exists()


def test_the_hash_of_a_leaf_is_over_the_line_that_is_exported(evidence: Evidence) -> None:
    evidence.record(1)
    evidence.seal()
    lines = [json.loads(line) for line in evidence.export().read_text().splitlines()]
    leaf = next(line for line in lines if "leaf" in line)
    assert hashlib.sha256(b"\x00" + leaf["event"].encode()).hexdigest() == leaf["hash"]
