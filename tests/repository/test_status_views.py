"""What relying parties fetch: stored bytes, right types, conditional requests, no session."""

import hashlib
from datetime import timedelta

import pytest
from cryptography import x509
from django.test import Client
from django.utils import timezone
from django.utils.http import http_date

from revocation import selectors
from revocation.models import Crl
from revocation.services.revoking import revoke
from revocation.worker import crl_publishing
from tests.revocation.world import PUBLISHER, SYSTEM, World, followed_by, make_current, make_world, now


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def crl(world: World) -> Crl:
    """A list with one entry that is served now."""
    revoke(certificate=world.certificate(), ground="lra:misuse", actor=SYSTEM, at=now())
    made = crl_publishing.publish(authority=world.issuing, shard=0, actor=PUBLISHER)
    assert made is not None
    make_current()
    return made


def path_of(url: str) -> str:
    return url.removeprefix("http://127.0.0.1:8000")


def body(answer: object) -> bytes:
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def test_the_address_in_the_certificate_gives_the_current_list(world: World, crl: Crl, client: Client) -> None:
    answer = client.get(path_of(world.issuing.crl_url))
    assert answer.headers["Content-Type"] == "application/pkix-crl"
    data = body(answer)
    assert len(data) == crl.size == int(answer.headers["Content-Length"])
    assert hashlib.sha256(data).hexdigest() == crl.sha256
    assert len(x509.load_der_x509_crl(data)) == 1
    assert not answer.cookies
    assert answer.headers["Cache-Control"] == "public, max-age=60, no-transform"


def test_who_has_the_list_already_is_told_so(world: World, crl: Crl, client: Client) -> None:
    path = path_of(world.issuing.crl_url)
    first = client.get(path)
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    since = http_date(crl.this_update.timestamp())
    assert client.get(path, headers={"If-Modified-Since": since}).status_code == 304
    assert client.get(path, headers={"If-None-Match": '"older"'}).status_code == 200
    head = client.head(path)
    assert head.headers["Content-Length"] == str(crl.size)


def test_a_newer_list_is_served_only_from_its_time_on_and_the_older_never_again(
    world: World, crl: Crl, client: Client
) -> None:
    path = path_of(world.issuing.crl_url)
    body = selectors.bytes_of(crl) + b"newer"
    newer = followed_by(crl, body=body, current_from=timezone.now() + timedelta(seconds=0.9))
    assert client.get(path).headers["ETag"] == f'"{crl.sha256}"'
    make_current()
    assert client.get(path).headers["ETag"] == f'"{newer.sha256}"'


def test_the_roots_list_is_the_one_of_the_ceremony(world: World, client: Client) -> None:
    answer = client.get(path_of(world.root.crl_url))
    assert body(answer) == bytes(world.root.root_crls.get().der)


@pytest.mark.clause("O-1.1")
def test_ca_certificates_come_in_every_form_and_with_their_chain(world: World, client: Client) -> None:
    name, der = world.issuing.name, bytes(world.issuing.certificate_der)
    for form in ("cer", "der"):
        answer = client.get(f"/ca/{name}.{form}")
        assert answer.headers["Content-Type"] == "application/pkix-cert"
        assert body(answer) == der
    pem = body(client.get(f"/ca/{name}.pem"))
    assert x509.load_pem_x509_certificate(pem) == x509.load_der_x509_certificate(der)
    chain = x509.load_pem_x509_certificates(body(client.get(f"/ca/{name}-chain.pem")))
    assert [link.subject for link in chain] == [chain[0].subject, chain[1].subject]
    assert chain[0].issuer == chain[1].subject == chain[1].issuer


@pytest.mark.parametrize(
    "path",
    [
        "/crl/none.crl",
        "/crl/none-1.crl",
        "/ca/none.cer",
        "/ca/none-chain.pem",
        "/ca/none/00.cer",
        "/ca/..%2fx.pem",
        "/crl/x-99999999999.crl",
    ],
)
def test_what_is_not_there_is_not_found(world: World, client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_shard_that_does_not_exist_is_not_found(world: World, crl: Crl, client: Client) -> None:
    assert client.get(f"/crl/{world.issuing.name}-0.crl").status_code == 200
    for shard in ("1", "00", "99999999999999999999"):
        assert client.get(f"/crl/{world.issuing.name}-{shard}.crl").status_code == 404


def test_lists_and_certificates_can_only_be_read(world: World, crl: Crl, client: Client) -> None:
    assert client.post(path_of(world.issuing.crl_url)).status_code == 405
    assert client.delete(f"/ca/{world.issuing.name}.pem").status_code == 405


def test_the_page_for_relying_parties_shows_fingerprints_numbers_and_the_responder(
    world: World, crl: Crl, client: Client
) -> None:
    page = client.get("/certificates-and-lists/").content.decode()
    for der in (world.issuing.certificate_der, world.root.certificate_der):
        assert hashlib.sha256(bytes(der)).digest().hex(":").upper() in page
    assert str(crl.number) in page
    assert world.issuing.ocsp_url in page
    assert f"/crl/{world.issuing.name}.crl" in page
    assert "notice--bad" not in page


def test_the_page_says_plainly_when_a_list_is_late(world: World, crl: Crl, client: Client) -> None:
    followed_by(crl, this_update=now() - timedelta(days=9), next_update=now() - timedelta(days=6))
    make_current()
    page = client.get("/certificates-and-lists/").content.decode()
    assert "notice--bad" in page
    assert f"/crl/{world.issuing.name}.crl" in page
    assert client.get(path_of(world.issuing.crl_url)).status_code == 200
