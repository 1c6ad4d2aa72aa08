"""Lists as they are published: what is in them, when, and that nothing gets lost (faults 8, 11, 12, 13)."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from accounts.models import Notice
from accounts.roles import Role
from audit.models import Event
from certificates.models import BlockedKey, Certificate
from certificates.worker import authorities
from certificates.worker.journal import Journal
from revocation import selectors
from revocation.models import Crl, CrlEntry
from revocation.services import completion
from revocation.services.revoking import revoke
from revocation.worker import crl_publishing, examining
from revocation.worker.crl_checks import BadCrlError
from tests.harness.cloned import Clone
from tests.revocation.world import PUBLISHER, SYSTEM, World, followed_by, make_current, make_world, now, pem, person


def published(world: World, *, force: bool = False) -> x509.CertificateRevocationList:
    """Publish, and read what was stored."""
    crl = crl_publishing.publish(authority=world.issuing, shard=0, actor=PUBLISHER, force=force)
    assert crl is not None
    return x509.load_der_x509_crl(selectors.bytes_of(crl))


def serials_of(crl: x509.CertificateRevocationList) -> set[str]:
    return {f"{entry.serial_number:x}" for entry in crl}


def test_the_first_list_is_published_although_nothing_is_revoked(world: World) -> None:
    crl = published(world)
    assert len(crl) == 0
    assert crl.is_signature_valid(authorities.certificate_of(world.issuing).public_key())  # type: ignore[arg-type]


def test_a_revoked_certificate_is_in_the_next_list_with_its_reason_and_time(world: World) -> None:
    certificate = world.certificate()
    since = now() - timedelta(hours=3)
    revoke(certificate=certificate, ground="lra:key_compromise", actor=SYSTEM, at=now(), invalid_since=since)
    (entry,) = published(world)
    assert f"{entry.serial_number:x}" == certificate.serial
    assert entry.revocation_date_utc == certificate.revoked_at
    assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason == x509.ReasonFlags.key_compromise
    assert entry.extensions.get_extension_for_class(x509.InvalidityDate).value.invalidity_date_utc == since


def test_a_ground_without_a_code_gives_an_entry_without_a_reason(world: World) -> None:
    revoke(certificate=world.certificate(), ground="lra:reasonable_doubt", actor=SYSTEM, at=now())
    (entry,) = published(world)
    assert list(entry.extensions) == []


def test_the_scope_is_copied_from_the_ceremony_byte_for_byte(world: World) -> None:
    crl = published(world)
    scope = crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint)
    assert scope.critical
    assert scope.value.public_bytes() == bytes(world.issuing.distribution_points.get().der)


def test_nothing_is_published_while_nothing_is_due(committed_world: World) -> None:
    world = committed_world
    revoke(certificate=world.certificate(), ground="lra:misuse", actor=SYSTEM, at=now())
    published(world)
    assert crl_publishing.publish(authority=world.issuing, shard=0, actor=PUBLISHER) is None


def test_a_list_is_published_again_well_before_its_end(world: World) -> None:
    published(world)
    interval, last = timedelta(hours=world.issuing.crl_interval_hours), Crl.objects.get()
    followed_by(last, this_update=last.this_update - interval, next_update=last.next_update - interval)
    crl = published(world)
    assert crl.next_update_utc is not None
    assert crl.next_update_utc - crl.last_update_utc > 2 * interval


def test_numbers_grow_and_are_not_used_again_when_the_table_is_restored_from_an_older_copy(world: World) -> None:
    first = published(world)
    number = first.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    second = published(world, force=True)
    later = second.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    assert later > number
    # As after a restore: the table knows less than the journal beside the key.
    Journal(settings.JOURNAL_DIR, world.issuing.pk).note_crl(shard=0, number=later + 10**9, at=now())
    third = published(world, force=True)
    assert third.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number > later + 10**9


def test_the_date_of_a_list_never_goes_back_when_the_clock_does(committed_world: World) -> None:
    # One transaction would see its own entry as published already: its number is in the first list's snapshot.
    world = committed_world
    published(world)
    ahead = now() + timedelta(days=2)
    last = followed_by(Crl.objects.get(), this_update=ahead)
    revoke(certificate=world.certificate(), ground="lra:misuse", actor=SYSTEM, at=now())
    crl = published(world)
    assert crl.last_update_utc == ahead
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number > last.number


def test_a_list_becomes_current_a_second_after_its_entries_were_read(world: World) -> None:
    published(world)
    crl = Crl.objects.get()
    assert crl.current_from == crl.built_at + timedelta(seconds=1)
    assert selectors.current_crl(world.issuing) is None


def test_revoking_twice_changes_nothing(world: World) -> None:
    certificate = world.certificate()
    first = now() - timedelta(days=1)
    assert revoke(certificate=certificate, ground="holder:no_longer_used", actor=SYSTEM, at=first)
    assert not revoke(certificate=certificate, ground="lra:misuse", actor=SYSTEM, at=now())
    certificate.refresh_from_db()
    assert (certificate.revoked_at, certificate.ground) == (first, "holder:no_longer_used")
    assert Event.objects.filter(act="certificate:revoke").count() == 1


@pytest.mark.clause("O-15.1.4")
def test_a_compromise_found_later_raises_the_ground_keeps_the_date_and_blocks_the_key(committed_world: World) -> None:
    # One transaction would see its own entry as published already: its number is in the first list's snapshot.
    world = committed_world
    certificate = world.certificate()
    first = now() - timedelta(days=1)
    revoke(certificate=certificate, ground="holder:no_longer_used", actor=SYSTEM, at=first)
    published(world)
    assert revoke(certificate=certificate, ground="lra:key_compromise", actor=SYSTEM, at=now())
    (entry,) = published(world)
    assert entry.revocation_date_utc == first
    assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason == x509.ReasonFlags.key_compromise
    assert BlockedKey.objects.filter(public_key_sha256=certificate.public_key_sha256).exists()
    assert CrlEntry.objects.count() == 1


def test_the_status_epoch_rises_with_every_revocation(world: World) -> None:
    before = world.issuing.status_epoch
    revoke(certificate=world.certificate(), ground="lra:misuse", actor=SYSTEM, at=now())
    world.issuing.refresh_from_db()
    assert world.issuing.status_epoch == before + 1


def test_an_entry_stays_until_it_was_on_a_list_issued_after_the_end_of_its_certificate(
    committed_world: World,
) -> None:
    world = committed_world
    short = world.certificate(not_after=now() - timedelta(minutes=1))
    revoke(certificate=short, ground="lra:misuse", actor=SYSTEM, at=now() - timedelta(hours=1))
    assert serials_of(published(world)) == {short.serial}
    assert serials_of(published(world, force=True)) == set()


def test_an_entry_of_a_certificate_that_has_not_ended_stays_on_every_list(committed_world: World) -> None:
    world = committed_world
    certificate = world.certificate()
    revoke(certificate=certificate, ground="lra:misuse", actor=SYSTEM, at=now())
    for _ in range(3):
        assert serials_of(published(world, force=True)) == {certificate.serial}


def test_a_list_that_lost_an_entry_is_not_published(world: World) -> None:
    certificate = world.certificate()
    revoke(certificate=certificate, ground="lra:misuse", actor=SYSTEM, at=now())
    published(world)
    CrlEntry.objects.update(dropped_after=1)
    with pytest.raises(BadCrlError, match="missing"):
        crl_publishing.publish(authority=world.issuing, shard=0, actor=PUBLISHER, force=True)
    assert Crl.objects.count() == 1


def refused(statement: str, *values: int) -> bool:
    """Whether the database refuses a statement to the role of the running processes."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    except DatabaseError:
        return True
    return False


