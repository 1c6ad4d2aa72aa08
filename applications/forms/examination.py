"""What the office types: verdicts, questions, refusals, notes. Rules are checked by the services."""

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.rules.deciding import GROUNDS
from applications.rules.sheet import TELEPHONE_PARTS, Verdict
from applications.services.deciding import Refusal
from applications.services.examination import Talk
from audit.refusals import RuleViolated


class VerdictForm(forms.Form):
    """One item of the sheet."""

    result = forms.CharField(max_length=20, required=False)
    evidence = forms.CharField(max_length=200, required=False)
    note = forms.CharField(max_length=2000, required=False)
    source = forms.CharField(max_length=120, required=False)
    number = forms.CharField(max_length=30, required=False)
    spoke_with = forms.CharField(max_length=120, required=False)

    def verdict(self, *, telephone: bool) -> Verdict:
        """Return what was typed; the result of a call is its note."""
        typed = {key: self.data.get(key, "") for key in ("result", "evidence", "note")}
        call = {key: self.data.get(key, "") for key in TELEPHONE_PARTS if key != "result"}
        return Verdict(**typed, telephone={**call, "result": typed["note"]} if telephone else None)


class RefusalForm(forms.Form):
    """A ground of the terms and the text that the applicant reads (O-4.3)."""

    ground = forms.ChoiceField(label=_("Ground"), choices=list(GROUNDS.items()), widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("Text for the applicant"),
        help_text=_("What did not fit, and what the applicant can do. It is shown word for word."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def refusal(self) -> Refusal:
        """Return ground and text."""
        return Refusal(self.cleaned_data["ground"], self.cleaned_data["text"])


class NoteForm(forms.Form):
    """A note on sending a case back."""

    note = forms.CharField(
        label=_("What is to be looked at again"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )


class ContactForm(forms.Form):
    """A call or mail that the office made (O-17.1)."""

    channel = forms.ChoiceField(label=_("How"), choices=[("telephone", _("Telephone")), ("mail", _("E-mail"))])
    with_whom = forms.CharField(label=_("With whom"), max_length=120)
    text = forms.CharField(label=_("What was said"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))

    def talk(self) -> Talk:
        """Return what was typed."""
        return Talk(**self.cleaned_data)


def put_at_fields(form: forms.Form, refused: RuleViolated) -> None:
    """Show violations where they belong; those of no field stand on top."""
    for violation in refused.violations:
        field = violation.field if violation.field in form.fields else None
        form.add_error(field, str(violation.message))
