"""How fast the responder signs, and how fast it answers over HTTP beside an empty view of the same server.

The client sends prepared bytes over a few connections that stay open, and takes the same part of every figure.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from benchmarks import bench, orders, revoked
from lra_portal.services import Services
from tests.harness.processes import answers, free_port

ISSUER = "issuing"
COUNT = 100_000
CONNECTIONS = 4
ASKED = 2000
ROUNDS = 7
SIGNED = 2000


def signing_rates(issuer: x509.Certificate) -> list[tuple[float, float]]:
    """Return signatures a second of the bare library and whole answers a second with one P-256 key, round by round."""
    from revocation.responder import answers as answering  # noqa: PLC0415 — Django is set up by now
    from revocation.responder import questions  # noqa: PLC0415
    from revocation.responder.keys import Signer  # noqa: PLC0415
    from revocation.responder.lookup import Status  # noqa: PLC0415

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    signer = Signer(key, _responder_certificate(key, issuer, now))
    question = questions.read(question_about(issuer, 0x4711))
    status, data = Status(True, None, None, 1), os.urandom(200)

    def raw() -> None:
        for _ in range(SIGNED):
            key.sign(data, ec.ECDSA(hashes.SHA256()))

    def ours() -> None:
        for _ in range(SIGNED):
            answering.signed(question=question, status=status, signer=signer, now=now, validity=timedelta(hours=1))

    # Beside each other, round by round: the clock of a shared processor changes within seconds.
    return [(SIGNED / bench.seconds(raw, times=1), SIGNED / bench.seconds(ours, times=1)) for _ in range(2 * ROUNDS)]


def _responder_certificate(
    key: ec.EllipticCurvePrivateKey, issuer: x509.Certificate, now: datetime
) -> x509.Certificate:
    """Return a certificate as large as a responder's; nobody checks it here."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "OCSP responder")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(issuer.subject).public_key(key.public_key())
    builder = builder.serial_number(1 << 120).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)
    return builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())


def question_about(issuer: x509.Certificate, serial: int) -> bytes:
    """Return an OCSP request for one serial, with a CertID over SHA-1 as most clients send it."""
    from revocation.responder.desk import hashes_of  # noqa: PLC0415

    name, key = hashes_of(issuer)[0]
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(name, key, serial, hashes.SHA1())  # noqa: S303
    return builder.build().public_bytes(Encoding.DER)


def get(path: str) -> bytes:
    """Return one HTTP request."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def get_about(issuer: x509.Certificate, serial: int) -> bytes:
    """Return the HTTP request for one serial's status (RFC 6960, A.1)."""
    return get("/" + quote(b64encode(question_about(issuer, serial)).decode(), safe=""))


def rate(port: int, sent: list[bytes]) -> float:
    """Return answers a second over a few connections."""
    portions = [sent[start::CONNECTIONS] for start in range(CONNECTIONS)]
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        begun = time.perf_counter()
        list(pool.map(lambda portion: _ask_all(port, portion), portions))
        return len(sent) / (time.perf_counter() - begun)


def _ask_all(port: int, sent: list[bytes]) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for request in sent:
            connection.sendall(request)
            _read_answer(connection)


def _read_answer(connection: socket.socket) -> None:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    _, _, after = head.lower().partition(b"content-length:")
    left = int(after.split(b"\r\n")[0]) - len(body)
    while left > 0:
        left -= len(connection.recv(left))


@contextmanager
def responder(services: Services, folder: Path) -> Iterator[int]:
    """Run the responder, certified for the authority; its port."""
    from audit.actors import Actor  # noqa: PLC0415
    from revocation.worker import responder_certifying  # noqa: PLC0415

    port = free_port()
    words = ["gunicorn", "benchmarks.responder", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    more = ["--workers", "1", "--threads", "4", "--keep-alive", "60", "--no-control-socket"]
    known = bench.environment(services, "ocsp", "lra_responder", DJANGO_SETTINGS_MODULE="revocation.responder.settings")
    known.pop("SECRET_KEY")
    with (folder / "responder.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", *words, *more], env=known, stdout=log, stderr=log)
        try:
            while not answers(f"http://127.0.0.1:{port}/healthz"):
                assert process.poll() is None, (folder / "responder.log").read_text()
                responder_certifying.certify_waiting(actor=Actor.system("publisher"), at=datetime.now(UTC))
                time.sleep(0.3)
            yield port
        finally:
            process.terminate()
            process.wait(30)


def rates(port: int, issuer: x509.Certificate, serials: Iterator[int]) -> dict[str, list[float]]:
    """Return the rates of the empty view, of kept answers and of new ones, round by round beside each other."""
    empty, known = [get("/empty")] * ASKED, [get_about(issuer, serial) for serial in islice(serials, 50)]
    kept = [known[number % len(known)] for number in range(ASKED)]
    found: dict[str, list[float]] = {"empty": [], "cached": [], "uncached": []}
    for _ in range(ROUNDS):
        new = [get_about(issuer, serial) for serial in islice(serials, ASKED)]
        assert len(new) == ASKED
        rate(port, known)
        for kind, sent in (("empty", empty), ("cached", kept), ("uncached", new)):
            found[kind].append(rate(port, sent))
    return found


def figures_of(services: Services, folder: Path) -> dict[str, Any]:
    """Measure everything."""
    from certificates.models import Certificate, CertificationAuthority  # noqa: PLC0415

    issuer = x509.load_der_x509_certificate(bytes(CertificationAuthority.objects.get(name=ISSUER).certificate_der))
    signing = signing_rates(issuer)
    serials = Certificate.objects.order_by("pk").values_list("serial", flat=True).iterator()
    with responder(services, folder) as port:
        bench.say(f"{ROUNDS} times {ASKED} answers of each kind")
        found = rates(port, issuer, (int(serial, 16) for serial in serials))
    middle = {kind: statistics.median(rate) for kind, rate in found.items()}
    over = {
        kind: statistics.median(own / empty for own, empty in zip(found[kind], found["empty"], strict=True))
        for kind in ("cached", "uncached")
    }
    return {
        "certificates": COUNT,
        "raw_sign_per_s": round(statistics.median(raw for raw, _ in signing)),
        "ocsp_sign_per_s": round(statistics.median(ours for _, ours in signing)),
        "ocsp_sign_over_raw": round(statistics.median(ours / raw for raw, ours in signing), 3),
        "empty_view_per_s": round(middle["empty"]),
        "cached_per_s": round(middle["cached"]),
        "uncached_per_s": round(middle["uncached"]),
        "cached_over_empty_view": round(over["cached"], 3),
        "uncached_over_empty_view": round(over["uncached"], 3),
    }


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
    with folder, bench.own_database("ocsp") as services:
        orders.hold_ceremony(ISSUER, "p256")
        revoked.many(ISSUER, COUNT)
        figures = figures_of(services, place)
    bench.report(figures)


if __name__ == "__main__":
    main()
