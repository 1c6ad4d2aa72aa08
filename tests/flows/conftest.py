"""A house ready for stories: the demo's rules and documents, authorities, people, and jobs under the test's control."""

import pytest

from certificates.models import CertificationAuthority
from tests.flows.steps import House, load_house
from tests.harness.cloned import Clone
from tests.harness.jobs import Jobs
from tests.people import People


@pytest.fixture
def house(clone: Clone, people: People, issuing: CertificationAuthority, jobs: Jobs) -> House:
    """The house on a database of its own, in which everything commits."""
    load_house(people)
    return House(people, jobs)
