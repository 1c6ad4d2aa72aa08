"""Forms say what is wrong in our own words, in both languages, and never in the framework's."""

import inspect
import json
import re
from datetime import datetime
from importlib import import_module

import pytest
from django import forms
from django.utils.translation import override

from support_desk.forms import RevocationForm
from tests.instants import TOKYO

THEIRS = {
    "ja": "このフィールドは必須です|正しく選択してください|正しく入力してください|文字以下で|以上の値|以下の値|スラグ",
    "en": "This field is required|Select a valid choice|Enter a valid|Ensure this|not one of the available",
}
ROOMS = (
    "accounts.forms",
    "applications.forms.contracts",
    "applications.forms.examination",
    "applications.forms.texts",
    "revocation.forms",
    "support_desk.forms",
)


def plain_forms() -> list[type[forms.Form]]:
    """Every form that can be made of what was typed alone."""
    found = []
    for room in ROOMS:
        for _name, form in inspect.getmembers(import_module(room), inspect.isclass):
            if issubclass(form, forms.Form) and not inspect.signature(form).parameters.keys() - PARAMETERS:
                found.append(form)
    return found


PARAMETERS = inspect.signature(forms.Form).parameters.keys() | {"args", "kwargs"}


def said(form: type[forms.Form], typed: str) -> str:
    names = list(form.base_fields)
    data = dict.fromkeys(names, typed) | {f"{name}_{part}": typed for name in names for part in "ymd"}
    return str(form(data if typed else {}).errors.as_json())


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_form_speaks_with_the_frameworks_words(language: str) -> None:
    found = plain_forms()
    assert len(found) > 15
    with override(language):
        for form in found:
            for typed in ("", "x" * 5000, "-1", "a\x00b"):
                answer = json.loads(said(form, typed))
                words = " ".join(error["message"] for errors in answer.values() for error in errors)
                assert not re.search(THEIRS[language], words), (form, typed, words)


def test_the_desk_types_a_moment_in_either_width_and_is_told_how() -> None:
    typed = {"ground": "holder:key_compromise", "compromised_at": "２０２６-１１-２０ １８：３０", "statement": ""}
    form = RevocationForm(typed)
    assert form.is_valid(), form.errors
    assert form.wish().invalid_since == datetime(2026, 11, 20, 18, 30, tzinfo=TOKYO)
    with override("en"):
        assert "Enter day and time as in 2026-11-20 18:30." in str(
            RevocationForm({**typed, "compromised_at": "x"}).errors
        )
        assert "Please choose one of these." in str(RevocationForm({"ground": "own:anything"}).errors)
