"""An authority whose certificates are spread over several lists: each has its place, and says which it is."""

import io
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.management import CommandError, call_command
from django.db import ProgrammingError
from django.test import Client
from django.utils import timezone

from certificates import invariants
from certificates.models import Certificate, CertificationAuthority, DistributionPoint
from certificates.worker import authorities, batch
from revocation import invariants as invariants_of_lists
from revocation.services.revoking import revoke
from revocation.worker import crl_publishing
from tests.certificates import orders
from tests.people import People
from tests.revocation.world import PUBLISHER, SYSTEM, make_current

SHARDS = 4
MANY = 12
PLACES = {"status_url": "http://127.0.0.1:8000/", "ocsp_url": "http://127.0.0.1:8001/"}


def ceremony(name: str, shards: int, **more: str) -> None:
    call_command("create_authority", name=name, shards=shards, stdout=io.StringIO(), **PLACES, **more)


@pytest.fixture
def spread(issuing: CertificationAuthority) -> CertificationAuthority:
    """An authority with four lists."""
    ceremony("spread", SHARDS)
    return CertificationAuthority.objects.get(name="spread")


@pytest.fixture
def certificates(people: People, spread: CertificationAuthority) -> list[Certificate]:
    """Certificates by rules that spread them over all four."""
    version, profile = orders.make_version(), {**orders.PROFILE, "issuer": "spread", "crl_shards": SHARDS}
    for _ in range(MANY):
        orders.queued(people, version, profile=profile)
    while batch.run():
        pass
    return list(Certificate.objects.select_related("intent", "authority"))


def place_in(certificate: Certificate) -> str:
    parsed = x509.load_der_x509_certificate(bytes(certificate.der))
    (point,) = parsed.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert point.full_name is not None
    return str(point.full_name[0].value)


def fetched(client: Client, place: str) -> x509.CertificateRevocationList:
    answer = client.get(place.removeprefix("http://127.0.0.1:8000"))
    assert answer.status_code == 200
    return x509.load_der_x509_crl(b"".join(answer.streaming_content))  # type: ignore[attr-defined]


def test_each_certificate_names_the_list_of_its_shard_and_is_on_that_one_alone(
    certificates: list[Certificate], spread: CertificationAuthority, client: Client
) -> None:
    assert {certificate.shard for certificate in certificates} > {0}
    assert list(invariants.breaches()) == []
    for certificate in certificates:
        revoke(certificate=certificate, ground="lra:misuse", actor=SYSTEM, at=timezone.now())
    assert len(crl_publishing.publish_due(actor=PUBLISHER)) == SHARDS + 1
    make_current()
    for point in DistributionPoint.objects.filter(authority=spread):
        crl = fetched(client, point.url)
        scope = crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint)
        assert scope.critical
        assert [name.value for name in scope.value.full_name or []] == [point.url]
        listed = {f"{entry.serial_number:040x}" for entry in crl}
        assert listed == {row.serial for row in certificates if row.shard == point.shard}
        assert listed == {row.serial for row in certificates if place_in(row) == point.url}
    assert list(invariants_of_lists.breaches()) == []


def test_openssl_takes_the_list_of_the_shard_and_no_other(
    certificates: list[Certificate], spread: CertificationAuthority, client: Client, tmp_path: Path
) -> None:
    crl_publishing.publish_due(actor=PUBLISHER)
    make_current()
    leaf = certificates[0]
    (tmp_path / "leaf.pem").write_bytes(x509.load_der_x509_certificate(bytes(leaf.der)).public_bytes(Encoding.PEM))
    chain = [one.public_bytes(Encoding.PEM) for one in authorities.chain_of(spread)]
    (tmp_path / "chain.pem").write_bytes(b"".join(chain))

    def verdict(shard: int) -> str:
        crl = fetched(client, DistributionPoint.objects.get(authority=spread, shard=shard).url)
        (tmp_path / "list.pem").write_bytes(crl.public_bytes(Encoding.PEM))
        command = ["openssl", "verify", "-crl_check", "-CAfile", "chain.pem", "-CRLfile", "list.pem", "leaf.pem"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    assert "leaf.pem: OK" in verdict(leaf.shard)
    assert "different CRL scope" in verdict((leaf.shard + 1) % SHARDS)


def test_a_place_is_fixed_and_belongs_to_one_authority(spread: CertificationAuthority) -> None:
    with pytest.raises(CommandError, match="the place of another authority's list"):
        ceremony("spread-2", 1)
    with pytest.raises(CommandError, match="a number from 1 to 64"):
        ceremony("other", 65)
    with pytest.raises(CommandError, match="has 4 shards"):
        ceremony("next", 2, succeeds="spread")
    with pytest.raises(ProgrammingError, match="permission denied"):
        DistributionPoint.objects.filter(authority=spread).update(der=b"x")
