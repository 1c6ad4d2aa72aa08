"""What people fill in to have a certificate revoked, and what staff write while they decide."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import DateField, LineField
from revocation import rules
from revocation.grounds import REPORTS, Party, choices, cited_by

TOKYO = ZoneInfo("Asia/Tokyo")
RELATIONS = [
    ("holder", _("I hold the certificate, or it is my device's")),
    ("company", _("I work for the holder's company or administer its contract")),
    ("relying_party", _("I received or check something signed with it")),
    ("other", _("Other")),
]


def start_of(day: date | None) -> datetime | None:
    """The instant at which a day began in Tokyo."""
    return datetime.combine(day, time.min, TOKYO) if day else None


def _words(label: Any, help_text: Any = "", *, required: bool = False) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 4})
    limit = rules.LONGEST_STATEMENT
    return forms.CharField(label=label, help_text=help_text, required=required, widget=widget, max_length=limit)


class OwnRequestForm(forms.Form):
    """The holder's request for the revocation of their own certificate (O-15.2)."""

    ground = forms.ChoiceField(label=_("Why should it be revoked?"), widget=forms.RadioSelect)
    invalid_since = DateField(
        label=_("Since when may the key have been in other hands?"),
        required=False,
        help_text=_("Only for a stolen, lost or leaked key. If you don't know, leave it empty."),
    )
    statement = _words(_("What happened"), _("A few words help us to decide quickly."))
    typed_number = LineField(
        label=_("Management number of the certificate"),
        max_length=20,
        help_text=_("Please type it as it stands above. This protects you from revoking the wrong one."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the grounds that a subscriber may cite."""
        super().__init__(*args, **kwargs)
        self.fields["ground"].choices = choices(cited_by(Party.SUBSCRIBER))  # type: ignore[attr-defined]

    def clean_invalid_since(self) -> datetime | None:
        """The day as the instant at which it began."""
        return start_of(self.cleaned_data["invalid_since"])


class ReportForm(forms.Form):
    """A report from anyone, without an account, day and night (O-14, O-15.3, O-16.2.8, J-5.5)."""

    report = forms.ChoiceField(
        label=_("What happened?"),
        widget=forms.RadioSelect,
        choices=[(report.key, report.label) for report in REPORTS.values()],
    )
    named = LineField(
        label=_("Which certificate?"),
        max_length=200,
        help_text=_("Management number or serial number. If you know neither: name, company and service."),
    )
    happened_at = DateField(label=_("When did it happen, or when was it noticed?"), required=False)
    name = LineField(label=_("Your name"), max_length=120)
    contact = LineField(
        label=_("Telephone number or mail address where we can reach you now"),
        max_length=200,
        help_text=_("We call back to make sure."),
    )
    relation = forms.ChoiceField(label=_("You and the certificate"), choices=RELATIONS)
    statement = _words(
        _("What shows it"),
        _("Your evidence: what you saw or received, where and when. A link, or words that were sent to you, help."),
    )

    def clean_happened_at(self) -> datetime | None:
        """The day as the instant at which it began."""
        return start_of(self.cleaned_data["happened_at"])


class StaffRequestForm(forms.Form):
    """A request of the office itself, on one of the grounds of the terms (O-15.1)."""

    named = LineField(label=_("Management number or serial number"), max_length=60)
    ground = forms.ChoiceField(label=_("Ground"), choices=choices(cited_by(Party.STAFF)), widget=forms.RadioSelect)
    invalid_since = DateField(label=_("Key compromised since"), required=False)
    statement = _words(_("What this rests on"), _("The approver decides by what is written here."), required=True)

    def clean_invalid_since(self) -> datetime | None:
        """The day as the instant at which it began."""
        return start_of(self.cleaned_data["invalid_since"])


class VerifyForm(forms.Form):
    """How staff check who asks."""

    note = _words(_("What is being checked, and how"), _("For example: called back the number on file."), required=True)


class SubmitForm(forms.Form):
    """What goes before the approver: which certificate, which ground, what was found."""

    named = LineField(label=_("Management number or serial number"), max_length=60, required=False)
    ground = forms.ChoiceField(label=_("Ground"), choices=choices(cited_by(Party.STAFF)))
    note = _words(_("What was found"), required=True)


class ApproveForm(forms.Form):
    """The approver's words to a yes, if any."""

    note = _words(_("Note"), _("The requester reads this."))


class DenyForm(forms.Form):
    """The approver's words to a no; they are needed."""

    note = _words(_("Reason"), _("The requester reads this."), required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say why a reason is asked for."""
        super().__init__(*args, **kwargs)
        self.fields["note"].error_messages["required"] = rules.REASON_NEEDED


class AtOnceForm(forms.Form):
    """What one approver writes who revokes for a compromise without waiting for another."""

    named = LineField(label=_("Management number or serial number"), max_length=60, required=False)
    note = _words(_("What the compromise is known from"), _("Requester and second approver read this."), required=True)


class CountersignForm(forms.Form):
    """The second approver's words to a yes, if any."""

    note = _words(_("Note"))


class ObjectForm(forms.Form):
    """Why the second approver would not have revoked."""

    note = _words(_("Why it should not have been revoked"), required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say why words are asked for."""
        super().__init__(*args, **kwargs)
        self.fields["note"].error_messages["required"] = rules.OBJECTION_NEEDED


class SiblingsForm(forms.Form):
    """Words to the revocation of everything over the same key."""

    note = _words(_("What the compromise is known from"), _("Holders and second approver read this."), required=True)


class SuspensionForm(forms.Form):
    """Why the service is suspended or resumed."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The holder reads this. For example: a third party claims the right to the name."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
    )


class ProofForm(forms.Form):
    """A PKCS#10 request whose subject is our challenge: proof that its sender holds the private key (O-15.3)."""

    csr = forms.CharField(
        label=_("The request that the command wrote"),
        help_text=_("From “-----BEGIN CERTIFICATE REQUEST-----” to the end. Never send us the key itself."),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
        max_length=20000,
    )
