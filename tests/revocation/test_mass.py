"""Many certificates by one decision of two people: a dry run that stays, batches that lose and repeat nothing."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.actors import Actor
from audit.models import Event
from audit.refusals import NotAllowed, RuleViolated, Stale
from certificates.models import Certificate
from regulations.models import Contract, Subscription
from revocation.mass_models import MassMember, MassRevocation
from revocation.models import CrlEntry
from revocation.services import mass, revoking
from revocation.services.mass import Selection
from tests.people import People, signed_in
from tests.revocation.asking import own, told
from tests.revocation.world import World, make_world, now

WORKER = Actor.system("mass revocation")


def proposed(world: World, selection: Selection, by: str = "examiner", ground: str = "lra:misuse") -> MassRevocation:
    return mass.propose(selection=selection, ground=ground, statement="Seen.", actor=world.actor(by), at=now())


def numbers(certificates: list[Certificate]) -> Selection:
    return Selection(numbers=[row.management_number for row in certificates], source="list.csv")


def run(world: World) -> int:
    return mass.revoke_batch(actor=WORKER, at=now())


def why(row: MassRevocation) -> dict[str, str]:
    return dict(row.members.filter(status="left_out").values_list("named", "why"))


def test_the_dry_run_counts_names_what_is_left_out_and_why_and_revokes_nothing(world: World) -> None:
    first, second, revoked, asked = (world.certificate() for _ in range(4))
    revoking.revoke(certificate=revoked, ground="lra:misuse", actor=WORKER, at=now())
    own(world, asked)
    named = [
        first.management_number.lower(),
        second.serial.upper(),
        f"0x{first.serial}",
        revoked.management_number,
        asked.management_number,
        "C-none",
    ]
    row = proposed(world, Selection(numbers=named))
    assert why(row) == {named[2]: "twice", named[3]: "revoked", named[4]: "open", named[5]: "unknown"}
    assert {member.certificate for member in row.members.filter(status="chosen")} == {first, second}
    assert run(world) == 0
    first.refresh_from_db()
    assert first.revoked_at is None
    raised = proposed(world, Selection(numbers=[revoked.management_number]), ground="lra:key_compromise")
    assert why(raised) == {}


def test_two_people_are_needed_in_service_and_database(world: World) -> None:
    row = proposed(world, numbers([world.certificate()]), by="approver")
    for name in ("approver", "examiner"):
        with pytest.raises((RuleViolated, NotAllowed)):
            mass.approve(mass=row, actor=world.actor(name), at=now())
    with pytest.raises(IntegrityError, match="mass_revocation_by_two"), transaction.atomic():
        MassRevocation.objects.filter(pk=row.pk).update(approved_by=world.people["approver"])
    with pytest.raises(IntegrityError, match="mass_revocation_runs_approved"), transaction.atomic():
        MassRevocation.objects.filter(pk=row.pk).update(status="running")
    theirs = proposed(world, numbers([world.certificate(holder=world.people["other_approver"])]))
    with pytest.raises(RuleViolated):
        mass.approve(mass=theirs, actor=world.actor("other_approver"), at=now())


@pytest.mark.clause("O-15.1.5", "J-5.3")
def test_batches_stop_go_on_and_end_with_every_certificate_revoked_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mass, "BATCH", 2)
    certificates = [world.certificate() for _ in range(5)]
    row = proposed(world, numbers(certificates))
    row = mass.approve(mass=row, actor=world.actor("approver"), at=now())
    assert run(world) == 2
    row = mass.stop(mass=row, actor=world.actor("examiner"), at=now())
    assert run(world) == 0
    assert CrlEntry.objects.count() == 2
    left = row.members.filter(status="chosen").select_related("certificate").last()
    assert left is not None
    assert left.certificate is not None
    revoking.revoke(certificate=left.certificate, ground="lra:misuse", actor=WORKER, at=now())
    row = mass.resume(mass=row, actor=world.actor("other_approver"), at=now())
    assert [run(world), run(world), run(world)] == [2, 1, 0]
    row.refresh_from_db()
    assert row.status == "finished"
    assert CrlEntry.objects.count() == 5
    assert Event.objects.filter(act="certificate:revoke").count() == 5
    assert row.members.get(status="skipped") == left
    assert told("completed") == {"デモ holder", "デモ applicant"}
    with pytest.raises(Stale):
        mass.resume(mass=row, actor=world.actor("approver"), at=now())


def test_a_batch_that_dies_leaves_its_lines_for_the_next_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    row = proposed(world, numbers([world.certificate() for _ in range(3)]))
    mass.approve(mass=row, actor=world.actor("approver"), at=now())
    calls = []

    def dies(**given: object) -> bool:
        calls.append(given)
        if len(calls) == 2:
            raise RuntimeError("the worker is gone")
        return revoking.revoke(**given)  # type: ignore[arg-type]

    monkeypatch.setattr(mass, "revoke", dies)
    with pytest.raises(RuntimeError):
        run(world)
    monkeypatch.undo()
    assert not CrlEntry.objects.exists()
    assert run(world) == 3
    assert CrlEntry.objects.count() == 3


def test_the_database_lets_no_line_change_what_it_says(world: World) -> None:
    row = proposed(world, numbers([world.certificate(), world.certificate()]))
    line = MassMember.objects.filter(mass=row).first()
    assert line is not None
    for change in ({"named": "other"}, {"status": "left_out"}, {"certificate": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            MassMember.objects.filter(pk=line.pk).update(**change)


def test_a_target_system_or_contract_selects_what_is_valid(world: World) -> None:
    kept, other = world.certificate(), world.certificate()
    contract = Contract.objects.create(parent_service=world.system.parent_service, number="K-7", begins_at=now())
    Subscription.objects.filter(pk=kept.subscription_id).update(contract=contract)
    assert proposed(world, Selection(contract="K-7")).members.get().certificate == kept
    found = proposed(world, Selection(target_system=world.system)).members.all()
    assert {member.certificate for member in found} == {kept, other}
    for nothing in (Selection(), Selection(contract="K-8")):
        with pytest.raises(RuleViolated):
            proposed(world, nothing)


def test_the_office_walks_through_the_pages(people: People) -> None:
    world = make_world()
    certificates = [world.certificate(holder=people.hanako) for _ in range(2)]
    examiner, approver = signed_in(people.examiner), signed_in(people.approver)
    for client in (examiner, approver):
        client.cookies["django_language"] = "en"
    page = reverse("revocation:mass_propose")
    typed = {"ground": "lra:misuse", "statement": "Seen.", "numbers": "C-none"}
    form = examiner.get(page).content.decode()
    # A ground that a select had chosen beforehand would be taken over unread.
    assert re.search(r'<input[^>]*name="ground"[^>]*type="radio"|<input[^>]*type="radio"[^>]*name="ground"', form)
    assert not re.search(r'<input[^>]*name="ground"[^>]*checked', form)
    assert examiner.post(page, {**typed, "ground": ""}).status_code == 422
    file = SimpleUploadedFile("番号.csv", "\r\n".join(c.management_number for c in certificates).encode("cp932"))
    assert examiner.post(page, {**typed, "statement": ""}).status_code == 422
    assert examiner.post(page, {**typed, "file": SimpleUploadedFile("x", b"\x81")}).status_code == 422
    address = examiner.post(page, {**typed, "file": file}).headers["Location"]
    shown = examiner.get(address).content.decode()
    assert "2 certificates would be revoked" in shown
    assert "No certificate has this number" in shown
    assert "Revoke them all" not in shown
    assert "Revoke them all" in approver.get(address).content.decode()
    assert approver.post(f"{address}approve/").status_code == 302
    assert approver.post(f"{address}approve/").status_code == 409
    assert approver.post(f"{address}stop/").status_code == 302
    assert approver.post(f"{address}resume/").status_code == 302
    assert mass.revoke_batch(actor=WORKER, at=now()) == 2
    assert "2 of 2 done" in examiner.get(address).content.decode()
