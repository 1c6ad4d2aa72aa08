"""What every form says of a mistake, in words that tell how to go on instead of the framework's own."""

from typing import Any

from django import forms
from django.core import validators
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

FILL_IN, CHOOSE = _("Please fill this in."), _("Please choose one of these.")
NUMBER = _("Enter a whole number in digits.")


def speak_plainly() -> None:
    """Put our sentences in the place of the framework's; a field's own `error_messages` still come first."""
    said: dict[type[forms.Field], dict[str, Any]] = {
        forms.Field: {"required": FILL_IN},
        forms.ChoiceField: {"required": CHOOSE, "invalid_choice": CHOOSE},
        forms.MultipleChoiceField: {"invalid_choice": CHOOSE, "invalid_list": CHOOSE},
        forms.ModelChoiceField: {"required": CHOOSE, "invalid_choice": CHOOSE},
        forms.ModelMultipleChoiceField: {"invalid_choice": CHOOSE, "invalid_list": CHOOSE, "invalid_pk_value": CHOOSE},
        forms.BooleanField: {"required": _("Please tick this.")},
        forms.FileField: {"required": _("Please choose a file."), "empty": _("This file is empty.")},
        forms.IntegerField: {"invalid": NUMBER},
        forms.URLField: {"invalid": _("Enter the whole address, such as https://ca.example.jp/policy.pdf.")},
    }
    for field, sentences in said.items():
        own = field.__dict__.get("default_error_messages", {})
        field.default_error_messages = {**own, **sentences}
    validators.validate_slug.message = _("Use only letters from a to z, digits, hyphens and underscores.")
    validators.EmailValidator.message = _("Enter the mail address as in name@example.jp.")
    validators.ProhibitNullCharactersValidator.message = _("This holds a character that can't be used here.")
    validators.MinValueValidator.message = _("Enter %(limit_value)s or more.")
    validators.MaxValueValidator.message = _("Enter %(limit_value)s or less.")
    validators.MaxLengthValidator.message = ngettext_lazy(
        "Please keep this to %(limit_value)d character; it has %(show_value)d.",
        "Please keep this to %(limit_value)d characters; it has %(show_value)d.",
        "limit_value",
    )
