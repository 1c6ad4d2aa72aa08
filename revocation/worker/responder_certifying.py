"""Gives the responder processes their short certificates (RFC 6960, 4.2.2.2).

A responder that was taken over can lie only as long as its certificate lives; nobody asks for the status of
that certificate (id-pkix-ocsp-nocheck), which is why it is short.
"""

from datetime import datetime, timedelta

import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.db import transaction

from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.services import record
from certificates.models import CertificationAuthority
from certificates.worker import authorities, keys
from certificates.worker.linting import pkix_findings
from certificates.worker.serials import new_serial
from revocation.models import ResponderCertificate, ResponderKey

log = structlog.get_logger(__name__)

LIFE = timedelta(hours=24)
# A responder's clock may be a little behind ours.
BACKDATED = timedelta(minutes=2)
# Older requests are from processes that have ended, or have asked again.
ANSWERED_WITHIN = timedelta(minutes=30)
AT_ONCE = 50


class RequestRefusedError(Exception):
    """A responder's request is not one that gets a certificate."""


def certify_waiting(*, actor: Actor, at: datetime) -> int:
    """Answer the requests of responder processes for every issuing authority; returns how many certificates."""
    made = 0
    for authority in CertificationAuthority.objects.filter(issuer__isnull=False, not_after__gt=at + 2 * LIFE):
        waiting = ResponderKey.objects.filter(created_at__gt=at - ANSWERED_WITHIN)
        for key in waiting.exclude(certificates__authority=authority).order_by("created_at")[:AT_ONCE]:
            try:
                certify(key=key, authority=authority, actor=actor, at=at)
            except RequestRefusedError as refused:
                log.warning("responder key refused", key=str(key.pk), reason=str(refused))
            else:
                made += 1
    return made


def certify(
    *, key: ResponderKey, authority: CertificationAuthority, actor: Actor, at: datetime
) -> ResponderCertificate:
    """Certify one responder key for one authority: the row with serial and period first, then the signature.

    Raises RequestRefusedError for a request that is none, or for a key of another kind.
    """
    actor = authorise(actor=actor, act=Act.RESPONDER_CERTIFY)
    public = _public_key(bytes(key.csr_der))
    begin = (at - BACKDATED).replace(microsecond=0)
    row = ResponderCertificate.objects.create(
        key=key,
        authority=authority,
        serial=f"{new_serial():x}",
        der=b"",
        not_before=begin,
        not_after=begin + LIFE,
    )
    issuer = authorities.certificate_of(authority)
    certificate = _builder(row, issuer, public).sign(keys.load(authority.key_reference), hashes.SHA256())
    encoded = certificate.public_bytes(Encoding.DER)
    if found := pkix_findings(encoded):
        raise RequestRefusedError("; ".join(found))
    with transaction.atomic():
        ResponderCertificate.objects.filter(pk=row.pk).update(der=encoded)
        record(act=Act.RESPONDER_CERTIFY, actor=actor, at=at, subject=row, details={"serial": row.serial})
    row.refresh_from_db()
    return row


def _public_key(encoded: bytes) -> ec.EllipticCurvePublicKey:
    try:
        request = x509.load_der_x509_csr(encoded)
        public = request.public_key()
        signed = request.is_signature_valid
    except (ValueError, TypeError, InvalidSignature) as error:
        raise RequestRefusedError("not a certificate request") from error
    if not signed or not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        raise RequestRefusedError("not signed by its own P-256 key")
    return public


def _builder(
    row: ResponderCertificate, issuer: x509.Certificate, public: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    """What a responder certificate says; nothing is taken from the request but its key."""
    issuer_key = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    usage = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return (
        x509.CertificateBuilder()
        .serial_number(int(row.serial, 16))
        .issuer_name(issuer.subject)
        .subject_name(_subject(issuer))
        .public_key(public)
        .not_valid_before(row.not_before)
        .not_valid_after(row.not_after)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.KeyUsage(digital_signature=True, **usage), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
        .add_extension(x509.OCSPNoCheck(), critical=False)
    )


def _subject(issuer: x509.Certificate) -> x509.Name:
    """Country and organisation of the issuer, and what this is."""
    shared = [part for part in issuer.subject if part.oid in (NameOID.COUNTRY_NAME, NameOID.ORGANIZATION_NAME)]
    return x509.Name([*shared, x509.NameAttribute(NameOID.COMMON_NAME, "OCSP responder")])
