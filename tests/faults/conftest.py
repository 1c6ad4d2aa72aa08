"""What the tests of faults share: orders that wait for the signer."""

import pytest

from certificates.models import CertificationAuthority, Order
from regulations.models import TargetSystemVersion
from tests.certificates import orders
from tests.faults.scale import ROUNDS
from tests.faults.state import COUNT
from tests.people import People


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let each test run as often as `ROUNDS` says, from its beginning."""
    if ROUNDS > 1:
        metafunc.fixturenames.append("round_number")
        metafunc.parametrize("round_number", range(1, ROUNDS + 1))


@pytest.fixture
def version(people: People) -> TargetSystemVersion:
    """Rules with a backup of keys."""
    return orders.make_version()


@pytest.fixture
def waiting(people: People, version: TargetSystemVersion, issuing: CertificationAuthority) -> list[Order]:
    """Orders in the queue, half with the applicant's key and half with one that the LRA makes."""
    half = COUNT // 2
    by_csr = [orders.queued(people, version) for _ in range(half)]
    return by_csr + [orders.approved(people, orders.proposed(people, orders.by_lra(version))) for _ in range(half)]
