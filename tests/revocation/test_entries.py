"""An entry is encoded as the library reads it, whatever it says."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from revocation import der
from revocation.entries import entry_der

MOMENTS = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2090, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)
FLAGS = {
    1: x509.ReasonFlags.key_compromise,
    3: x509.ReasonFlags.affiliation_changed,
    4: x509.ReasonFlags.superseded,
    5: x509.ReasonFlags.cessation_of_operation,
    9: x509.ReasonFlags.privilege_withdrawn,
}
_KEY = ec.generate_private_key(ec.SECP256R1())


def as_the_library_writes_it(serial: int, revoked_at: datetime, reason: int | None, since: datetime | None) -> bytes:
    """The entry of a list with one entry, cut out of what the library made."""
    builder = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(revoked_at)
    if reason is not None:
        builder = builder.add_extension(x509.CRLReason(FLAGS[reason]), critical=False)
    if since is not None:
        builder = builder.add_extension(x509.InvalidityDate(since), critical=False)
    crl = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(x509.Name([]))
        .last_update(datetime(2026, 1, 1))
        .next_update(datetime(2026, 1, 2))
        .add_revoked_certificate(builder.build())
        .sign(_KEY, hashes.SHA256())
    )
    tbs = crl.tbs_certlist_bytes
    _tag, at, _end = der.element(tbs, 0)
    for _field in range(5):
        _tag, _start, at = der.element(tbs, at)
    _tag, start, end = der.element(tbs, at)
    return tbs[start:end]


@given(
    serial=st.integers(min_value=1, max_value=2**159 - 1),
    revoked_at=MOMENTS,
    reason=st.sampled_from([None, *FLAGS]),
    since=st.none() | MOMENTS,
)
def test_an_entry_is_byte_for_byte_what_the_library_would_write(
    serial: int, revoked_at: datetime, reason: int | None, since: datetime | None
) -> None:
    ours = entry_der(serial=serial, revoked_at=revoked_at, reason=reason, invalid_since=since)
    assert ours == as_the_library_writes_it(serial, revoked_at, reason, since)


def test_the_reason_unspecified_can_not_be_encoded() -> None:
    with pytest.raises(ValueError, match="unspecified"):
        entry_der(serial=1, revoked_at=datetime(2026, 1, 1, tzinfo=UTC), reason=0)


def test_a_serial_that_is_not_positive_can_not_be_encoded() -> None:
    with pytest.raises(ValueError, match="positive"):
        entry_der(serial=0, revoked_at=datetime(2026, 1, 1, tzinfo=UTC))
