"""Software that is not ours takes in the file, believes chain and lists, and turns away what was revoked.

OpenSSL, GnuTLS, NSS (as browsers and mail programs use it), Java, and a web server that asks for a certificate.
"""

import http.client
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from django.urls import reverse
from django.utils import timezone

from audit.actors import Actor
from certificates.models import Certificate, CertificationAuthority, RootCrl
from certificates.worker import authorities, batch
from regulations.models import TargetSystemVersion
from revocation.models import CrlChunk
from revocation.services.revoking import revoke
from revocation.worker import crl_publishing
from tests.certificates import orders
from tests.harness.processes import free_port
from tests.people import People, signed_in
from vault.services import decrypt

PUBLISHER = Actor.system("publisher")
WITHIN = 60
JAVA = Path(__file__).with_name("Verify.java")


@dataclass(frozen=True)
class Desk:
    """What a subscriber got and what anybody can fetch, as files in one folder."""

    folder: Path
    certificate: Certificate
    pin: str

    def run(self, *words: str, fails: bool = False) -> str:
        """Run a program on the files and return all that it says."""
        done = subprocess.run(
            words,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=WITHIN,
            stdin=subprocess.DEVNULL,
        )
        said = done.stdout + done.stderr
        assert (done.returncode != 0) == fails, said
        return said

    def revoke(self) -> None:
        """Revoke the certificate, and fetch the lists again."""
        assert revoke(certificate=self.certificate, ground="lra:misuse", actor=PUBLISHER, at=timezone.now())
        self.fetch_lists()

    def fetch_lists(self) -> None:
        authority = self.certificate.authority
        assert authority.issuer is not None
        authorities.publish_root_crl(root=authority.issuer, at=timezone.now())
        crl = crl_publishing.publish(authority=authority, shard=0, actor=PUBLISHER, force=True)
        assert crl is not None
        own = b"".join(bytes(part.body) for part in CrlChunk.objects.filter(crl=crl).order_by("position"))
        lists = {"issuing": own, "root": bytes(RootCrl.objects.latest("number").der)}
        pem = b""
        for name, der in lists.items():
            (self.folder / f"{name}.crl").write_bytes(der)
            pem += x509.load_der_x509_crl(der).public_bytes(Encoding.PEM)
        (self.folder / "crls.pem").write_bytes(pem)


@pytest.fixture
def desk(people: People, version: TargetSystemVersion, issuing: CertificationAuthority, tmp_path: Path) -> Desk:
    """A certificate with its PKCS#12 file and PIN, the chain, and the newest lists."""
    orders.approved(people, orders.proposed(people, orders.by_lra(version)))
    assert batch.run() == 1
    row = Certificate.objects.get()
    assert row.pkcs12 is not None
    assert row.pin is not None
    (tmp_path / "own.p12").write_bytes(decrypt(row.pkcs12))
    above = [x509.load_der_x509_certificate(bytes(row.der)), *authorities.chain_of(issuing)]
    for name, one in zip(("own", "issuing", "root"), above, strict=True):
        (tmp_path / f"{name}.pem").write_bytes(one.public_bytes(Encoding.PEM))
    chain = b"".join(one.public_bytes(Encoding.PEM) for one in above)
    (tmp_path / "chain.pem").write_bytes(chain)
    made = Desk(tmp_path, row, decrypt(row.pin).decode())
    made.fetch_lists()
    return made


@pytest.mark.clause("O-14.1", "J-5.2")
def test_openssl(desk: Desk) -> None:
    desk.run("openssl", "pkcs12", "-in", "own.p12", "-passin", f"pass:{desk.pin}", "-nodes", "-out", "opened.pem")
    assert "PRIVATE KEY" in (desk.folder / "opened.pem").read_text()
    words = ["openssl", "verify", "-x509_strict", "-purpose", "sslclient", "-crl_check_all", "-CRLfile", "crls.pem"]
    words += ["-CAfile", "root.pem", "-untrusted", "issuing.pem", "opened.pem"]
    assert "opened.pem: OK" in desk.run(*words)
    desk.revoke()
    assert "certificate revoked" in desk.run(*words, fails=True)


def test_openssl_reads_what_the_holder_downloads_in_any_form(desk: Desk) -> None:
    browser = signed_in(desk.certificate.holder)
    shown = {
        "pem": ("openssl", "storeutl", "-text", "-noout", "-certs", "file.pem"),
        "p7c": ("openssl", "pkcs7", "-inform", "DER", "-print_certs", "-noout", "-in", "file.p7c"),
        "der": ("openssl", "x509", "-inform", "DER", "-noout", "-subject", "-in", "file.der"),
    }
    for kind, words in shown.items():
        answer = browser.get(reverse("certificates:file", args=[desk.certificate.pk, kind]))
        assert answer["Content-Disposition"].startswith("attachment")
        (desk.folder / f"file.{kind}").write_bytes(answer.content)
        said = desk.run(*words)
        assert "Hanako Kaku" in said
        assert ("Demo root" in said) == (kind != "der"), "the issuing CA's certificate, which names its issuer"


