"""What a process refuses to start with: a CA key where none may be, unfit vault keys, demo people in the open.

A web page that could reach a CA key would undo the separation of the two authorities, so this is no
warning. Called as soon as the settings are known, whoever starts the process.
"""

from collections.abc import Iterable, Mapping
from itertools import combinations
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from vault.keys import parse_ring, weak_keys

KEY_PREFIXES = ("CA_KEY", "HSM_", "PKCS11_", "JOURNAL_DIR")
"""How names begin that lead to a CA key: its folder, passphrase, token, PIN, and the signer's journal."""

OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})


def key_settings(names: Iterable[str]) -> list[str]:
    """Return those of the names that lead to a CA key."""
    return sorted(name for name in names if name.startswith(KEY_PREFIXES))


def refuse_ca_key(environment: Mapping[str, str]) -> None:
    """Raise ImproperlyConfigured when the environment of a process leads to a CA key."""
    found = key_settings(name for name, value in environment.items() if value)
    if found:
        raise ImproperlyConfigured(
            f"{', '.join(found)} must not be in the environment of this process (lra_portal.E001): "
            "only the signer and the publisher may know where the CA key is. Take it out."
        )


def unfit_vault_keys(keys: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the keys of the vault, by purpose: unreadable, not random, or used for two purposes."""
    problems: list[str] = []
    held: dict[str, set[bytes]] = {}
    for purpose, text in keys.items():
        try:
            ring = parse_ring(text)
        except ValueError as problem:
            problems.append(f"The key of {purpose} can't be read: {problem}.")
            continue
        held[purpose] = set(ring.values())
        if weak_keys(ring):
            problems.append(f"A key of {purpose} is not random.")
    return problems + [
        f"{first} and {second} share a key." for first, second in combinations(held, 2) if held[first] & held[second]
    ]


def refuse_unfit_vault_keys(keys: Mapping[str, str]) -> None:
    """Raise ImproperlyConfigured for a process whose vault keys would not keep what they close (O-9)."""
    problems = unfit_vault_keys(keys)
    if problems:
        raise ImproperlyConfigured(f"{' '.join(problems)} (lra_portal.E003) Make other keys: deploy/make-secrets.")


def refuse_public_quickstart(site_url: str) -> None:
    """Raise ImproperlyConfigured when the quick start answers to others than this machine."""
    host = urlsplit(site_url).hostname or ""
    if host not in OWN_MACHINE:
        raise ImproperlyConfigured(
            f"QUICKSTART is on and SITE_URL names {host or 'no host'} (lra_portal.E004): the quick start's "
            "people have passwords that everybody knows. Take QUICKSTART out."
        )
