"""Mistakes of deployment are refused at the start or found by the checks, each under its id."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from lra_portal import checks, guards

CHECKOUT = Path(__file__).parents[2]
STARTS = {
    "web": ("lra_portal.settings.portal", "import lra_portal.wsgi"),
    "worker": ("lra_portal.settings.worker", "import django; django.setup()"),
    "beat": ("lra_portal.settings.base", "import django; django.setup()"),
    "responder": ("revocation.responder.settings", "import django; django.setup()"),
    "repository": ("repository.settings", "import repository.wsgi, repository.stored_urls"),
}


def start(process: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    settings, program = STARTS[process]
    given = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": settings, **environment}
    if process in {"web", "worker"}:
        given["SECRET_KEY"] = "x" * 60
    return subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, env=given, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("process", STARTS)
def test_a_process_that_may_not_see_the_ca_key_does_not_start_beside_it(process: str) -> None:
    refused = start(process, CA_KEY_PASSPHRASE="seen", CA_KEY_DIR="/keys")
    assert refused.returncode != 0
    assert "CA_KEY_DIR" in refused.stderr
    started = start(process)
    assert started.returncode == 0, started.stderr


@pytest.mark.clause("O-1.1")
@pytest.mark.parametrize("process", ["web", "worker", "responder"])
def test_no_other_process_starts_beside_the_pin_of_the_hsm(process: str) -> None:
    refused = start(process, HSM_PIN="1234")
    assert refused.returncode != 0
    assert "HSM_PIN" in refused.stderr


@pytest.mark.parametrize("name", ["CA_KEY_PASSPHRASE_FILE", "HSM_PIN", "PKCS11_MODULE", "JOURNAL_DIR"])
def test_every_way_to_the_ca_key_is_refused(name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=name):
        guards.refuse_ca_key({"PATH": "/bin", name: "there"})
    guards.refuse_ca_key({"PATH": "/bin", name: ""})


def test_the_quick_start_answers_to_this_machine_alone() -> None:
    refused = start("web", QUICKSTART="1", SITE_URL="https://lra.demo.example")
    assert "lra_portal.E004" in refused.stderr
    guards.refuse_public_quickstart("http://localhost:9000")


def found(settings: LazySettings, *, deploy: bool = False) -> set[str]:
    return {str(message.id) for message in run_checks(include_deployment_checks=deploy) if message.id}


def test_production_refuses_the_quick_start(settings: LazySettings) -> None:
    settings.QUICKSTART = True
    assert "lra_portal.E004" in found(settings, deploy=True)


def test_a_ca_key_beside_the_wrong_settings_is_found(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HSM_PIN", "1234")
    assert checks.check_ca_key(None) == []
    settings.MAY_HOLD_CA_KEY = False
    assert "lra_portal.E001" in found(settings)


def test_another_database_driver_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.check_driver(None) == []
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: object())
    assert [message.id for message in checks.check_driver(None)] == ["lra_portal.E002"]


def ring(key: bytes) -> str:
    return f"one:{base64.b64encode(key).decode()}"


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"pin": ring(b"\0" * 32)}, "is not random"),
        ({"pin": ring(b"password" * 4)}, "is not random"),
        ({"pin": ring(bytes(range(16)))}, "can't be read"),
        ({"pin": ring(bytes(range(32))), "pkcs12": ring(bytes(range(32)))}, "share a key"),
    ],
)
def test_weak_and_equal_vault_keys_are_found(settings: LazySettings, keys: dict[str, str], sentence: str) -> None:
    settings.VAULT_KEYS = keys
    assert any(sentence in message.msg for message in checks.check_vault_keys(None))


@pytest.mark.clause("O-9")
@pytest.mark.parametrize("process", ["web", "worker"])
@pytest.mark.parametrize("key", [b"password" * 4, bytes(range(32))])
def test_a_process_does_not_start_with_a_weak_or_shared_vault_key(process: str, key: bytes) -> None:
    refused = start(process, VAULT_KEY_DOCUMENTS=ring(key), VAULT_KEY_PKCS12=ring(key))
    assert refused.returncode != 0
    assert "lra_portal.E003" in refused.stderr


def test_production_misses_a_key_that_is_not_set(settings: LazySettings) -> None:
    settings.VAULT_KEYS = {"pin": ""}
    settings.SITE_URL = "http://lra.demo.example"
    assert {"lra_portal.E005", "lra_portal.E006"} <= found(settings, deploy=True)
