"""What a relying party does: takes the addresses out of a certificate and asks there, over plain http."""

import urllib.error
import urllib.request

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

SECONDS = 5


def fetch(url: str, body: bytes | None = None) -> bytes | None:
    """Return what an address answers, or None while nobody answers with a success."""
    headers = {"Content-Type": "application/ocsp-request"} if body is not None else {}
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 — an address of our own certificate
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            content: bytes = answer.read()
            return content
    except (urllib.error.URLError, OSError):
        return None


def crl_of(certificate: x509.Certificate) -> bytes | None:
    """Return the list at the certificate's distribution point."""
    points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    names = points[0].full_name or []
    return fetch(str(names[0].value))


def ocsp_of(certificate: x509.Certificate, issuer: x509.Certificate) -> bytes | None:
    """Return the responder's signed answer to a SHA-1 CertID, as `openssl ocsp` asks; None while there is none."""
    request = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, SHA1()).build()  # noqa: S303 — CertID, not a signature
    answer = fetch(responder_of(certificate), request.public_bytes(Encoding.DER))
    if answer is None:
        return None
    successful = ocsp.load_der_ocsp_response(answer).response_status is ocsp.OCSPResponseStatus.SUCCESSFUL
    return answer if successful else None


def responder_of(certificate: x509.Certificate) -> str:
    """Return the responder's address as the certificate names it."""
    access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    found = [row for row in access if row.access_method == AuthorityInformationAccessOID.OCSP]
    return str(found[0].access_location.value)


def says(answer: bytes, status: ocsp.OCSPCertStatus) -> bool:
    """Return whether an answer gives this status."""
    return ocsp.load_der_ocsp_response(answer).certificate_status is status


def lists(crl: bytes, certificate: x509.Certificate) -> bool:
    """Return whether a list names the certificate."""
    loaded = x509.load_der_x509_crl(crl)
    return loaded.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None
