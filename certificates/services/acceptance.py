"""The subscriber checks the contents and accepts; then use may begin, once the notice has reached them.

Serves O-16.2.2 (check and accept, or report what is wrong) and O-5, O-8.2, O-17.2 (the notice with the
call center's contact; the moment it reaches the subscriber is the start of use).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Notice
from accounts.notices import notify
from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound, RuleViolated, Stale, Violation
from audit.services import record, transition
from certificates import emails
from certificates.models import Certificate
from certificates.services import slots
from regulations.models import ContactPoint, Subscription, TargetSystemVersion
from regulations.states import SUBSCRIPTION
from vault.services import destroy

MAX_REPORT: Final = 2000
OPENED: Final = "opened the confirm page"
TELEPHONE: Final = "confirmed by telephone"


@transaction.atomic
def accept(*, certificate: Certificate, actor: Actor, at: datetime) -> Certificate:
    """Accept the contents of one's own certificate, which makes it the current one (O-16.2.2).

    Sends the start-of-service notice. Accepting twice changes nothing. Raises NotFound for anybody
    else's, RuleViolated before the download, Stale when it was reported or revoked, or has ended, meanwhile.
    """
    actor = authorise(actor=actor, act=Act.CERTIFICATE_ACCEPT)
    certificate = _own(certificate, actor)
    if certificate.delivery == "accepted":
        return certificate
    if certificate.delivery == "undelivered":
        message = _("Please download the certificate first, then check what it says.")
        raise RuleViolated([Violation(None, "not_downloaded", message)])
    if certificate.delivery != "downloaded" or is_over(certificate, at):
        raise Stale(delivery=certificate.delivery)
    Certificate.objects.filter(pk=certificate.pk).update(delivery="accepted", delivery_since=at, accepted_at=at)
    certificate.refresh_from_db()
    record(act=Act.CERTIFICATE_ACCEPT, actor=actor, at=at, subject=certificate)
    certificate.delivery_links.filter(used_at=None, closed_at=None).update(closed_at=at)
    slots.promote(certificate)
    if not _backed_up(certificate):
        _forget_secrets(certificate, actor, at)
    _tell(certificate, at)
    return certificate


@transaction.atomic
def report(*, certificate: Certificate, text: str, actor: Actor, at: datetime) -> Certificate:
    """Report what is wrong in one's own certificate instead of accepting it (O-16.2.2).

    Raises NotFound for anybody else's, RuleViolated without a description, Stale once it was accepted.
    """
    actor = authorise(actor=actor, act=Act.CERTIFICATE_REPORT)
    certificate = _own(certificate, actor)
    text = text.strip()
    if not text or len(text) > MAX_REPORT:
        message = _("Please write what is wrong, in at most %(limit)d characters.") % {"limit": MAX_REPORT}
        raise RuleViolated([Violation("text", "no_description", message)])
    if certificate.delivery in {"accepted", "reported"}:
        raise Stale(delivery=certificate.delivery)
    Certificate.objects.filter(pk=certificate.pk).update(delivery="reported", delivery_since=at, reported_text=text)
    certificate.refresh_from_db()
    record(act=Act.CERTIFICATE_REPORT, actor=actor, at=at, subject=certificate, details={"text": text})
    return certificate


@transaction.atomic
def reach(*, certificate: Certificate, how: str, actor: Actor, at: datetime) -> datetime:
    """Record that the start-of-service notice has reached the subscriber; returns when it first did.

    Handing a mail to a server is not enough. The subscriber opens the confirm page (or sees the notice
    signed in), or staff record a telephone confirmation. The first time starts the use of the service
    (O-5, O-8.2, O-17.2). Raises RuleViolated before the certificate is accepted and once it is revoked or
    over, NotFound for a stranger.
    """
    actor = authorise(actor=actor, act=Act.SERVICE_NOTICE_REACH)
    if how == OPENED:
        certificate = _own(certificate, actor)
    notice = Notice.objects.select_for_update().filter(dedupe=emails.start_key(certificate)).first()
    if notice is None:
        message = _("Use may begin when the contents of the certificate were accepted.")
        raise RuleViolated([Violation(None, "not_accepted", message)])
    if notice.reached_at is not None:
        return notice.reached_at
    refuse_over(certificate, at)
    Notice.objects.filter(pk=notice.pk).update(reached_at=at)
    record(act=Act.SERVICE_NOTICE_REACH, actor=actor, at=at, subject=certificate, details={"how": how})
    _start(certificate.subscription, actor, at)
    return at


def is_over(certificate: Certificate, at: datetime) -> bool:
    """Tell whether a certificate is revoked or has ended, so that no use of it begins."""
    return certificate.revoked_at is not None or certificate.not_after < at


def refuse_over(certificate: Certificate, at: datetime) -> None:
    """Raise RuleViolated where no use can begin any more."""
    if is_over(certificate, at):
        message = _("This certificate is revoked or has expired, so its use can't begin any more.")
        raise RuleViolated([Violation(None, "certificate_dead", message)])


def reached_at(certificate: Certificate) -> datetime | None:
    """Return when the start-of-service notice reached the subscriber, or None."""
    notices = Notice.objects.filter(dedupe=emails.start_key(certificate))
    return notices.values_list("reached_at", flat=True).first()


def _start(subscription: Subscription, actor: Actor, at: datetime) -> None:
    if subscription.status == "applied":
        transition(
            machine=SUBSCRIPTION,
            row=subscription,
            act=Act.SUBSCRIPTION_START,
            actor=actor,
            at=at,
            columns={"started_at": at},
        )


def _tell(certificate: Certificate, at: datetime) -> None:
    desk = ContactPoint.objects.filter(valid_from__lte=at).order_by("-valid_from").first()
    notify(
        kind=emails.START_OF_SERVICE,
        to=certificate.holder,
        context=emails.start_of_service(certificate, desk),
        at=at,
        dedupe=emails.start_key(certificate),
        story=certificate.story,
    )


def _own(certificate: Certificate, actor: Actor) -> Certificate:
    """Return the certificate, locked, if the actor holds it; raises NotFound (O-14.2, O-14.3)."""
    own = Certificate.objects.select_for_update().filter(pk=certificate.pk, holder_id=actor.person_id).first()
    if own is None:
        raise NotFound
    return own


def _backed_up(certificate: Certificate) -> bool:
    """Tell whether the rules have the applicant's consent to a backup of file and PIN (J-5.2)."""
    version = TargetSystemVersion.objects.filter(pk=certificate.order.frozen["rules_version"]).first()
    return bool(version and version.rules.get("backup"))


def _forget_secrets(certificate: Certificate, actor: Actor, at: datetime) -> None:
    """Destroy file and PIN when nobody agreed to their keeping."""
    secrets = [blob for blob in (certificate.pkcs12, certificate.pin) if blob is not None]
    Notice.objects.filter(secret__in=secrets).update(secret=None)
    Certificate.objects.filter(pk=certificate.pk).update(pkcs12=None, pin=None)
    certificate.refresh_from_db()
    for blob in secrets:
        destroy(blob=blob, actor=actor, reason="accepted, no backup agreed", at=at, story=certificate.story)
