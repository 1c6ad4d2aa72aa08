"""Forms of applying for somebody else: for whom, and why the applicant says no."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.services.filing import LONGEST_NAME, LONGEST_NOTE, Subject


class SubjectForm(forms.Form):
    """Name, mail address and contract of the one who is to hold the certificate; the rules judge what was typed."""

    use_required_attribute = False
    MISSING: ClassVar = {"required": _("Please fill this in.")}
    name = forms.CharField(
        label=_("Name of the applicant"),
        help_text=_("The person who is to hold the certificate, as on official papers."),
        error_messages=MISSING,
    )
    email = forms.CharField(
        label=_("Mail address of the applicant"),
        help_text=_("A link to read, agree and confirm is sent there. It must be the person's own address."),
        widget=forms.TextInput(attrs={"inputmode": "email", "lang": "en", "spellcheck": "false"}),
        error_messages=MISSING,
    )
    contract_number = forms.CharField(
        label=_("Contract number"),
        help_text=_("The contract has to name this address as one that may apply. What it says is looked up."),
        error_messages=MISSING,
    )

    def __init__(self, *args: object, needs_contract: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["name"].max_length = LONGEST_NAME  # type: ignore[attr-defined]
        if not needs_contract:
            del self.fields["contract_number"]

    def subject(self) -> Subject:
        """Return what was typed."""
        typed = {name: str(self.data.get(name, "")) for name in ("name", "email", "contract_number")}
        return Subject(**typed)


class DeclineForm(forms.Form):
    """Why the applicant does not want it; may stay empty."""

    note = forms.CharField(
        label=_("Reason (whoever filed it reads this)"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=LONGEST_NOTE,
        required=False,
    )
