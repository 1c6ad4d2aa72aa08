"""Fixtures of the applications' tests: rules, an issuing CA, one submitted application."""

from collections.abc import Iterator

import pytest
import time_machine

from applications.batches import Batch
from applications.models import Application
from certificates.models import CertificationAuthority
from tests.applications import cases, filing_many
from tests.flows import steps
from tests.flows.steps import House
from tests.harness.jobs import Jobs
from tests.instants import WEDNESDAY_11_00
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


@pytest.fixture
def wednesday() -> Iterator[None]:
    """It is Wednesday at eleven, and stays so; the demo's rules are in force since Monday."""
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        yield


@pytest.fixture
def batch(wednesday: None, people: People, issuing: CertificationAuthority, demo_rules: None) -> Batch:
    """A file of four devices, received line by line."""
    contract = filing_many.administer(people.contract_admin, "D-20111")
    lines = (filing_many.device_line(number) for number in range(1, 5))
    data = filing_many.file_of(lines, filing_many.DEVICE_HEADINGS)
    filed = filing_many.hand_in(contract, people.contract_admin, data, "monitored-device")
    filing_many.add_documents(filed, people.contract_admin, "device_register")
    return filing_many.confirm(filed, people.contract_admin)
