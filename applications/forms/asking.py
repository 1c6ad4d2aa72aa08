"""What the applicant is asked for: one row for each document and item of the sheet, each with a text of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.rules.sheet import AGAINST, SheetItem
from applications.services.asking import USUAL_DAYS, Question, Wish
from regulations.ruleset import LocalText, RuleSet

FREE_ROWS = 3
LONGEST_LABEL = 100
LONGEST_NOTE = 1000


@dataclass(frozen=True)
class AskRow:
    """One line of the form: what may be asked for, whether it is, and what the applicant reads about it."""

    name: str
    label: LocalText | str
    state: str
    tick: forms.BoundField
    note: forms.BoundField


def note_field(label: str) -> forms.CharField:
    """Return the field of what the applicant reads about one thing."""
    return forms.CharField(label=label, required=False, max_length=LONGEST_NOTE, widget=forms.Textarea)


class AskForm(forms.Form):
    """What is asked for, by when."""

    message = forms.CharField(
        label=_("Message to the applicant"),
        help_text=_(
            "Say why you ask. The applicant reads this above the items, as it stands here. "
            "Who is to send a file needs an item that is ticked above."
        ),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    business_days = forms.IntegerField(
        label=_("Business days to answer"), min_value=1, max_value=30, initial=USUAL_DAYS
    )

    def __init__(
        self, *args: Any, ruleset: RuleSet, sheet: Sequence[SheetItem], results: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.documents = {f"doc-{rule.key}": rule for rule in ruleset.documents}
        self.items = {f"item-{item.key}": item for item in sheet if item.kind != "automatic"}
        self.results = results
        labels = {name: str(rule.label) for name, rule in self.documents.items()}
        labels |= {name: str(item.label) for name, item in self.items.items()}
        for name, label in labels.items():
            self.fields[name] = forms.BooleanField(label=label, required=False)
            self.fields[f"{name}-note"] = note_field(label)
        for name in self.free:
            label = str(_("Something else"))
            self.fields[name] = forms.CharField(label=label, required=False, max_length=LONGEST_LABEL)
            self.fields[f"{name}-note"] = note_field(label)

    @property
    def free(self) -> list[str]:
        """Return the names of the rows for what stands neither in the rules nor on the sheet."""
        return [f"free-{number}" for number in range(1, FREE_ROWS + 1)]

    def document_rows(self) -> list[AskRow]:
        """Return the rows of documents."""
        return [self._row(name, rule.label, "") for name, rule in self.documents.items()]

    def item_rows(self) -> list[AskRow]:
        """Return the rows of the sheet, those that are doubtful first."""
        rows = [self._row(name, item.label, self.results.get(item.key, "")) for name, item in self.items.items()]
        return sorted(rows, key=lambda row: row.state not in AGAINST | {"unsure"})

    def free_rows(self) -> list[AskRow]:
        """Return the rows with a name of their own."""
        return [self._row(name, "", "") for name in self.free]

    def _row(self, name: str, label: LocalText | str, state: str) -> AskRow:
        return AskRow(name, label, state, self[name], self[f"{name}-note"])

    def clean(self) -> dict[str, Any]:
        """Want a text with every item of the sheet: its name alone tells the applicant nothing."""
        said = super().clean() or self.cleaned_data
        for name in self.items:
            if said.get(name) and not said.get(f"{name}-note"):
                self.add_error(f"{name}-note", str(_("Please write what the applicant is to answer.")))
        for name in self.free:
            if said.get(f"{name}-note") and not said.get(name):
                self.add_error(name, str(_("Please give it a short name.")))
        return said

    def asked(self) -> Question:
        """Return the question that the form asks; a row with a text counts as ticked."""
        said = self.cleaned_data
        return Question(list(self._wishes(said)), said["message"].strip(), said["business_days"])

    def _wishes(self, said: Mapping[str, Any]) -> Iterable[Wish]:
        for name, rule in self.documents.items():
            if said[name] or said[f"{name}-note"]:
                yield Wish(rule.key, {"ja": rule.label.ja, "en": rule.label.en}, said[f"{name}-note"])
        for name, item in self.items.items():
            if said[name] or said[f"{name}-note"]:
                label = {"ja": item.label.ja, "en": item.label.en}
                yield Wish("", label, said[f"{name}-note"], "text", item.key)
        for name in self.free:
            if said[name]:
                yield Wish("", {"ja": said[name], "en": said[name]}, said[f"{name}-note"], "text")
