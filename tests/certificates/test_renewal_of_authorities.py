"""An authority is renewed for the key it has, or followed by one with a new key; what it had stays served (O-1.1)."""

import io
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from audit.acts import Act
from audit.models import Event
from certificates import invariants
from certificates.models import Certificate, CertificationAuthority, Order, RootCrl
from certificates.worker import authorities, batch, claims, keys
from regulations.models import TargetSystemVersion
from revocation.models import CrlChunk
from revocation.worker import crl_publishing
from revocation.worker.tasks import PUBLISHER
from tests.authorities import BORN, make_issuing
from tests.certificates import orders
from tests.people import People

pytestmark = [pytest.mark.django_db, pytest.mark.clause("O-1.1")]
URLS = {"status_url": "http://127.0.0.1:8000/", "ocsp_url": "http://127.0.0.1:8001/"}


def run(command: str, **options: str) -> str:
    out = io.StringIO()
    call_command(command, stdout=out, **options)
    return out.getvalue()


def renewed(authority: CertificationAuthority) -> CertificationAuthority:
    run("renew_authority", name=authority.name)
    return CertificationAuthority.objects.get(pk=authority.pk)


def fetched(client: Client, address: str) -> bytes:
    return b"".join(client.get(address))


def verifies(folder: Path, certificate: Certificate, *above: x509.Certificate) -> bool:
    own = x509.load_der_x509_certificate(bytes(certificate.der))
    lists = [
        bytes(CrlChunk.objects.order_by("-crl__number")[0].body),
        bytes(RootCrl.objects.order_by("-number")[0].der),
    ]
    files = {"own": own, "issuing": above[0], "root": above[1]}
    for name, one in files.items():
        (folder / f"{name}.pem").write_bytes(one.public_bytes(Encoding.PEM))
    (folder / "crls.pem").write_bytes(b"".join(x509.load_der_x509_crl(x).public_bytes(Encoding.PEM) for x in lists))
    command = "openssl verify -x509_strict -crl_check_all -CRLfile crls.pem -CAfile root.pem -untrusted issuing.pem"
    shown = subprocess.run([*command.split(), "own.pem"], cwd=folder, capture_output=True, check=False, text=True)
    return shown.stdout == "own.pem: OK\n"


def test_a_new_certificate_for_the_same_key_carries_what_was_signed_before_and_after(
    people: People, version: TargetSystemVersion, issuing: CertificationAuthority, client: Client, tmp_path: Path
) -> None:
    orders.queued(people, version)
    assert batch.run() == 1
    before, old = Certificate.objects.get(), authorities.certificate_of(issuing)
    printed = run("renew_authority", name="issuing")
    issuing.refresh_from_db()
    new = authorities.certificate_of(issuing)
    assert new.fingerprint(SHA256()).hex(":").upper() in printed
    assert (new.subject, new.public_key()) == (old.subject, old.public_key())
    assert issuing.not_after > old.not_valid_after_utc
    orders.queued(people, version)
    assert batch.run() == 1
    crl_publishing.publish_due(actor=PUBLISHER)
    run("publish_root_crl")
    root = authorities.chain_of(issuing)[1]
    for certificate in Certificate.objects.all():
        assert all(verifies(tmp_path, certificate, above, root) for above in (old, new))
        assert list(invariants.faults_of(certificate)) == []
    assert claims.plan_of(before.intent).issuer.certificate == old
    earlier = f"/ca/issuing/{old.fingerprint(SHA256()).hex()}.cer"
    assert fetched(client, earlier) == old.public_bytes(Encoding.DER)
    assert fetched(client, "/ca/issuing.cer") == bytes(issuing.certificate_der)
    assert earlier in client.get("/certificates-and-lists/").content.decode()
    assert Event.objects.filter(act=Act.AUTHORITY_RENEW).count() == 1


def test_the_root_is_renewed_too_and_issues_lists_as_before(issuing: CertificationAuthority) -> None:
    assert issuing.issuer is not None
    root = renewed(issuing.issuer)
    run("publish_root_crl")
    issued = x509.load_der_x509_crl(bytes(root.root_crls.order_by("-number")[0].der))
    key = authorities.certificate_of(root).public_key()
    assert issued.is_signature_valid(key)  # type: ignore[arg-type]
    assert root.own_certificates.count() == 2


