"""Authorities as rows: made by the ceremony, read by the signer (O-1.1)."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction

from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.services import record
from certificates import names
from certificates.models import AuthorityCertificate, CertificationAuthority, DistributionPoint, RootCrl
from certificates.names import Part
from certificates.worker import building, ceremony, keys
from certificates.worker.ceremony import Addresses, CeremonyError

_MICROSECONDS = timedelta(microseconds=1)
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True)
class Ceremony:
    """What the person at the ceremony decided for one authority."""

    name: str
    subject: tuple[Part, ...]
    key_type: str
    addresses: Addresses
    key_place: str = "file"
    shards: int = 1


@transaction.atomic
def create_root(*, wanted: Ceremony, actor: Actor, at: datetime) -> CertificationAuthority:
    """Make a root with its key and its first CRL, and record it.

    Raises CeremonyError when the name is taken, KeyUnavailableError when there is no place for keys.
    """
    actor = authorise(actor=actor, act=Act.AUTHORITY_CREATE)
    _refuse_taken(wanted)
    reference = _new_key(wanted)
    key = keys.load(reference)
    certificate = ceremony.root_certificate(subject=wanted.subject, key=key, at=at)
    authority = _store(wanted, certificate, reference, issuer=None, at=at)
    publish_root_crl(root=authority, at=at)
    record(act=Act.AUTHORITY_CREATE, actor=actor, at=at, subject=authority, details=_facts(authority))
    return authority


@transaction.atomic
def create_issuing(
    *,
    wanted: Ceremony,
    root: CertificationAuthority,
    actor: Actor,
    at: datetime,
    succeeds: CertificationAuthority | None = None,
) -> CertificationAuthority:
    """Make an issuing CA with its key, certified by `root`, and record it. Raises as `create_root`.

    Where it succeeds another one, whatever the rules order from the old name is signed by it from now on; the
    old one goes on answering for what it has signed, under its own name.
    """
    actor = authorise(actor=actor, act=Act.AUTHORITY_CREATE)
    _refuse_taken(wanted)
    reference = _new_key(wanted)
    certificate = ceremony.issuing_certificate(
        subject=wanted.subject,
        public_key=keys.load(reference).public_key(),
        root=certificate_of(root),
        root_key=keys.load(root.key_reference),
        root_addresses=Addresses(root.ca_url, root.crl_url, ""),
        at=at,
    )
    authority = _store(wanted, certificate, reference, issuer=root, at=at)
    if succeeds is not None:
        _succeed(succeeds, authority)
    facts = _facts(authority) | {"succeeds": succeeds.name if succeeds else ""}
    record(act=Act.AUTHORITY_CREATE, actor=actor, at=at, subject=authority, details=facts)
    return authority


@transaction.atomic
def renew(*, authority: CertificationAuthority, actor: Actor, at: datetime) -> CertificationAuthority:
    """Give an authority a new certificate for the key and the name that it has; the old one stays on record.

    Raises CeremonyError when that would not last longer than the one it has, or the key is not the certified one,
    KeyUnavailableError.
    """
    actor = authorise(actor=actor, act=Act.AUTHORITY_RENEW)
    authority = CertificationAuthority.objects.select_for_update(of=("self",)).get(pk=authority.pk)
    key, before = keys.load(authority.key_reference), certificate_of(authority)
    if key.public_key() != before.public_key():
        raise CeremonyError(f"the key {authority.key_reference} is not the one that “{authority.name}” has")
    certificate = _renewed(authority, key, before, at)
    if certificate.subject.public_bytes() != bytes(authority.subject_der):
        raise CeremonyError("the name would not stay the same, byte for byte")
    if certificate.not_valid_after_utc <= authority.not_after:
        raise CeremonyError(f"a new certificate would end no later than {authority.not_after:%F %T} UTC")
    _keep_certificate(authority, certificate, at)
    _put_up(authority, certificate)
    record(act=Act.AUTHORITY_RENEW, actor=actor, at=at, subject=authority, details=_facts(authority))
    return authority


def generations() -> dict[str, CertificationAuthority]:
    """Return who signs now for the name of each issuing authority that there ever was."""
    issuing = CertificationAuthority.objects.exclude(issuer=None).select_related("issuer", "successor__issuer")
    return {authority.name: authority.signs_now() for authority in issuing}


def publish_root_crl(*, root: CertificationAuthority, at: datetime) -> RootCrl:
    """Sign and store the root's next CRL. Its number grows strictly: microseconds, or one more than the last."""
    last = root.root_crls.order_by("-number").first()
    number = max(int(last.number) + 1 if last else 1, (at - _EPOCH) // _MICROSECONDS)
    begin = (max(at, last.this_update) if last else at).replace(microsecond=0)
    crl = ceremony.root_crl(
        root=certificate_of(root), key=keys.load(root.key_reference), number=number, revoked=[], at=begin
    )
    return RootCrl.objects.create(
        authority=root,
        number=number,
        der=crl.public_bytes(Encoding.DER),
        this_update=crl.last_update_utc,
        next_update=begin + timedelta(days=ceremony.ROOT_CRL_DAYS),
    )


def certificate_of(authority: CertificationAuthority) -> x509.Certificate:
    """Return the authority's own certificate, parsed once per process."""
    return _parsed(authority.pk, bytes(authority.certificate_der))


def issuer_of(authority: CertificationAuthority, *, shard: int = 0, sha256: str = "") -> building.Issuer:
    """Return what certificates say of this issuer, as the ceremony fixed it.

    With `sha256` it is the issuer as it stood when its certificate was that one, since renewed perhaps.
    """
    certificate = certificate_of(authority)
    if sha256 not in {"", authority.sha256}:
        earlier = authority.own_certificates.get(sha256=sha256)
        certificate = _parsed(authority.pk, bytes(earlier.der))
    return building.Issuer(certificate, list_url(authority, shard), authority.ca_url, authority.ocsp_url)


def list_url(authority: CertificationAuthority, shard: int) -> str:
    """Return where the list of a shard is found, as the ceremony fixed it."""
    return _places(authority.pk)[shard] if shard else authority.crl_url


@cache
def _places(authority: UUID) -> dict[int, str]:
    return dict(DistributionPoint.objects.filter(authority=authority).values_list("shard", "url"))


def chain_of(authority: CertificationAuthority) -> list[x509.Certificate]:
    """Return the certificates from this authority up to its root."""
    above = chain_of(authority.issuer) if authority.issuer else []
    return [certificate_of(authority), *above]


@cache
def _parsed(_authority: UUID, der: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(der)


def _refuse_taken(wanted: Ceremony) -> None:
    """Refuse a name that is taken, short or in full: two keys under one name would share their lists."""
    if CertificationAuthority.objects.filter(name=wanted.name).exists():
        raise CeremonyError(f"there is an authority named “{wanted.name}” already; nothing was overwritten")
    subject = names.build(wanted.subject).public_bytes()
    if CertificationAuthority.objects.filter(subject_der=subject).exists():
        raise CeremonyError("there is an authority with this distinguished name already; nothing was overwritten")


def _succeed(old: CertificationAuthority, new: CertificationAuthority) -> None:
    if new.shards < old.shards:
        raise CeremonyError(f"“{old.name}” has {old.shards} shards, which rules count on; nothing was changed")
    if not CertificationAuthority.objects.filter(pk=old.pk, successor=None).exclude(issuer=None).update(successor=new):
        raise CeremonyError(f"“{old.name}” has a successor already, or is a root; nothing was changed")


def _renewed(
    authority: CertificationAuthority, key: keys.SigningKey, before: x509.Certificate, at: datetime
) -> x509.Certificate:
    subject = tuple(names.parts_of(before.subject))
    if authority.issuer is None:
        return ceremony.root_certificate(subject=subject, key=key, at=at)
    root = authority.issuer
    return ceremony.issuing_certificate(
        subject=subject,
        public_key=key.public_key(),
        root=certificate_of(root),
        root_key=keys.load(root.key_reference),
        root_addresses=Addresses(root.ca_url, root.crl_url, ""),
        at=at,
    )


def _store(
    wanted: Ceremony,
    certificate: x509.Certificate,
    reference: str,
    *,
    issuer: CertificationAuthority | None,
    at: datetime,
) -> CertificationAuthority:
    der = certificate.public_bytes(Encoding.DER)
    authority = CertificationAuthority.objects.create(
        name=wanted.name,
        issuer=issuer,
        certificate_der=der,
        sha256=hashlib.sha256(der).hexdigest(),
        subject_der=certificate.subject.public_bytes(),
        key_reference=reference,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        ca_url=wanted.addresses.certificate,
        crl_url=wanted.addresses.crl,
        ocsp_url=wanted.addresses.ocsp if issuer else "",
        shards=wanted.shards,
        created_at=at,
    )
    if issuer is not None:
        _keep_places(authority, wanted)
    _keep_certificate(authority, certificate, at)
    return authority


def _keep_places(authority: CertificationAuthority, wanted: Ceremony) -> None:
    """Put on record where the list of every shard is found, and what it says of that place."""
    places = {shard: ceremony.list_url(wanted.addresses.crl, shard) for shard in range(wanted.shards)}
    taken = DistributionPoint.objects.filter(url__in=places.values()).first()
    if taken is not None:
        raise CeremonyError(f"{taken.url} is the place of another authority's list; nothing was overwritten")
    DistributionPoint.objects.bulk_create(
        DistributionPoint(
            authority=authority, shard=shard, url=url, der=ceremony.issuing_distribution_point(url).public_bytes()
        )
        for shard, url in places.items()
    )


def _keep_certificate(authority: CertificationAuthority, certificate: x509.Certificate, at: datetime) -> None:
    """Put a certificate of the authority on record, for good."""
    der = certificate.public_bytes(Encoding.DER)
    AuthorityCertificate.objects.create(
        authority=authority,
        issuer=authority.issuer,
        der=der,
        sha256=hashlib.sha256(der).hexdigest(),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        made_at=at,
    )


def _put_up(authority: CertificationAuthority, certificate: x509.Certificate) -> None:
    """Make a certificate the one that is handed out and built upon."""
    authority.certificate_der = certificate.public_bytes(Encoding.DER)
    authority.sha256 = hashlib.sha256(authority.certificate_der).hexdigest()
    authority.not_before = certificate.not_valid_before_utc
    authority.not_after = certificate.not_valid_after_utc
    authority.save(update_fields=["certificate_der", "sha256", "not_before", "not_after"])


def _new_key(wanted: Ceremony) -> str:
    """Make a key under a name of its own, so that a ceremony cut short never stands in the way of the next."""
    name = f"{wanted.name}-{secrets.token_hex(4)}"
    return keys.backend(wanted.key_place).create(name=name, key_type=wanted.key_type)


def _facts(authority: CertificationAuthority) -> dict[str, str]:
    return {"name": authority.name, "sha256": authority.sha256, "crl": authority.crl_url, "ocsp": authority.ocsp_url}
