"""The process that browsers reach never loads signing code, and no key of a CA is in it.

Import contracts do not see what is imported by name at run time; so the real process is asked, after every address was
visited.
"""

import http.client
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from tests.harness.addresses import addresses
from tests.harness.cloned import Clone
from tests.harness.processes import web_running
from tests.people import People, signed_in

KNOWN_NAMES = {"MAY_HOLD_CA_KEY"}  # the guard's own switch, off in this process
FORBIDDEN_NAMES = ("CA_KEY", "PASSPHRASE", "HSM", "VAULT_KEY_PIN", "JOURNAL")


def visit(host: str, cookie: str) -> dict[str, int]:
    """Ask for every address over one connection and return the status codes."""
    codes = {}
    connection = http.client.HTTPConnection(host, timeout=30)
    for address in addresses():
        if "logout" in address:
            continue
        connection.request("GET", address, headers={"Cookie": cookie, "Host": host.replace("127.0.0.1", "localhost")})
        answer = connection.getresponse()
        answer.read()
        codes[address] = answer.status
    connection.close()
    return codes


@pytest.mark.processes
@pytest.mark.clause("O-1.1")
def test_no_signing_code_and_no_key_is_in_the_web_process(
    clone: Clone, people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness = tmp_path / "witness.json"
    cookies = [
        f"{settings.SESSION_COOKIE_NAME}={signed_in(person).cookies[settings.SESSION_COOKIE_NAME].value}"
        for person in (people.hanako, people.examiner, people.approver, people.agent, people.auditor)
    ]
    options = ["--config", "python:tests.harness.gunicorn_witness", "--env", f"WITNESS={witness}"]
    with web_running(clone, tmp_path, *options) as address:
        for cookie in ["", *cookies]:
            codes = visit(urlsplit(address).netloc, cookie)
            assert {place: code for place, code in codes.items() if code >= 500} == {}
    seen = json.loads(witness.read_text())
    assert [name for name in seen["modules"] if ".worker" in name and not name.startswith(("celery", "gunicorn"))] == []
    names = set(seen["environment"]) | set(seen["settings"]) - KNOWN_NAMES
    assert [name for name in names if any(part in name for part in FORBIDDEN_NAMES)] == []
    assert seen["vault"] == ["documents", "pkcs12", "second_factors"]
