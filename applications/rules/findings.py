"""What the system finds by itself about an application; a person reads it, and some of it stops the case."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications.rules.sheet import Watched
from regulations.ruleset import LocalText

OK, WARN, STOP = "ok", "warn", "stop"


@dataclass(frozen=True, slots=True)
class DocumentFact:
    """One document handed in: its kind, its date of issue as stated, and how old it may be."""

    label: LocalText
    issued_on: date | None
    max_age_days: int


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
    missing_documents: Sequence[LocalText] = ()
    key_given: bool = False
    key_used: bool = False
    key_blocked: bool = False
    mixed: Sequence[LocalText] = field(default=())
    watched: Sequence[Watched] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; `code` is the key of the automatic item that it answers, where the rules have one."""

    code: str
    level: str
    title: str | Promise
    text: str | Promise

    @property
    def stops(self) -> bool:
        """Tell whether nothing may be approved while this stands."""
        return self.level == STOP


def findings_of(facts: Facts) -> list[Finding]:
    """Every finding in the order in which it is read: what stops first."""
    found = [*_held(facts), *_contract(facts), *_key(facts), *_documents(facts), *_names(facts)]
    return sorted(found, key=lambda finding: (STOP, WARN, OK).index(finding.level))


def _held(facts: Facts) -> Iterable[Finding]:
    title = _("Valid certificate already held")
    if len(facts.held) > facts.held_allowed:
        text = _("Already holds %(numbers)s. Approving is not possible (O-4.3.3).")
        yield Finding("valid_certificate", STOP, title, text % {"numbers": ", ".join(facts.held)})
    else:
        yield Finding("valid_certificate", OK, title, _("None in the way. Looked up again when it is approved."))


def _contract(facts: Facts) -> Iterable[Finding]:
    if not facts.contract_needed:
        return
    title, number = _("Contract in force"), {"number": facts.contract_number}
    if facts.contract_in_force:
        yield Finding("contract", OK, title, _("%(number)s is in force.") % number)
    else:
        yield Finding("contract", STOP, title, _("%(number)s is not in force today.") % number)


def _key(facts: Facts) -> Iterable[Finding]:
    title = _("Key of the request")
    if facts.key_blocked:
        yield Finding("key", STOP, title, _("This key is blocked. A new request is needed."))
    elif facts.key_used:
        yield Finding("key", STOP, title, _("A certificate was issued for this key before. A new key is needed."))
    elif facts.key_given:
        yield Finding("key", OK, title, _("Neither used before nor blocked."))


def _documents(facts: Facts) -> Iterable[Finding]:
    for label in facts.missing_documents:
        yield Finding("document_missing", WARN, str(label), _("This required document is not there."))
    for document in facts.documents:
        if not document.max_age_days:
            continue
        if document.issued_on is None:
            yield Finding("document_age", WARN, str(document.label), _("No date of issue is stated."))
            continue
        age = (facts.today - document.issued_on).days
        words = {"age": age, "limit": document.max_age_days}
        if age > document.max_age_days:
            yield Finding("document_age", WARN, str(document.label), _("%(age)d days old; %(limit)d allowed.") % words)
        else:
            yield Finding("document_age", OK, str(document.label), _("%(age)d days old; %(limit)d allowed.") % words)


def _names(facts: Facts) -> Iterable[Finding]:
    for label in facts.mixed:
        yield Finding("scripts", STOP, str(label), _("The text mixes scripts or holds signs that nobody can see."))
    for entry in facts.watched:
        words = {"name": entry.name, "where": "、".join(entry.where), "reason": entry.reason}
        text = _("“%(name)s” stands in: %(where)s. Why it is watched: %(reason)s")
        yield Finding("watch_list", WARN, _("Name on the watch list"), text % words)
