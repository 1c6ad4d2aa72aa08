"""How fast certificates are issued: in batches, one by one, from approval to certificate, with two signers.

Every certificate is linted in full before it is signed. The rates are whole; the ratios are taken over the time
outside linting, measured in the same run, because linting takes most of it and is the same on both sides.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from benchmarks import bench, orders
from lra_portal.services import Services

COUNT = 1000
SINGLE = 100
LATENCIES = 60
WARM_UP = 3
SCALING = 600
ISSUERS = {"p256": "issuing", "rsa2048": "issuing-rsa"}
TIMES = 3


@dataclass
class Run:
    """One measured run: how many certificates, how long in all, and how long of that in linting."""

    count: int
    seconds: float
    linting: float

    @property
    def rate(self) -> float:
        """Certificates a second, linting and all."""
        return self.count / self.seconds

    @property
    def outside(self) -> float:
        """Certificates a second over the time outside linting."""
        return self.count / (self.seconds - self.linting)


@dataclass
class Stopwatch:
    """Counts the seconds spent in linting while it stands around the signer's own function."""

    seconds: float = 0.0
    calls: int = 0
    plans: list[Any] = field(default_factory=list)

    @contextmanager
    def around_linting(self) -> Iterator[None]:
        """Measure `linting.lint` for the time of a `with` block."""
        from certificates.worker import linting  # noqa: PLC0415 — Django is set up by now

        real = linting.lint

        def timed(plan: Any) -> Any:
            begun = time.perf_counter()
            try:
                return real(plan)
            finally:
                self.seconds += time.perf_counter() - begun
                self.calls += 1

        linting.lint = timed
        try:
            yield
        finally:
            linting.lint = real


def measured(work: Callable[[], int]) -> Run:
    """Do the work and say how long it took, in all and in linting."""
    watch = Stopwatch()
    with watch.around_linting():
        begun = time.perf_counter()
        count = work()
        seconds = time.perf_counter() - begun
    assert watch.calls == count, f"{count} certificates, {watch.calls} linted"
    return Run(count, seconds, watch.seconds)


def raw_sign_per_s(issuer: str) -> float:
    """Return signatures a second of the issuer's key with the bare library, over as many bytes as a certificate has."""
    key, data = _key(issuer), os.urandom(700)
    if isinstance(key, rsa.RSAPrivateKey):
        sign: Callable[[], bytes] = lambda: key.sign(data, padding.PKCS1v15(), hashes.SHA256())  # noqa: E731
    else:
        sign = lambda: key.sign(data, ec.ECDSA(hashes.SHA256()))  # noqa: E731
    count = 500 if isinstance(key, rsa.RSAPrivateKey) else 5000

    def many() -> None:
        for _ in range(count):
            sign()

    return count / bench.seconds(many, times=5)


def without_database(issuer: str, rows: list[Any]) -> Run:
    """Do for each order what the batch does, by the same functions, but read and write no row.

    That is: hold approvals against the digest, read the request, plan, lint, sign, verify, put certificate, evidence,
    link and letter together, and flush the journal.
    """
    from certificates.models import Approval, CertificationAuthority  # noqa: PLC0415
    from certificates.worker import batch, claims, linting, signing, storing  # noqa: PLC0415
    from certificates.worker.journal import Journal  # noqa: PLC0415

    authority = CertificationAuthority.objects.select_related("issuer").get(name=issuer)
    approvals: dict[Any, list[Any]] = {row.pk: [] for row in rows}
    for approval in claims.given(Approval.objects.filter(order__in=rows)):
        approvals[approval.order_id].append(approval)
    key, at, berth = _key(issuer), datetime.now(UTC), claims.Berth("bench", 1, timedelta(minutes=1))
    journal = Journal(tempfile.mkdtemp(), uuid4())

    def work() -> int:
        for start in range(0, len(rows), batch.LIMIT):
            portion = rows[start : start + batch.LIMIT]
            around = claims.Surroundings(approvals, {issuer: authority}, defaultdict(set))
            claimed = [claims.claim_of(row, around, berth, at) for row in portion]
            signed = [storing.packed(claim, signing.sign(linting.lint(claim.plan), key)) for claim in claimed if claim]
            journal.note_certificates([(item.serial, item.sha256) for item in signed], at=at)
            _put_together(signed, at)
        return len(rows)

    return measured(work)


def _put_together(signed: list[Any], at: datetime) -> None:
    """Make everything that a batch would store."""
    from audit.services import rows_of  # noqa: PLC0415
    from certificates.services import deliveries  # noqa: PLC0415
    from certificates.worker import claims, storing  # noqa: PLC0415

    taken: dict[Any, set[str]] = defaultdict(set)
    certificates = [storing.row_of(item, "C-000000", taken, at) for item in signed]
    deliveries.announcements(certificates, at)
    entries = [claims.entry_of(item.claim) for item in signed]
    entries += [storing.entry_of(item.claim, row) for item, row in zip(signed, certificates, strict=True)]
    rows_of(actor=claims.SIGNER, at=at, entries=entries, keys=range(len(entries)))


def in_batches() -> int:
    """Let the signer do all that waits, in its own batches."""
    from certificates.worker import batch  # noqa: PLC0415

    count = 0
    while done := batch.run():
        count += done
    return count


def one_by_one() -> int:
    """Let the signer do all that waits, each order in transactions of its own."""
    from certificates.worker import batch  # noqa: PLC0415

    count = 0
    while done := batch.sign_one_batch(limit=1):
        count += done
    return count


