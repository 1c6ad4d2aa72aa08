"""The demo's rules, in force since the first Monday of the tests' November."""

import pytest

from lra_portal.demo.regulations import load_regulations
from tests.instants import MONDAY_9_00


@pytest.fixture
def demo_rules(db: None) -> None:
    """Documents, target systems, contracts and contact data of the demo."""
    load_regulations(at=MONDAY_9_00)