@pytest.mark.parametrize("role", ["lra_web", "lra_signer", "lra_worker"])
def test_no_running_process_can_change_or_take_away_what_was_published(clone: Clone, role: str) -> None:
    world = make_world()
    for _ in range(2):
        published(world, force=True)
    make_current()
    with clone.acting_as(role):
        older, newer = Crl.objects.order_by("number").values_list("pk", flat=True)
        assert refused("UPDATE revocation_crlchunk SET body = body || 'x'")
        assert refused("UPDATE revocation_crlchunk SET crl_id = %s WHERE crl_id = %s", newer, older)
        assert refused("INSERT INTO revocation_crlchunk (crl_id, position, body) VALUES (%s, 1, 'x')", newer)
        assert refused("DELETE FROM revocation_crlchunk WHERE crl_id = %s", newer)
        assert refused("TRUNCATE revocation_crlchunk")
        assert refused("UPDATE revocation_crl SET number = number + 1")
        assert refused("UPDATE revocation_crl SET size = size + 1")
        assert refused("UPDATE revocation_crl SET current_from = current_from + interval '1 hour'")
        assert refused("UPDATE revocation_crl SET current_from = NULL")
        assert refused("DELETE FROM revocation_crl WHERE id = %s", newer)
        assert refused("UPDATE certificates_rootcrl SET der = ''")
        assert refused("DELETE FROM certificates_rootcrl")
        # Only the bytes of what a newer list has replaced may go.
        assert not refused("DELETE FROM revocation_crlchunk WHERE crl_id = %s", older)