@pytest.mark.needs("gnutls-bin")
def test_gnutls(desk: Desk) -> None:
    opened = desk.run("certtool", "--p12-info", "--inder", "--infile", "own.p12", "--password", desk.pin)
    assert opened.count("BEGIN CERTIFICATE") == 3
    assert "PRIVATE KEY" in opened
    wrong = ("--password", "AAAA-AAAA-AAAA-AAAA")
    assert "MAC" in desk.run("certtool", "--p12-info", "--inder", "--infile", "own.p12", *wrong, fails=True)
    words = ["certtool", "--verify", "--load-ca-certificate", "root.pem", "--load-crl", "crls.pem"]
    words += ["--infile", "chain.pem"]
    assert "The certificate is trusted." in desk.run(*words)
    desk.revoke()
    assert "revoked" in desk.run(*words, fails=True)


@pytest.mark.needs("libnss3-tools")
def test_nss(desk: Desk) -> None:
    store = ("-d", "sql:.")
    desk.run("certutil", "-N", *store, "--empty-password")
    assert "PKCS12 IMPORT SUCCESSFUL" in desk.run("pk12util", "-i", "own.p12", *store, "-W", desk.pin, "-K", "")
    name = next(line for line in desk.run("certutil", "-L", *store).splitlines() if line.rstrip().endswith("u,u,u"))
    words = ["certutil", "-V", "-n", name.rpartition(" u,u,u")[0].strip(), "-u", "C", "-e", *store]
    desk.run("certutil", "-A", "-n", "the root", "-t", "CT,C,C", "-i", "root.pem", "-a", *store)
    desk.run("crlutil", "-I", "-i", "root.crl", "-t", "1", *store)
    assert "certificate is valid" in desk.run(*words)
    # NSS takes no list that names its distribution point (RFC 5280 5.2.5 makes that critical); its programs ask the
    # responder instead.
    assert "UNKNOWN_CRITICAL_EXTENSION" in desk.run("crlutil", "-I", "-i", "issuing.crl", "-t", "1", *store, fails=True)


@pytest.mark.needs("default-jdk-headless")
def test_java(desk: Desk) -> None:
    words = ["keytool", "-list", "-v", "-storetype", "PKCS12", "-keystore", "own.p12", "-storepass", desk.pin]
    listed = desk.run(*words, "-J-Duser.language=en")
    assert "Entry type: PrivateKeyEntry" in listed
    assert "Certificate chain length: 3" in listed
    verify = ["java", "-XX:TieredStopAtLevel=1", str(JAVA), "own.p12", desk.pin, "root.pem", "root.crl", "issuing.crl"]
    assert "valid" in desk.run(*verify)
    desk.revoke()
    assert "REVOKED" in desk.run(*verify, fails=True)


CONFIGURATION = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 16; }}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.key;
        ssl_client_certificate {folder}/root.pem; ssl_verify_depth 3; ssl_verify_client on;
        ssl_crl {folder}/crls.pem;
        location / {{ return 200 "$ssl_client_verify $ssl_client_serial\\n"; }}
    }}
}}
"""


@contextmanager
def web_server(desk: Desk) -> Iterator[int]:
    """Run nginx, which lets in whoever shows a certificate of ours that is on no list; gives its port."""
    port = free_port()
    (desk.folder / "nginx.conf").write_text(CONFIGURATION.format(folder=desk.folder, port=port))
    with subprocess.Popen(["/usr/sbin/nginx", "-c", desk.folder / "nginx.conf", "-p", desk.folder]) as process:
        try:
            yield port
        finally:
            process.terminate()


def make_server_certificate(folder: Path) -> None:
    """Give the web server a certificate of its own; the client of the test does not look at it."""
    key, at = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(at).not_valid_after(at + timedelta(days=1))
    (folder / "server.pem").write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    opened = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.key").write_bytes(opened)


def visit(desk: Desk, port: int) -> tuple[int, str]:
    """Visit the web server with the certificate; return its answer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.load_cert_chain(desk.folder / "client.pem")
    while True:
        connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=WITHIN)
        try:
            connection.request("GET", "/")
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except ConnectionRefusedError:
            continue  # it is not up yet
        finally:
            connection.close()


@pytest.mark.needs("nginx-light")
def test_a_web_server_lets_the_holder_in_until_the_certificate_is_on_the_list(desk: Desk) -> None:
    make_server_certificate(desk.folder)
    key, own, above = pkcs12.load_key_and_certificates((desk.folder / "own.p12").read_bytes(), desk.pin.encode())
    assert key is not None
    assert own is not None
    opened = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain = b"".join(one.public_bytes(Encoding.PEM) for one in (own, *above))
    (desk.folder / "client.pem").write_bytes(opened + chain)
    with web_server(desk) as port:
        status, said = visit(desk, port)
    assert (status, said.split()) == (200, ["SUCCESS", f"{own.serial_number:040X}"])
    desk.revoke()
    with web_server(desk) as port:
        status, said = visit(desk, port)
    assert status == 400
    assert "SSL certificate error" in said
