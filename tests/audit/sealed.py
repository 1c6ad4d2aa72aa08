"""Sealed evidence in a database of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.audit.evidence import Evidence
from tests.harness.cloned import Clone


@pytest.fixture
def evidence(clone: Clone, tmp_path: Path) -> Iterator[Evidence]:
    journal = settings.JOURNAL_DIR
    yield Evidence.begin(clone, tmp_path)
    settings.JOURNAL_DIR = journal
