"""What somebody says who wants another certificate in place of one that they hold."""

from __future__ import annotations

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from applications.rules.kinds import LONGEST_REASON, REASONS


class ReissueForm(forms.Form):
    """Why a certificate is to be reissued (O-12.2)."""

    use_required_attribute = False
    reason = forms.ChoiceField(label=_("Why do you need another one?"), widget=forms.RadioSelect, required=False)
    reason_text = forms.CharField(
        label=_("Details"),
        help_text=_("Needed where it prints something wrong: what is wrong, and how it should read."),
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": LONGEST_REASON}),
        required=False,
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer the reasons of the rules, each with a line of help."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["reason"].required = True
        self.fields["reason"].choices = [  # type: ignore[attr-defined]
            (reason.key, format_html('{}<br><span class="small quiet">{}</span>', reason.label, reason.help))
            for reason in REASONS.values()
            if not reason.by_offer
        ]
