"""Who may do what is one table; nobody raises themselves."""

from datetime import UTC, datetime
from importlib import import_module
from itertools import chain

import pytest
from django.db import IntegrityError, transaction

from accounts.models import RoleGrant, StaffInvitation, User
from accounts.roles import ACT_ROLES, INCOMPATIBLE, STAFF, Role
from accounts.services import authorise, end_role, grant_role
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotAllowed
from tests.harness.cloned import Clone

LOADER = Actor.system("demo")
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
def test_nobody_grants_a_role_alone_in_service_or_database() -> None:
    boss = person("boss@example.com", Role.ADMINISTRATOR)
    with pytest.raises(NotAllowed):
        grant_role(user=boss, role=Role.APPROVER, actor=boss.actor(), at=AT)
    for column in ("granted_by", "confirmed_by"):
        with pytest.raises(IntegrityError), transaction.atomic():
            RoleGrant.objects.create(user=boss, role=Role.APPROVER, granted_at=AT, **{column: boss})


@pytest.mark.django_db
def test_a_role_given_twice_is_held_once_and_ends_at_once() -> None:
    boss, clerk = person("boss@example.com", Role.ADMINISTRATOR), person("clerk@example.com")
    first = grant_role(user=clerk, role=Role.EXAMINER, actor=LOADER, at=AT)
    assert grant_role(user=clerk, role=Role.EXAMINER, actor=LOADER, at=AT) == first
    assert clerk.role_names() == {"applicant", "examiner"}
    end_role(grant=first, actor=boss.actor(), at=AT)
    assert clerk.role_names() == {"applicant"}


def test_the_pairs_that_clash_are_the_same_in_table_and_database() -> None:
    guard = import_module("accounts.migrations.0008_two_administrators")
    assert {" ".join(sorted(pair)) for pair in INCOMPATIBLE} == set(guard.CLASHES)


def test_a_role_of_the_office_clashes_with_no_role_that_everybody_has() -> None:
    assert set(chain.from_iterable(INCOMPATIBLE)) <= STAFF


@pytest.mark.django_db
def test_an_administrator_may_not_read_applications() -> None:
    with pytest.raises(NotAllowed):
        authorise(actor=person("boss@example.com", Role.ADMINISTRATOR).actor(), act=Act.APPLICATION_READ)


def invited(boss: User | None, clerk: User, *roles: Role, confirmed_by: User | None = None) -> None:
    StaffInvitation.objects.create(
        email=clerk.email, name="x", roles=list(roles), invited_by=boss, invited_at=AT, expires_at=AT,
        confirmed_by=confirmed_by,
    )  # fmt: skip


def test_the_portal_gives_nothing_but_what_two_administrators_agreed_on(clone: Clone) -> None:
    boss, second = person("boss@example.com", Role.ADMINISTRATOR), person("second@example.com", Role.ADMINISTRATOR)
    clerk, stranger = person("clerk@example.com"), person("stranger@example.com")
    invited(boss, clerk, Role.APPROVER, Role.AUDITOR, confirmed_by=second)
    invited(None, stranger, Role.ADMINISTRATOR)
    refused = (
        {"user": clerk, "role": Role.APPROVER},
        {"user": clerk, "role": Role.APPROVER, "granted_by": boss},
        {"user": clerk, "role": Role.APPROVER, "granted_by": second, "confirmed_by": boss},
        {"user": clerk, "role": Role.EXAMINER, "granted_by": boss, "confirmed_by": second},
        {"user": stranger, "role": Role.APPROVER, "granted_by": boss, "confirmed_by": second},
        {"user": clerk, "role": Role.APPROVER, "granted_by": boss, "confirmed_by": second, "systems": ["e-contract"]},
    )
    with clone.acting_as("lra_web"):
        for columns in refused:
            with pytest.raises(IntegrityError), transaction.atomic():
                RoleGrant.objects.create(granted_at=AT, **columns)
        agreed = {"user": clerk, "granted_by": boss, "confirmed_by": second, "granted_at": AT}
        RoleGrant.objects.create(role=Role.APPROVER, **agreed)
        with pytest.raises(IntegrityError, match="beside what they hold"), transaction.atomic():
            RoleGrant.objects.create(role=Role.AUDITOR, **agreed)
        RoleGrant.objects.create(user=stranger, role=Role.ADMINISTRATOR, granted_at=AT)
    assert clerk.role_names() == {"applicant", "approver"}


def test_the_portal_neither_invites_for_the_installation_nor_confirms_in_a_strangers_name(clone: Clone) -> None:
    boss, clerk = person("boss@example.com", Role.ADMINISTRATOR), person("clerk@example.com")
    second = person("second@example.com", Role.ADMINISTRATOR)
    with clone.acting_as("lra_web"):
        with pytest.raises(IntegrityError), transaction.atomic():
            invited(None, clerk, Role.APPROVER)
        with pytest.raises(IntegrityError), transaction.atomic():
            invited(boss, clerk, Role.APPROVER, confirmed_by=second)
        invited(boss, clerk, Role.APPROVER)
        row = StaffInvitation.objects.filter(email=clerk.email)
        for column in ({"confirmed_by": clerk}, {"confirmed_by": boss}, {"roles": ["approver", "key_officer"]}):
            with pytest.raises(IntegrityError), transaction.atomic():
                row.update(**column)
        row.update(confirmed_by=second)
