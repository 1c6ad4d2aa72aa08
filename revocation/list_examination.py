"""Examines a published list as somebody would who has never seen our code: with the library's parser alone.

The publisher checks its own bytes by its own reading (`revocation.worker.crl_checks`) before they are stored. What is
examined here is what relying parties fetch, afterwards, and nothing is shared with what built it.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import CRLEntryExtensionOID, ExtensionOID

SKEW = timedelta(minutes=5)
"""How far two clocks may differ."""
LONGEST = 20
"""Octets of a serial or a CRL number (RFC 5280, 4.1.2.2 and 5.2.3)."""

_REQUIRED = {ExtensionOID.AUTHORITY_KEY_IDENTIFIER: False, ExtensionOID.CRL_NUMBER: False}
_ALLOWED = {**_REQUIRED, ExtensionOID.ISSUING_DISTRIBUTION_POINT: True}
_STRONG = {"sha256", "sha384", "sha512"}
_SIGNATURES_WITHOUT_HASH = {"1.3.101.112", "2.16.840.1.101.3.4.3.18"}  # Ed25519, ML-DSA-65
# A revocation is for good here, and a reason that says nothing is left out (RFC 5280, 5.3.1).
_REASONS = {
    x509.ReasonFlags.key_compromise,
    x509.ReasonFlags.ca_compromise,
    x509.ReasonFlags.affiliation_changed,
    x509.ReasonFlags.superseded,
    x509.ReasonFlags.cessation_of_operation,
    x509.ReasonFlags.privilege_withdrawn,
    x509.ReasonFlags.aa_compromise,
}
_OF_ENTRIES = {CRLEntryExtensionOID.CRL_REASON, CRLEntryExtensionOID.INVALIDITY_DATE}


class UnreadableListError(Exception):
    """The bytes are no list that the library can read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a list says of one serial."""

    revoked_at: datetime
    reason: x509.ReasonFlags | None


def read(data: bytes) -> x509.CertificateRevocationList:
    """Read a list in DER or PEM. Raises UnreadableListError."""
    try:
        if data.lstrip().startswith(b"-----BEGIN"):
            return x509.load_pem_x509_crl(data)
        return x509.load_der_x509_crl(data)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UnreadableListError(f"it can't be read: {error}") from error


def findings(crl: x509.CertificateRevocationList, *, issuer: x509.Certificate | None, now: datetime) -> Iterator[str]:
    """Say what is wrong with one list at `now`: signature, age, number, extensions, entries (RFC 5280, 5)."""
    yield from _of_signature(crl, issuer)
    yield from _of_age(crl, now)
    yield from _of_extensions(crl)
    yield from _of_entries(crl)


def findings_beside(
    previous: x509.CertificateRevocationList, crl: x509.CertificateRevocationList, *, ended: Collection[int] = ()
) -> Iterator[str]:
    """Say what a list must not do after the one before it.

    `ended` are serials whose certificates had ended when `previous` was issued: those may go (RFC 5280, 3.3).
    """
    if previous.issuer != crl.issuer:
        yield "it is of another issuer than the list before"
        return
    before, after = number_of(previous), number_of(crl)
    if before is not None and after is not None and after <= before and previous.signature != crl.signature:
        yield f"its number {after} is not above {before}, the number of the list before"
    if crl.last_update_utc < previous.last_update_utc:
        yield f"its date {crl.last_update_utc:%Y-%m-%d %H:%M:%S} lies before that of the list before"
    yield from _of_lost(entries_of(previous), crl, ended)


def number_of(crl: x509.CertificateRevocationList) -> int | None:
    """Return the CRL number, or None where there is none."""
    try:
        return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except x509.ExtensionNotFound:
        return None


def entries_of(crl: x509.CertificateRevocationList) -> dict[int, Entry]:
    """Return every serial with what is said of it."""
    return {entry.serial_number: Entry(entry.revocation_date_utc, _reason(entry)) for entry in crl}


def lost_from(previous: x509.CertificateRevocationList, crl: x509.CertificateRevocationList) -> set[int]:
    """Return the serials of the list before that this one lacks."""
    return {entry.serial_number for entry in previous} - {entry.serial_number for entry in crl}


def _of_signature(crl: x509.CertificateRevocationList, issuer: x509.Certificate | None) -> Iterator[str]:
    algorithm = crl.signature_algorithm_oid.dotted_string
    if algorithm not in _SIGNATURES_WITHOUT_HASH:
        hashed = crl.signature_hash_algorithm
        if hashed is None or hashed.name not in _STRONG:
            yield f"it is signed over a weak hash ({hashed.name if hashed else algorithm})"
    if issuer is None:
        return
    if crl.issuer.public_bytes() != issuer.subject.public_bytes():
        yield "its issuer's name is not that of the issuer's certificate"
    try:
        valid = crl.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]  # other kinds raise TypeError
    except TypeError:
        valid = False
    if not valid:
        yield "its signature is not the issuer's"
    yield from _of_issuer(crl, issuer)


def _of_issuer(crl: x509.CertificateRevocationList, issuer: x509.Certificate) -> Iterator[str]:
    try:
        if not issuer.extensions.get_extension_for_class(x509.KeyUsage).value.crl_sign:
            yield "the issuer's certificate does not allow the signing of lists"
        key = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
        named = crl.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        if named != key:
            yield "its authority key identifier is not the issuer's"
    except x509.ExtensionNotFound:
        return  # A list without the identifier is found below; a certificate without one names no key.


def _of_age(crl: x509.CertificateRevocationList, now: datetime) -> Iterator[str]:
    if crl.last_update_utc > now + SKEW:
        yield f"it is dated in the future, {crl.last_update_utc:%Y-%m-%d %H:%M:%S} UTC"
    end = crl.next_update_utc
    if end is None:
        yield "it does not say when the next list comes"
    elif end <= crl.last_update_utc:
        yield "it ends before it begins"
    elif end <= now:
        yield f"it is too old: the next list was due by {end:%Y-%m-%d %H:%M:%S} UTC"


def _of_extensions(crl: x509.CertificateRevocationList) -> Iterator[str]:
    found = {extension.oid: extension for extension in crl.extensions}
    for oid in _REQUIRED.keys() - found.keys():
        yield f"it lacks the extension {oid.dotted_string}"
    for oid, extension in found.items():
        if oid not in _ALLOWED:
            yield f"it has the extension {oid.dotted_string}, which a full list of ours must not have"
        elif extension.critical != _ALLOWED[oid]:
            yield f"its extension {oid.dotted_string} must {'' if _ALLOWED[oid] else 'not '}be critical"
    number = number_of(crl)
    if number is not None and not 0 <= number < 1 << 8 * LONGEST - 1:
        yield f"its number {number} is out of bounds"
    for extension in found.values():
        if isinstance(extension.value, x509.IssuingDistributionPoint):
            yield from _of_scope(extension.value)


def _of_scope(scope: x509.IssuingDistributionPoint) -> Iterator[str]:
    if scope.full_name is None:
        yield "its issuingDistributionPoint names no address"
    narrowed = scope.only_contains_attribute_certs or scope.only_some_reasons
    if scope.indirect_crl or narrowed or scope.only_contains_ca_certs:
        yield "its issuingDistributionPoint narrows or widens what the list is about"


def _of_entries(crl: x509.CertificateRevocationList) -> Iterator[str]:
    seen = set[int]()
    for entry in crl:
        serial = entry.serial_number
        if not 0 < serial < 1 << 8 * LONGEST - 1:
            yield f"the serial {serial:x} is out of bounds"
        if serial in seen:
            yield f"the serial {serial:x} stands there twice"
        seen.add(serial)
        if entry.revocation_date_utc > crl.last_update_utc + SKEW:
            yield f"the serial {serial:x} is revoked after the list's date"
        yield from _of_entry_extensions(entry)


def _of_entry_extensions(entry: x509.RevokedCertificate) -> Iterator[str]:
    try:
        extensions = list(entry.extensions)
    except ValueError as error:
        yield f"the entry of {entry.serial_number:x} can't be read: {error}"
        return
    for extension in extensions:
        if extension.oid not in _OF_ENTRIES or extension.critical:
            yield f"the entry of {entry.serial_number:x} has the extension {extension.oid.dotted_string}"
        elif isinstance(extension.value, x509.CRLReason) and extension.value.reason not in _REASONS:
            yield f"the entry of {entry.serial_number:x} gives the reason {extension.value.reason.value}"


def _reason(entry: x509.RevokedCertificate) -> x509.ReasonFlags | None:
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except (x509.ExtensionNotFound, ValueError):
        return None


def _of_lost(before: dict[int, Entry], crl: x509.CertificateRevocationList, ended: Collection[int]) -> Iterator[str]:
    for entry in crl:
        old = before.pop(entry.serial_number, None)
        if old is None:
            continue
        if entry.revocation_date_utc != old.revoked_at:
            yield f"the serial {entry.serial_number:x} was revoked at another time on the list before"
        # A later report may raise the reason to key compromise, nothing else.
        if _reason(entry) not in (old.reason, x509.ReasonFlags.key_compromise):
            yield f"the serial {entry.serial_number:x} had another reason on the list before"
    lost = before.keys() - set(ended)
    if lost:
        yield f"{len(lost)} serials of the list before are missing, such as {min(lost):x}"
