"""Fixtures of the applications' tests: rules, an issuing CA, one submitted application."""

import pytest

from applications.models import Application
from certificates.models import CertificationAuthority
from tests.applications import cases
from tests.people import People


@pytest.fixture
def application(issuing: CertificationAuthority, people: People) -> Application:
    """One application, submitted by Hanako, that nobody has taken yet."""
    cases.load_rules()
    return cases.submitted(people.hanako)
