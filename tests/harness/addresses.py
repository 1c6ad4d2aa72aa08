"""Every address of the portal, filled in with an object's id, or with one that no object has."""

import re
from collections.abc import Iterator
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver

UNKNOWN = UUID("00000000-0000-4000-8000-000000000000")
# What stands for each kind of converter; also how a visitor might try to break it.
PLAUSIBLE = {"uuid": str(UNKNOWN), "int": "1", "str": "unknown", "slug": "unknown", "path": "unknown"}
PLAUSIBLE |= {"number": "9.9", "sha256": "0" * 64}
PLACE = re.compile(r"<(?:(\w+):)?(\w+)>")


def patterns(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield the whole route and the pattern of every address."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern


def fill(route: str, values: dict[str, str] | None = None) -> str:
    """Return a route as an address, with `values` by the converters' names in place of the usual ones."""
    # Some routes are regular expressions: the first of the words to choose from, else any word is as good.
    chosen = re.sub(r"\(\?P<\w+>(\w+)(?:\|\w+)+\)", r"\1", route)
    plain = re.sub(r"\(\?P<\w+>[^)]*\)", "unknown", chosen).replace("\\Z", "").translate(str.maketrans("", "", "^$\\"))
    return "/" + PLACE.sub(lambda place: {**PLAUSIBLE, **(values or {})}[place[1] or "str"], plain).lstrip("/")


def addresses() -> list[str]:
    """Return every address with ids that nothing has."""
    return sorted({fill(route) for route, _pattern in patterns()})
