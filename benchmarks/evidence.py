"""What evidence costs: writing events on the busiest paths, sealing them, verifying an export with the verifier alone.

The busiest path is issuing in batches; `overhead_ratio` is the time that its events take over the time of all the rest
of it. Filing an application, from the empty form to its receipt, is measured likewise.
"""

import os
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
BATCH = 300
ROUNDS = 3
APPLICATIONS = 30
EVENTS = 100_000
PORTION = 5_000
LEAST = 0.001


class Stopwatch:
    """Counts the seconds in which evidence is put together and written, while services go on as always."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._depth, self._begun = 0, 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count the time of a `with` block; inside another one it is counted already."""
        self._begun = self._begun if self._depth else time.perf_counter()
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            self.seconds += 0 if self._depth else time.perf_counter() - self._begun

    def timed(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function with its time counted."""

        def counted(*words: Any, **names: Any) -> Any:
            with self.running():
                return work(*words, **names)

        return counted

    @contextmanager
    def around_evidence(self) -> Iterator[None]:
        """Count everything that `record` and `record_many` do, savepoints and statements included."""
        from django.db import transaction  # noqa: PLC0415 — Django is set up by now

        from audit import services  # noqa: PLC0415

        @contextmanager
        def savepoint() -> Iterator[None]:
            with self.running(), transaction.atomic():
                yield

        with ExitStack() as stack:
            for name in ("canonical", "rows_of", "reserve_keys", "copy_rows"):
                stack.enter_context(mock.patch.object(services, name, self.timed(getattr(services, name))))
            stack.enter_context(mock.patch.object(services, "transaction", SimpleNamespace(atomic=savepoint)))
            yield


def overhead(run: Callable[[], float], rounds: int) -> float:
    """Return the time that events take of a path over the time of all the rest, in the same runs.

    Two runs with and without events differ more by what else the machine does than by events.
    """
    watch = Stopwatch()
    with watch.around_evidence():
        whole = sum(run() for _ in range(rounds))
    return max(LEAST, round(watch.seconds / (whole - watch.seconds), 4))


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
        bench.say(f"{ROUNDS} times {BATCH} certificates, {APPLICATIONS} applications")
        issuing = overhead(issue, ROUNDS)
        filing = overhead(file_application, APPLICATIONS)
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
