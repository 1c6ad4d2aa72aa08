"""Deployment mistakes that `manage.py check` finds, each under an id of its own.

E001 CA key in the wrong process, E002 another database driver, E003 vault keys, E004 quick start in
production, E005 a vault key that is missing, E006 a site address that is not https.
"""

# ruff: noqa: ARG001 — Django hands every check the same two arguments

import importlib.util
import os
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from lra_portal.guards import key_settings, unfit_vault_keys


@register(Tags.security)
def check_ca_key(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """E001: the CA key's place, passphrase or PIN in a process that may not have it."""
    found = key_settings(name for name, value in os.environ.items() if value)
    if not found or settings.MAY_HOLD_CA_KEY:
        return []
    hint = "Only the signer and the publisher may know where the CA key is."
    return [Error(f"This process can see {', '.join(found)}.", hint=hint, id="lra_portal.E001")]


@register(Tags.database)
def check_driver(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """E002: psycopg 3 is there, and Django would take it without a word."""
    if importlib.util.find_spec("psycopg") is None:
        return []
    hint = "The portal is tested with psycopg2 alone: uninstall psycopg."
    return [Error("Django uses psycopg 3 because it is installed.", hint=hint, id="lra_portal.E002")]


@register(Tags.security)
def check_vault_keys(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """E003: a vault key that is unreadable, weak, or used for two purposes."""
    hint = "Make each with: python -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())'"
    return [Error(problem, hint=hint, id="lra_portal.E003") for problem in unfit_vault_keys(settings.VAULT_KEYS)]


@register(Tags.security, deploy=True)
def check_quickstart(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """E004: the quick start's switch in production."""
    if not settings.QUICKSTART:
        return []
    hint = "It shows sent mail to everybody and lets people with known passwords in. Take QUICKSTART out."
    return [Error("The quick start is switched on.", hint=hint, id="lra_portal.E004")]


@register(Tags.security, deploy=True)
def check_vault_is_complete(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """E005: no key for something that this process has to seal or open."""
    missing = [purpose for purpose, text in settings.VAULT_KEYS.items() if not text]
    return [
        Error(f"VAULT_KEY_{purpose.upper()} is not set.", hint="See deploy/example.env.", id="lra_portal.E005")
        for purpose in missing
    ]


@register(Tags.security, deploy=True)
def check_site_address(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """E006: people would sign in over a connection that others can read."""
    if settings.SITE_URL.startswith("https://"):
        return []
    hint = "Set SITE_URL to the address that people type, beginning with https://."
    return [Error("SITE_URL is not an https address.", hint=hint, id="lra_portal.E006")]
