"""Delivery to the subject, or the custodian of a device, and to nobody else (O-14.2, O-14.3).

The link is bound to the holder, is used once and lives shortly. Looking at its page consumes nothing,
because mail scanners follow links. The PIN goes by a way of its own (`pins`), opened only in the worker.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.notices import Letter, notify_many
from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.copying import copy_all
from audit.refusals import NotFound, RuleViolated, Throttled, Violation
from audit.services import record
from certificates import emails
from certificates.models import Certificate, CertificationAuthority, DeliveryLink
from certificates.services import alarms, pins
from vault.services import open_blob

LIFE: Final = timedelta(days=7)
MAX_ATTEMPTS: Final = 5
MAX_LINKS_A_DAY: Final = 5


@dataclass(frozen=True)
class File:
    """A file for the holder: what it is called, its media type, its bytes."""

    name: str
    media_type: str
    content: bytes


def digest_of(token: str) -> bytes:
    """Return what is stored of a link's token."""
    return hashlib.sha256(token.encode()).digest()


def announce(*, certificates: Sequence[Certificate], at: datetime) -> None:
    """Open a link for each new certificate and tell its holder; a PIN goes separately. Inside a transaction."""
    links, letters = announcements(certificates, at)
    copy_all(links)
    notify_many(letters=letters, at=at, fresh=True)
    pins.post(certificates=certificates, at=at, fresh=True)


def announcements(certificates: Sequence[Certificate], at: datetime) -> tuple[list[DeliveryLink], list[Letter]]:
    """Return the links and letters that announce certificates; nothing is read or written.

    A file that the holder's browser builds is fetched by no link.
    """
    letters = []
    links = []
    for certificate in certificates:
        if certificate.order.made_in_browser:
            letters.append(_made_in_browser(certificate))
            continue
        token = secrets.token_urlsafe(32)
        links.append(_link(certificate, token, at))
        letters.append(_ready(certificate, token, links[-1]))
    return links, letters


@transaction.atomic
def send_again(*, certificate: Certificate, actor: Actor, at: datetime) -> DeliveryLink:
    """Close what links there are and send the holder a new one.

    Raises NotFound for anybody else's certificate, Throttled after five links in a day, RuleViolated for
    a certificate that is revoked or over.
    """
    actor = authorise(actor=actor, act=Act.CERTIFICATE_DELIVER)
    _of_holder(certificate, actor)
    _refuse_browser_key(certificate)
    refuse_dead(certificate, at)
    _refuse_accepted_key(certificate)
    recent = certificate.delivery_links.filter(created_at__gt=at - timedelta(days=1)).count()
    if recent >= MAX_LINKS_A_DAY:
        raise Throttled(certificate=str(certificate.pk))
    link = post_link(certificate=certificate, at=at)
    record(act=Act.CERTIFICATE_DELIVER, actor=actor, at=at, subject=certificate, details={"link": str(link.pk)})
    return link


@transaction.atomic
def send_pin_again(*, certificate: Certificate, actor: Actor, at: datetime) -> None:
    """Send the PIN once more by its own way; raises as `send_again`, RuleViolated where there is no PIN."""
    actor = authorise(actor=actor, act=Act.CERTIFICATE_DELIVER)
    _of_holder(certificate, actor)
    refuse_dead(certificate, at)
    _refuse_accepted_key(certificate)
    if certificate.pin is None:
        raise RuleViolated([Violation(None, "no_pin", _("There is no PIN for this certificate."))])
    pins.refuse_soon(certificate=certificate, at=at)
    pins.post(certificates=[certificate], at=at)
    record(act=Act.CERTIFICATE_DELIVER, actor=actor, at=at, subject=certificate, details={"pin": "sent again"})


def post_link(*, certificate: Certificate, at: datetime) -> DeliveryLink:
    """Close what links there are and put a new one into a mail to the holder. Inside a transaction."""
    certificate.delivery_links.filter(used_at=None, closed_at=None).update(closed_at=at)
    token = secrets.token_urlsafe(32)
    link = _link(certificate, token, at)
    link.save(force_insert=True)
    notify_many(letters=[_ready(certificate, token, link)], at=at)
    return link


def find(*, token: str, actor: Actor) -> DeliveryLink:
    """Return the link for its page, changing nothing; raises NotFound unless it is the actor's own."""
    link = DeliveryLink.objects.select_related("certificate").filter(token_digest=digest_of(token)).first()
    if link is None or actor.person_id is None or link.certificate.holder_id != actor.person_id:
        raise NotFound
    return link


def state_of(link: DeliveryLink, at: datetime) -> str:
    """Return how a link stands: `open`, `used`, `expired` or `closed`."""
    if link.used_at is not None:
        return "used"
    if link.closed_at is not None or link.failed_attempts >= MAX_ATTEMPTS:
        return "closed"
    return "expired" if at >= link.expires_at else "open"


def download(*, token: str, actor: Actor, at: datetime) -> File:
    """Use the link and return the file that it stands for; the first download counts (O-14.2).

    Every try is counted, and the count committed, before it is judged; after five the link is closed, and where
    the last of them was somebody else's, key officers hear of it.
    Raises NotFound for a link that is another's, RuleViolated for one that is used, expired or closed.
    """
    actor = authorise(actor=actor, act=Act.CERTIFICATE_DOWNLOAD)
    counted = DeliveryLink.objects.filter(token_digest=digest_of(token), failed_attempts__lt=MAX_ATTEMPTS)
    in_time = counted.update(failed_attempts=F("failed_attempts") + 1)
    try:
        link = find(token=token, actor=actor)
    except NotFound:
        if in_time:
            _alarm_when_closed(token, at)
        raise
    if not in_time:
        raise _spent()
    return _take(link=link, actor=actor, at=at)


