"""What staff type about names that are watched; the services check it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.rules.watching import LONGEST_NAME, PART, WHOLE


class WatchForm(forms.Form):
    """A name for the list (O-11.1)."""

    name = forms.CharField(
        label=_("Watched name"),
        help_text=_("Width, capitals, kana, spaces and signs make no difference."),
        max_length=LONGEST_NAME,
    )
    matching = forms.ChoiceField(
        label=_("How it is compared"),
        choices=[
            (WHOLE, _("As whole words: “Mihon” is found in “Mihon Shop”, not in “Mihonara”")),
            (PART, _("Also inside longer words: for names that are made of others")),
        ],
        initial=WHOLE,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Why it is watched"),
        help_text=_("Whose it may be, and how you know. Examiners, approvers and auditors read this."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class WatchEndForm(forms.Form):
    """The end of an entry."""

    reason = forms.CharField(
        label=_("Why it is no longer watched"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
