"""The examiner of published lists: what is sound passes, and each fault is found, by the library's reading alone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.management import CommandError, call_command

from accounts.models import Notice
from accounts.roles import Role
from certificates.worker import authorities, keys
from revocation import selectors
from revocation.models import Crl
from revocation.services.revoking import revoke
from revocation.worker import crl_publishing, examining
from tests.revocation.world import PUBLISHER, SYSTEM, World, followed_by, make_current, now, person

Change = Callable[[x509.CertificateRevocationListBuilder], x509.CertificateRevocationListBuilder]


def published(world: World, folder: Path, name: str) -> Path:
    """Publish the next list into a file."""
    crl = crl_publishing.publish(authority=world.issuing, shard=0, actor=PUBLISHER, force=True)
    assert crl is not None
    path = folder / name
    path.write_bytes(selectors.bytes_of(crl))
    return path


def issuer_file(world: World, folder: Path) -> Path:
    path = folder / "issuing.pem"
    path.write_bytes(authorities.certificate_of(world.issuing).public_bytes(Encoding.PEM))
    return path


def said(*words: str) -> str:
    """What the command says about a sound list."""
    out = StringIO()
    call_command("check_crl", *words, stdout=out)
    return out.getvalue()


def found(*words: str) -> str:
    """What the command finds."""
    with pytest.raises(CommandError) as fault:
        call_command("check_crl", *words, stdout=StringIO())
    return str(fault.value)


def test_what_is_published_is_sound_and_nothing_of_the_list_before_is_lost(world: World, tmp_path: Path) -> None:
    revoke(certificate=world.certificate(), ground="lra:key_compromise", actor=SYSTEM, at=now())
    first = published(world, tmp_path, "first.crl")
    revoke(certificate=world.certificate(), ground="lra:reasonable_doubt", actor=SYSTEM, at=now())
    second = published(world, tmp_path, "second.crl")
    words = said(str(second), "--previous", str(first), "--issuer", str(issuer_file(world, tmp_path)))
    assert "2 entries" in words
    assert "not checked" not in words
    assert "not checked" in said(str(second))


def test_a_list_is_read_in_pem_as_well(world: World, tmp_path: Path) -> None:
    path = published(world, tmp_path, "list.crl")
    path.write_bytes(x509.load_der_x509_crl(path.read_bytes()).public_bytes(Encoding.PEM))
    assert "0 entries" in said(str(path))


def test_a_lost_entry_and_a_number_that_does_not_grow_are_found(world: World, tmp_path: Path) -> None:
    certificate = world.certificate()
    first = published(world, tmp_path, "first.crl")
    revoke(certificate=certificate, ground="lra:key_compromise", actor=SYSTEM, at=now())
    second = published(world, tmp_path, "second.crl")
    assert "is not above" in found(str(first), "--previous", str(second))
    assert f"missing, such as {certificate.serial}" in found(str(first), "--previous", str(second))


def test_an_entry_may_go_when_its_certificate_had_ended_when_the_list_before_was_issued(
    world: World, tmp_path: Path
) -> None:
    short = world.certificate(not_after=now() - timedelta(minutes=1))
    revoke(certificate=short, ground="lra:misuse", actor=SYSTEM, at=now() - timedelta(hours=1))
    first = published(world, tmp_path, "first.crl")
    second = tmp_path / "second.crl"
    second.write_bytes(signed(world, lambda builder: builder, at=now() + timedelta(seconds=1)))
    assert "0 entries" in said(str(second), "--previous", str(first))


def signed(
    world: World, change: Change, *, at: datetime | None = None, key: ec.EllipticCurvePrivateKey | None = None
) -> bytes:
    """A list of the issuing CA, sound but for what `change` does to it."""
    certificate, at = authorities.certificate_of(world.issuing), at or now()
    identifier = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = x509.CertificateRevocationListBuilder().issuer_name(certificate.subject).last_update(at)
    builder = builder.next_update(at + timedelta(days=7)).add_extension(x509.CRLNumber(2**61), critical=False)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False
    )
    own = keys.load(world.issuing.key_reference)
    assert isinstance(own, ec.EllipticCurvePrivateKey)
    return change(builder).sign(key or own, hashes.SHA256()).public_bytes(Encoding.DER)


def entry(serial: int, *extensions: x509.ExtensionType, after: timedelta = timedelta()) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now() + after)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.build()


def scope(**changes: object) -> x509.IssuingDistributionPoint:
    said: dict[str, object] = {
        "full_name": [x509.UniformResourceIdentifier("http://127.0.0.1/x.crl")], "relative_name": None,
        "only_contains_user_certs": False, "only_contains_ca_certs": False, "only_some_reasons": None,
        "indirect_crl": False, "only_contains_attribute_certs": False,
    }  # fmt: skip
    return x509.IssuingDistributionPoint(**{**said, **changes})  # type: ignore[arg-type]


FAULTS: dict[str, tuple[Change, str]] = {
    "a reason that says nothing": (
        lambda it: it.add_revoked_certificate(entry(7, x509.CRLReason(x509.ReasonFlags.unspecified))),
        "gives the reason unspecified",
    ),
    "a revocation for a while": (
        lambda it: it.add_revoked_certificate(entry(7, x509.CRLReason(x509.ReasonFlags.certificate_hold))),
        "gives the reason certificateHold",
    ),
    "another issuer of an entry": (
        lambda it: it.add_revoked_certificate(
            entry(7, x509.CertificateIssuer([x509.UniformResourceIdentifier("http://127.0.0.1/")]))
        ),
        "has the extension 2.5.29.29",
    ),
    "a serial twice": (
        lambda it: it.add_revoked_certificate(entry(7)).add_revoked_certificate(entry(7)),
        "stands there twice",
    ),
    "an entry of tomorrow": (
        lambda it: it.add_revoked_certificate(entry(7, after=timedelta(days=1))),
        "after the list's date",
    ),
    "a list of changes": (
        lambda it: it.add_extension(x509.DeltaCRLIndicator(1), critical=True),
        "2.5.29.27, which a full list of ours must not have",
    ),
    "a scope that may be overlooked": (lambda it: it.add_extension(scope(), critical=False), "must be critical"),
    "a scope of other issuers": (
        lambda it: it.add_extension(scope(indirect_crl=True), critical=True),
        "narrows or widens",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_a_list_must_not_say_is_found(world: World, tmp_path: Path, fault: str) -> None:
    change, finding = FAULTS[fault]
    path = tmp_path / "list.crl"
    path.write_bytes(signed(world, change))
    assert finding in found(str(path), "--issuer", str(issuer_file(world, tmp_path)))


def test_a_list_that_is_too_old_and_one_of_the_future_are_found(world: World, tmp_path: Path) -> None:
    path = tmp_path / "list.crl"
    path.write_bytes(signed(world, lambda builder: builder, at=now() - timedelta(days=8)))
    assert "too old" in found(str(path))
    path.write_bytes(signed(world, lambda builder: builder, at=now() + timedelta(days=1)))
    assert "dated in the future" in found(str(path))


def test_another_key_under_the_issuers_name_is_found(world: World, tmp_path: Path) -> None:
    path = tmp_path / "list.crl"
    path.write_bytes(signed(world, lambda builder: builder, key=ec.generate_private_key(ec.SECP256R1())))
    assert "signature is not the issuer's" in found(str(path), "--issuer", str(issuer_file(world, tmp_path)))
    assert "0 entries" in said(str(path))


def test_a_missing_extension_is_found(world: World, tmp_path: Path) -> None:
    builder = x509.CertificateRevocationListBuilder().last_update(now()).next_update(now() + timedelta(days=1))
    crl = builder.issuer_name(authorities.certificate_of(world.issuing).subject).sign(
        ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()
    )
    path = tmp_path / "list.crl"
    path.write_bytes(crl.public_bytes(Encoding.DER))
    assert "lacks the extension 2.5.29.20" in found(str(path))
    assert "lacks the extension 2.5.29.35" in found(str(path))


@pytest.mark.parametrize(
    "data", [b"", b"no list", b"0\x82", b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"]
)
def test_what_is_no_list_and_what_is_not_there_is_said(db: None, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "list.crl"
    assert "No such file" in found(str(path))
    path.write_bytes(data)
    assert "can't be read" in found(str(path))


def test_the_lists_that_are_served_are_examined_and_key_officers_told_of_a_fault(world: World) -> None:
    person("officer", Role.KEY_OFFICER)
    revoke(certificate=world.certificate(), ground="lra:key_compromise", actor=SYSTEM, at=now())
    for _ in range(2):
        crl_publishing.publish(authority=world.issuing, shard=0, actor=PUBLISHER, force=True)
    make_current()
    assert examining.examine_published(at=now()) == []
    assert not Notice.objects.filter(dedupe__startswith="certificates/alarm/crl").exists()
    newest = Crl.objects.order_by("-number").first()
    assert newest is not None
    followed_by(newest, body=signed(world, lambda builder: builder))
    (finding,) = examining.examine_published(at=now())
    assert "1 serials of the list before are missing" in finding
    assert Notice.objects.filter(dedupe__startswith="certificates/alarm/crl").count() == 1
