"""What a contract's administrator and the office send about files of applications."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulations.models import TargetSystem


class BatchFileForm(forms.Form):
    """A file of applications for one of the target systems that take files."""

    use_required_attribute = False
    target_system = forms.ChoiceField(label=_("Target system"))
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or TSV; UTF-8 or Shift_JIS; one line, one application; up to 10,000 lines and 8 MB"),
        error_messages={"required": _("Please choose a file."), "missing": _("Please choose a file.")},
    )

    def __init__(self, systems: Sequence[TargetSystem], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.systems = {system.slug: system for system in systems}
        names = [(system.slug, str(system.version_in_force().ruleset.name)) for system in systems]
        self.fields["target_system"].choices = names  # type: ignore[attr-defined]

    def target(self) -> TargetSystem:
        """Return the target system that was chosen."""
        return self.systems[self.cleaned_data["target_system"]]
