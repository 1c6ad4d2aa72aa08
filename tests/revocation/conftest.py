"""Fixtures of revocation's tests."""

import pytest

from tests.harness.cloned import Clone
from tests.revocation.world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    """A small world inside a transaction that is rolled back."""
    return make_world()


@pytest.fixture
def committed_world(clone: Clone) -> World:
    """The same in a database of its own, where everything commits."""
    return make_world()
