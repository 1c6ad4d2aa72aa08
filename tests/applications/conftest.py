"""Fixtures of the applications' tests: rules, an issuing CA, one submitted application."""

import pytest

from applications.models import Application
from certificates.models import CertificationAuthority
from lra_portal.demo.regulations import load_regulations
from tests.applications import cases
from tests.flows import steps
from tests.flows.steps import House
from tests.harness.jobs import Jobs
from tests.instants import MONDAY_9_00
from tests.people import People


@pytest.fixture
def application(issuing: CertificationAuthority, people: People) -> Application:
    """One application, submitted by Hanako, that nobody has taken yet."""
    cases.load_rules()
    return cases.submitted(people.hanako)


@pytest.fixture
def house(issuing: CertificationAuthority, people: People, jobs: Jobs) -> House:
    """What whole stories need, in the transaction of the test, or on its clone where it asks for one."""
    steps.load_house(people)
    return House(people, jobs)


@pytest.fixture
def demo_rules(db: None) -> None:
    """Documents, target systems, contracts and contact data of the demo, in force since Monday."""
    load_regulations(at=MONDAY_9_00)
