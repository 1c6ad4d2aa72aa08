"""How a mail reads, for its preview: the same templates that the worker fills in."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils import translation


@dataclass(frozen=True)
class Mail:
    """One mail in one language."""

    language: str
    subject: str
    body: str


def mail_in_both(template: str, context: Mapping[str, object]) -> list[Mail]:
    """Return the mail in Japanese and in English; `template` without its ending."""
    found = []
    for language in ("ja", "en"):
        with translation.override(language):
            subject = " ".join(render_to_string(f"{template}.subject.txt", dict(context)).split())
            body = render_to_string(f"{template}.body.txt", dict(context)).strip()
        found.append(Mail(language, subject, body))
    return found
