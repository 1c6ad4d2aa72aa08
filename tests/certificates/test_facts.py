"""What was signed, revoked or granted stays on record, whatever a process of the portal asks the database."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import RoleGrant
from accounts.roles import Role
from audit.actors import Actor
from certificates.models import Certificate
from revocation.models import CrlEntry
from revocation.services.revoking import revoke
from tests.revocation.world import make_world

pytestmark = pytest.mark.django_db


@pytest.mark.clause("O-16.2.7")
@pytest.mark.parametrize("change", [{"serial": "77"}, {"der": b"other"}, {"shard": 3}], ids=["serial", "der", "shard"])
def test_what_was_signed_stays_as_it_was_signed(change: dict[str, Any]) -> None:
    certificate = make_world().certificate()
    with pytest.raises(DatabaseError, match="stays"), transaction.atomic():
        Certificate.objects.filter(pk=certificate.pk).update(**change)


def test_what_was_revoked_stays_revoked_from_the_same_time() -> None:
    certificate, at = make_world().certificate(), timezone.now()
    row = Certificate.objects.filter(pk=certificate.pk)
    row.update(revoked_at=at, revocation_xid=1, ground="lra:misuse", slot="past")
    for change in ({"revoked_at": None, "ground": ""}, {"revoked_at": at + timedelta(days=1)}):
        with pytest.raises(DatabaseError, match="stays"), transaction.atomic():
            row.update(**change)


def test_an_entry_of_a_list_is_neither_deleted_nor_made_another() -> None:
    world = make_world()
    certificate = world.certificate()
    revoke(certificate=certificate, ground="lra:misuse", actor=Actor.system("test"), at=timezone.now())
    entries = CrlEntry.objects.filter(certificate=certificate)
    for change in (entries.delete, lambda: entries.update(serial="77")):
        with pytest.raises(DatabaseError, match="stays"), transaction.atomic():
            change()


@pytest.mark.parametrize("change", [{"role": Role.ADMINISTRATOR}, {"granted_at": timezone.now()}])
def test_a_grant_becomes_no_other_grant(change: dict[str, Any]) -> None:
    person = make_world().people["examiner"]
    with pytest.raises(DatabaseError, match="stays"), transaction.atomic():
        RoleGrant.objects.filter(user=person).update(**change)


def test_a_role_that_ended_does_not_come_back_by_itself() -> None:
    grants = RoleGrant.objects.filter(user=make_world().people["examiner"])
    grants.update(ended_at=timezone.now())
    with pytest.raises(DatabaseError, match="stays"), transaction.atomic():
        grants.update(ended_at=None)
