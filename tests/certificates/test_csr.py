"""Hostile requests are refused before they are queued; what they ask for is never copied (fault 16)."""

import base64
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from audit.refusals import RuleViolated
from certificates import csr
from certificates.names import Part
from tests.certificates import material


def refusal(data: bytes, key_types: tuple[str, ...] = material.ALLOWED) -> str:
    with pytest.raises(RuleViolated) as caught:
        csr.read(data, key_types=key_types)
    assert caught.value.violations[0].field == "csr"
    assert str(caught.value.violations[0].message)
    return caught.value.violations[0].code


def pem(der: bytes) -> bytes:
    return x509.load_der_x509_csr(der).public_bytes(Encoding.PEM)


@pytest.mark.parametrize("wrap", [bytes, pem, lambda der: b"\r\n  " + pem(der).replace(b"\n", b"\r\n") + b"\r\n"])
def test_pem_and_der_give_the_same_facts(wrap) -> None:  # type: ignore[no-untyped-def]
    der = material.request()
    facts = csr.read(wrap(der), key_types=material.ALLOWED)
    assert (facts.der, facts.key_type, facts.signature_hash) == (der, "p256", "sha256")
    assert facts.asked_subject == material.SUBJECT
    assert len(facts.spki_digest) == 64


def test_an_rsa_key_of_an_allowed_size_passes() -> None:
    assert csr.read(material.request(material.rsa_key()), key_types=("rsa2048",)).key_type == "rsa2048"


def test_extensions_asked_for_are_listed_for_the_record_only() -> None:
    asked = x509.SubjectAlternativeName([x509.DNSName("bank.example")])
    facts = csr.read(material.request(None, asked), key_types=material.ALLOWED)
    assert facts.asked_extensions == ("2.5.29.17",)


def test_a_key_type_outside_the_rules_is_named() -> None:
    assert refusal(material.request(), ("rsa2048",)) == "key_type"
    assert refusal(material.request(ec.generate_private_key(ec.SECP521R1()))) == "key_type"


@pytest.mark.parametrize(("bits", "exponent", "code"), [(1024, 65537, "rsa_size"), (2048, 3, "rsa_exponent")])
def test_short_keys_and_small_exponents_are_refused(bits: int, exponent: int, code: str) -> None:
    assert refusal(material.request(material.rsa_key(bits, exponent))) == code


def with_modulus(modulus: int) -> bytes:
    """Return a request whose key is replaced by one with `modulus`; its signature no longer matters."""
    original = material.request(material.rsa_key())
    old = material.rsa_key().public_key().public_numbers().n
    width = (old.bit_length() + 7) // 8
    return original.replace(old.to_bytes(width, "big"), modulus.to_bytes(width, "big"))


def test_a_key_of_two_neighbouring_primes_is_refused_as_broken() -> None:
    p = material.rsa_key().private_numbers().p
    q = p + 2
    while pow(2, q - 1, q) != 1:
        q += 2
    assert refusal(with_modulus(p * q)) == "weak_key"


def test_a_key_with_a_small_factor_is_refused_as_broken() -> None:
    n = material.rsa_key().public_key().public_numbers().n
    assert refusal(with_modulus(n - n % 3)) == "weak_key"


def test_a_key_of_sixteen_thousand_bits_is_refused_before_it_costs_anything() -> None:
    numbers = rsa.RSAPublicNumbers(65537, (1 << 16383) | 1)
    donor = x509.load_der_x509_csr(material.request(material.rsa_key()))
    assert donor.is_signature_valid
    with pytest.raises(RuleViolated) as caught:
        csr._check_rsa(numbers.public_key())
    assert caught.value.violations[0].code == "rsa_size"


def test_a_damaged_signature_is_refused() -> None:
    der = bytearray(material.request(material.rsa_key()))
    der[-1] ^= 1
    assert refusal(bytes(der)) == "bad_signature"


def test_a_request_signed_by_another_key_is_refused() -> None:
    der = material.request(material.rsa_key())
    other = material.request(rsa.generate_private_key(65537, 2048))
    assert refusal(der[:-256] + other[-256:]) == "bad_signature"


def test_a_sha1_signature_is_refused(tmp_path: Path) -> None:
    command = ["openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-sha1", "-subj", "/CN=Demo"]
    command += ["-keyout", str(tmp_path / "key.pem")]
    made = subprocess.run(command, capture_output=True, check=True).stdout
    assert refusal(made) == "weak_signature"


@pytest.mark.parametrize(
    "asked",
    [
        x509.BasicConstraints(ca=True, path_length=None),
        x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=False,
            encipher_only=False,
            decipher_only=False,
        ),
    ],
)
def test_a_request_for_an_authority_is_refused(asked: x509.ExtensionType) -> None:
    assert refusal(material.request(None, asked)) == "asks_ca"


def test_bytes_before_or_behind_the_request_are_refused() -> None:
    der = material.request()
    assert refusal(der + b"\0") == "trailing"
    assert refusal(b"x" + pem(der)) == "not_pem"
    assert refusal(pem(der) + pem(der)) == "not_pem"
    armoured = b"-----BEGIN CERTIFICATE REQUEST-----\n%s\n-----END CERTIFICATE REQUEST-----"
    assert refusal(armoured % base64.b64encode(der + b"\0\0")) == "trailing"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"hello", "not_pem"),
        (b"0\x03abc", "unreadable"),
        (b"0", "trailing"),
        (b"0" * 20_000, "too_large"),
        (b"-----BEGIN CERTIFICATE REQUEST-----\nAAA\n-----END CERTIFICATE REQUEST-----", "unreadable"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "private_key"),
        (b"\xff\xfe\x00binary", "not_pem"),
    ],
)
def test_what_is_no_request_gets_a_message(data: bytes, code: str) -> None:
    assert refusal(data) == code


@pytest.mark.parametrize(
    ("sound", "hostile"),
    [
        (b"\x02\x01\x00", b"\x02\x01\x05"),  # a version that does not exist
        (b"\x55\x04\x03\x0c", b"\x55\x04\x03\x07"),  # a common name that is no text
        (b"\x55\x04\x03\x0c", b"\x55\x04\x03\x03"),  # a common name of bits
    ],
)
def test_a_hostile_request_gets_a_message_and_no_error_page(sound: bytes, hostile: bytes) -> None:
    der = material.request()
    assert der.count(sound) >= 1
    assert refusal(der.replace(sound, hostile, 1)) == "unreadable"


def test_too_many_names_are_refused_by_count() -> None:
    many = tuple(Part("OU", f"unit {i}") for i in range(31))
    assert refusal(material.request(subject=many)) == "too_many"
    asked = x509.SubjectAlternativeName([x509.DNSName(f"h{i}.example") for i in range(51)])
    assert refusal(material.request(None, asked)) == "too_many"


def test_a_megabyte_of_names_is_refused_by_size() -> None:
    asked = x509.SubjectAlternativeName([x509.DNSName(f"host-{i:06}.example") for i in range(20_000)])
    assert refusal(material.request(None, asked)) == "too_large"


def test_sha384_and_p384_pass() -> None:
    der = material.request(ec.generate_private_key(ec.SECP384R1()), algorithm=hashes.SHA384())
    assert csr.read(der, key_types=("p384",)).signature_hash == "sha384"
