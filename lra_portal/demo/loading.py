"""Bring the demo into a database: its people, rules, documents and contracts. Twice changes nothing."""

from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from accounts.services import grant_role
from audit.actors import Actor
from certificates.services import samples
from lra_portal.demo.people import PASSWORD, PEOPLE, Person
from lra_portal.demo.regulations import load_regulations
from regulations.models import TargetSystemVersion

LOADER = Actor.system("demo")


@transaction.atomic
def load_demo(*, at: datetime) -> None:
    """Load people first: contracts find their members by mail address."""
    missing = [person for person in PEOPLE if not User.objects.filter(email=person.email).exists()]
    # One slow hash for all: everybody knows the password anyway.
    password = make_password(PASSWORD) if missing else ""
    # The first administrator is granted by nobody; everybody else gets theirs from that one.
    for person in sorted(missing, key=lambda person: Role.ADMINISTRATOR not in person.roles):
        load_person(person, password=password, at=at)
    load_regulations(at=at)
    # The installation's own rules are in force already; their samples are built as soon as a signer runs.
    for version in TargetSystemVersion.objects.filter(status="in_force"):
        samples.ask(version=version, actor=LOADER, at=at)


def load_person(person: Person, *, password: str, at: datetime) -> User:
    """Make one account with a verified address, its roles and, for staff, the known second factor."""
    user = User.objects.create(
        email=person.email,
        name=person.name,
        name_reading=person.reading,
        name_latin=person.latin,
        phone=person.phone,
        password=password,
        is_demo=True,
    )
    EmailAddress.objects.create(user=user, email=person.email, primary=True, verified=True)
    for role in person.roles:
        grant_role(user=user, role=Role(role), actor=LOADER, at=at)
    if person.totp_secret and not Authenticator.objects.filter(user=user).exists():
        TOTP.activate(user, person.totp_secret)
    return user
