"""The repository as a process of its own reads with its own role, and has no pages."""

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import clear_url_caches, set_urlconf

from revocation.worker import crl_publishing
from tests.harness.cloned import Clone
from tests.revocation.world import PUBLISHER, make_current, make_world


@pytest.fixture
def _own_addresses(settings: LazySettings) -> None:
    settings.ROOT_URLCONF = "repository.stored_urls"
    settings.MIDDLEWARE = []
    clear_url_caches()
    set_urlconf(None)


@pytest.mark.usefixtures("_own_addresses")
def test_its_role_can_read_what_relying_parties_fetch_and_no_more(clone: Clone, client: Client) -> None:
    world = make_world()
    crl_publishing.publish(authority=world.issuing, shard=0, actor=PUBLISHER)
    make_current()
    with clone.acting_as("lra_repository"):
        paths = (
            f"/crl/{world.issuing.name}.crl",
            f"/ca/{world.issuing.name}.pem",
            f"/ca/{world.issuing.name}-chain.pem",
            f"/ca/{world.issuing.name}/{world.issuing.sha256}.cer",
        )
        for path in (*paths, "/healthz"):
            answer = client.get(path)
            assert answer.status_code == 200, path
            assert b"".join(answer), path
        for path in ("/", "/home/", "/accounts/login/", "/crl/unknown.crl"):
            assert client.get(path).status_code == 404, path
