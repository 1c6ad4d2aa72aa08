"""Words of results, in the form that the component of verdicts takes: value, words, look."""

from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy

Option = tuple[str, str | Promise, str]

COMPARE_OPTIONS: tuple[Option, ...] = (
    ("matches", pgettext_lazy("verdict", "Match"), ""),
    ("unsure", pgettext_lazy("verdict", "Check"), "warn"),
    ("differs", pgettext_lazy("verdict", "Differs"), "ng"),
)
CHECK_OPTIONS: tuple[Option, ...] = (
    ("passed", pgettext_lazy("verdict", "Fits"), ""),
    ("failed", pgettext_lazy("verdict", "Does not fit"), "ng"),
    ("not_applicable", pgettext_lazy("verdict", "Not applicable"), "na"),
)


def options_of(kind: str) -> tuple[Option, ...]:
    """Return the choices for an item of `kind`, in the reader's language."""
    return _options_said(kind, get_language() or "ja")


@lru_cache
def _options_said(kind: str, _language: str) -> tuple[Option, ...]:
    """Return the choices translated once: a sheet offers them at each of its rows."""
    options = COMPARE_OPTIONS if kind == "compare" else CHECK_OPTIONS[:2] if kind == "rights" else CHECK_OPTIONS
    return tuple((code, str(word), look) for code, word, look in options)


def word_of(result: str) -> str | Promise:
    """Return the word of one result; an unknown one shows itself."""
    return next((word for code, word, _look in (*COMPARE_OPTIONS, *CHECK_OPTIONS) if code == result), result)
