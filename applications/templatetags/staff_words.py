"""Words that staff pages need: of roles on record, of results, of a text in the language it was read in."""

from collections.abc import Mapping

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.roles import Role
from applications.rules.words import word_of

register = template.Library()


@register.simple_tag
def role_word(role: str) -> str:
    """Return a role on record in words; parts of the system show their name."""
    if role.startswith("system:"):
        return f"{_('system')} {role.removeprefix('system:')}"
    return str(Role(role).label) if role in Role.values else role


@register.simple_tag
def result_word(result: str) -> str | Promise:
    """Return the word of a result of the sheet."""
    return word_of(result)


@register.filter
def in_language(texts: Mapping[str, str] | None, language: str) -> str:
    """Return a text in the language in which somebody read it then, not in the reader's."""
    return (texts or {}).get(language) or (texts or {}).get("ja", "")
