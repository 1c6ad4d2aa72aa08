"""Who may do what is one table; nobody raises themselves."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from accounts.models import RoleGrant, User
from accounts.roles import ACT_ROLES, Role
from accounts.services import authorise, end_role, grant_role
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotAllowed, RuleViolated
from tests.harness.cloned import Clone

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def person(email: str, *roles: Role) -> User:
    user = User.objects.create_user(email, name=email.split("@", maxsplit=1)[0])
    for role in roles:
        RoleGrant.objects.create(user=user, role=role, granted_at=AT)
    return user


def test_every_act_has_its_line() -> None:
    assert set(ACT_ROLES) == set(Act)


def test_an_act_is_done_in_the_narrowest_role_that_permits_it() -> None:
    actor = Actor(person_id=None, roles=frozenset({"applicant", "approver"}))
    assert authorise(actor=actor, act=Act.CERTIFICATE_READ).acting_as == "approver"


def test_an_examiner_may_not_approve() -> None:
    actor = Actor(person_id=None, roles=frozenset({"applicant", "examiner"}))
    with pytest.raises(NotAllowed):
        authorise(actor=actor, act=Act.APPLICATION_APPROVE)


def test_an_agent_approves_nothing() -> None:
    approving = [act for act in Act if act.value.endswith(":approve")]
    assert not [act for act in approving if Role.AGENT in ACT_ROLES[act]]


@pytest.mark.django_db
def test_nobody_grants_a_role_to_themselves_in_service_or_database() -> None:
    boss = person("boss@example.com", Role.ADMINISTRATOR)
    with pytest.raises(RuleViolated):
        grant_role(user=boss, role=Role.APPROVER, actor=boss.actor(), at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.create(user=boss, role=Role.APPROVER, granted_by=boss, granted_at=AT)


@pytest.mark.django_db
def test_a_role_granted_twice_is_held_once_and_ends_at_once() -> None:
    boss, clerk = person("boss@example.com", Role.ADMINISTRATOR), person("clerk@example.com")
    first = grant_role(user=clerk, role=Role.EXAMINER, actor=boss.actor(), at=AT)
    assert grant_role(user=clerk, role=Role.EXAMINER, actor=boss.actor(), at=AT) == first
    assert clerk.role_names() == {"applicant", "examiner"}
    end_role(grant=first, actor=boss.actor(), at=AT)
    assert clerk.role_names() == {"applicant"}


@pytest.mark.django_db
def test_an_administrator_may_not_read_applications() -> None:
    with pytest.raises(NotAllowed):
        authorise(actor=person("boss@example.com", Role.ADMINISTRATOR).actor(), act=Act.APPLICATION_READ)


def test_the_portal_grants_nothing_in_nobodys_name_but_the_first_administrator(clone: Clone) -> None:
    boss, clerk = person("boss@example.com"), person("clerk@example.com")
    with clone.acting_as("lra_web"):
        with pytest.raises(IntegrityError), transaction.atomic():
            RoleGrant.objects.create(user=clerk, role=Role.APPROVER, granted_at=AT)
        RoleGrant.objects.create(user=boss, role=Role.ADMINISTRATOR, granted_at=AT)
        with pytest.raises(IntegrityError), transaction.atomic():
            RoleGrant.objects.create(user=clerk, role=Role.ADMINISTRATOR, granted_at=AT)
        RoleGrant.objects.create(user=clerk, role=Role.APPROVER, granted_by=boss, granted_at=AT)
    RoleGrant.objects.create(user=clerk, role=Role.EXAMINER, granted_at=AT)
    assert clerk.role_names() == {"applicant", "approver", "examiner"}
