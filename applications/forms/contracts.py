"""What staff types about contracts, parent services, closed days and suspensions. The services check the rules."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import DateField
from regulations.calendar import TOKYO
from regulations.models import Contract, Corporation, ParentService
from regulations.periods import last_day_of
from regulations.ruleset import LocalText
from regulations.services.api_tokens import READ, WRITE
from regulations.services.contracts import Company, Terms
from regulations.services.periods import NewEnd

HOURS = [(f"{hour:02d}:{minute:02d}", f"{hour}:{minute:02d}") for hour in range(24) for minute in (0, 30)]


class ServiceChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A parent service by its name in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        return str(LocalText(ja=obj.name["ja"], en=obj.name["en"]))


class CompanyForm(forms.Form):
    """A corporation's data, as certificates print it."""

    corporate_number = forms.CharField(label=_("Corporate number"), help_text=_("13 digits"), max_length=40)
    name = forms.CharField(label=_("Company name"), max_length=200)
    name_reading = forms.CharField(label=_("Reading of the name"), max_length=200, required=False)
    name_latin = forms.CharField(
        label=_("Company name in Latin letters"), help_text=_("Printed in certificates (O)"), max_length=100
    )
    postal_code = forms.CharField(label=_("Postal code"), max_length=20, required=False)
    address = forms.CharField(label=_("Address"), max_length=250, required=False)
    locality_latin = forms.CharField(label=_("City in Latin letters"), max_length=100, required=False)
    state_latin = forms.CharField(label=_("Prefecture in Latin letters"), max_length=100, required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)

    def company(self) -> Company:
        """Return what was typed."""
        return Company(**{name: self.cleaned_data.get(name, "") for name in CompanyForm.base_fields})

    @staticmethod
    def values_of(corporation: Corporation | None) -> dict[str, str]:
        """Return what the form starts with."""
        return {name: getattr(corporation, name, "") for name in CompanyForm.base_fields}


class ContractForm(CompanyForm):
    """A new contract with its corporation."""

    parent_service = ServiceChoice(label=_("Parent service"), queryset=ParentService.objects.order_by("slug"))
    number = forms.CharField(label=_("Contract number"), max_length=60)
    begins_on = DateField(label=_("First day"))
    ends_on = DateField(
        label=_("Last day"), required=False, help_text=_("Counts whole, to 23:59:59. Leave it empty for no end.")
    )
    fee_note = forms.CharField(label=_("Note on the fee"), max_length=250, required=False)

    def terms(self) -> Terms:
        """Return number and period."""
        data = self.cleaned_data
        return Terms(data["number"], data["begins_on"], data["ends_on"], data["fee_note"])


class CompanyChangeForm(CompanyForm):
    """What may change of a contract that stands: its corporation's data and the note on the fee."""

    fee_note = forms.CharField(label=_("Note on the fee"), max_length=250, required=False)


class PeriodForm(forms.Form):
    """A new end of a contract, with the end that the person saw."""

    last_day = DateField(label=_("New last day"), required=False, help_text=_("Counts whole, to 23:59:59."))
    open_ended = forms.BooleanField(label=_("No end"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, contract: Contract, data: Any = None) -> "PeriodForm":
        """Return the form for `contract`, filled in as it stands."""
        seen = contract.ends_at.isoformat() if contract.ends_at else ""
        start = {"last_day": last_day_of(contract.ends_at), "open_ended": contract.ends_at is None, "seen": seen}
        return cls(data or None, initial=start)

    def clean(self) -> dict[str, Any]:
        """Refuse a form that names both a day and no end, or neither."""
        data = super().clean() or {}
        if "last_day" in data and bool(data["last_day"]) == bool(data.get("open_ended")):
            self.add_error("last_day", _("Enter the last day, or tick “No end”."))
        return data

    def new_end(self) -> NewEnd:
        """Return what was decided, and on which grounds."""
        seen = self.cleaned_data["seen"]
        return NewEnd(self.cleaned_data["last_day"], datetime.fromisoformat(seen) if seen else None)

    def clean_seen(self) -> str:
        """Refuse an instant that is none."""
        seen: str = self.cleaned_data["seen"]
        try:
            if seen:
                datetime.fromisoformat(seen)
        except ValueError as error:
            raise forms.ValidationError(_("Please open this page again.")) from error
        return seen


class MemberForm(forms.Form):
    """A person of a contract."""

    name = forms.CharField(label=_("Name"), max_length=100)
    email = forms.CharField(label=_("Mail address"), max_length=254)
    authorised_person = forms.BooleanField(label=_("Authorised person"), required=False)
    administrator = forms.BooleanField(label=_("Contract administrator"), required=False)


class FileForm(forms.Form):
    """A file of contracts."""

    parent_service = ServiceChoice(label=_("Parent service"), queryset=ParentService.objects.order_by("slug"))
    file = forms.FileField(
        label=_("File"), help_text=_("CSV or TSV; UTF-8 or Shift_JIS; one line, one contract; up to 64 MB")
    )


class ServiceForm(forms.Form):
    """A parent service."""

    slug = forms.RegexField(
        r"^[a-z0-9]+(-[a-z0-9]+)*$",
        label=_("Short name"),
        help_text=_("Small letters, digits and hyphens"),
        max_length=50,
        error_messages={"invalid": _("Use small letters, digits and single hyphens only.")},
    )
    name_ja = forms.CharField(label=_("Name in Japanese"), max_length=64)
    name_en = forms.CharField(label=_("Name in English"), max_length=64)
    charges_users = forms.BooleanField(label=_("Charges its users"), required=False, initial=True)


class TokenForm(forms.Form):
    """A key to the API."""

    name = forms.CharField(label=_("Where it is used"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=[(READ, _("Read contracts")), (WRITE, _("Begin, extend, shorten and end contracts"))],
        widget=forms.CheckboxSelectMultiple,
    )
    expires_on = DateField(label=_("Usable until"), required=False)


class ClosureForm(forms.Form):
    """A day on which the office is closed besides holidays."""

    day = DateField(label=_("Day"))
    reason_ja = forms.CharField(label=_("Reason in Japanese"), max_length=80)
    reason_en = forms.CharField(label=_("Reason in English"), max_length=80)


class SuspensionForm(forms.Form):
    """A planned suspension."""

    begins_on = DateField(label=_("Begins on"))
    begins_time = forms.ChoiceField(label=_("At"), choices=HOURS)
    ends_on = DateField(label=_("Ends on"))
    ends_time = forms.ChoiceField(label=_("At"), choices=HOURS)
    reason_ja = forms.CharField(label=_("Reason in Japanese"), max_length=200)
    reason_en = forms.CharField(label=_("Reason in English"), max_length=200)

    def begins_at(self) -> datetime:
        """Return the instant at which it begins."""
        return self._instant("begins")

    def ends_at(self) -> datetime:
        """Return the instant at which it ends."""
        return self._instant("ends")

    def _instant(self, name: str) -> datetime:
        hour, minute = self.cleaned_data[f"{name}_time"].split(":")
        day: date = self.cleaned_data[f"{name}_on"]
        return datetime.combine(day, time(int(hour), int(minute)), TOKYO)
