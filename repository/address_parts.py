"""Parts of public addresses, so that nothing else ever reaches a view or the database."""

from functools import cache

from django.urls import register_converter
from django.urls.converters import StringConverter

from regulations.services.documents import NUMBER


class VersionNumber(StringConverter):
    """The number of a document's version (O-3.1)."""

    regex = NUMBER.pattern


class Digest(StringConverter):
    """A SHA-256 in hexadecimal digits, as it names a certificate."""

    regex = "[0-9a-f]{64}"


@cache
def register() -> None:
    """Make the parts known to addresses, once a process."""
    register_converter(VersionNumber, "number")
    register_converter(Digest, "sha256")
