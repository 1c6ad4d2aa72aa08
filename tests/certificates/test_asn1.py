"""The ASN.1 view of a certificate: everything that its bytes hold, each value where OpenSSL sees it."""

import contextlib
import re
import subprocess

import pytest
from cryptography import x509
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from certificates import asn1
from certificates.models import Certificate, CertificationAuthority
from certificates.worker import batch
from regulations.models import TargetSystemVersion
from tests.certificates import orders
from tests.people import People, signed_in

OPENSSL = re.compile(r"^\s*(\d+):d=\s*(\d+)\s+hl=")


@pytest.fixture
def made(people: People, version: TargetSystemVersion, issuing: CertificationAuthority) -> Certificate:
    """A certificate for Hanako."""
    orders.queued(people, version)
    batch.run()
    return Certificate.objects.get()


def test_each_value_stands_where_openssl_finds_it(made: Certificate) -> None:
    der = bytes(made.der)
    words = ["openssl", "asn1parse", "-inform", "DER"]
    told = subprocess.run(words, input=der, capture_output=True, check=True).stdout.decode()
    theirs = [(int(found[1]), int(found[2])) for found in map(OPENSSL.match, told.splitlines()) if found]
    ours = [(line.offset, line.depth) for line in asn1.lines(der)]
    assert set(theirs) <= set(ours)
    assert len(ours) > len(theirs), "what octet strings hold is shown as well"


def test_what_the_certificate_says_can_be_read(made: Certificate) -> None:
    view = asn1.view(bytes(made.der))
    parsed = x509.load_der_x509_certificate(bytes(made.der))
    for said in (
        "OBJECT IDENTIFIER  2.5.4.3 (commonName)",
        "Hanako Kaku",
        "OBJECT IDENTIFIER  2.5.29.15 (keyUsage)",
        "OBJECT IDENTIFIER  1.3.6.1.4.1.99999.1.2",
        "hanako@demo.example",
        parsed.not_valid_after_utc.strftime("%y%m%d%H%M%SZ"),
        "BOOLEAN  TRUE",
        parsed.serial_number.to_bytes((parsed.serial_number.bit_length() + 8) // 8, "big").hex(":"),
    ):
        assert said in view, said


@pytest.mark.parametrize("identifier", ["2.999.3", "1.2.840.113549.1.1.11", "0.9.2342.19200300.100.1.25"])
def test_identifiers_are_read_as_the_standard_writes_them(identifier: str) -> None:
    name = x509.Name([x509.NameAttribute(x509.ObjectIdentifier(identifier), "x")])
    assert identifier in asn1.view(name.public_bytes())


@given(st.binary(max_size=60))
def test_bytes_that_are_no_der_are_an_error_and_nothing_worse(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert "\n".join(line.written for line in asn1.lines(data)) == asn1.view(data)


def test_the_holder_sees_contents_in_words_the_view_and_the_chain(made: Certificate, people: People) -> None:
    page = signed_in(people.hanako).get(reverse("certificates:detail", args=[made.pk])).content.decode()
    assert "2.5.4.3 (commonName)" in page
    assert "/ca/issuing.cer" in page
    assert "/ca/root.cer" in page
