"""Calls of one parent service at the same moment: all are answered, nothing is done twice (fault 4)."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from django.db import connections
from django.test import Client
from django.utils import timezone

from lra_portal.demo.regulations import load_regulations
from regulations.models import Contract, ParentService
from regulations.services import api_tokens
from tests.applications.test_contract_api import BASE, BODY
from tests.harness.cloned import Clone
from tests.harness.jobs import Jobs
from tests.people import make_people

AT_ONCE = 8


def key_of_a_service() -> str:
    load_regulations(at=timezone.now() - timedelta(days=3))
    service, manager = ParentService.objects.get(slug="e-contract-service"), make_people().rules_manager
    _token, key = api_tokens.make(
        parent_service=service, name="demo", scopes=api_tokens.SCOPES, expires_at=None, actor=manager.actor(),
        at=timezone.now(),
    )  # fmt: skip
    return key


def call(key: str, number: int, **changes: Any) -> int:
    """Report a contract in a thread of its own; the status of the answer."""
    try:
        body = json.dumps(BODY | {"number": f"P-{number}"} | changes).encode()
        headers = {"authorization": f"Bearer {key}", "idempotency-key": f"call-{number}"}
        return Client().post(BASE, body, content_type="application/json", headers=headers).status_code
    finally:
        connections.close_all()


def test_different_calls_at_once_are_all_done(clone: Clone, jobs: Jobs) -> None:
    key = key_of_a_service()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda number: call(key, number), range(3 * AT_ONCE)))
    assert answers == [201] * 3 * AT_ONCE
    assert Contract.objects.filter(number__startswith="P-").count() == 3 * AT_ONCE


def test_the_same_call_at_once_begins_one_contract(clone: Clone, jobs: Jobs) -> None:
    key = key_of_a_service()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _press: call(key, 1), range(AT_ONCE)))
    assert answers == [201] * AT_ONCE
    assert Contract.objects.filter(number="P-1").count() == 1
