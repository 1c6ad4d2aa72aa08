"""A contract signed with a certificate of ours: pyHanko believes it by lists and by responder, until it is revoked."""

import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils import timezone
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from audit.actors import Actor
from certificates.models import Certificate, CertificationAuthority, RootCrl
from certificates.worker import authorities, batch, ceremony
from revocation.models import CrlChunk, ResponderKey
from revocation.services.revoking import revoke
from revocation.worker import crl_publishing, responder_certifying
from tests.authorities import STATUS_URL, wanted
from tests.certificates import orders
from tests.harness.cloned import Clone
from tests.harness.processes import BASE, answers, free_port
from tests.people import People
from vault.services import decrypt

PUBLISHER = Actor.system("publisher")
WITHIN = 30.0


@dataclass(frozen=True)
class House:
    """An issuing CA whose certificates name a responder that runs."""

    issuing: CertificationAuthority
    certificate: Certificate
    url: str
    folder: Path


@contextmanager
def responder(clone: Clone, port: int) -> Iterator[str]:
    """Run the real responder on the database of the test; gives its address."""
    environment = {"DATABASE_URL": clone.database_url("lra_responder"), "PATH": os.environ["PATH"]}
    words = ["-m", "gunicorn", "revocation.responder.wsgi", "-b", f"127.0.0.1:{port}", "--threads", "2"]
    with subprocess.Popen([sys.executable, *words], cwd=BASE, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            until(ResponderKey.objects.exists)
            responder_certifying.certify_waiting(actor=PUBLISHER, at=timezone.now())
            until(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()


def until(done: Any) -> None:
    deadline = time.monotonic() + WITHIN
    while not done():
        assert time.monotonic() < deadline, "the responder does not say so"
        time.sleep(0.05)


@pytest.fixture
def house(clone: Clone, people: People, tmp_path: Path) -> Iterator[House]:
    """A certificate for contracts as the demo's service has them, and all that is needed to check it."""
    port, actor, at = free_port(), Actor.system("ceremony"), timezone.now()
    places = ceremony.addresses(name="issuing", status_url=STATUS_URL, ocsp_url=f"http://127.0.0.1:{port}/")
    root = authorities.create_root(wanted=wanted("root"), actor=actor, at=at)
    asked = replace(wanted("issuing"), addresses=places)
    issuing = authorities.create_issuing(wanted=asked, root=root, actor=actor, at=at)
    orders.approved(people, orders.proposed(people, orders.by_lra(orders.make_version())))
    assert batch.run() == 1
    with responder(clone, port) as url:
        yield House(issuing, Certificate.objects.get(), url, tmp_path)


def signed_contract(house: House) -> bytes:
    """Return a PDF signed with nothing but the file and the PIN that the holder got."""
    row = house.certificate
    assert row.pkcs12 is not None
    assert row.pin is not None
    file = house.folder / "own.p12"
    file.write_bytes(decrypt(row.pkcs12))
    load: Any = signers.SimpleSigner.load_pkcs12
    signer = load(str(file), passphrase=decrypt(row.pin))
    document, blank = pikepdf.new(), io.BytesIO()
    document.add_blank_page(page_size=(595, 842))
    document.save(blank)
    how = signers.PdfSignatureMetadata(field_name="Signature1", md_algorithm="sha256")
    out = signers.sign_pdf(IncrementalPdfFileWriter(blank), how, signer=signer)
    return bytes(out.getvalue())


def lists(house: House) -> list[asn1_crl.CertificateList]:
    """Return the newest lists of root and issuing CA, as anybody fetches them."""
    crl = crl_publishing.publish(authority=house.issuing, shard=0, actor=PUBLISHER, force=True)
    own = b"".join(bytes(part.body) for part in CrlChunk.objects.filter(crl=crl).order_by("position"))
    return [asn1_crl.CertificateList.load(der) for der in (own, bytes(RootCrl.objects.latest("number").der))]


def answer(house: House) -> asn1_ocsp.OCSPResponse:
    """Return what our responder says of the certificate when OpenSSL asks it."""
    (house.folder / "leaf.der").write_bytes(bytes(house.certificate.der))
    issuing, root = authorities.chain_of(house.issuing)
    (house.folder / "issuing.pem").write_bytes(issuing.public_bytes(Encoding.PEM))
    (house.folder / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    words = ["openssl", "ocsp", "-issuer", "issuing.pem", "-cert", "leaf.der", "-CAfile", "root.pem", "-no_nonce"]
    words += ["-verify_other", "issuing.pem", "-url", house.url, "-respout", "answer.der"]
    subprocess.run(words, cwd=house.folder, check=True, capture_output=True)
    return asn1_ocsp.OCSPResponse.load((house.folder / "answer.der").read_bytes())


def is_believed(house: House, pdf: bytes, **proofs: Any) -> tuple[bool, bool]:
    """Return whether pyHanko believes the signature, and whether it takes the certificate for revoked."""
    issuing, root = (
        asn1_x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in authorities.chain_of(house.issuing)
    )
    context = ValidationContext(trust_roots=[root], other_certs=[issuing], revocation_mode="require", **proofs)
    status = validate_pdf_signature(PdfFileReader(io.BytesIO(pdf)).embedded_signatures[0], context)
    assert status.intact
    assert status.valid
    return status.bottom_line, status.revoked


@pytest.mark.clause("O-14.1", "J-4")
def test_a_contract_is_believed_by_list_and_by_responder_and_no_longer_after_the_revocation(house: House) -> None:
    pdf = signed_contract(house)
    roots = lists(house)[1:]
    assert is_believed(house, pdf, crls=lists(house)) == (True, False)
    assert is_believed(house, pdf, crls=roots, ocsps=[answer(house)]) == (True, False)
    assert is_believed(house, pdf, crls=roots) == (False, False)
    assert revoke(certificate=house.certificate, ground="lra:misuse", actor=PUBLISHER, at=timezone.now())
    assert is_believed(house, pdf, crls=lists(house)) == (False, True)
    # The responder may give a kept answer for half a second more, as long as no list says otherwise.
    until(lambda: is_believed(house, pdf, crls=roots, ocsps=[answer(house)]) == (False, True))
