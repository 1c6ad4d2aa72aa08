"""What the tests of certificates share."""

import pytest

from regulations.models import TargetSystemVersion
from tests.certificates import orders


@pytest.fixture
def version(request: pytest.FixtureRequest) -> TargetSystemVersion:
    """Rules with a backup of keys, in the database of the test."""
    request.getfixturevalue("clone" if "clone" in request.fixturenames else "db")
    return orders.make_version()
