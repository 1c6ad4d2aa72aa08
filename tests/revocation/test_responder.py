"""The responder as others meet it: a real process, its own role, OpenSSL and hostile requests."""

import base64
import http.client
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.utils import timezone

from certificates.models import Certificate
from certificates.worker import authorities, serials
from revocation import selectors
from revocation.models import ResponderCertificate, ResponderKey
from revocation.services.revoking import revoke
from revocation.worker import asking, burnt_serials, crl_publishing, responder_certifying
from tests.harness.cloned import Clone
from tests.revocation.world import PUBLISHER, SYSTEM, World, now, pem

pytestmark = pytest.mark.processes
BASE = Path(__file__).resolve().parents[2]


@dataclass
class Responder:
    """A running responder process."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def post(self, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
        return self.send("POST", "/", body, headers or {"Content-Type": "application/ocsp-request"})

    def get(self, path: str) -> tuple[int, dict[str, str], bytes]:
        return self.send("GET", path, None, {})

    def send(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def ask(self, request: ocsp.OCSPRequest) -> ocsp.OCSPResponse:
        _status, _headers, body = self.post(request.public_bytes(Encoding.DER))
        return ocsp.load_der_ocsp_response(body)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(fact: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for what another process does."""
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def bare(committed_world: World, clone: Clone) -> Iterator[Responder]:
    """A responder that has asked for its certificate and not got it yet."""
    port = free_port()
    environment = {"DATABASE_URL": clone.database_url("lra_responder"), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "gunicorn", "revocation.responder.wsgi", "-b", f"127.0.0.1:{port}"]
    command += ["--threads", "2", "--log-level", "warning"]
    with subprocess.Popen(command, cwd=BASE, env=environment) as process:
        try:
            eventually(ResponderKey.objects.exists)
            yield Responder(port)
        finally:
            process.terminate()
            process.wait(10)


@pytest.fixture
def responder(bare: Responder, committed_world: World) -> Responder:
    """A responder that answers."""
    responder_certifying.certify_waiting(actor=PUBLISHER, at=timezone.now())
    eventually(lambda: bare.get("/healthz")[0] == 200)
    return bare


def request_for(
    world: World,
    serial: int,
    *,
    algorithm: hashes.HashAlgorithm | None = None,
    nonce: bytes | None = None,
) -> ocsp.OCSPRequest:
    """A request by serial alone, as for a certificate that does not exist."""
    algorithm = algorithm or hashes.SHA1()  # noqa: S303 — what OpenSSL asks with
    issuer = authorities.certificate_of(world.issuing)
    name = hashes.Hash(algorithm)
    name.update(issuer.subject.public_bytes())
    key = hashes.Hash(algorithm)
    identifier = x509.SubjectKeyIdentifier.from_public_key(issuer.public_key()).digest
    if isinstance(algorithm, hashes.SHA1):
        key_hash = identifier
    else:
        public = issuer.public_key()
        assert isinstance(public, ec.EllipticCurvePublicKey)
        key.update(_point(public))
        key_hash = key.finalize()
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(name.finalize(), key_hash, serial, algorithm)
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build()


def _point(public: ec.EllipticCurvePublicKey) -> bytes:
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def serial_of(certificate: Certificate) -> int:
    return int(certificate.serial, 16)


def test_before_its_certificate_is_there_the_answer_is_try_later(bare: Responder, committed_world: World) -> None:
    certificate = committed_world.certificate()
    answer = bare.ask(request_for(committed_world, serial_of(certificate)))
    assert answer.response_status == ocsp.OCSPResponseStatus.TRY_LATER
    assert bare.get("/healthz")[0] == 503


@pytest.mark.parametrize("algorithm", [hashes.SHA1(), hashes.SHA256()], ids=["sha1", "sha256"])  # noqa: S303
def test_good_revoked_and_unknown_are_told_apart(
    responder: Responder, committed_world: World, algorithm: hashes.HashAlgorithm
) -> None:
    world = committed_world
    good, revoked = world.certificate(), world.certificate()
    revoke(certificate=revoked, ground="holder:key_compromise", actor=SYSTEM, at=now())
    answers = [
        responder.ask(request_for(world, serial, algorithm=algorithm))
        for serial in (serial_of(good), serial_of(revoked), 1 << 157)
    ]
    statuses = [answer.certificate_status for answer in answers]
    assert statuses == [ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN]
    assert answers[1].revocation_time_utc == revoked.revoked_at
    assert answers[1].revocation_reason == x509.ReasonFlags.key_compromise
    assert all(type(answer.hash_algorithm) is type(algorithm) for answer in answers)