def test_only_the_last_lists_keep_their_bytes(world: World) -> None:
    for _ in range(crl_publishing.KEPT_LISTS + 2):
        published(world, force=True)
        make_current()
    published(world, force=True)
    assert Crl.objects.count() == crl_publishing.KEPT_LISTS + 3
    # The newest one waits for its second; what is served meanwhile counts as the first of those that are kept.
    assert Crl.objects.filter(chunks__isnull=False).distinct().count() == crl_publishing.KEPT_LISTS + 1


def test_many_lists_within_a_second_leave_the_one_that_is_served(world: World) -> None:
    published(world)
    make_current()
    served = selectors.current_crl(world.issuing)
    for _ in range(crl_publishing.KEPT_LISTS + 2):
        published(world, force=True)
    assert served is not None
    assert selectors.current_crl(world.issuing) == served
    assert len(selectors.bytes_of(served)) == served.size


def test_the_alarm_rises_at_half_time_and_late_is_said_at_the_end(world: World) -> None:
    published(world)
    make_current()
    crl = Crl.objects.get()
    middle = crl.this_update + (crl.next_update - crl.this_update) / 2

    def row(at: object) -> selectors.Publication:
        return next(row for row in selectors.publications(at) if row.authority == world.issuing)  # type: ignore[arg-type]

    assert not row(middle - timedelta(seconds=1)).alarm
    assert row(middle).alarm
    assert not row(middle).late
    assert row(crl.next_update).late


def test_when_no_list_comes_for_days_key_officers_are_told_at_half_time(world: World) -> None:
    person("officer", Role.KEY_OFFICER)
    published(world)
    make_current()
    crl = Crl.objects.get()
    middle = crl.this_update + (crl.next_update - crl.this_update) / 2
    assert examining.examine_published(at=middle - timedelta(seconds=1)) == []
    found = [examining.examine_published(at=middle) for _ in range(2)]
    assert [["half of its time is gone" in finding for finding in one] for one in found] == [[True], [True]]
    assert Notice.objects.filter(dedupe__startswith="certificates/alarm/crl").count() == 1


def test_openssl_agrees_with_the_lists_before_and_after(world: World, tmp_path: Path) -> None:
    certificate = world.certificate()
    (tmp_path / "leaf.pem").write_bytes(
        x509.load_der_x509_certificate(bytes(certificate.der)).public_bytes(Encoding.PEM)
    )
    (tmp_path / "chain.pem").write_bytes(pem(world))
    (tmp_path / "root.crl").write_bytes(as_pem(bytes(world.root.root_crls.get().der)))

    def verdict() -> subprocess.CompletedProcess[str]:
        (tmp_path / "issuing.crl").write_bytes(published(world, force=True).public_bytes(Encoding.PEM))
        command = ["openssl", "verify", "-crl_check_all", "-CAfile", "chain.pem"]
        command += ["-CRLfile", "root.crl", "-CRLfile", "issuing.crl", "leaf.pem"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert verdict().returncode == 0, verdict().stderr
    revoke(certificate=certificate, ground="holder:key_compromise", actor=SYSTEM, at=now())
    after = verdict()
    assert after.returncode != 0
    assert "certificate revoked" in after.stderr


def as_pem(der: bytes) -> bytes:
    return x509.load_der_x509_crl(der).public_bytes(Encoding.PEM)


@pytest.mark.clause("O-15.1.2")
def test_what_a_reissue_replaced_is_revoked_when_the_new_certificate_is_accepted(world: World) -> None:
    old = world.certificate()
    Certificate.objects.filter(pk=old.pk).update(slot="past")
    new = world.certificate(replaces=old)
    assert completion.revoke_superseded(actor=PUBLISHER, at=now()) == 0
    Certificate.objects.filter(pk=new.pk).update(delivery="accepted")
    assert completion.revoke_superseded(actor=PUBLISHER, at=now()) == 1
    old.refresh_from_db()
    assert (old.ground, old.reason_code) == ("lra:superseded", 4)
    assert Notice.objects.filter(kind="revocation/completed").count() == 2
    assert completion.revoke_superseded(actor=PUBLISHER, at=now()) == 0
