"""When a reissue ends the certificate that it replaces."""

from datetime import timedelta

import pytest
from django.utils import timezone

from certificates.models import Certificate
from certificates.superseding import old_ends_at, superseded
from regulations.models import TargetSystem
from tests.people import People
from tests.revocation.world import World, make_certificate, make_world

DAYS = 7  # as the demo's rules of the member service say


@pytest.fixture
def world(people: People, demo_rules: None) -> World:
    return make_world()


@pytest.fixture
def pair(world: World) -> tuple[Certificate, Certificate]:
    """A certificate and its reissue, which was issued two days ago and not fetched."""
    old = make_certificate(world)
    Certificate.objects.filter(pk=old.pk).update(slot="past")
    version = TargetSystem.objects.get(slug="member-client").version_in_force()
    return old, make_certificate(world, replaces=old, frozen={"rules_version": str(version.pk)})


def over(old: Certificate, **after: float) -> bool:
    """Whether `old` is found some time after now."""
    return superseded(timezone.now() + timedelta(**after)).filter(pk=old.pk).exists()


@pytest.mark.clause("O-15.1.2")
def test_the_old_one_ends_when_the_new_one_is_accepted(pair: tuple[Certificate, Certificate]) -> None:
    old, new = pair
    assert not over(old)
    Certificate.objects.filter(pk=new.pk).update(delivery="accepted")
    assert over(old)


@pytest.mark.clause("O-15.1.2")
def test_the_old_one_ends_when_the_time_of_the_pinned_rules_is_over(pair: tuple[Certificate, Certificate]) -> None:
    old, new = pair
    ends_at = old_ends_at(new)
    assert ends_at == new.issued_at + timedelta(days=DAYS)
    left = ends_at - timezone.now()
    assert not superseded(timezone.now() + left - timedelta(seconds=5)).exists()
    assert superseded(timezone.now() + left + timedelta(seconds=5)).get() == old


def test_a_new_one_that_is_wrong_or_revoked_ends_nothing_by_its_time(pair: tuple[Certificate, Certificate]) -> None:
    old, new = pair
    Certificate.objects.filter(pk=new.pk).update(delivery="reported")
    assert not over(old, days=DAYS)
    at = timezone.now()
    Certificate.objects.filter(pk=new.pk).update(
        delivery="downloaded", revoked_at=at, revocation_xid=1, ground="lra:misuse"
    )
    assert not over(old, days=DAYS)


def test_a_new_one_about_to_be_revoked_ends_nothing_before_that_is_decided(
    pair: tuple[Certificate, Certificate],
) -> None:
    old, new = pair
    Certificate.objects.filter(pk=new.pk).update(delivery="accepted", revocation_requested_at=timezone.now())
    assert not over(old, days=DAYS)
    Certificate.objects.filter(pk=new.pk).update(revocation_requested_at=None)
    assert over(old)


def test_what_replaces_nothing_ends_nothing(world: World) -> None:
    certificate = make_certificate(world)
    assert old_ends_at(certificate) is None
    assert not over(certificate, days=100)
