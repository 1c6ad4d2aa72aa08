"""What every benchmark needs: a fresh database, a word of progress, a table and the last line."""

import json
import os
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from statistics import median

from lra_portal.services import Services, lease

PURPOSES = ("DOCUMENTS", "SECOND_FACTORS", "PKCS12", "PIN")


@contextmanager
def own_database(name: str) -> Iterator[Services]:
    """Start the servers where needed and set Django up on a fresh, migrated database of this benchmark alone.

    Gives the servers, for processes of their own that sign in as other roles: `environment` is theirs.
    """
    database = f"bench_{name}"
    with lease() as services:
        services.drop_database(database)
        services.create_database(database)
        try:
            os.environ |= {
                "DJANGO_SETTINGS_MODULE": "lra_portal.settings.test",
                "DATABASE_URL": services.database_url("lra_owner", database),
                "BROKER_URL": services.broker_url(6),
                "CACHE_URL": services.cache_url(7),
                **{f"VAULT_KEY_{purpose}": f"bench:{b64encode(os.urandom(32)).decode()}" for purpose in PURPOSES},
            }
            _migrate()
            yield services
        finally:
            services.drop_database(database)


def environment(services: Services, name: str, role: str, **more: str) -> dict[str, str]:
    """Return what a process of the portal reads from its environment to work on this benchmark's database as `role`."""
    shared = ("PATH", "BROKER_URL", "CACHE_URL")
    return {
        **{variable: os.environ[variable] for variable in shared},
        "DATABASE_URL": services.database_url(role, f"bench_{name}"),
        "SECRET_KEY": "benchmarks-only",
        **more,
    }


def _migrate() -> None:
    import django  # noqa: PLC0415 — the environment must be complete first
    from django.core.management import call_command  # noqa: PLC0415

    say("migrating")
    django.setup()
    call_command("migrate", verbosity=0)


def say(text: str) -> None:
    """Show progress on standard error."""
    print(text, file=sys.stderr, flush=True)


def seconds(work: Callable[[], object], *, times: int = 5) -> float:
    """Return the median wall time of `work` in seconds."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return median(taken)


def report(figures: Mapping[str, object]) -> None:
    """Print the table, and as the last line one JSON object."""
    width = max(len(name) for name in figures)
    for name, figure in figures.items():
        print(f"{name:<{width}}  {figure}")
    print(json.dumps(dict(figures)), flush=True)
