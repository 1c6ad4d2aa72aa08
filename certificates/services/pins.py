"""The ways by which a PIN goes to its holder, apart from the file (O-14.2, J-5.2), behind one seam.

Which one is part of the order, so that approvals bind to it and to the address. Nothing else asks which it is, but
for the pages and mails that say it in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from django.utils.translation import gettext_lazy as _

from accounts.models import Notice
from accounts.notices import Letter, notify_many
from audit.copying import copy_all
from audit.refusals import RuleViolated, Throttled, Violation
from certificates import emails
from certificates.models import Certificate
from certificates.pin_letters import PinLetter
from certificates.rules import PIN_BY_LETTER, PIN_BY_MAIL, PIN_BY_SECOND_MAIL, pin_way

MAX_MAILS: Final = 5
UNDER_WAY: Final = ("waiting", "released", "printing")
LETTER_EVERY: Final = timedelta(days=3)


class Way(Protocol):
    """A way of the PIN to its holder."""

    def post(self, certificates: Sequence[Certificate], at: datetime, *, fresh: bool) -> None:
        """Write the rows that send each PIN; where all are `fresh`, none was sent before. Inside a transaction."""

    def refuse_soon(self, certificate: Certificate, at: datetime) -> None:
        """Raise RuleViolated or Throttled where the PIN was sent too often or too lately."""


class ByMail:
    """A mail of its own, which only the worker can fill in: to the address that the order names, else the holder's."""

    def post(self, certificates: Sequence[Certificate], at: datetime, *, fresh: bool) -> None:
        """Put one notice for each into the outbox, but for those that would lie in the mailbox of the file's link."""
        notices = [
            Letter(
                emails.PIN,
                row.holder,
                emails.pin(row),
                f"certificates/pin/{row.pk}/{1 if fresh else self.sent(row) + 1}",
                row.story,
                row.pin,
                (row.order.frozen.get("pin_to") or {}).get("email", ""),
            )
            for row in certificates
            if not shares_mailbox(row)
        ]
        notify_many(letters=notices, at=at, fresh=fresh)

    def refuse_soon(self, certificate: Certificate, at: datetime) -> None:
        """Raise Throttled after five mails, RuleViolated while the address is the account's own as well."""
        refuse_shared(certificate)
        if self.sent(certificate) >= MAX_MAILS:
            raise Throttled(certificate=str(certificate.pk))

    def sent(self, certificate: Certificate) -> int:
        """Return how many mails with the certificate's PIN were written."""
        return Notice.objects.filter(kind=emails.PIN, secret=certificate.pin).count()


class ByLetter:
    """A printed letter, which waits until a person releases it (`services.letters`)."""

    def post(self, certificates: Sequence[Certificate], at: datetime, *, fresh: bool) -> None:
        """Let one letter for each wait; one that is under way already is enough."""
        if not fresh:
            # Two requests at once make one letter.
            list(Certificate.objects.select_for_update().filter(pk__in=[row.pk for row in certificates]).order_by("pk"))
        copy_all([
            PinLetter(
                certificate=row,
                number=1 if fresh else row.pin_letters.count() + 1,
                status_since=at,
                created_at=at,
            )
            for row in certificates
            if fresh or not row.pin_letters.filter(status__in=UNDER_WAY).exists()
        ])  # fmt: skip

    def refuse_soon(self, certificate: Certificate, at: datetime) -> None:
        """Raise RuleViolated while a letter is on its way."""
        lately = certificate.pin_letters.filter(status="handed_over", status_since__gt=at - LETTER_EVERY)
        if lately.exists() or certificate.pin_letters.filter(status__in=UNDER_WAY).exists():
            message = _("A letter with the PIN is on its way. Please wait for it, or ask the call center.")
            raise RuleViolated([Violation(None, "letter_under_way", message)])


def shares_mailbox(certificate: Certificate) -> bool:
    """Tell whether the second address for the PIN has since become the one that the file's link goes to (J-5.2)."""
    second = (certificate.order.frozen.get("pin_to") or {}).get("email", "")
    return bool(second) and second.lower() == certificate.holder.email.lower()


def refuse_shared(certificate: Certificate) -> None:
    """Raise RuleViolated while PIN and link would go to one mailbox; nothing but another address helps."""
    if shares_mailbox(certificate):
        message = _(
            "The PIN goes to %(email)s, which is now the account's own address, too. It is sent when the account uses "
            "another address."
        ) % {"email": certificate.holder.email}
        raise RuleViolated([Violation(None, "one_mailbox", message)])


WAYS: Final[dict[str, Way]] = {PIN_BY_MAIL: ByMail(), PIN_BY_SECOND_MAIL: ByMail(), PIN_BY_LETTER: ByLetter()}


def post(*, certificates: Sequence[Certificate], at: datetime, fresh: bool = False) -> None:
    """Send the PINs of certificates, each by the way that its order says. Inside a transaction."""
    for name, way in WAYS.items():
        rows = [row for row in certificates if row.pin_id is not None and pin_way(row.order.frozen) == name]
        if rows:
            way.post(rows, at, fresh=fresh)


def refuse_soon(*, certificate: Certificate, at: datetime) -> None:
    """Raise RuleViolated or Throttled where the PIN was sent too often or too lately by its way."""
    WAYS[pin_way(certificate.order.frozen)].refuse_soon(certificate, at)
