"""A CertID names its issuer by two hashes; ours are those that the library makes, whatever kind the key is."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp

from revocation.responder.desk import hashes_of

KEYS: dict[str, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey] = {
    "rsa": rsa.generate_private_key(65537, 2048),
    "p384": ec.generate_private_key(ec.SECP384R1()),
}


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("algorithm", [hashes.SHA1(), hashes.SHA256(), hashes.SHA512()], ids=lambda it: it.name)  # noqa: S303
def test_the_hashes_of_an_issuer_are_those_of_the_library(kind: str, algorithm: hashes.HashAlgorithm) -> None:
    key, at = KEYS[kind], datetime(2026, 11, 20, tzinfo=UTC)
    name = x509.Name.from_rfc4514_string("CN=Demo CA for tests,C=JP")
    issuer = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(5)
        .not_valid_before(at)
        .not_valid_after(at + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    asked = ocsp.OCSPRequestBuilder().add_certificate(issuer, issuer, algorithm).build()
    assert (asked.issuer_name_hash, asked.issuer_key_hash) in hashes_of(issuer)
