"""Whatever is sent to the API is answered as described: never a fault of ours, never something half-stored."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from lra_portal.wsgi import application
from regulations.models import Contract, ParentService
from regulations.services import api_tokens
from tests.people import People

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Keep the connection of the test's transaction, as the test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def described(people: People, _one_connection: None, demo_rules: None) -> Any:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application, headers={"Host": "localhost"})


@pytest.fixture
def key(described: Any, people: People) -> str:
    _token, key = api_tokens.make(
        parent_service=ParentService.objects.get(slug="e-contract-service"),
        name="fuzz",
        scopes=api_tokens.SCOPES,
        expires_at=None,
        actor=people.rules_manager.actor(),
        at=timezone.now(),
    )
    return key


OPERATIONS = [
    ("/contracts", "GET"),
    ("/contracts", "POST"),
    ("/contracts/{which}", "GET"),
    ("/contracts/{which}/effects", "GET"),
    ("/contracts/{which}/extension", "POST"),
    ("/contracts/{which}/shortening", "POST"),
    ("/contracts/{which}/end", "POST"),
    ("/contracts/{which}/members", "POST"),
]


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_call_is_answered_as_described(described: Any, key: str, path: str, method: str) -> None:
    operation = described[f"/api/v1{path}"][method]

    @given(case=operation.as_strategy())
    @settings(
        max_examples=25,
        deadline=None,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def call(case: schemathesis.Case[Any]) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {key}", "Host": "localhost"})
        case.validate_response(answer, checks=CHECKS)

    call()
    assert not [number for number in Contract.objects.values_list("number", flat=True) if "\x00" in number]
