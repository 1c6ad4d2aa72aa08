"""What subscribers and key officers fill in about certificates."""

from django import forms
from django.utils.translation import gettext_lazy as _

from certificates.services.acceptance import MAX_REPORT
from certificates.services.recoveries import MAX_REASON


class ReportForm(forms.Form):
    """What is wrong in a certificate, in the subscriber's words (O-16.2.2)."""

    text = forms.CharField(
        label=_("What is different?"),
        help_text=_("Write what the certificate says and what it should say."),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=MAX_REPORT,
    )


class RecoveryForm(forms.Form):
    """Which backed-up key is to be handed to its holder once more, and why (J-5.2)."""

    management_number = forms.CharField(label=_("Management number"), max_length=20)
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Who asked for it, and how that was checked. This stays on record."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=MAX_REASON,
    )
