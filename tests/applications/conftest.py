"""Fixtures of the applications' tests: rules, an issuing CA, one submitted application."""

import pytest

from applications.models import Application
from certificates.models import CertificationAuthority
from tests.applications import cases
from tests.flows import steps
from tests.flows.steps import House
from tests.harness.jobs import Jobs
from tests.people import People


@pytest.fixture
def application(issuing: CertificationAuthority, people: People, demo_rules: None) -> Application:
    """One application, submitted by Hanako under the demo's rules, that nobody has taken yet."""
    return cases.submitted(people.hanako)


@pytest.fixture
def house(issuing: CertificationAuthority, people: People, demo_rules: None, jobs: Jobs) -> House:
    """What whole stories need, in the transaction of the test, or on its clone where it asks for one."""
    steps.load_house(people)
    return House(people, jobs)
