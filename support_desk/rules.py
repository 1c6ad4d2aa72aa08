"""What the call center goes by: kinds of inquiries, their time, and when a caller counts as verified (O-8, O-9)."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.refusals import Violation
from regulations.text import TextError, fold_width, kana

ITEMS_TO_MATCH = 3
MOST_FAILURES = 5
SHORTEST_SEARCH = 2
LONGEST_TEXT = 4000


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of inquiry: its clause, its words, the service hours to the first answer and to the solution."""

    key: str
    clause: str
    label: str | Promise
    hours: int
    solution_hours: int
    priority: int = 2


UNSORTED: Final = "unsorted"
LOSS: Final = "loss"
OUT_OF_SCOPE: Final = "out_of_scope"
_KINDS = (
    Kind("not_as_manual", "O-8.1.1", _("Does not work as the manual says"), 9, 27),
    Kind("defect", "O-8.1.2", _("A defect when following the manual"), 9, 45),
    Kind("keeping", "O-16.2.4", _("Trouble in keeping the certificate or key"), 3, 9),
    Kind(LOSS, "O-16.2.8", _("Key or PIN lost or leaked"), 1, 3, 1),
    Kind("state", "O-8.1.1", _("How an application stands"), 3, 9),
    Kind("delivery", "O-8.1.1", _("The certificate or PIN did not arrive"), 3, 18),
    Kind("change", "O-13", _("Notice of a change"), 9, 27),
    Kind(OUT_OF_SCOPE, "", _("Out of scope (the answer is written down)"), 9, 9, 3),
)
KINDS: dict[str, Kind] = {
    **{kind.key: kind for kind in _KINDS},
    UNSORTED: Kind(UNSORTED, "", _("Not sorted yet"), 9, 27),
}
# What a person may choose; "not sorted yet" is only what mail begins with.
CHOOSABLE: tuple[Kind, ...] = _KINDS

CHANNELS: dict[str, str | Promise] = {
    "telephone": pgettext_lazy("channel", "Telephone"),
    "mail": pgettext_lazy("channel", "E-mail"),
    "portal": pgettext_lazy("channel", "Portal"),
    "form": pgettext_lazy("channel", "Contact form"),
}
PRIORITIES: dict[int, str | Promise] = {
    1: pgettext_lazy("priority", "Urgent"),
    2: pgettext_lazy("priority", "Normal"),
    3: pgettext_lazy("priority", "Low"),
}
OUTCOMES: dict[str, str | Promise] = {
    "solved": pgettext_lazy("outcome", "Solved"),
    "no_reply": pgettext_lazy("outcome", "The caller did not answer"),
    "out_of_scope": pgettext_lazy("outcome", "Out of scope, answered with the reason"),
    "duplicate": pgettext_lazy("outcome", "The same matter as another inquiry"),
    "nonsense": pgettext_lazy("outcome", "Advertising or nonsense, not answered"),
}

# Closed with an inner note alone: there is nobody to answer.
SILENT_OUTCOMES = frozenset({"duplicate", "nonsense"})

ENTRY_KINDS: dict[str, str | Promise] = {
    "message": _("From the caller"),
    "answer": _("Answer"),
    "question": _("Question to the caller"),
    "instruction": _("Instruction (O-16.2.4)"),
    "confirmation": _("The caller confirms it is done"),
    "note": pgettext_lazy("desk", "Note"),
    "hand_over": _("Handed over"),
    "escalation": _("Asked the office"),
    "office": _("Answer of the office"),
    "system": _("System"),
}
TYPED_KINDS = frozenset({"note", "message", "instruction", "confirmation"})
# What the caller wrote and what was written to the caller; everything else stays inside.
FROM_CALLER = frozenset({"message", "confirmation"})
TO_CALLER = frozenset({"answer", "question", "instruction"})

ITEM_WORDS: dict[str, str | Promise] = {
    "call_back": _("Called back at the registered number"),
    "name_reading": pgettext_lazy("desk", "Reading of the name"),
    "email": _("Registered mail address"),
    "contract_number": _("Contract number"),
    "corporate_number": _("Corporate number"),
    "member_number": _("Member number"),
    "title": _("Department and title"),
    "issued_month": _("Month in which the certificate was issued (YYYY-MM)"),
}


def answers_match(item: str, typed: str, registered: Sequence[str]) -> bool:
    """Tell whether what the caller said is what is registered; width, case, blanks and hyphens do not matter."""
    said = normalised(item, typed)
    return bool(said) and any(said == normalised(item, value) for value in registered)


def normalised(item: str, text: str) -> str:
    """Return an answer in the form in which answers are compared."""
    folded = fold_width(unicodedata.normalize("NFC", text)).casefold()
    if item == "call_back":
        return "".join(sign for sign in folded if sign.isdecimal())
    if item == "name_reading":
        try:
            folded = kana(folded)
        except TextError:
            return ""
    return "".join(sign for sign in folded if sign.isalnum() or sign in "@._")


def is_verified(matched: Sequence[str]) -> bool:
    """Tell whether enough different items matched (O-15.3)."""
    return len(set(matched)) >= ITEMS_TO_MATCH


def check_call(*, kind: str, caller_name: str, matter: str) -> list[Violation]:
    """Return what is missing before a call is written down."""
    found = []
    if kind not in KINDS or kind == UNSORTED:
        found.append(Violation("kind", "kind_unknown", _("Please choose what the call is about.")))
    if not caller_name.strip():
        found.append(Violation("caller_name", "caller_missing", _("Please write the caller's name.")))
    if not matter.strip():
        found.append(Violation("matter", "matter_missing", _("Please write what it is about.")))
    return found


def check_text(text: str, field: str = "text") -> list[Violation]:
    """Return what is wrong with an entry."""
    if not text.strip():
        return [Violation(field, "text_missing", _("Please write something."))]
    if len(text) > LONGEST_TEXT:
        return [Violation(field, "too_long", _("Please shorten the text."))]
    return []


def items_for(registered: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the items that can be asked about, in a fixed order: those of which something is registered."""
    return [item for item in ITEM_WORDS if any(registered.get(item, ()))]
