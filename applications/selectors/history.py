"""What was said about an application so far, oldest first: for whoever examines, approves or audits it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.models import Application, Contact, Decision, HandOver, InformationRequest, Override
from applications.rules.deciding import GROUNDS
from regulations.ruleset import LocalText

TITLES: dict[str, str | Promise] = {
    Decision.RECOMMENDED: gettext_lazy("Handed on: recommended to approve"),
    Decision.REFUSAL_PROPOSED: gettext_lazy("Handed on: proposed to refuse"),
    Decision.RETURNED: gettext_lazy("Sent back to the examiner"),
    Decision.APPROVED: gettext_lazy("Approved"),
    Decision.REFUSED: gettext_lazy("Refused"),
}


@dataclass(frozen=True)
class Entry:
    """One entry of the timeline: when, what, who, and what they wrote."""

    at: datetime
    title: str
    text: str


def history_of(
    application: Application, contacts: list[Contact], requests: list[InformationRequest], handed: list[HandOver]
) -> list[Entry]:
    """Return everything that the office decided, asked, heard and handed over, with what the applicant answered."""
    decisions = application.decisions.select_related("person")
    found = [_decided(decision) for decision in decisions]
    found += [_overridden(row) for row in application.overrides.all()]
    found += [_talked(contact) for contact in contacts]
    found += [_given(row) for row in handed]
    found += [entry for request in requests for entry in _asked(request)]
    return sorted(found, key=lambda entry: entry.at)


def _decided(decision: Decision) -> Entry:
    ground = str(GROUNDS[decision.ground]) if decision.ground in GROUNDS else decision.ground
    title = f"{TITLES[decision.kind]}　{decision.person.name}"
    return Entry(decision.at, title, "\n".join(part for part in (ground, decision.text) if part))


def _overridden(row: Override) -> Entry:
    title = _("Finding overridden")
    return Entry(row.at, f"{title}　{row.person.name}", f"{row.found}\n{row.reason}")


def _talked(contact: Contact) -> Entry:
    channel = _("Telephone") if contact.channel == "telephone" else _("E-mail")
    return Entry(contact.at, f"{channel}: {contact.with_whom}　{contact.person.name}", contact.text)


def _given(row: HandOver) -> Entry:
    given = _("Handed over from %(giver)s to %(taker)s") % {"giver": row.giver.name, "taker": row.taker.name}
    return Entry(row.at, given if row.person_id == row.giver_id else f"{given}　{row.person.name}", row.note)


def _asked(request: InformationRequest) -> Iterator[Entry]:
    items = "、".join(str(LocalText(**item["label"])) for item in request.items)
    title = _("Asked for more")
    words = "\n".join(part for part in (items, request.message) if part)
    yield Entry(request.asked_at, f"{title}　{request.asked_by.name}", words)
    if request.answered_at is not None:
        said = [f"{LocalText(**item['label'])}: {request.answers[item['key']]}" for item in request.items
                if request.answers.get(item["key"])]  # fmt: skip
        yield Entry(request.answered_at, _("The applicant answered"), "\n".join(filter(None, [*said, request.answer])))
