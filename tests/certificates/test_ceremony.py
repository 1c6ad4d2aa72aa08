"""The ceremony: what is fixed for life, refused, printed; and the journal beside it."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography import x509
from django.conf import settings
from django.core.management import CommandError, call_command

from audit.acts import Act
from audit.models import Event
from certificates.models import CertificationAuthority, RootCrl
from certificates.worker import ceremony, keys
from certificates.worker.journal import Journal, JournalUnavailableError

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
URLS = {"status_url": "http://127.0.0.1:8000/", "ocsp_url": "http://127.0.0.1:8001/"}


@pytest.mark.clause("O-1.1")
@pytest.mark.django_db
def test_the_ceremony_makes_root_and_issuing_ca_and_prints_a_record(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_authority", name="issuing", **URLS)
    printed = capsys.readouterr().out
    root, issuing = (CertificationAuthority.objects.get(name=name) for name in ("root", "issuing"))
    for authority in (root, issuing):
        assert ceremony.fingerprint(x509.load_der_x509_certificate(bytes(authority.certificate_der))) in printed
    assert issuing.crl_url == "http://127.0.0.1:8000/crl/issuing.crl"
    certificate = x509.load_der_x509_certificate(bytes(issuing.certificate_der))
    point = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value[0]
    assert [name.value for name in point.full_name or []] == [root.crl_url]
    assert Event.objects.filter(act=Act.AUTHORITY_CREATE).count() == 2


@pytest.mark.django_db
def test_the_roots_own_list_has_no_issuing_distribution_point_and_its_number_grows() -> None:
    call_command("create_authority", name="issuing", **URLS)
    for _ in range(2):
        call_command("publish_root_crl", verbosity=0)
    lists = [x509.load_der_x509_crl(bytes(row.der)) for row in RootCrl.objects.order_by("number")]
    numbers = [one.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number for one in lists]
    assert len(set(numbers)) == 3
    assert numbers == sorted(numbers)
    for one in lists:
        with pytest.raises(x509.ExtensionNotFound):
            one.extensions.get_extension_for_class(x509.IssuingDistributionPoint)


@pytest.mark.django_db
def test_a_second_ceremony_of_the_same_name_overwrites_nothing() -> None:
    call_command("create_authority", name="issuing", **URLS)
    before = list(CertificationAuthority.objects.values_list("sha256", flat=True))
    with pytest.raises(CommandError, match="already"):
        call_command("create_authority", name="issuing", **URLS)
    assert list(CertificationAuthority.objects.values_list("sha256", flat=True)) == before
    call_command("create_authority", name="issuing-2", **URLS)
    assert CertificationAuthority.objects.count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url", ["https://ca.example/", "http://localhost:8000/", "ftp://ca.example/", "http://ca.example/?x=1"]
)
def test_addresses_that_nobody_could_use_are_refused(url: str) -> None:
    with pytest.raises(CommandError):
        call_command("create_authority", name="issuing", status_url=url, ocsp_url=URLS["ocsp_url"])
    assert not CertificationAuthority.objects.exists()


def test_key_files_are_closed_and_never_overwritten(tmp_path: Path) -> None:
    place = keys.EncryptedFileKeys(str(tmp_path / "ca"), "a long passphrase")
    assert place.create(name="x", key_type="p256") == "file:x.pem"
    path = tmp_path / "ca" / "x.pem"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    with pytest.raises(FileExistsError):
        place.create(name="x", key_type="p256")
    with pytest.raises(keys.KeyUnavailableError):
        place.load("../x.pem")
    with pytest.raises(keys.KeyUnavailableError):
        keys.EncryptedFileKeys(str(tmp_path / "ca"), "a wrong passphrase").load("x.pem")


@pytest.mark.parametrize(("folder", "passphrase"), [("", "x" * 12), ("/somewhere", ""), ("/somewhere", "short")])
def test_a_key_place_that_is_not_set_up_is_named(folder: str, passphrase: str) -> None:
    with pytest.raises(keys.KeyUnavailableError):
        keys.EncryptedFileKeys(folder, passphrase)


def test_the_journal_remembers_across_a_line_cut_short(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path), uuid4())
    journal.note_certificates([("01", "aa"), ("02", "bb")], at=AT)
    with journal.path.open("ab") as file:
        file.write(b'{"kind":"certificate","serial":"03"')
    journal.note_certificates([("04", "dd")], at=AT)
    journal.note_crl(shard=0, number=7, at=AT)
    journal.note_crl(shard=1, number=9, at=AT)
    journal.note_seal(number=1, head="ab", signed={}, at=AT)
    assert journal.last_seal() == (1, "ab")
    assert journal.recent_serials() == ["01", "02", "04"]
    assert (journal.last_crl_number(0), journal.last_crl_number(1), journal.last_crl_number(2)) == (7, 9, 0)
    journal.note_reconciled(serials=["02"], at=AT)
    assert journal.recent_serials() == ["01", "04"]


def test_a_journal_without_a_place_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(JournalUnavailableError):
        Journal("", uuid4())
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalUnavailableError):
        Journal(str(tmp_path / "file"), uuid4()).note_crl(shard=0, number=1, at=AT)


def test_the_tests_have_a_place_for_keys_and_journal() -> None:
    assert settings.CA_KEY_DIR
    assert settings.JOURNAL_DIR
