"""What is kept of an address opens nothing and names nobody."""

import pytest

from audit.models import EventDetails
from lra_portal.logs import without_secrets
from tests.people import People, signed_in

TOKEN = "D7dL66xmVNfpivDZswFT0Ljeu3mmrNZEg0RzZMyiHA0"


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        (f"GET /certificates/delivery/{TOKEN}/", "GET /certificates/delivery/…/"),
        (f"POST /certificates/delivery/{TOKEN}/download/", "POST /certificates/delivery/…/download/"),
        (f"GET /people/join/{TOKEN}/", "GET /people/join/…/"),
        ("GET /accounts/confirm-email/MQ:1abc:xyz/", "GET /accounts/confirm-email/…/"),
        ("GET /accounts/password/reset/key/1-abc123/", "GET /accounts/password/reset/key/…/"),
        ("GET /desk/?q=%E9%AB%98%E6%A9%8B", "GET /desk/?…"),
        ("GET /certificates/7ce1c24e-7618-4962-b4ff-0c49bcd3f338/", None),
    ],
)
def test_links_that_open_something_and_searches_are_cut_out(path: str, kept: str | None) -> None:
    assert without_secrets(path) == (kept or path)


def test_a_refused_visit_is_on_record_without_the_link_of_somebody_else(people: People) -> None:
    assert signed_in(people.hanako).get(f"/certificates/delivery/{TOKEN}/").status_code == 404
    kept = [str(row.body) for row in EventDetails.objects.order_by("-pk")[:5]]
    assert not [text for text in kept if TOKEN in text]
    assert [text for text in kept if "/certificates/delivery/…/" in text]
