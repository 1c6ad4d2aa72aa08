"""The kinds of applications beside a new one: what they may change, and what has to be so before they begin.

A reissue replaces a certificate, a renewal follows it. Both are for the same holder; anybody else, or anything
that tells one holder from another, is a new application (O-12.2, O-15.1.2, O-18.2, O-19.2.11).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from audit.refusals import Text, Violation
from regulations.calendar import tokyo
from regulations.ruleset import RuleSet

NEW: Final = "new"
REISSUE: Final = "reissue"
RENEWAL: Final = "renewal"
MIGRATION: Final = "migration"
KIND_WORDS: dict[str, str | Promise] = {
    NEW: pgettext_lazy("kind of application", "New"),
    REISSUE: pgettext_lazy("kind of application", "Reissue"),
    RENEWAL: pgettext_lazy("kind of application", "Renewal"),
}
# What says in an account who somebody is; the spelling in Latin letters may be put right, the name may not.
HOLDER_SOURCES: Final = ("account.name", "account.name_reading")
SLACK: Final = timedelta(minutes=1)
LONGEST_REASON: Final = 1000


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a certificate is to be reissued; `corrects` lets what is printed be put right.

    What is `by_offer` is no choice of the form: the office has offered it (O-19.2.6).
    """

    key: str
    label: str | Promise
    help: str | Promise
    corrects: bool = False
    by_offer: bool = False


