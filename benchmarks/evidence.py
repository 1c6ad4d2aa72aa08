"""What evidence costs: writing events on the busiest paths, sealing them, verifying an export with the verifier alone.

The busiest path is issuing in batches; `overhead_ratio` is the time that its events take over the time of the same path
without them, in runs that take turns. Filing an application is measured likewise.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock
from uuid import uuid4

from benchmarks import bench, orders

ISSUER = "issuing"
BATCH = 500
ROUNDS = 4
APPLICATIONS = 24
EVENTS = 100_000
PORTION = 5_000
LEAST = 0.001


@contextmanager
def without_evidence() -> Iterator[None]:
    """Let services record nothing for the time of a `with` block: no row is put together, none is written."""
    from audit import services  # noqa: PLC0415 — Django is set up by now
    from audit.models import Event  # noqa: PLC0415

    made: Callable[..., Event] = lambda **columns: Event(pk=0, **columns)  # noqa: E731
    unwritten = SimpleNamespace(objects=SimpleNamespace(create=made))
    stubs: dict[str, Any] = {
        "Event": unwritten,
        "EventDetails": SimpleNamespace(objects=SimpleNamespace(create=lambda **_columns: None)),
        "copy_rows": lambda **_rows: None,
        "rows_of": lambda **_entries: ([], []),
        "reserve_keys": lambda _model, _count: [],
    }
    with ExitStack() as stack:
        for name, stub in stubs.items():
            stack.enter_context(mock.patch.object(services, name, stub))
        yield


def overhead(run: Callable[[], float], rounds: int) -> float:
    """Return what events add to a path, over the path without them; both take turns, and the quickest of each count."""
    with_events, bare = [], []
    for _ in range(rounds):
        with_events.append(run())
        with without_evidence():
            bare.append(run())
    return max(LEAST, round(min(with_events) / min(bare) - 1, 4))


def issue() -> float:
    """Return the seconds in which the signer issues a batch that was queued before."""
    from certificates.worker import batch  # noqa: PLC0415 — as above

    orders.queue(BATCH, issuer=ISSUER)
    begun, count = time.perf_counter(), 0
    while done := batch.run():
        count += done
    if count != BATCH:
        raise RuntimeError(f"{count} of {BATCH} certificates were issued")
    return time.perf_counter() - begun


def file_application() -> float:
    """Return the seconds in which an application is filled in, its documents handed in, and submitted."""
    from django.db import transaction  # noqa: PLC0415 — as above

    from lra_portal.demo.journey import Journey  # noqa: PLC0415
    from lra_portal.demo.scenarios import SCENARIOS  # noqa: PLC0415

    with transaction.atomic():
        begun = time.perf_counter()
        Journey(SCENARIOS["member-client"]).apply()
        taken = time.perf_counter() - begun
        transaction.set_rollback(True)
    return taken


def record_events() -> float:
    """Record what is sealed afterwards, and return events written a second in portions."""
    from django.db import connection  # noqa: PLC0415 — as above

    from accounts.models import User  # noqa: PLC0415
    from audit.actors import Actor  # noqa: PLC0415
    from audit.acts import Act  # noqa: PLC0415
    from audit.services import Entry, record_many  # noqa: PLC0415

    actor, at, subject = Actor.system("bench"), datetime.now(UTC), User(pk=uuid4())
    begun = time.perf_counter()
    for _ in range(EVENTS // PORTION):
        details = {"field": "common_name", "note": "見本"}
        entries = [Entry(Act.APPLICATION_EDIT, subject, uuid4(), details) for _ in range(PORTION)]
        record_many(actor=actor, at=at, entries=entries)
    taken = time.perf_counter() - begun
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE audit_event, audit_eventdetails")
    return EVENTS / taken


def seal_events() -> float:
    """Return events sealed a second, from the table to the committed leaves and the signed head in the journal."""
    from audit.models import Seal  # noqa: PLC0415 — as above
    from certificates.worker import sealing  # noqa: PLC0415

    begun, count = time.perf_counter(), 0
    while done := sealing.seal_what_waits(at=datetime.now(UTC)):
        count += done
    taken = time.perf_counter() - begun
    bench.say(f"  {count} events in {Seal.objects.count()} seals")
    return count / taken


def verify_events(folder: Path) -> tuple[float, float]:
    """Return events exported, and events verified a second: details, leaves, trees, chain and signatures."""
    import audit.verifier  # noqa: PLC0415 — as above
    from audit.exporting import export  # noqa: PLC0415
    from audit.models import SealKey, SealLeaf  # noqa: PLC0415

    path, count = folder / "evidence.jsonl", SealLeaf.objects.count()
    begun = time.perf_counter()
    with path.open("w", encoding="utf-8") as file:
        file.writelines(export(details=True))
    exported = time.perf_counter() - begun
    trusted = SealKey.objects.latest("created_at").fingerprint
    words = [sys.executable, "-I", audit.verifier.__file__, "export", str(path), "--fingerprint", trusted]

    def alone() -> None:
        subprocess.run(words, env={}, check=True, stdout=subprocess.DEVNULL)

    return count / exported, count / bench.seconds(alone, times=3)


def prepare() -> None:
    """Make an issuing authority, the key of seals and the demo's people and rules, and warm up."""
    from django.core.management import call_command  # noqa: PLC0415 — as above
    from django.utils import timezone  # noqa: PLC0415

    from lra_portal.demo.loading import load_demo  # noqa: PLC0415

    orders.hold_ceremony(ISSUER, "p256")
    load_demo(at=timezone.now())
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 — no path, a device
        call_command("create_evidence_key", stdout=nowhere)
    issue()
    file_application()


def main() -> None:
    """Measure and report."""
    folder = tempfile.TemporaryDirectory()
    os.environ |= {
        "CA_KEY_DIR": f"{folder.name}/keys",
        "CA_KEY_PASSPHRASE": "benchmarks only",
        "JOURNAL_DIR": f"{folder.name}/journal",
    }
    with folder, bench.own_database("evidence"):
        prepare()
        bench.say(f"{ROUNDS} times {BATCH} certificates, {APPLICATIONS} applications, with and without events")
        issuing = overhead(issue, ROUNDS)
        filing = overhead(lambda: statistics.median(file_application() for _ in range(3)), APPLICATIONS // 3)
        bench.say(f"{EVENTS} events recorded, sealed, exported and verified")
        written, sealed = record_events(), seal_events()
        exported, verified = verify_events(Path(folder.name))
    bench.report(
        {
            "overhead_ratio": issuing,
            "filing_overhead_ratio": filing,
            "events_per_s": round(written),
            "seal_events_per_s": round(sealed),
            "export_events_per_s": round(exported),
            "verify_events_per_s": round(verified),
        }
    )


if __name__ == "__main__":
    main()
