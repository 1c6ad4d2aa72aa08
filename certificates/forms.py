"""What subscribers fill in about their certificates."""

from django import forms
from django.utils.translation import gettext_lazy as _

from certificates.services.acceptance import MAX_REPORT


class ReportForm(forms.Form):
    """What is wrong in a certificate, in the subscriber's words (O-16.2.2)."""

    text = forms.CharField(
        label=_("What is different?"),
        help_text=_("Write what the certificate says and what it should say."),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=MAX_REPORT,
    )
