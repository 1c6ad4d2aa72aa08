"""The one place where a subscriber's certificate is signed.

`sign` takes nothing but a `LintedCertificate`, and each of those once. Only `linting.lint` makes
them, after every check has passed; so a signature without linting can't be written (O-1.1).
"""

from __future__ import annotations

from cryptography import x509
from cryptography.x509 import Certificate

from certificates.profiles import hash_algorithm
from certificates.worker.keys import SigningKey
from certificates.worker.linting import LintedCertificate


class SignatureMismatchError(Exception):
    """What was signed is not what was linted, or the key is not the issuer's."""


def sign(linted: LintedCertificate, key: SigningKey) -> Certificate:
    """Sign what linting released and return the certificate.

    Raises AlreadySignedError on a second use. Raises SignatureMismatchError when the bytes differ from those
    that were linted or the issuer's certificate does not verify them: neither leaves the signer.
    """
    builder, plan, tbs = linted.take()
    certificate = builder.sign(key, hash_algorithm(plan.profile.signature_hash))
    if certificate.tbs_certificate_bytes != tbs:
        raise SignatureMismatchError("the signed bytes are not the linted ones")
    _verify(certificate, plan.issuer.certificate)
    return certificate


def _verify(certificate: x509.Certificate, issuer: x509.Certificate) -> None:
    try:
        certificate.verify_directly_issued_by(issuer)
    except Exception as error:  # the library raises one of four types; each means the same here
        raise SignatureMismatchError("the issuer's certificate does not verify the signature") from error
