"""The quick start tells each process only what it may know, keeps its secrets, and shows mail to its people."""

import socket
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import Event
from lra_portal.demo.loading import load_demo
from lra_portal.demo.people import EXAMINER, PEOPLE
from lra_portal.demo.second_factor import code_at
from lra_portal.guards import key_settings
from lra_portal.quickstart.outbox import OutboxBackend, find_mail, list_mail
from lra_portal.quickstart.portal import PROCESSES, Portal
from lra_portal.quickstart.run import NotPossibleError, require_free_ports
from lra_portal.quickstart.secrets import read_or_make_secrets
from lra_portal.services import LOGIN_ROLES, Services
from lra_portal.services.place import find_place
from regulations.models import DocumentVersion, TargetSystemVersion


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    services = Services(find_place(tmp_path), {role: f"password-of-{role}" for role in LOGIN_ROLES})
    return Portal(services, "lra_quickstart", tmp_path / "portal", 8000, 8001, 0, tmp_path / "log")


@pytest.mark.parametrize("process", ["owner", *PROCESSES])
def test_only_signer_and_publisher_are_told_where_the_ca_key_is(portal: Portal, process: str) -> None:
    told = key_settings(portal.environment(process))
    signing = process in {"signer", "publisher"}
    assert told == (["CA_KEY_DIR", "CA_KEY_PASSPHRASE", "JOURNAL_DIR"] if signing else [])


@pytest.mark.parametrize(
    ("process", "purposes"),
    [
        ("web", {"DOCUMENTS", "SECOND_FACTORS", "PKCS12"}),
        ("signer", {"PKCS12", "PIN"}),
        ("publisher", set()),
        ("worker", {"DOCUMENTS", "PKCS12", "PIN"}),
        ("responder", set()),
        ("beat", set()),
    ],
)
def test_each_process_gets_the_vault_keys_of_its_work(portal: Portal, process: str, purposes: set[str]) -> None:
    names = {name.removeprefix("VAULT_KEY_") for name in portal.environment(process) if name.startswith("VAULT_KEY_")}
    assert names == purposes


def test_each_process_signs_in_as_itself_and_beat_not_at_all(portal: Portal) -> None:
    roles = {process: portal.environment(process).get("DATABASE_URL", "").partition(":")[2] for process in PROCESSES}
    assert {process: url.removeprefix("//").partition(":")[0] for process, url in roles.items()} == {
        "web": "lra_web",
        "responder": "lra_responder",
        "signer": "lra_signer",
        "publisher": "lra_signer",
        "worker": "lra_worker",
        "beat": "",
    }


def test_nothing_of_the_persons_own_environment_is_handed_on(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CA_KEY_PASSPHRASE", "of somebody else")
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/lra")
    assert "CA_KEY_PASSPHRASE" not in portal.environment("web")
    assert "elsewhere" not in portal.environment("web")["DATABASE_URL"]


def test_secrets_are_made_once_and_for_their_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "portal" / "secrets.json"
    first = read_or_make_secrets(path)
    assert path.stat().st_mode & 0o077 == 0
    assert read_or_make_secrets(path) == first
    assert len(set(first.values())) == len(first)


def test_a_port_in_use_is_named_with_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(NotPossibleError, match=rf"Port {port} .*PORT=\d+ make run"):
            require_free_ports(port)


def test_sent_mail_is_read_on_a_page(tmp_path: Path, settings: LazySettings) -> None:
    settings.EMAIL_FILE_PATH = str(tmp_path / "outbox")
    OutboxBackend().send_messages(
        [
            EmailMessage("受付のお知らせ", "受付番号は R-1 です。", to=["hanako@demo.example"]),
            EmailMessage("別の人へ", "本文", to=["jiro@demo.example"]),
        ]
    )
    folder = Path(settings.EMAIL_FILE_PATH)
    (mail,) = list_mail(folder, to="HANAKO@demo.example")
    assert (mail.subject, mail.body.strip()) == ("受付のお知らせ", "受付番号は R-1 です。")
    assert len(list_mail(folder)) == 2
    assert find_mail(folder, mail.name) == mail
    assert find_mail(folder, "../secrets") is None
    assert all(file.stat().st_mode & 0o077 == 0 for file in folder.iterdir())


def test_the_outbox_is_there_in_the_quick_start_alone(client: Client, db: None, settings: LazySettings) -> None:
    settings.QUICKSTART = False
    assert client.get("/outbox/").status_code == 404


def test_demo_people_are_loaded_once_and_never_in_production(db: None, settings: LazySettings) -> None:
    settings.QUICKSTART = False
    with pytest.raises(CommandError, match="quick start"):
        call_command("load_demo")
    load_demo(at=timezone.now())
    before = (Event.objects.count(), DocumentVersion.objects.count(), TargetSystemVersion.objects.count())
    load_demo(at=timezone.now())
    assert before == (Event.objects.count(), DocumentVersion.objects.count(), TargetSystemVersion.objects.count())
    assert User.objects.filter(is_demo=True).count() == len(PEOPLE)
    assert User.objects.get(email=EXAMINER.email).role_names() == {"applicant", "examiner"}


def test_the_printed_code_is_the_one_of_rfc_6238() -> None:
    assert code_at("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 59) == "287082"
    assert code_at("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 1111111109) == "081804"
