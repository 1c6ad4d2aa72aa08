"""What speaks against a request or a decision: values in, violations out; no database, no clock."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.fields import half_width
from audit.refusals import Violation
from revocation.grounds import GROUNDS, REPORTS, Party, may_cite

# The terms of the trade: by telephone, at least three items must match what is registered (O-15.3).
ITEMS_TO_MATCH = 3
LONGEST_STATEMENT = 2000
REASON_NEEDED = _("Please write down the reason: the requester will read it.")
OBJECTION_NEEDED = _("Please write down why it should not have been revoked.")


def of_request(
    *, party: Party, ground: str, statement: str, invalid_since: datetime | None, at: datetime
) -> list[Violation]:
    """What is wrong with a request that names its ground."""
    found = _of_words(statement) + _of_time(invalid_since, at)
    if not may_cite(party, ground):
        found.append(Violation("ground", "ground", _("Please choose one of the grounds listed.")))
    elif GROUNDS[ground].clause in ("O-15.1.8", "O-15.2.3", "J-5.3") and not statement.strip():
        # These grounds give no reason code, so the words are all that says why.
        found.append(Violation("statement", "required", _("Please describe what is wrong.")))
    return found


def of_number(*, typed: str, number: str) -> list[Violation]:
    """Whether the management number was typed as it is; width and case don't matter."""
    if half_width(typed).upper() == number.upper():
        return []
    message = _("This is not the management number of this certificate. It stands at the top of the page.")
    return [Violation("typed_number", "number", message)]


def of_report(
    *, report: str, named: str, contact: str, statement: str, happened_at: datetime | None, at: datetime
) -> list[Violation]:
    """What is wrong with a report from somebody without an account."""
    found = _of_words(statement) + _of_time(happened_at, at, field="happened_at")
    if report not in REPORTS:
        found.append(Violation("report", "report", _("Please choose what happened.")))
    if not named.strip():
        found.append(Violation("named", "required", _("Please tell us which certificate it is about.")))
    if not contact.strip():
        found.append(Violation("contact", "required", _("Please give a number or address where we can reach you.")))
    return found


def of_caller(items: Sequence[str]) -> list[Violation]:
    """Whether enough was matched before anything is revoked for a caller."""
    if len(set(items)) >= ITEMS_TO_MATCH:
        return []
    message = _("At least three items must match what is registered before a request is started for the caller.")
    return [Violation("items", "unverified", message)]


def of_submission(*, certificate_known: bool, ground: str) -> list[Violation]:
    """What is missing before a request can be put before an approver."""
    found = []
    if not certificate_known:
        found.append(Violation("certificate", "unknown", _("Please find the certificate first.")))
    if not may_cite(Party.STAFF, ground) and not may_cite(Party.SUBSCRIBER, ground):
        found.append(Violation("ground", "ground", _("Please choose the ground first.")))
    return found


def of_one_signature(*, certificate_known: bool, ground: str, note: str) -> list[Violation]:
    """Whether one approver may revoke alone: only for a compromise, and with words about what that rests on."""
    found = []
    if not certificate_known:
        found.append(Violation("named", "unknown", _("Please find the certificate first.")))
    if ground not in GROUNDS or not GROUNDS[ground].compromise:
        message = _("Only a compromise of the key may be revoked by one person. Otherwise two people are needed.")
        found.append(Violation(None, "two_people", message))
    if not note.strip():
        found.append(Violation("note", "required", _("Please write down what the compromise is known from.")))
    return found


def of_note(note: str, message: str | Promise = REASON_NEEDED) -> list[Violation]:
    """A refusal says why."""
    if note.strip():
        return []
    return [Violation("note", "required", message)]


def _of_words(statement: str) -> list[Violation]:
    if len(statement) <= LONGEST_STATEMENT:
        return []
    return [Violation("statement", "too_long", _("Please keep this under 2,000 characters."))]


def _of_time(moment: datetime | None, at: datetime, field: str = "invalid_since") -> list[Violation]:
    if moment is None or moment <= at:
        return []
    return [Violation(field, "future", _("This time is still to come. Please give the time when it happened."))]
