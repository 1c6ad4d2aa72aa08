"""What the holder fills in to report a change, and what the office writes about it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import DateField
from applications.rules.changes import KINDS, LONGEST_TEXT, OUTCOMES


def words(label: object, help_text: object = "", *, required: bool = False) -> forms.CharField:
    """A box for a few sentences."""
    widget = forms.Textarea(attrs={"rows": 4, "maxlength": LONGEST_TEXT})
    return forms.CharField(label=label, help_text=help_text, widget=widget, required=required)  # type: ignore[arg-type]


class NoticeForm(forms.Form):
    """Which kind of change, since when, and words; the new values are a form of the rules beside it."""

    use_required_attribute = False
    kind = forms.ChoiceField(label=_("What happened"), choices=list(KINDS.items()), widget=forms.RadioSelect)
    since = DateField(
        label=_("Day of the change"), help_text=_("Not needed where it was wrong from the beginning."), required=False
    )
    text = words(_("What we should know"))


class ProposalForm(forms.Form):
    """What the examiner proposes."""

    use_required_attribute = False
    outcome = forms.ChoiceField(label=_("What follows from it"), widget=forms.RadioSelect)
    findings = words(_("Findings"), _("Read by approver and auditor."))
    answer = words(_("Answer to the holder"), _("It is shown word for word."), required=True)

    def __init__(self, *args: object, outcomes: list[str], **kwargs: object) -> None:
        """Offer the outcomes that can follow here."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["outcome"].choices = [(key, OUTCOMES[key]) for key in outcomes]  # type: ignore[attr-defined]


class NoteForm(forms.Form):
    """What the examiner is to look at again."""

    use_required_attribute = False
    note = words(_("What is to be looked at again"), required=True)
