"""Fixtures of the call center's tests: a subscriber with a certificate, and a call about it."""

import pytest
from django.utils import timezone

from applications.models import Application
from certificates.models import Certificate, CertificationAuthority
from support_desk.models import Ticket
from support_desk.services import tickets
from support_desk.services.tickets import About, Call
from tests.applications import cases
from tests.people import ORIGIN, People


@pytest.fixture
def application(issuing: CertificationAuthority, people: People, demo_rules: None) -> Application:
    """An application of Hanako's."""
    return cases.submitted(people.hanako)


@pytest.fixture
def certificate(application: Application) -> Certificate:
    """A valid certificate of Hanako's."""
    return cases.certificate_of_same_subject(application)


@pytest.fixture
def ticket(certificate: Certificate, people: People) -> Ticket:
    """A call of somebody who says that she is Hanako."""
    call = Call(kind="loss", caller_name="架空 花子", matter="鍵の入った PC をなくした", callback_number="03-0000-0000")
    about = About(person=people.hanako)
    return tickets.open_ticket(call=call, about=about, actor=people.agent.actor(ORIGIN), at=timezone.now())
