"""Named people of the tests: who applies, who examines, who approves, who answers the telephone, who audits.

And one who must see nothing. Nobody here exists; addresses end in .example.
"""

from dataclasses import dataclass

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.utils import timezone

from accounts.models import RoleGrant, User
from accounts.roles import STAFF, Role

PASSWORD = "demo-Himitsu-2026"
TOTP_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
ORIGIN = "192.0.2.10"
FAR_AHEAD = 4102444800.0  # 2100-01-01


OUTSIDE = {
    "hanako": ("架空 花子", "カクウ ハナコ", "Hanako Kaku"),
    "jiro": ("見本 次郎", "ミホン ジロウ", "Jiro Mihon"),
    "outsider": ("無縁 三郎", "ムエン サブロウ", "Saburo Muen"),
}
POSTS = {
    "examiner": Role.EXAMINER,
    "second_examiner": Role.EXAMINER,
    "approver": Role.APPROVER,
    "second_approver": Role.APPROVER,
    "agent": Role.AGENT,
    "auditor": Role.AUDITOR,
    "key_officer": Role.KEY_OFFICER,
    "second_key_officer": Role.KEY_OFFICER,
    "rules_manager": Role.RULES_MANAGER,
    "second_rules_manager": Role.RULES_MANAGER,
    "administrator": Role.ADMINISTRATOR,
    "second_administrator": Role.ADMINISTRATOR,
    "contract_admin": Role.CONTRACT_ADMIN,
}


@dataclass(frozen=True)
class People:
    """Everybody a story needs; each has a row and the roles of their post."""

    hanako: User  # applies, and becomes a subscriber
    jiro: User  # applies too, for another company
    outsider: User  # has an account, and must see nothing of anybody
    examiner: User
    second_examiner: User
    approver: User
    second_approver: User
    agent: User  # answers the telephone
    auditor: User
    key_officer: User
    second_key_officer: User
    rules_manager: User
    second_rules_manager: User
    administrator: User
    second_administrator: User
    contract_admin: User


def make_person(given: str, *roles: Role, **columns: str) -> User:
    """Return a new person with roles, a demo address, everybody's password, and for staff a second factor."""
    person = User.objects.create_user(f"{given}@demo.example", PASSWORD, **columns)
    for role in roles:
        RoleGrant.objects.create(user=person, role=role, granted_by=None, granted_at=timezone.now())
    if set(roles) & STAFF:
        TOTP.activate(person, TOTP_SECRET)
    return person


def make_people() -> People:
    """Return all named people, newly made."""
    made = {
        key: make_person(key, name=name, name_reading=reading, name_latin=latin, phone="03-0000-0000")
        for key, (name, reading, latin) in OUTSIDE.items()
    }
    made |= {key: make_person(key, role, name=f"デモ {role.label}") for key, role in POSTS.items()}
    return People(**made)


def found_people() -> People:
    """Return all named people of a database in which they stand already."""
    rows = {row.email.split("@")[0]: row for row in User.objects.filter(email__endswith="@demo.example")}
    return People(**{key: rows[key] for key in (*OUTSIDE, *POSTS)})


def signed_in(person: User) -> Client:
    """Return a browser of a person, signed in without the pages for it, and fresh whatever a test sets the clock to."""
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": FAR_AHEAD}]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()
    return client


@pytest.fixture
def people(request: pytest.FixtureRequest) -> People:
    """The named people, in the database of the test: its clone where it asked for one."""
    if "clone" in request.fixturenames:
        request.getfixturevalue("clone")
        return make_people()
    request.getfixturevalue("db")
    return found_people()
