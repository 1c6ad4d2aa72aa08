"""Start-of-service notices that did not get through: where they stand, and sending one again (O-5, O-8.2).

The notice holds nothing secret: its page opens for the subscriber alone, signed in. So staff may send it to another
address than the account's. The account keeps its own, which only its person can change.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Notice
from accounts.nudges import nudge
from accounts.services import authorise
from accounts.states import NOTICE, UNSENT
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound, RuleViolated, Violation
from audit.services import record, transition
from certificates import emails
from certificates.models import Certificate
from certificates.services import acceptance

LONGEST: Final = 254


def unsent() -> QuerySet[Notice]:
    """Return the start-of-service notices that bounced or were given up and have not reached their subscriber."""
    rows = Notice.objects.filter(kind=emails.START_OF_SERVICE, status__in=UNSENT, reached_at=None)
    return rows.order_by("status_since", "pk")


def came_back(certificates: Sequence[Certificate]) -> set[UUID]:
    """Return those of `certificates` whose start-of-service notice did not get through."""
    keys = {emails.start_key(row): row.pk for row in certificates}
    return {keys[key] for key in unsent().filter(dedupe__in=keys).values_list("dedupe", flat=True)}


def notice_of(certificate: Certificate) -> Notice | None:
    """Return the start-of-service notice of a certificate, or None before it was accepted."""
    return Notice.objects.filter(dedupe=emails.start_key(certificate)).first()


@transaction.atomic
def send_again(*, certificate: Certificate, email: str, actor: Actor, at: datetime) -> Notice:
    """Send a notice again that did not get through, to `email` or, without one, to the account's address of today.

    It is the same notice, with fresh patience.

    Raises NotFound without a notice, RuleViolated for what is no address, a notice that is not to be sent, or
    a certificate that is revoked or over.
    """
    actor = authorise(actor=actor, act=Act.SERVICE_NOTICE_RESEND)
    address = checked(email) if email.strip() else certificate.holder.email
    notice = Notice.objects.select_for_update().filter(dedupe=emails.start_key(certificate)).first()
    if notice is None:
        raise NotFound
    if notice.reached_at is not None or notice.status not in UNSENT:
        message = _("This notice has reached its subscriber, or is on its way. Please look at it again.")
        raise RuleViolated([Violation(None, "not_unsent", message)])
    acceptance.refuse_over(certificate, at)
    changed = address != notice.email
    columns = {"email": address, "not_before": at, "attempts": 0, "last_error": ""}
    notice = transition(machine=NOTICE, row=notice, act=Act.NOTICE_RETRY, actor=actor, at=at, columns=columns)
    details = {"address": "changed" if changed else "as before", "notice": str(notice.pk)}
    record(act=Act.SERVICE_NOTICE_RESEND, actor=actor, at=at, subject=certificate, details=details)
    nudge("accounts.send_notices")
    return notice


def checked(email: str) -> str:
    """Return a mail address as it is stored. Raises RuleViolated for what is none."""
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        address = ""
    if not address or len(address) > LONGEST:
        message = _("Please write a mail address, for example name@example.jp.")
        raise RuleViolated([Violation("email", "email", message)])
    return address