REASONS: dict[str, Reason] = {
    reason.key: reason
    for reason in (
        Reason(
            "file_lost",
            gettext_lazy("The file or the key was deleted or damaged"),
            gettext_lazy("Nobody else can have got hold of it."),
        ),
        Reason(
            "pin_forgotten",
            gettext_lazy("The PIN or the password of the file is forgotten"),
            gettext_lazy("The file can't be opened any more."),
        ),
        Reason(
            "new_device",
            gettext_lazy("It is to be used on another device"),
            gettext_lazy("The key can't be moved there, or should not be."),
        ),
        Reason(
            "wrong_contents",
            gettext_lazy("It prints something wrong, or something that has changed"),
            gettext_lazy("The holder stays the same. Say below what is wrong."),
            corrects=True,
        ),
        Reason(
            MIGRATION,
            gettext_lazy("The registration authority offered a new key"),
            gettext_lazy("The kind of key or the issuer is to be replaced."),
            by_offer=True,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Held:
    """How a certificate stands for somebody who wants another one in its place, at one instant."""

    at: datetime
    allowed: bool
    number: str
    not_after: datetime
    revoked: bool = False
    revoking: bool = False
    slot: str = "current"
    successor: str = ""
    open_receipt: str = ""
    named_in_contract: bool = True
    opens_at: datetime | None = None
    contract_ends_at: datetime | None = None
    suspended: bool = False


def printed_keys(ruleset: RuleSet) -> frozenset[str]:
    """The fields that the certificate prints."""
    keys = {key for template in ruleset.subject for key in template.field_keys}
    return frozenset(keys | {ruleset.san_email.strip("{}")} - {""})


def holder_keys(ruleset: RuleSet) -> frozenset[str]:
    """The fields that tell who the holder is: the identity of the rules, and the person's name."""
    named = {field.key for field in ruleset.fields if field.source in HOLDER_SOURCES}
    return frozenset({*ruleset.identity, *named})


def fixed_keys(ruleset: RuleSet, kind: str, reason: str) -> frozenset[str]:
    """The fields that an application of `kind` takes over and can't change."""
    if kind == NEW:
        return frozenset()
    looked_up = {field.key for field in ruleset.fields if field.from_contract}
    fixed = holder_keys(ruleset)
    if kind == REISSUE and not (reason in REASONS and REASONS[reason].corrects):
        fixed |= printed_keys(ruleset)
    return fixed - looked_up


def holder_changed(field: str | None = None) -> Violation:
    """That an application would be for somebody else, with the way to go on (O-12.2)."""
    message = _("This stays as it is: for another holder please make a new application.")
    return Violation(field, "holder_changed", message)


def stays(field: str) -> Violation:
    """That what is printed is not changed by a reissue for this reason."""
    message = _("This stays as it is. To change what is printed, choose “prints something wrong” as the reason.")
    return Violation(field, "printed_stays", message)


def reason_violations(reason: str, text: str) -> list[Violation]:
    """What is wrong with the reason of a reissue."""
    if reason not in REASONS or REASONS[reason].by_offer:
        return [Violation("reason", "reason", _("Please choose why you need another certificate."))]
    if REASONS[reason].corrects and not text.strip():
        return [Violation("reason_text", "required", _("Please write what is wrong, and how it should read."))]
    if len(text) > LONGEST_REASON:
        message = _("Please shorten the text to %(limit)d characters.") % {"limit": LONGEST_REASON}
        return [Violation("reason_text", "too_long", message)]
    return []


def unreadable(code: str, message: Text) -> Violation:
    """That the words to a reason hold what nobody can see."""
    return Violation("reason_text", code, message)


def refusals(kind: str, held: Held) -> list[Violation]:
    """Why no reissue or renewal of a certificate can begin now; what can't be mended comes alone."""
    over = list(_over(kind, held))
    if over:
        return over
    found = list(_in_the_way(held))
    if kind == RENEWAL and not found:
        found = list(_not_open(held))
    return found


def _over(kind: str, held: Held) -> Iterable[Violation]:
    if held.revoked or held.not_after < held.at:
        message = _("The certificate %(number)s is revoked or has expired. Please make a new application.")
        yield Violation(None, "certificate_over", message % {"number": held.number})
    elif held.revoking:
        message = _("A revocation of %(number)s was asked for. Once it is revoked, please make a new application.")
        yield Violation(None, "revocation_requested", message % {"number": held.number})
    elif held.suspended:
        yield Violation(None, "suspended", _("The service is suspended for you. Please wait until it is resumed."))
    elif not held.allowed:
        message = (
            _("Certificates for this use are not reissued. Please ask for its revocation and make a new application.")
            if kind == REISSUE
            else _("Certificates for this use are not renewed. Please make a new application when this one has ended.")
        )
        yield Violation(None, "not_offered", message)


def _in_the_way(held: Held) -> Iterable[Violation]:
    if held.slot == "past":
        message = _("The certificate %(number)s was replaced already. Please open the newer one.")
        yield Violation(None, "replaced", message % {"number": held.number})
    elif held.successor:
        message = _("A newer certificate (%(number)s) is there. Please accept it, or ask for its revocation first.")
        yield Violation(None, "successor", message % {"number": held.successor})
    if held.open_receipt:
        yield open_application(held.open_receipt)
    if not held.named_in_contract:
        message = _("The contract is no longer in force, or no longer names you.")
        yield Violation(None, "contract", message)


def _not_open(held: Held) -> Iterable[Violation]:
    if held.contract_ends_at is not None and held.contract_ends_at <= held.not_after + SLACK:
        message = _("Your contract ends with the certificate. Renewal opens as soon as the contract is extended.")
        yield Violation(None, "contract_ends", message)
    elif held.opens_at is not None and held.at < held.opens_at:
        message = _("Renewal opens on %(day)s.") % {"day": date_format(tokyo(held.opens_at).date())}
        yield Violation(None, "not_open", message)


def open_application(receipt: str | None) -> Violation:
    """That another application for the same holder is open; with its receipt number if it is one's own."""
    if not receipt:
        message = _("Another application for the same person is open. Please ask the call center.")
        return Violation(None, "open_application", message)
    message = _("Your application %(number)s for the same person is still open. Please wait for its result.")
    return Violation(None, "open_application", message % {"number": receipt})


def renewal_opens_at(*, not_after: datetime, opens_days: int, extended: bool, at: datetime) -> datetime:
    """When a certificate's renewal opens: some days before its end, or at once when its contract goes on past it."""
    return at if extended else not_after - timedelta(days=opens_days)
