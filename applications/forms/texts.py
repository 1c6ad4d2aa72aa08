"""What rules managers type: a version in both languages, a reason, and a mailing about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import DateField, LineField
from applications.selectors.audience import Circle
from audit.refusals import RuleViolated
from regulations.models import Contract, Document, DocumentKind, DocumentVersion, TargetSystem
from regulations.services.documents import Text

LONGEST_BODY = 200_000
KINDS = {
    DocumentKind.TERMS: _("Terms of use"),
    DocumentKind.REGULATION: _("Regulation of a target system"),
    DocumentKind.POLICY: _("Certificate policy"),
    DocumentKind.PRIVACY: _("Privacy policy"),
    DocumentKind.MANUAL: _("Manual"),
    DocumentKind.STATEMENT: _("Statement of business"),
    DocumentKind.ANSWER: _("Common questions"),
}
PROCEDURES = {"issue": _("Issue"), "reissue": _("Reissue"), "revocation": _("Revocation")}
BOTH = (("ja", _("Japanese")), ("en", _("English")))


def put_at(form: forms.Form, refused: RuleViolated) -> None:
    """Put what the rules found at the fields; what a language lacks stands at its Japanese field."""
    for violation in refused.violations:
        names = (violation.field, f"{violation.field}_ja")
        form.add_error(next((name for name in names if name in form.fields), None), str(violation.message))


class SystemsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # generic in the stubs alone
    """Target systems, by the names that their newest rules give them."""

    def label_from_instance(self, obj: TargetSystem) -> str:
        """Return the name that people know."""
        newest = obj.versions.order_by("-number").first()
        return str(newest.ruleset.name) if newest else obj.slug


class GovernsForm(forms.Form):
    """What a document governs, and where it stands when documents disagree (O-2.1)."""

    precedence = forms.IntegerField(
        label=_("Precedence"),
        min_value=1,
        max_value=999,
        help_text=_("Where documents disagree, the one with the smaller number wins."),
    )
    target_systems = SystemsField(
        label=_("Target systems that it governs"),
        queryset=TargetSystem.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    procedures = forms.MultipleChoiceField(
        label=_("Procedures that it governs (manuals)"),
        choices=list(PROCEDURES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    @classmethod
    def start_of(cls, document: Document) -> dict[str, Any]:
        """Return what the form shows first."""
        systems = list(document.target_systems.all())
        return {"precedence": document.precedence, "procedures": document.procedures, "target_systems": systems}


class DocumentForm(GovernsForm):
    """A new document: what it is and what it governs."""

    slug = forms.SlugField(label=_("Name in the address"), max_length=50, help_text=_("Letters, digits and hyphens."))
    kind = forms.ChoiceField(label=_("Kind"), choices=[(kind.value, label) for kind, label in KINDS.items()])
    field_order = ("slug", "kind", "precedence", "target_systems", "procedures")

    def clean_slug(self) -> str:
        """Refuse a name that another document has."""
        slug: str = self.cleaned_data["slug"]
        if Document.objects.filter(slug=slug).exists():
            raise forms.ValidationError(_("Another document has this name."))
        return slug


class VersionForm(forms.Form):
    """One version: its texts are Markdown."""

    version = LineField(label=_("Version"), max_length=20)
    title_ja = LineField(label=_("Title (Japanese)"), max_length=120, required=False)
    title_en = LineField(label=_("Title (English)"), max_length=120, required=False)
    what_changed_ja = LineField(label=_("What changed (Japanese)"), max_length=400, required=False)
    what_changed_en = LineField(label=_("What changed (English)"), max_length=400, required=False)
    body_ja = forms.CharField(
        label=_("Text (Japanese, Markdown)"),
        max_length=LONGEST_BODY,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 16}),
    )
    body_en = forms.CharField(
        label=_("Text (English, Markdown)"),
        max_length=LONGEST_BODY,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 16}),
    )
    external_url = forms.URLField(
        label=_("Address, where the document is kept elsewhere"), required=False, assume_scheme="https"
    )
    external_sha256 = LineField(
        label=_("SHA-256 of the copy that was read"),
        max_length=64,
        required=False,
        help_text=_("64 characters. Subscribers agree to this copy."),
    )
    consent_within_days = forms.IntegerField(
        label=_("Days within which subscribers agree anew"),
        required=False,
        help_text=_("Leave it empty when their earlier consent still stands."),
    )

    @classmethod
    def start_of(cls, version: DocumentVersion) -> dict[str, Any]:
        """Return what the form shows first."""
        typed: dict[str, Any] = {
            f"{name}_{lang}": getattr(version, name).get(lang, "")
            for name in ("title", "what_changed", "body")
            for lang, _label in BOTH
        }
        single = ("version", "external_url", "external_sha256", "consent_within_days")
        return typed | {name: getattr(version, name) for name in single}

    def text(self) -> Text:
        """Return what was typed as a text, with plain line ends."""
        typed = self.cleaned_data
        return Text(
            version=typed["version"],
            title={lang: typed[f"title_{lang}"] for lang, _label in BOTH},
            body={lang: typed[f"body_{lang}"].replace("\r\n", "\n") for lang, _label in BOTH if typed[f"body_{lang}"]},
            what_changed={lang: typed[f"what_changed_{lang}"] for lang, _label in BOTH},
            external_url=typed["external_url"],
            external_sha256=typed["external_sha256"].lower(),
        )


class ReasonForm(forms.Form):
    """Why a version goes back."""

    note = forms.CharField(
        label=_("What has to be changed"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class AdvanceForm(forms.Form):
    """Whom a mailing is for, when the version is to be posted, and words of the office's own."""

    circle = forms.ChoiceField(label=_("Who is told"), widget=forms.RadioSelect)
    contract = LineField(
        label=_("Contract number"), max_length=40, required=False, help_text=_("Only for “one contract”.")
    )
    planned_for = DateField(label=_("Day on which it will be posted"))
    message_ja = forms.CharField(
        label=_("Message (Japanese)"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    message_en = forms.CharField(
        label=_("Message (English)"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        """Offer everybody, each target system, and one contract."""
        super().__init__(*args, **kwargs)
        self.at = at
        self.systems = {system.slug: system for system in TargetSystem.objects.in_force()}
        systems = [(slug, system.version_in_force().ruleset.name) for slug, system in self.systems.items()]
        everybody, one = ("all", _("All subscribers")), ("contract", _("The subscribers of one contract"))
        self.fields["circle"].choices = [everybody, *systems, one]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Look the contract up."""
        cleaned = super().clean() or {}
        if cleaned.get("circle") == "contract":
            number = cleaned.get("contract", "")
            found = Contract.objects.filter(number=number).order_by("-begins_at").first() if number else None
            if found is None:
                self.add_error("contract", _("There is no contract with this number."))
            cleaned["contract_row"] = found
        return cleaned

    def chosen_circle(self) -> Circle:
        """Return whom the mailing is for."""
        chosen = self.cleaned_data["circle"]
        if chosen == "contract":
            return Circle(contract=self.cleaned_data["contract_row"])
        return Circle(target_system=self.systems.get(chosen))

    def message(self) -> dict[str, str]:
        """Return the message in both languages."""
        return {lang: self.cleaned_data[f"message_{lang}"].strip() for lang, _label in BOTH}
