"""What a rules manager fills in to prepare a campaign of reissues (O-19.2.6)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import DateField
from applications.selectors.campaigns import Population
from applications.services.campaigns import FASTEST, LONGEST_MESSAGE
from certificates.key_kinds import BEGINNINGS
from certificates.register import issuers
from regulations.models import TargetSystem
from regulations.ruleset_words import said

USUAL_RATE = 60


class CampaignForm(forms.Form):
    """Which certificates, what their holders are told, until when, and how many offers a minute."""

    target_system = forms.ChoiceField(label=_("Target system"), widget=forms.RadioSelect)
    authority = forms.ChoiceField(label=_("Issuer of the certificates so far"), required=False)
    key_type = forms.ChoiceField(label=_("Kind of key so far"), required=False)
    message_ja = forms.CharField(
        label=_("Message (Japanese)"),
        help_text=_("Why a new key is needed. It stands in the mail and on the page of the offer."),
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    message_en = forms.CharField(
        label=_("Message (English)"), max_length=LONGEST_MESSAGE, widget=forms.Textarea(attrs={"rows": 3})
    )
    answer_by = DateField(label=_("Last day to take up the offer"))
    per_minute = forms.IntegerField(
        label=_("Offers per minute"),
        help_text=_("So that mail server, call center and examiners are not flooded."),
        min_value=1,
        max_value=FASTEST,
        initial=USUAL_RATE,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the target systems in force, the issuing authorities, and the kinds of keys."""
        super().__init__(*args, **kwargs)
        self.systems = {system.slug: system for system in TargetSystem.objects.in_force()}
        self.authorities = {row.name: row for row in issuers()}
        systems = [(slug, system.version_in_force().ruleset.name) for slug, system in self.systems.items()]
        any_one = [("", _("any"))]
        kinds = [(key, said("key_types", key)) for key in BEGINNINGS]
        self.fields["target_system"].choices = systems  # type: ignore[attr-defined]
        self.fields["authority"].choices = any_one + [(name, name) for name in self.authorities]  # type: ignore[attr-defined]
        self.fields["key_type"].choices = any_one + kinds  # type: ignore[attr-defined]

    def population(self) -> Population:
        """Return whom the campaign is about."""
        chosen = self.cleaned_data
        authority = self.authorities.get(chosen["authority"])
        return Population(self.systems[chosen["target_system"]], authority, chosen["key_type"])

    def message(self) -> dict[str, str]:
        """Return the message in both languages."""
        return {language: self.cleaned_data[f"message_{language}"].strip() for language in ("ja", "en")}

    def answer_by_day(self) -> date:
        """Return the last day."""
        day: date = self.cleaned_data["answer_by"]
        return day
