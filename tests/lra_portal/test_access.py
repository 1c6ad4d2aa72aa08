"""Every address has its line in the table of access, and the door obeys the table."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from accounts.roles import ACT_ROLES
from lra_portal.access import ACCESS


def view_names(resolver: URLResolver, space: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from view_names(pattern, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}"


def test_every_address_has_its_line_in_the_table() -> None:
    missing = set(view_names(get_resolver())) - set(ACCESS)
    assert not missing


def test_every_line_names_an_act_that_somebody_may_do() -> None:
    assert not [name for name, rule in ACCESS.items() if not ACT_ROLES.get(rule.act)]
