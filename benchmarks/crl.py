"""How fast lists are built, how little memory that takes, and how soon a revocation is on the list that is served.

The measure is what nobody can go below: hashing, writing and flushing the same bytes. Beside it stands `openssl ca`
with the same entries.
"""

import hashlib
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC
from pathlib import Path
from typing import Any

from benchmarks import bench, orders, revoked
from lra_portal.services import Services
from tests.harness.processes import answers, free_port

SIZES = {"issuing-10k": 10_000, "issuing-100k": 100_000, "issuing": 1_000_000}
TIMES = 3
REVOCATIONS = 20


def built(services: Services, issuer: str) -> dict[str, Any]:
    """Build one authority's list in a process of its own; what that process says."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.publisher", issuer, str(TIMES)],
        env=environment(services, "lra_signer"),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert said["entries"] > SIZES[issuer], said
    return said


def environment(services: Services, role: str) -> dict[str, str]:
    """Return what a publishing process reads from its environment."""
    known = {name: os.environ[name] for name in ("CA_KEY_DIR", "CA_KEY_PASSPHRASE", "JOURNAL_DIR")}
    return bench.environment(services, "crl", role, DJANGO_SETTINGS_MODULE="lra_portal.settings.signer", **known)


def bytes_of(issuer: str) -> bytes:
    """Return the newest list of an authority."""
    from revocation.models import CrlChunk  # noqa: PLC0415 — Django is set up by now

    chunks = CrlChunk.objects.filter(crl__authority__name=issuer)
    newest = chunks.order_by("-crl__number").values_list("crl", flat=True)[:1]
    return b"".join(
        bytes(body) for body in chunks.filter(crl=newest).order_by("position").values_list("body", flat=True)
    )


def limit_s(data: bytes) -> float:
    """Return the seconds for hashing, writing and flushing bytes, where the builder also writes them."""

    def work() -> None:
        with tempfile.TemporaryFile() as file:
            hashlib.sha256(data)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    return bench.seconds(work)


def openssl_ca_s(folder: Path, issuer: str) -> float:
    """Return the seconds that `openssl ca -gencrl` takes for the entries of an authority."""
    from revocation.models import CrlEntry  # noqa: PLC0415

    # `openssl ca` does not know privilegeWithdrawn; another reason takes its place, in as many bytes of the list.
    names = {1: "keyCompromise", 3: "affiliationChanged", 5: "cessationOfOperation"}
    with (folder / "index.txt").open("w") as index:
        rows = CrlEntry.objects.filter(authority__name=issuer).values_list(
            "serial", "revoked_at", "ends_at", "certificate__reason_code"
        )
        for serial, at, end, reason in rows.iterator():
            name = names.get(reason or 0, "superseded")
            dates = f"{end.astimezone(UTC):%y%m%d%H%M%SZ}\t{at.astimezone(UTC):%y%m%d%H%M%SZ},{name}"
            index.write(f"R\t{dates}\t{serial.upper()}\tunknown\t/CN=Bench\n")
    (folder / "crlnumber").write_text("01\n")
    (folder / "ca.cnf").write_text(
        "[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sha256\n"
        "default_crl_days=7\ncrl_extensions=with\nunique_subject=no\n[with]\nauthorityKeyIdentifier=keyid\n"
    )
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    files = ["-keyout", "ca.key", "-out", "ca.pem"]
    _openssl(folder, "req", "-x509", *curve, *files, "-subj", "/CN=Bench", "-days", "30")
    begun = time.perf_counter()
    _openssl(folder, "ca", "-config", "ca.cnf", "-gencrl", "-keyfile", "ca.key", "-cert", "ca.pem", "-out", "ca.crl")
    return time.perf_counter() - begun


def _openssl(folder: Path, *words: str) -> None:
    subprocess.run(["/usr/bin/env", "openssl", *words], cwd=folder, check=True, capture_output=True)


def seconds_to_list(services: Services, issuer: str, folder: Path) -> list[float]:
    """Return, one revocation after the other, the seconds from its commit to a served list that has it.

    Broker, publisher and the repository's own process are real.
    """
    port = free_port()
    path = f"/crl/{issuer}.crl"
    publisher = ["celery", "-A", "lra_portal.celery", "worker", "-Q", "publishing", "--pool=solo", "--loglevel=ERROR"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    serving = ["gunicorn", "repository.wsgi", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    web = bench.environment(services, "crl", "lra_repository", DJANGO_SETTINGS_MODULE="repository.settings")
    web.pop("SECRET_KEY")
    certificates = revoked.certified(issuer, REVOCATIONS)
    with ExitStack() as running:
        for words, known in (([*publisher, *quiet], environment(services, "lra_signer")), (serving, web)):
            log = running.enter_context((folder / f"{words[0]}.log").open("wb"))
            process = subprocess.Popen([sys.executable, "-m", *words], env=known, stdout=log, stderr=log)
            running.callback(process.wait, 30)
            running.callback(process.terminate)
        while not answers(f"http://127.0.0.1:{port}{path}"):
            time.sleep(0.2)
        return [_until_listed(certificate, port, path) for certificate in certificates]


def _until_listed(certificate: Any, port: int, path: str) -> float:
    serial = bytes.fromhex(f"{int(certificate.serial, 16):040x}").lstrip(b"\0")
    revoked.revoke(certificate)
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    begun, tag = time.perf_counter(), '"none"'
    while True:
        asking.request("GET", path, headers={"If-None-Match": tag})
        answer = asking.getresponse()
        if serial in answer.read():
            return time.perf_counter() - begun
        assert answer.status in (200, 304), answer.status
        assert time.perf_counter() - begun < 60, "it is not on the list after a minute"
        tag = answer.headers["ETag"]
        time.sleep(0.05)


def main() -> None:
    """Measure and report."""
    folder = tempfile.TemporaryDirectory()
    place = Path(folder.name)
    os.environ |= {
        "CA_KEY_DIR": str(place / "keys"),
        "CA_KEY_PASSPHRASE": "benchmarks only",
        "JOURNAL_DIR": str(place / "journal"),
    }
    (place / "journal").mkdir()
    with folder, bench.own_database("crl") as services:
        for issuer, count in SIZES.items():
            orders.hold_ceremony(issuer, "p256")
            revoked.many(issuer, count)
        figures = figures_of(services, place)
    bench.report(figures)


def figures_of(services: Services, place: Path) -> dict[str, Any]:
    """Measure everything."""
    runs, limits = {}, {}
    for issuer in SIZES:
        bench.say(f"{issuer}: {TIMES} lists")
        runs[issuer] = built(services, issuer)
        limits[issuer] = limit_s(bytes_of(issuer))
    build = {issuer: statistics.median(run["built"]) for issuer, run in runs.items()}
    bench.say("openssl ca -gencrl")
    theirs = openssl_ca_s(place, "issuing")
    bench.say(f"{REVOCATIONS} revocations, until each is served")
    until = seconds_to_list(services, "issuing-100k", place)
    return {
        "entries": runs["issuing"]["entries"],
        "limit_1m_s": round(limits["issuing"], 3),
        "limit_100k_s": round(limits["issuing-100k"], 4),
        "crl_10k_s": round(build["issuing-10k"], 4),
        "crl_100k_s": round(build["issuing-100k"], 3),
        "crl_1m_s": round(build["issuing"], 3),
        "crl_1m_publish_s": round(statistics.median(runs["issuing"]["published"]), 2),
        "crl_1m_over_limit": round(build["issuing"] / limits["issuing"], 2),
        "crl_100k_over_limit": round(build["issuing-100k"] / limits["issuing-100k"], 2),
        "growth_10k_to_1m": round(build["issuing"] / build["issuing-10k"] / 100, 3),
        "peak_mb": round(runs["issuing"]["peak_mb"]),
        "openssl_ca_s": round(theirs, 2),
        "openssl_ca_over_ours": round(theirs / build["issuing"], 1),
        "revocation_to_crl_s_p50": round(statistics.median(until), 2),
        "revocation_to_crl_s_p95": round(statistics.quantiles(until, n=20)[-1], 2),
    }


if __name__ == "__main__":
    main()
