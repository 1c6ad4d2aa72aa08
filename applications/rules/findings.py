"""What the system finds by itself about an application; a person reads it, and some of it stops the case.

A finding that stops may be overridden only where the rules of the target system allow it. Nobody overrides a
key that is blocked or weak, nor a contract that is not in force.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications.rules.sheet import Watched
from regulations.ruleset import LocalText

OK, WARN, STOP = "ok", "warn", "stop"
Text = str | Promise | LocalText


@dataclass(frozen=True, slots=True)
class DocumentFact:
    """One document handed in: its kind, its date of issue as stated, how old it may be, and which file it is."""

    label: LocalText
    issued_on: date | None
    max_age_days: int
    key: str = ""


@dataclass(frozen=True, slots=True)
class KeyFact:
    """The key of the request: whether a certificate was issued for it, it is blocked, or can't be accepted.

    `elsewhere` are the receipt numbers of other open applications that want it certified.
    """

    used: bool = False
    blocked: bool = False
    unfit: Text = ""
    elsewhere: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class NameFact:
    """A text with letters that are not what they seem; `doubtful` are only alike, else they don't belong together."""

    label: LocalText
    key: str
    message: Text
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Rival:
    """Another open application that may be for the same: its receipt number, and whether for the same target.

    `same_subject` where it would print the same certificate or comes from the same account; else only the name is the
    same, which two people of one corporation may share.
    """

    number: str
    same_target: bool
    same_subject: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that findings are drawn from, read at one instant."""

    today: date
    held: Sequence[str] = ()
    held_allowed: int = 0
    contract_needed: bool = False
    contract_number: str = ""
    contract_in_force: bool = False
    contract_ends_at: datetime | None = None
    documents: Sequence[DocumentFact] = ()
    missing_documents: Sequence[DocumentFact] = ()
    key: KeyFact | None = None
    names: Sequence[NameFact] = field(default=())
    watched: Sequence[Watched] = ()
    rivals: Sequence[Rival] = ()
    allowed: Collection[str] = ()
    overridden: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; `code` is the key of the automatic item that it answers, where the rules have one.

    `about` names what exactly was found, so that an override of one thing is no override of another. `firm`
    findings stop whatever the rules say; `override` is the reason that an examiner gave, `may_override` whether
    one can be given.
    """

    code: str
    level: str
    title: Text
    text: Text
    about: str = ""
    firm: bool = False
    may_override: bool = False
    override: str = ""

    @property
    def stops(self) -> bool:
        """Tell whether nothing may be approved while this stands."""
        return self.level == STOP and not self.override

    @property
    def rank(self) -> int:
        """Return the place among others: what somebody overrode is read first, then what stops."""
        return 0 if self.override else 1 + (STOP, WARN, OK).index(self.level)


def findings_of(facts: Facts) -> list[Finding]:
    """Every finding in the order in which it is read."""
    parts = (_held, _rivals, _contract, _key, _documents, _names, _watched)
    found = [_settled(finding, facts) for part in parts for finding in part(facts)]
    return sorted(found, key=lambda finding: finding.rank)


def _settled(finding: Finding, facts: Facts) -> Finding:
    if finding.level != STOP or finding.firm or finding.code not in facts.allowed:
        return finding
    reason = facts.overridden.get((finding.code, finding.about), "")
    return replace(finding, may_override=not reason, override=reason)


def _held(facts: Facts) -> Iterable[Finding]:
    title, numbers = _("Valid certificate already held"), ", ".join(facts.held)
    if len(facts.held) > facts.held_allowed:
        text = _("Already holds %(numbers)s. Approving is not possible (O-4.3.3).") % {"numbers": numbers}
        yield Finding("valid_certificate", STOP, title, text, numbers)
    else:
        yield Finding("valid_certificate", OK, title, _("None in the way. Looked up again when it is approved."))


def _rivals(facts: Facts) -> Iterable[Finding]:
    title = _("Another open application")
    here = [rival for rival in facts.rivals if rival.same_target]
    same = ", ".join(rival.number for rival in here if rival.same_subject)
    named = ", ".join(rival.number for rival in here if not rival.same_subject)
    other = ", ".join(rival.number for rival in facts.rivals if not rival.same_target)
    if same:
        text = _("%(numbers)s is open for the same subject. Please settle which one goes on.")
        yield Finding("duplicate", STOP, title, text % {"numbers": same}, same)
    if named:
        text = _("%(numbers)s is open for the same name in this corporation. Please see whether it is another person.")
        yield Finding("duplicate", WARN, title, text % {"numbers": named}, named)
    if other:
        text = _("%(numbers)s is open for the same name or subject, for another use.")
        yield Finding("duplicate", WARN, title, text % {"numbers": other}, other)


def _contract(facts: Facts) -> Iterable[Finding]:
    if not facts.contract_needed:
        return
    title, number = _("Contract in force"), {"number": facts.contract_number}
    if facts.contract_in_force:
        yield Finding("contract", OK, title, _("%(number)s is in force.") % number)
    else:
        text = _("%(number)s is not in force today.") % number
        yield Finding("contract", STOP, title, text, facts.contract_number, firm=True)


def _key(facts: Facts) -> Iterable[Finding]:
    title, key = _("Key of the request"), facts.key
    if key is None:
        return
    if key.blocked:
        yield Finding("key", STOP, title, _("This key is blocked. A new request is needed."), "blocked", firm=True)
    elif key.unfit:
        yield Finding("key", STOP, title, key.unfit, "unfit", firm=True)
    elif key.used:
        text = _("A certificate was issued for this key before. A new key is needed.")
        yield Finding("key", STOP, title, text, "used")
    elif key.elsewhere:
        numbers = ", ".join(key.elsewhere)
        text = _("The same key is in the open application %(numbers)s. Each certificate needs a key of its own.")
        yield Finding("key", STOP, title, text % {"numbers": numbers}, numbers)
    else:
        yield Finding("key", OK, title, _("Neither used before nor in another application, neither blocked nor weak."))


def _documents(facts: Facts) -> Iterable[Finding]:
    for document in facts.missing_documents:
        message = _("This required document is not there.")
        yield Finding("document_missing", STOP, document.label, message, document.key)
    for document in facts.documents:
        if not document.max_age_days:
            continue
        about = f"{document.key} {document.issued_on or ''}"
        if document.issued_on is None:
            yield Finding("document_age", STOP, document.label, _("No date of issue is stated."), about)
            continue
        age = (facts.today - document.issued_on).days
        level = STOP if age > document.max_age_days else OK
        text = _("%(age)d days old; %(limit)d allowed.") % {"age": age, "limit": document.max_age_days}
        yield Finding("document_age", level, document.label, text, about)


def _names(facts: Facts) -> Iterable[Finding]:
    for name in facts.names:
        yield Finding("scripts", WARN if name.doubtful else STOP, name.label, name.message, name.key)


def _watched(facts: Facts) -> Iterable[Finding]:
    for entry in facts.watched:
        words = {"name": entry.name, "where": "、".join(entry.where), "reason": entry.reason}
        text = _("“%(name)s” stands in: %(where)s. Why it is watched: %(reason)s") % words
        yield Finding("watch_list", WARN, _("Name on the watch list"), text, entry.key.hex)