def test_an_authority_that_would_gain_nothing_is_not_renewed(issuing: CertificationAuthority) -> None:
    with time_machine.travel(BORN + timedelta(days=15 * 365), tick=False):
        renewed(issuing)
        with pytest.raises(CommandError, match="no later"):
            run("renew_authority", name="issuing")
    with pytest.raises(CommandError, match="no authority"):
        run("renew_authority", name="nobody")
    assert issuing.own_certificates.count() == 2


@pytest.fixture
def followed(people: People, version: TargetSystemVersion, issuing: CertificationAuthority) -> CertificationAuthority:
    """An issuing CA that has signed one certificate and then got a successor with a new key."""
    orders.queued(people, version)
    assert batch.run() == 1
    printed = run("create_authority", name="issuing-2", succeeds="issuing", **URLS)
    assert "authority issuing" in printed
    issuing.refresh_from_db()
    return issuing


def test_a_successor_with_a_new_key_signs_what_is_ordered_from_the_old_name(
    followed: CertificationAuthority, people: People, version: TargetSystemVersion, client: Client
) -> None:
    orders.queued(people, version)
    assert batch.run() == 1
    first, second = Certificate.objects.order_by("issued_at")
    assert (first.authority.name, second.authority.name) == ("issuing", "issuing-2")
    assert (
        authorities.certificate_of(first.authority).public_key()
        != authorities.certificate_of(second.authority).public_key()
    )
    published = crl_publishing.publish_due(actor=PUBLISHER)
    assert {crl.authority.name for crl in published} == {"issuing", "issuing-2"}
    assert client.get("/ca/issuing.cer").status_code == 200
    assert list(invariants.breaches()) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": "issuing-3", "succeeds": "issuing"}, "successor already"),
        ({"name": "issuing-3", "succeeds": "root"}, "is a root"),
        ({"name": "issuing-3", "succeeds": "nobody"}, "no authority named"),
        ({"name": "issuing-2"}, "already"),
        ({"name": "issuing-3", "common_name": "Demo issuing"}, "distinguished name"),
    ],
)
def test_a_ceremony_that_would_take_somebody_elses_place_changes_nothing(
    followed: CertificationAuthority, options: dict[str, str], said: str
) -> None:
    before = list(CertificationAuthority.objects.order_by("pk").values())
    with pytest.raises(CommandError, match=said):
        run("create_authority", **options, **URLS)
    assert list(CertificationAuthority.objects.order_by("pk").values()) == before


def test_two_issuers_side_by_side_sign_in_one_batch(
    people: People, version: TargetSystemVersion, issuing: CertificationAuthority
) -> None:
    make_issuing("devices", "rsa2048")
    orders.queued(people, version)
    orders.queued(people, version, profile={**orders.PROFILE, "issuer": "devices"})
    assert batch.run() == 2
    assert set(Certificate.objects.values_list("authority__name", flat=True)) == {"issuing", "devices"}
    assert list(invariants.breaches()) == []


def test_an_issuer_whose_key_is_away_does_not_hold_up_the_other(
    people: People, version: TargetSystemVersion, issuing: CertificationAuthority
) -> None:
    gone = make_issuing("devices")
    Path(settings.CA_KEY_DIR, gone.key_reference.partition(":")[2]).unlink()
    keys._file_key.cache_clear()
    orders.queued(people, version)
    waits = orders.queued(people, version, profile={**orders.PROFILE, "issuer": "devices"})
    assert batch.run() == 1
    waits.refresh_from_db()
    assert waits.status == "queued"
    assert Order.objects.filter(status="issued").count() == 1


@pytest.mark.parametrize(
    "change", [{"crl_url": "http://other/x.crl"}, {"key_reference": "file:x"}, {"subject_der": b"x"}]
)
def test_what_the_ceremony_fixed_stays(issuing: CertificationAuthority, change: dict[str, object]) -> None:
    row = CertificationAuthority.objects.filter(pk=issuing.pk)
    with pytest.raises(DatabaseError, match="stays"), transaction.atomic():
        row.update(**change)
    with pytest.raises(DatabaseError, match=r"append-only|permission"), transaction.atomic():
        issuing.own_certificates.update(made_at=timezone.now())
