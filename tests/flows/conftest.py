"""A house ready for stories: the demo's rules and documents, authorities, people, and jobs under the test's control."""

import pytest

from certificates.models import CertificationAuthority
from lra_portal.demo.regulations import LOADER, load_regulations
from regulations.models import Contract
from regulations.services import contracts
from tests.flows.steps import House, now
from tests.harness.cloned import Clone
from tests.harness.jobs import Jobs
from tests.people import People


@pytest.fixture
def house(clone: Clone, people: People, issuing: CertificationAuthority, jobs: Jobs) -> House:
    """The house on a database of its own, in which everything commits."""
    load_regulations(at=now())
    for number in ("E-40213", "D-20111"):
        contracts.name_member(
            contract=Contract.objects.get(number=number),
            email=people.jiro.email,
            name=people.jiro.name,
            authorised_person=True,
            actor=LOADER,
            at=now(),
        )
    return House(people, jobs)
