"""A small world for tests of revocation: a root, an issuing CA with a real key, people, and certificates on demand."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db.models import F
from django.utils import timezone

from accounts.models import RoleGrant, User
from accounts.roles import Role
from audit.actors import Actor
from certificates.models import Approval, Certificate, CertificationAuthority, Intent, Order
from certificates.names import Part
from certificates.worker import authorities, building, ceremony, keys, serials
from regulations.models import ParentService, Subscription, TargetSystem
from revocation.models import Crl, CrlChunk

SYSTEM = Actor.system("test")
PUBLISHER = Actor.system("publisher")
STATUS_URL = "http://127.0.0.1:8000"
OCSP_URL = "http://127.0.0.1:8001/"


def now() -> datetime:
    return timezone.now().astimezone(UTC).replace(microsecond=0)


@dataclass
class World:
    """What tests work with; `certificate()` makes another one."""

    root: CertificationAuthority
    issuing: CertificationAuthority
    system: TargetSystem
    holder: User
    applicant: User
    people: dict[str, User] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """The actor behind one of the named people."""
        return self.people[name].actor("192.0.2.1")

    def certificate(self, **changes: object) -> Certificate:
        """A certificate that the issuing CA has really signed, in use by the holder."""
        return make_certificate(self, **changes)  # type: ignore[arg-type]


def person(name: str, *roles: Role) -> User:
    """An account with roles; the address ends so that nobody can take it for a real one."""
    user = User.objects.create_user(f"{name}@people.example", name=f"デモ {name}", language="ja")
    for role in roles:
        RoleGrant.objects.create(user=user, role=role, granted_at=now())
    return user


def make_world(*, key_type: str = "p256") -> World:
    """Hold the ceremonies and let the people in."""
    at = now() - timedelta(days=30)
    tag = secrets.token_hex(4)
    root = authorities.create_root(wanted=_ceremony(f"root-{tag}", key_type), actor=SYSTEM, at=at)
    issuing = authorities.create_issuing(wanted=_ceremony(f"issuing-{tag}", key_type), root=root, actor=SYSTEM, at=at)
    service = ParentService.objects.create(slug=f"service-{tag}", name={"ja": "デモ", "en": "Demo"})
    system = TargetSystem.objects.create(slug=f"system-{tag}", parent_service=service)
    people = {
        "holder": person("holder"),
        "applicant": person("applicant"),
        "stranger": person("stranger"),
        "examiner": person("examiner", Role.EXAMINER),
        "approver": person("approver", Role.APPROVER),
        "other_approver": person("other_approver", Role.APPROVER),
        "agent": person("agent", Role.AGENT),
        "auditor": person("auditor", Role.AUDITOR),
    }
    return World(root, issuing, system, people["holder"], people["applicant"], people)


def make_certificate(
    world: World,
    *,
    not_after: datetime | None = None,
    holder: User | None = None,
    key: ec.EllipticCurvePrivateKey | None = None,
    replaces: Certificate | None = None,
    frozen: dict[str, object] | None = None,
) -> Certificate:
    """Sign a certificate with the issuing CA's key and store it as the signer would."""
    at = now() - timedelta(days=2)
    holder = holder or world.holder
    end = not_after or at + timedelta(days=365)
    order = _order(world, holder, replaces, frozen or {}, at)
    intent = _intent(world, order, at)
    signed = _signed(world.issuing, int(intent.serial, 16), min(at, end - timedelta(days=1)), end, key or _key())
    der = signed.public_bytes(Encoding.DER)
    spki = signed.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Certificate.objects.create(
        story=order.story,
        management_number=f"C-{secrets.randbelow(10**6):06d}",
        order=order,
        intent=intent,
        subscription=order.subscription,
        holder=holder,
        authority=world.issuing,
        serial=intent.serial,
        der=der,
        sha256=hashlib.sha256(der).hexdigest(),
        public_key_sha256=hashlib.sha256(spki).hexdigest(),
        subject_text="CN=Hanako Demo,O=Demo Seiki K.K.,C=JP",
        common_name="Hanako Demo",
        not_before=signed.not_valid_before_utc,
        not_after=signed.not_valid_after_utc,
        issued_at=at,
        delivery_since=at,
    )


def make_current() -> None:
    """Let every list that was built be served now instead of within the second."""
    for crl in Crl.objects.filter(current_from__gt=F("built_at")):
        crl.current_from = crl.built_at - timedelta(seconds=1)
        crl.save(update_fields=["current_from"])


def followed_by(crl: Crl, **changes: Any) -> Crl:
    """A list after `crl` that is like it but for `changes`, with the same bytes or those of `body`.

    What was published can't be changed, so tests of old or faulty lists put another one behind it.
    """
    body = changes.pop("body", None) or b"".join(bytes(chunk.body) for chunk in crl.chunks.order_by("position"))
    values = {field.attname: getattr(crl, field.attname) for field in Crl._meta.concrete_fields if field.name != "id"}
    values |= {"number": crl.number + 1, "size": len(body), "sha256": hashlib.sha256(body).hexdigest(), **changes}
    newer = Crl.objects.create(**values)
    CrlChunk.objects.create(crl=newer, position=0, body=body)
    return newer


def pem(world: World) -> bytes:
    """The chain from the issuing CA to the root, in PEM."""
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in authorities.chain_of(world.issuing))


def _ceremony(name: str, key_type: str) -> authorities.Ceremony:
    addresses = ceremony.addresses(name=name, status_url=STATUS_URL, ocsp_url=OCSP_URL)
    subject = (Part("C", "JP"), Part("O", "Demo LRA"), Part("CN", f"Demo CA {name}"))
    return authorities.Ceremony(name=name, subject=subject, key_type=key_type, addresses=addresses)


def _order(world: World, holder: User, replaces: Certificate | None, frozen: dict[str, object], at: datetime) -> Order:
    subscription = (
        replaces.subscription
        if replaces
        else Subscription.objects.create(
            target_system=world.system, holder=holder, subject_key=secrets.token_hex(8), status_since=at
        )
    )
    order = Order.objects.create(
        story=uuid4(),
        subscription=subscription,
        holder=holder,
        frozen={"key_mode": "lra", **frozen},
        digest="0" * 64,
        status_since=at,
        created_at=at,
        replaces=replaces,
    )
    Approval.objects.create(order=order, round=1, role="applicant", person=world.applicant, digest="", given_at=at)
    for status in ("queued", "signing", "issued"):
        Order.objects.filter(pk=order.pk).update(status=status)
    return order


def _intent(world: World, order: Order, at: datetime) -> Intent:
    intent = Intent.objects.create(
        order=order,
        round=1,
        authority=world.issuing,
        serial=f"{serials.new_serial():x}",
        statement={},
        status_since=at,
        signer="test",
        lock_key=1,
        lease_until=at,
    )
    Intent.objects.filter(pk=intent.pk).update(status="signed")
    return intent


@cache
def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _signed(
    authority: CertificationAuthority,
    serial: int,
    begin: datetime,
    end: datetime,
    key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    issuer = authorities.issuer_of(authority)
    return (
        x509.CertificateBuilder()
        .serial_number(serial)
        .issuer_name(issuer.certificate.subject)
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Hanako Demo")]))
        .public_key(key.public_key())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(building.authority_key_identifier(issuer.certificate), critical=False)
        .add_extension(building.distribution_points(issuer.crl_url), critical=False)
        .add_extension(building.information_access(issuer), critical=False)
        .sign(keys.load(authority.key_reference), hashes.SHA256())
    )
