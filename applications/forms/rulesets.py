"""What a rules manager writes: rules as text or as a file, and what changed in them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.forms.contracts import ServiceChoice
from regulations.models import ParentService
from regulations.ruleset import Fault, RuleSet, RuleSetError
from regulations.ruleset_files import LARGEST, read_file
from regulations.services.target_systems import Written

ENDINGS = {".toml": "toml", ".yaml": "yaml", ".yml": "yaml"}


class RulesForm(forms.Form):
    """Rules, typed or in a file; a file takes the place of the typed text.

    After `is_valid` what was wrong with the rules stands in `faults`, each with its place.
    """

    source = forms.CharField(
        label=_("Rules (TOML)"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 28, "spellcheck": "false", "class": "form-control mono"}),
    )
    file = forms.FileField(
        label=_("Or a file"), required=False, help_text=_("TOML or YAML, up to 1 MB. It replaces the text above.")
    )
    changed_ja = forms.CharField(
        label=_("What changed, in Japanese"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    changed_en = forms.CharField(
        label=_("What changed, in English"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.faults: list[Fault] = []
        self.values: dict[str, Any] = {}

    def clean(self) -> dict[str, Any]:
        """Read and check the rules as a whole."""
        data = super().clean() or {}
        try:
            self.values = self.read(data.get("file"), data.get("source", ""))
            RuleSet.parse(self.values)
        except RuleSetError as error:
            self.show_faults(error.faults)
        return data

    def read(self, file: Any, source: str) -> dict[str, Any]:
        """Return the values in the file, or else in the text; raises RuleSetError."""
        if file is None:
            self.text = source
            return read_file(source.encode("utf-8", "replace"), "toml")
        kind = next((kind for ending, kind in ENDINGS.items() if (file.name or "").lower().endswith(ending)), "")
        if not kind:
            raise RuleSetError([Fault("/", gettext("The name of the file must end in .toml, .yaml or .yml."))])
        content = file.read(LARGEST + 1)
        self.text = content.decode("utf-8", "replace") if kind == "toml" else ""
        return read_file(content, kind)

    def show_faults(self, faults: list[Fault]) -> None:
        """Keep the faults for the page, and mark the field."""
        self.faults = faults
        field = "file" if self.cleaned_data.get("file") else "source"
        self.add_error(field, gettext("These rules can't be used yet. What is wrong is listed with its place."))

    def written(self) -> Written:
        """Return what the author hands in."""
        data = self.cleaned_data
        source = self.text.replace("\r\n", "\n")
        return Written(self.values, {"ja": data["changed_ja"], "en": data["changed_en"]}, source)


class NewSystemForm(RulesForm):
    """A new target system: its rules and the service that it belongs to."""

    parent_service = ServiceChoice(label=_("Parent service"), queryset=ParentService.objects.order_by("slug"))
    field_order = ("parent_service", "file", "source", "changed_ja", "changed_en", "seen")