def test_the_responders_certificate_is_short_and_made_for_that_alone(
    responder: Responder, committed_world: World
) -> None:
    answer = responder.ask(request_for(committed_world, serial_of(committed_world.certificate())))
    (certificate,) = answer.certificates
    certificate.verify_directly_issued_by(authorities.certificate_of(committed_world.issuing))
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.OCSP_SIGNING]
    assert not certificate.extensions.get_extension_for_class(x509.OCSPNoCheck).critical
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc <= timedelta(days=1)
    public = certificate.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(answer.signature, answer.tbs_response_bytes, ec.ECDSA(hashes.SHA256()))
    row = ResponderCertificate.objects.get()
    assert bytes(row.der) == certificate.public_bytes(Encoding.DER)


def test_openssl_believes_the_answers(responder: Responder, committed_world: World, tmp_path: Path) -> None:
    world = committed_world
    certificate = world.certificate()
    leaf = x509.load_der_x509_certificate(bytes(certificate.der)).public_bytes(Encoding.PEM)
    (tmp_path / "leaf.pem").write_bytes(leaf)
    (tmp_path / "chain.pem").write_bytes(pem(world))
    issuer = authorities.certificate_of(world.issuing).public_bytes(Encoding.PEM)
    (tmp_path / "issuing.pem").write_bytes(issuer)

    def verdict(*more: str) -> str:
        command = ["openssl", "ocsp", *more, "-issuer", "issuing.pem", "-cert", "leaf.pem", "-CAfile", "chain.pem"]
        command += ["-url", responder.url]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout + done.stderr

    for more in ((), ("-no_nonce",), ("-sha256",)):
        told = verdict(*more)
        assert "Response verify OK" in told
        assert "leaf.pem: good" in told
    revoke(certificate=certificate, ground="lra:misuse", actor=SYSTEM, at=now())
    assert "leaf.pem: revoked" in verdict()


def test_a_nonce_is_echoed_and_such_an_answer_is_kept_by_nobody(responder: Responder, committed_world: World) -> None:
    serial = serial_of(committed_world.certificate())
    nonce = os.urandom(32)
    asked = request_for(committed_world, serial, nonce=nonce).public_bytes(Encoding.DER)
    _status, headers, body = responder.get("/" + base64.b64encode(asked).decode().replace("/", "%2F"))
    answer = ocsp.load_der_ocsp_response(body)
    assert answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == nonce
    assert headers["Cache-Control"] == "no-store"


def test_an_answer_by_get_may_be_kept_for_a_short_time(responder: Responder, committed_world: World) -> None:
    asked = request_for(committed_world, serial_of(committed_world.certificate())).public_bytes(Encoding.DER)
    path = "/" + base64.b64encode(asked).decode().replace("/", "%2F")
    status, headers, body = responder.get(path)
    answer = ocsp.load_der_ocsp_response(body)
    assert status == 200
    assert headers["Content-Type"] == "application/ocsp-response"
    assert headers["Cache-Control"] == "max-age=30, public, no-transform, must-revalidate"
    assert answer.next_update_utc is not None
    assert answer.this_update_utc <= datetime.now(UTC) < answer.next_update_utc
    assert responder.get(path)[2] == body


def test_a_kept_answer_is_not_given_again_once_the_certificate_is_revoked(
    responder: Responder, committed_world: World
) -> None:
    world = committed_world
    certificate = world.certificate()
    asked = request_for(world, serial_of(certificate))
    assert responder.ask(asked).certificate_status == ocsp.OCSPCertStatus.GOOD
    revoke(certificate=certificate, ground="lra:misuse", actor=SYSTEM, at=now())
    crl = crl_publishing.publish(authority=world.issuing, shard=0, actor=PUBLISHER)
    assert crl is not None
    # G4: when the list is out, the responder agrees with it.
    eventually(lambda: selectors.current_crl(world.issuing) == crl)
    assert responder.ask(asked).certificate_status == ocsp.OCSPCertStatus.REVOKED


