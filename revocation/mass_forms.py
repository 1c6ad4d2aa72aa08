"""What the office fills in to have many certificates revoked together."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import LineField
from regulations.models import TargetSystem
from revocation import mass_rules
from revocation.grounds import Party, choices, cited_by

LARGEST_FILE = 2 * 1024 * 1024


class MassForm(forms.Form):
    """Numbers typed or in a file, or everything valid of a target system or contract; the ground; what it rests on."""

    numbers = forms.CharField(
        label=_("Management or serial numbers"),
        help_text=_("One a line."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        max_length=2_000_000,
    )
    file = forms.FileField(
        label=_("Or a file with these numbers"),
        help_text=_("CSV or text, one a line; the first cell counts."),
        required=False,
    )
    target_system = forms.ModelChoiceField(
        label=_("Or all valid ones of a target system"), required=False, queryset=TargetSystem.objects.order_by("slug")
    )
    contract = LineField(label=_("Or all valid ones under a contract number"), max_length=40, required=False)
    ground = forms.ChoiceField(label=_("Ground"), choices=choices(cited_by(Party.STAFF)), widget=forms.RadioSelect)
    statement = forms.CharField(
        label=_("What this rests on"),
        help_text=_("The approver decides by what is written here."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
    )

    def clean_file(self) -> str:
        """The text of the file, in UTF-8 or Shift_JIS."""
        sent = self.cleaned_data["file"]
        if not sent:
            return ""
        if sent.size > LARGEST_FILE:
            raise forms.ValidationError(_("The file is larger than 2 megabytes. Please split it."))
        content = sent.read()
        for encoding in ("utf-8-sig", "cp932"):
            try:
                return str(content.decode(encoding)).replace("\x00", "")
            except UnicodeDecodeError:
                continue
        raise forms.ValidationError(_("This file can't be read. Please send UTF-8 or Shift_JIS text."))

    def all_numbers(self) -> list[str]:
        """Every number typed or in the file, in their order."""
        return mass_rules.numbers_in(self.cleaned_data["numbers"]) + mass_rules.numbers_in(self.cleaned_data["file"])

    def source(self) -> str:
        """Where the numbers come from: the file's name, or nothing where they were typed."""
        sent = self.files.get("file")
        return str(sent.name)[:150] if sent else ""
