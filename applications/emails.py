"""What notices about applications say: links into the portal, and words in both languages."""

from collections.abc import Callable, Mapping
from uuid import UUID

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import translation

Both = dict[str, str]


def link_to(name: str, key: UUID | str) -> str:
    """Return the address of a page about `key`; a process that serves no pages gives the portal's own."""
    try:
        return f"{settings.SITE_URL}{reverse(name, args=[key])}"
    except NoReverseMatch:
        return str(settings.SITE_URL)


def in_both(words: Callable[[], object]) -> Both:
    """Return what `words` says in Japanese and in English, for the filter `localised` of a template."""
    said = {}
    for language in ("ja", "en"):
        with translation.override(language):
            said[language] = str(words())
    return said


def named_in_both(label: Mapping[str, str] | str) -> Both:
    """Return a label of the rules as plain values."""
    return {"ja": label, "en": label} if isinstance(label, str) else {"ja": label["ja"], "en": label["en"]}