def _alarm_when_closed(token: str, at: datetime) -> None:
    """Tell key officers of a link that a stranger had and tried until it closed: it leaked, whoever it was."""
    link = DeliveryLink.objects.select_related("certificate").filter(token_digest=digest_of(token)).first()
    if link is None or link.failed_attempts < MAX_ATTEMPTS:
        return
    number = link.certificate.management_number
    what = f"the delivery link of {number} is closed: somebody else had it and tried it; a new one has to be sent"
    alarms.raise_alarm(what=what, key=f"link/{link.pk}", at=at)


@transaction.atomic
def _take(*, link: DeliveryLink, actor: Actor, at: datetime) -> File:
    certificate = link.certificate
    refuse_dead(certificate, at)
    used = DeliveryLink.objects.filter(pk=link.pk, used_at=None, closed_at=None, expires_at__gt=at).update(used_at=at)
    if not used:
        raise _spent()
    Certificate.objects.filter(pk=certificate.pk, delivery="undelivered").update(
        delivery="downloaded", delivery_since=at
    )
    certificate.refresh_from_db()
    record(act=Act.CERTIFICATE_DOWNLOAD, actor=actor, at=at, subject=certificate, details={"link": str(link.pk)})
    return _delivered(certificate, actor, at)


def _delivered(certificate: Certificate, actor: Actor, at: datetime) -> File:
    """Return the closed PKCS#12 file where the LRA made the key, else the certificate with its chain."""
    if certificate.pkcs12 is None:
        return public_file(certificate=certificate, kind="pem")
    content = open_blob(
        blob=certificate.pkcs12, actor=actor, reason="delivery to the holder", at=at, story=certificate.story
    )
    return File(f"{certificate.management_number}.p12", "application/x-pkcs12", content)


def public_file(*, certificate: Certificate, kind: str) -> File:
    """Return the certificate as `der`, or with its issuing CA as `pem` or `p7c` (PKCS#7); it holds nothing secret.

    Raises NotFound for another kind.
    """
    own = x509.load_der_x509_certificate(bytes(certificate.der))
    name = certificate.management_number
    if kind == "der":
        return File(f"{name}.cer", "application/pkix-cert", own.public_bytes(Encoding.DER))
    chain = [own, *issuers_of(certificate.authority)][:-1]
    if kind == "p7c":
        content = pkcs7.serialize_certificates(chain, Encoding.DER)
        return File(f"{name}.p7c", "application/pkcs7-mime; smime-type=certs-only", content)
    if kind == "pem":
        content = b"".join(one.public_bytes(Encoding.PEM) for one in chain)
        return File(f"{name}.pem", "application/x-pem-file", content)
    raise NotFound


def issuers_of(authority: CertificationAuthority) -> list[x509.Certificate]:
    """Return the certificates from the issuing CA up to its root."""
    above = issuers_of(authority.issuer) if authority.issuer else []
    return [x509.load_der_x509_certificate(bytes(authority.certificate_der)), *above]


def _link(certificate: Certificate, token: str, at: datetime) -> DeliveryLink:
    return DeliveryLink(certificate=certificate, token_digest=digest_of(token), created_at=at, expires_at=at + LIFE)


def _made_in_browser(certificate: Certificate) -> Letter:
    context, key = emails.made_in_browser(certificate), f"certificates/made/{certificate.pk}"
    return Letter(emails.MADE_IN_BROWSER, certificate.holder, context, key, certificate.story)


def _ready(certificate: Certificate, token: str, link: DeliveryLink) -> Letter:
    said = emails.ready(certificate, token)
    return Letter(emails.READY, certificate.holder, said, f"certificates/{link.pk}", certificate.story)


def _spent() -> RuleViolated:
    message = _("This link has been used or is too old. Please have a new one sent.")
    return RuleViolated([Violation(None, "link_spent", message)])


def _of_holder(certificate: Certificate, actor: Actor) -> None:
    """Refuse everybody but the holder: no agent, no contract administrator, no staff (O-14.2, O-14.3)."""
    if actor.person_id != certificate.holder_id:
        raise NotFound


def _refuse_accepted_key(certificate: Certificate) -> None:
    """Refuse what only two key officers together may hand out: the backup of an accepted key (J-5.2)."""
    if certificate.delivery == "accepted" and certificate.pkcs12_id is not None:
        message = _("You have accepted the file. If it is lost, please ask the call center for its recovery.")
        raise RuleViolated([Violation(None, "recovery_needed", message)])


def _refuse_browser_key(certificate: Certificate) -> None:
    """Refuse to send what was never here: the file was built in the holder's browser."""
    if certificate.order.made_in_browser:
        message = _("The file was built in your browser, so nobody can send it. If it is lost, have it reissued.")
        raise RuleViolated([Violation(None, "made_in_browser", message)])


def refuse_dead(certificate: Certificate, at: datetime) -> None:
    """Raise RuleViolated for what is revoked, over, about to be revoked (O-16.2.8, J-5.5) or suspended (O-11.1)."""
    if certificate.revoked_at is not None or certificate.not_after < at:
        message = _("This certificate is revoked or has expired, so it is not handed out any more.")
        raise RuleViolated([Violation(None, "certificate_dead", message)])
    if certificate.revocation_requested_at is not None:
        message = _("A revocation of this certificate was asked for, so it is not handed out until that is decided.")
        raise RuleViolated([Violation(None, "revocation_requested", message)])
    if certificate.subscription.status == "suspended":
        message = _("The service is suspended for you, so nothing is handed out until it is resumed.")
        raise RuleViolated([Violation(None, "suspended", message)])
