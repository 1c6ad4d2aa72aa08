"""Lists of every length are read alike by OpenSSL and by the library, and the checks find what is wrong."""

import secrets
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from revocation.entries import entry_der
from revocation.worker import crl_building, crl_checks
from revocation.worker.crl_building import Head, SigningKey

NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
ISSUER = x509.Name.from_rfc4514_string("CN=Demo CA for tests,O=Demo,C=JP")
POINT = x509.IssuingDistributionPoint(
    full_name=[x509.UniformResourceIdentifier("http://127.0.0.1:8000/crl/demo.crl")],
    relative_name=None,
    only_contains_user_certs=False,
    only_contains_ca_certs=False,
    only_some_reasons=None,
    indirect_crl=False,
    only_contains_attribute_certs=False,
)
HEAD = Head(
    issuer=ISSUER.public_bytes(),
    key_identifier=bytes(20),
    number=7,
    this_update=NOON,
    next_update=NOON + timedelta(days=3),
    distribution_point=POINT.public_bytes(),
)
KEYS: dict[str, SigningKey] = {
    "rsa": rsa.generate_private_key(65537, 2048),
    "p256": ec.generate_private_key(ec.SECP256R1()),
    "p384": ec.generate_private_key(ec.SECP384R1()),
}
PUBLIC = KEYS["p256"].public_key()


def some_serials(count: int) -> list[int]:
    return [1 << 158 | secrets.randbits(158) for _ in range(count)]


@pytest.fixture
def file() -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as target:
        yield target


def write(file: BinaryIO, serials: list[int], key: SigningKey = KEYS["p256"]) -> bytes:
    """Write a list with these serials to the file and return its bytes."""
    entries = b"".join(entry_der(serial=serial, revoked_at=NOON, reason=1) for serial in serials)
    written = crl_building.write_crl(
        head=HEAD, entries=lambda target: target.write(entries), key=key, hash_name="sha256", target=file
    )
    data = b"".join(crl_building.chunks(file))
    assert len(data) == written.size
    return data


def expected(count: int, number: int = 7) -> crl_checks.Expected:
    return crl_checks.Expected(HEAD.issuer, number, NOON, HEAD.next_update, HEAD.distribution_point, count)


def openssl(data: bytes) -> str:
    command = ["openssl", "crl", "-inform", "DER", "-noout", "-text"]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode(errors="replace")


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("count", [0, 1, 400, 2000])
def test_a_list_is_read_by_openssl_and_by_the_library(file: BinaryIO, kind: str, count: int) -> None:
    serials = some_serials(count)
    data = write(file, serials, KEYS[kind])

    crl = x509.load_der_x509_crl(data)
    assert crl.is_signature_valid(KEYS[kind].public_key())
    assert [entry.serial_number for entry in crl] == serials
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 7
    point = crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint)
    assert point.critical
    assert point.value == POINT
    assert crl.last_update_utc == NOON
    assert openssl(data).count("Serial Number:") == count
    crl_checks.check(data, expected=expected(count), key=KEYS[kind].public_key())


@pytest.mark.parametrize("count", range(1, 12))
def test_every_length_around_the_bounds_of_der_headers_gives_a_list(file: BinaryIO, count: int) -> None:
    crl_checks.check(write(file, some_serials(count)), expected=expected(count), key=PUBLIC)


def test_the_checks_refuse_a_list_with_a_wrong_number(file: BinaryIO) -> None:
    data = write(file, some_serials(3))
    with pytest.raises(crl_checks.BadCrlError, match="number"):
        crl_checks.check(data, expected=expected(3, number=8), key=PUBLIC)


def test_the_checks_refuse_a_list_that_lacks_an_entry(file: BinaryIO) -> None:
    data = write(file, some_serials(3))
    with pytest.raises(crl_checks.BadCrlError, match="entries"):
        crl_checks.check(data, expected=expected(4), key=PUBLIC)


def test_the_checks_refuse_a_list_signed_by_another_key(file: BinaryIO) -> None:
    data = write(file, some_serials(3))
    with pytest.raises(crl_checks.BadCrlError, match="signature"):
        crl_checks.check(data, expected=expected(3), key=ec.generate_private_key(ec.SECP256R1()).public_key())


@pytest.mark.parametrize("place", [10, 200, -40])
def test_the_checks_refuse_a_list_with_one_bit_turned(file: BinaryIO, place: int) -> None:
    data = bytearray(write(file, some_serials(30)))
    data[place] ^= 1
    with pytest.raises(crl_checks.BadCrlError):
        crl_checks.check(bytes(data), expected=expected(30), key=PUBLIC)


@pytest.mark.parametrize("junk", [b"", b"0", b"\x30\x80", b"\x30\x03\x02\x01\x01", b"<html>"])
def test_what_is_no_list_is_refused_and_never_crashes(junk: bytes) -> None:
    with pytest.raises(crl_checks.BadCrlError):
        crl_checks.outline(junk)


def test_a_serial_that_went_missing_is_found_unless_it_had_leave_to_go(file: BinaryIO) -> None:
    first, second, third = some_serials(3)
    before = write(file, [first, second, third])
    with tempfile.TemporaryFile() as later:
        after = write(later, [second])
    assert crl_checks.lost(before, after, may_go=lambda _missing: set()) == {first, third}
    assert crl_checks.lost(before, after, may_go=lambda missing: missing - {third}) == {third}