def test_a_serial_that_was_unknown_is_good_as_soon_as_it_is_issued(
    responder: Responder, committed_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, serial = committed_world, serials.new_serial()
    asked = request_for(world, serial)
    assert responder.ask(asked).certificate_status == ocsp.OCSPCertStatus.UNKNOWN
    monkeypatch.setattr(serials, "new_serial", lambda: serial)
    world.certificate()
    assert responder.ask(asked).certificate_status == ocsp.OCSPCertStatus.GOOD


def test_a_burnt_serial_is_revoked_and_on_the_list(responder: Responder, committed_world: World) -> None:
    world = committed_world
    certificate = world.certificate()
    intent = certificate.intent
    type(intent).objects.create(
        order=intent.order,
        round=1,
        authority=intent.authority,
        serial="4d2",
        statement={},
        status_since=now(),
        signer="test",
        lock_key=1,
        lease_until=now(),
    )
    type(intent).objects.filter(serial="4d2").update(status="abandoned")
    assert burnt_serials.revoke_burnt(actor=PUBLISHER, at=now()) == 1
    assert burnt_serials.revoke_burnt(actor=PUBLISHER, at=now()) == 0
    assert responder.ask(request_for(world, 0x4D2)).certificate_status == ocsp.OCSPCertStatus.REVOKED


HOSTILE = {
    "nothing": b"",
    "no DER": b"\x00",
    "html": b"<html><script>alert(1)</script></html>",
    "endless length": b"\x30\x84\xff\xff\xff\xff",
    "indefinite length": b"\x30\x80\x30\x80\x00\x00\x00\x00",
    "nested": b"\x30\x80" * 400,
    "truncated": bytes.fromhex("304230403 03e303c303a3009".replace(" ", "")),
    "much": os.urandom(1025),
    "zeros": bytes(900),
}


PATHS = ("/", "/%00", "/MEIw", "/../../etc/passwd", "/" + "A" * 3000, "/%FF%FE", "/favicon.ico")


def test_what_is_no_request_is_called_malformed(bare: Responder) -> None:
    answers = {what: bare.post(body) for what, body in HOSTILE.items()} | {path: bare.get(path) for path in PATHS}
    for what, (status, headers, body) in answers.items():
        assert status == 200, what
        assert headers["Content-Type"] == "application/ocsp-response", what
        said = ocsp.load_der_ocsp_response(body).response_status
        assert said == ocsp.OCSPResponseStatus.MALFORMED_REQUEST, what
    assert bare.send("DELETE", "/", None, {})[0] == 405


def test_an_empty_or_endless_nonce_is_called_malformed(responder: Responder, committed_world: World) -> None:
    for nonce in (b"", bytes(129)):
        answer = responder.ask(request_for(committed_world, 5, nonce=nonce))
        assert answer.response_status == ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_a_body_that_never_ends_is_cut_off_and_the_next_is_answered(bare: Responder) -> None:
    with suppress(ConnectionError):
        assert bare.post(bytes(5_000_000))[0] == 200
    _status, _headers, body = bare.post(b"")
    assert ocsp.load_der_ocsp_response(body).response_status == ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_an_issuer_that_is_not_ours_is_not_answered_for(responder: Responder) -> None:
    request = ocsp.OCSPRequestBuilder().add_certificate_by_hash(bytes(20), bytes(20), 5, hashes.SHA1()).build()  # noqa: S303
    assert responder.ask(request).response_status == ocsp.OCSPResponseStatus.UNAUTHORIZED


def test_the_responders_role_reads_status_and_nothing_else(clone: Clone) -> None:
    connection = clone.connect("lra_responder")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM revocation_crlentry")
        for forbidden in (
            "SELECT count(*) FROM accounts_user",
            "SELECT count(*) FROM vault_sealedblob",
            "UPDATE certificates_certificate SET revoked_at = NULL",
            "DELETE FROM revocation_crlentry",
            "INSERT INTO revocation_respondercertificate DEFAULT VALUES",
        ):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(forbidden)


@pytest.mark.parametrize("name", ["CA_KEY_DIR", "CA_KEY_PASSPHRASE_FILE", "SECRET_KEY"])
def test_a_responder_that_is_given_a_key_refuses_to_start(name: str) -> None:
    environment = {"DATABASE_URL": "postgres:///nowhere", "PATH": os.environ["PATH"], name: "/tmp/x"}  # noqa: S108
    command = [sys.executable, "-c", "import revocation.responder.settings"]
    done = subprocess.run(command, cwd=BASE, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "has no place" in done.stderr


def test_a_database_that_is_gone_makes_it_try_later_and_it_recovers() -> None:
    port = free_port()
    environment = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "gunicorn", "revocation.responder.wsgi", "-b", f"127.0.0.1:{port}"]
    with subprocess.Popen([*command, "--log-level", "critical"], cwd=BASE, env=environment) as process:
        try:
            responder = Responder(port)
            eventually(lambda: _listens(port))
            request = ocsp.OCSPRequestBuilder().add_certificate_by_hash(bytes(20), bytes(20), 5, hashes.SHA1()).build()  # noqa: S303
            assert responder.ask(request).response_status == ocsp.OCSPResponseStatus.TRY_LATER
            assert responder.get("/healthz")[0] == 503
        finally:
            process.terminate()
            process.wait(10)


def _listens(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def test_whoever_asks_on_behalf_of_the_public_page_finds_every_answer_that_is_not_right(
    responder: Responder, committed_world: World
) -> None:
    world, at = committed_world, now()
    assert asking.finding_of(world.issuing, responder.url, at) == ""
    certificate = world.certificate()
    assert asking.finding_of(world.issuing, responder.url, timezone.now()) == ""
    Certificate.objects.filter(pk=certificate.pk).update(
        revoked_at=at, ground="lra:misuse", reason_code=9, revocation_xid=1
    )
    assert "says good where the register says revoked" in asking.finding_of(
        world.issuing, responder.url, timezone.now()
    )
    assert "another time" in asking.finding_of(world.issuing, responder.url, at + timedelta(hours=2))
    assert "unauthorized" in asking.finding_of(world.root, responder.url, timezone.now())
