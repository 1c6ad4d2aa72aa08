"""Everything stored is looked at again: bytes, columns, intent, approvals, authority, lint (O-1.1).

What linting lets through was right on its day. This finds what was changed since, in the database or in
what linting knows: it believes no column and no event, and works everything out from what was approved.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db.models import QuerySet

from certificates import csr, invariants
from certificates.models import Certificate, CertificationAuthority, Order
from certificates.profiles import CertificateProfile
from certificates.rules import KEY_BY_APPLICANT, KEY_BY_LRA, FrozenOrder
from certificates.worker import building, claims, linting
from certificates.worker.building import Plan
from certificates.worker.claims import GivenApproval


def everything() -> Iterator[str]:
    """Yield one line for each thing that is not right, authorities first."""
    for authority in CertificationAuthority.objects.order_by("name"):
        for fault in faults_of_authority(authority):
            yield f"authority {authority.name}: {fault}"
    for certificate in with_surroundings().iterator(500):
        yield from faults_of(certificate)


def with_surroundings() -> QuerySet[Certificate]:
    """Return the certificates in the order in which they are looked at, with all that is held beside them."""
    rows = Certificate.objects.select_related("intent__authority__issuer", "order", "authority")
    return rows.prefetch_related("order__approvals", "order__holder_keys").order_by("pk")


def faults_of(certificate: Certificate) -> Iterator[str]:
    """Yield what is wrong with one stored certificate, its management number in front."""
    for fault in (*invariants.faults_of(certificate), *_faults_beside(certificate)):
        yield f"{certificate.management_number}: {fault}"


def faults_of_authority(authority: CertificationAuthority) -> Iterator[str]:
    """Yield what is wrong with the certificates of an authority, all that it ever had."""
    kept = {bytes(row.der): row for row in authority.own_certificates.select_related("issuer")}
    if bytes(authority.certificate_der) not in kept:
        yield "its certificate is not among those on record"
    for der, row in kept.items():
        certificate = x509.load_der_x509_certificate(der)
        above = row.issuer.own_certificates.all() if row.issuer else [row]
        if not any(_issued_by(certificate, bytes(one.der)) for one in above):
            yield f"certificate {row.sha256[:16]} is signed by none of its issuer's"
        if certificate.subject.public_bytes() != bytes(authority.subject_der):
            yield f"certificate {row.sha256[:16]} is for another name"
        yield from linting.pkix_findings(der)


def _faults_beside(certificate: Certificate) -> Iterator[str]:
    """Hold bytes, intent, order and approvals side by side."""
    order, der = certificate.order, bytes(certificate.der)
    try:
        parsed = x509.load_der_x509_certificate(der)
        frozen = claims.approved(order, _given(order))
        plan = claims.plan_of(certificate.intent)
        copy = linting.copy_of(building.build(plan), plan)
    except claims.UnfitError as error:
        yield from error.findings
        return
    except (KeyError, TypeError, ValueError, x509.InvalidVersion) as error:
        yield f"can't be worked out again ({type(error).__name__}: {error})"
        return
    if certificate.intent.round != order.round:
        yield "was signed in another round than it was approved in"
    if any(one.given_at > certificate.issued_at for one in order.approvals.all()):
        yield "was approved after it had been issued"
    if copy.tbs_certificate_bytes != parsed.tbs_certificate_bytes:
        yield "says something else than its intent"
    yield from _departures(plan, frozen, _request_of(order, frozen))
    yield from linting.findings_of(parsed, plan)


def _given(order: Order) -> list[GivenApproval]:
    """Return the approvals of the order's round, out of those that were fetched with it."""
    rows = [one for one in order.approvals.all() if one.round == order.round]
    return [GivenApproval(one.order_id, one.round, one.role, one.person_id, one.digest) for one in rows]


def _request_of(order: Order, frozen: FrozenOrder) -> bytes | None:
    """Return the request that the key was to come from; None where the LRA makes it."""
    if frozen.key_mode == KEY_BY_LRA:
        return None
    keys = [bytes(one.csr) for one in order.holder_keys.all() if one.person_id == order.holder_id]
    return frozen.csr if frozen.key_mode == KEY_BY_APPLICANT else (keys or [b""])[-1]


def _departures(plan: Plan, frozen: FrozenOrder, request: bytes | None) -> Iterator[str]:
    """Yield where the intent departs from what was approved, and from the holder's request for the key."""
    if request == b"":
        yield "was signed for a key that its holder never gave"
        return
    pairs: dict[str, tuple[Any, Any]] = {
        "subject": (plan.subject, frozen.subject),
        "mail addresses": (plan.emails, frozen.emails),
        "profile": (plan.profile, CertificateProfile.parse(frozen.profile)),
    }
    if request:
        key = csr.public_key(request).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        pairs["key"] = (plan.spki, key)
    for what, (signed, approved) in pairs.items():
        if signed != approved:
            yield f"the {what} signed is not the one approved"
    if frozen.valid_until and plan.not_after >= frozen.valid_until:
        yield "outlasts its contract"


def _issued_by(certificate: x509.Certificate, issuer: bytes) -> bool:
    try:
        certificate.verify_directly_issued_by(x509.load_der_x509_certificate(issuer))
    except Exception:  # noqa: BLE001 — the library raises one of four types; each means the same here
        return False
    return True