def figures_of(kind: str) -> dict[str, float]:
    """Return the figures of one kind of issuer key."""
    issuer = ISSUERS[kind]
    raw = raw_sign_per_s(issuer)
    bare, batches = [], []
    for _ in range(TIMES):
        rows = orders.queue(COUNT, issuer=issuer)
        bare.append(without_database(issuer, rows))
        batches.append(measured(in_batches))
    orders.queue(SINGLE, issuer=issuer)
    single = measured(one_by_one)
    no_db, batch = (max(runs, key=lambda run: run.outside) for runs in (bare, batches))
    rates = [
        f"{run.outside:.0f}/s {name}" for run, name in ((no_db, "bare"), (batch, "in batches"), (single, "single"))
    ]
    bench.say(f"  outside linting: {', '.join(rates)}")
    return {
        "raw_sign_per_s": round(raw),
        "no_db_per_s": round(no_db.rate, 1),
        "batch_per_s": round(batch.rate, 1),
        "single_txn_per_s": round(single.rate, 1),
        "batch_over_no_db": round(batch.outside / no_db.outside, 3),
        "batch_over_raw": round(batch.outside / raw, 3),
        "batch_over_single_txn": round(batch.outside / single.outside, 2),
        "lint_ms": round(1000 * batch.linting / batch.count, 2),
    }


def lint_over_pkilint(issuer: str) -> float:
    """Return what our whole lint step takes, over pkilint's validators alone on the same certificates."""
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415

    from certificates.models import Intent  # noqa: PLC0415
    from certificates.worker import building, claims, linting  # noqa: PLC0415

    plans = [claims.plan_of(intent) for intent in Intent.objects.filter(status="signed", authority__name=issuer)[:200]]
    copies = [linting.copy_of(building.build(plan), plan).public_bytes(Encoding.DER) for plan in plans]
    ours = bench.seconds(lambda: [linting.lint(plan) for plan in plans], times=3)
    alone = bench.seconds(lambda: [linting.pkix_findings(der) for der in copies], times=3)
    return round(ours / alone, 3)


def signer_environment(services: Services) -> dict[str, str]:
    """Return what a signer process reads from its environment."""
    names = ("VAULT_KEY_PKCS12", "VAULT_KEY_PIN", "CA_KEY_DIR", "CA_KEY_PASSPHRASE", "JOURNAL_DIR")
    known = {name: os.environ[name] for name in names}
    return bench.environment(
        services, "issuance", "lra_signer", DJANGO_SETTINGS_MODULE="lra_portal.settings.signer", **known
    )


def latencies_ms(services: Services) -> list[float]:
    """Return milliseconds from the commit of the last approval to the stored certificate, order by order, idle."""
    from certificates.models import Certificate  # noqa: PLC0415

    words = [sys.executable, "-m", "celery", "-A", "lra_portal.celery", "worker", "-Q", "signing", "--pool=solo"]
    quiet = ["--loglevel=ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    rows = orders.queue(LATENCIES + WARM_UP, issuer=ISSUERS["p256"], status="proposed")
    process = subprocess.Popen([*words, *quiet], env=signer_environment(services), stdout=subprocess.DEVNULL)
    taken = []
    try:
        for row in rows:
            orders.approve(row)
            begun = time.perf_counter()
            while not Certificate.objects.filter(order_id=row.pk).exists():
                assert process.poll() is None, "the signer has ended"
                time.sleep(0.002)
            taken.append(1000 * (time.perf_counter() - begun))
            time.sleep(0.05)
    finally:
        process.terminate()
        process.wait(30)
    return taken[WARM_UP:]


def rate_of_processes(services: Services, processes: int) -> float:
    """Return the whole rate of so many signer processes over one queue."""
    orders.queue(SCALING, issuer=ISSUERS["p256"])
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.signer"],
            env=signer_environment(services),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for _ in range(processes)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    begun = time.perf_counter()
    answers = []
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in started:
        assert process.stdout is not None
        answers.append(process.stdout.readline().split())
        process.communicate(timeout=60)
    seconds = time.perf_counter() - begun
    assert sum(int(count) for count, _ in answers) == SCALING, answers
    return SCALING / seconds


def main() -> None:
    """Measure and report."""
    folder = tempfile.TemporaryDirectory()
    os.environ |= {
        "CA_KEY_DIR": f"{folder.name}/keys",
        "CA_KEY_PASSPHRASE": "benchmarks only",
        "JOURNAL_DIR": f"{folder.name}/journal",
    }
    Path(f"{folder.name}/journal").mkdir()
    figures: dict[str, Any] = {}
    with folder, bench.own_database("issuance") as services:
        for kind, issuer in ISSUERS.items():
            orders.hold_ceremony(issuer, kind)
        for kind in ISSUERS:
            bench.say(f"{kind}: {TIMES} times {COUNT} certificates with and without database, {SINGLE} one by one")
            figures[kind] = figures_of(kind)
        figures["lint_ms"] = figures["p256"]["lint_ms"]
        figures["lint_over_pkilint"] = lint_over_pkilint(ISSUERS["p256"])
        bench.say(f"{LATENCIES} orders through broker and signer")
        taken = latencies_ms(services)
        figures["latency_ms_p50"] = round(statistics.median(taken), 1)
        figures["latency_ms_p95"] = round(statistics.quantiles(taken, n=20)[-1], 1)
        bench.say(f"{SCALING} certificates by one signer process, then by two")
        one, two = rate_of_processes(services, 1), rate_of_processes(services, 2)
        figures |= {"one_signer_per_s": round(one, 1), "two_signers_per_s": round(two, 1)}
        figures["scaling_2_signers"] = round(two / one, 2)
    bench.report(figures)


def _key(issuer: str) -> Any:
    from certificates.models import CertificationAuthority  # noqa: PLC0415
    from certificates.worker import keys  # noqa: PLC0415

    return keys.load(CertificationAuthority.objects.get(name=issuer).key_reference)


if __name__ == "__main__":
    main()
