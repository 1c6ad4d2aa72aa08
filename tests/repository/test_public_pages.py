"""The public site: what applies, in which order, how the desk is reached, and what certificates are for."""

import hashlib
import os
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from regulations.models import Announcement, Closure, ContactPoint, Document, DocumentVersion, Suspension
from repository.guides import GUIDES
from tests.instants import (
    DECEMBER_29_18_01,
    FRIDAY_17_59,
    FRIDAY_18_01,
    MONDAY_9_00,
    TUESDAY_AFTER_THE_HOLIDAY_9_00,
    WEDNESDAY_11_00,
)

pytestmark = pytest.mark.django_db


def posted(slug: str, kind: str, precedence: int, version: str, at: datetime) -> DocumentVersion:
    """Post one version of a document, made when it is not there yet."""
    document, _made = Document.objects.get_or_create(slug=slug, defaults={"kind": kind, "precedence": precedence})
    body = f"# {slug}\n\n本文 {version}\n\n<script>alert(1)</script>\n\n[悪い](javascript:alert(1))"
    return DocumentVersion.objects.create(
        document=document,
        version=version,
        title={"ja": f"文書 {slug}", "en": f"Document {slug}"},
        what_changed={"ja": f"{version} で変えたところ", "en": f"Changed in {version}"},
        body={"ja": body, "en": f"Text {version}"},
        sha256=hashlib.sha256(body.encode()).hexdigest(),
        status="published",
        status_since=at,
        posted_at=at,
    )


def desk() -> ContactPoint:
    return ContactPoint.objects.create(
        name={"ja": "見本コールセンター（デモ）", "en": "Sample call center (demo)"},
        operator={"ja": "架空株式会社", "en": "Kaku Inc."},
        phone="03-0000-0000",
        urgent_phone="03-0000-0009",
        email="desk@demo.example",
        address={"ja": "東京都見本区", "en": "Tokyo"},
        opens=MONDAY_9_00.time(),
        closes=FRIDAY_18_01.time(),
        valid_from=MONDAY_9_00 - timedelta(days=30),
    )


def page(name: str, *args: object, language: str = "ja") -> str:
    answer = Client(headers={"accept-language": language}).get(reverse(name, args=args))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.clause("O-2.1")
def test_documents_stand_in_the_order_in_which_they_win() -> None:
    posted("regulation", "regulation", 20, "4.2", MONDAY_9_00)
    posted("terms", "terms", 10, "3.1", MONDAY_9_00)
    posted("privacy", "privacy", 40, "1.3", MONDAY_9_00)
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        for name in ("repository:top", "repository:documents"):
            text = page(name)
            assert text.index("文書 terms") < text.index("文書 regulation") < text.index("文書 privacy")
            assert "優先します" in text


@pytest.mark.clause("O-1.4", "O-3.1", "O-3.2")
def test_a_new_version_applies_from_the_moment_it_is_posted_and_the_old_one_stays_readable() -> None:
    posted("terms", "terms", 10, "3.0", MONDAY_9_00)
    posted("terms", "terms", 10, "3.1", WEDNESDAY_11_00)
    with time_machine.travel(WEDNESDAY_11_00 - timedelta(seconds=1), tick=False):
        assert "本文 3.0" in page("repository:document", "terms")
        assert Client().get(reverse("repository:document_version", args=["terms", "3.1"])).status_code == 404
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        current = page("repository:document", "terms")
        assert "本文 3.1" in current
        assert "3.0 で変えたところ" in current
        old = page("repository:document_version", "terms", "3.0")
        assert "本文 3.0" in old
        assert "新しい版が適用されています" in old


def test_a_document_shows_its_hash_and_no_markup_of_its_author() -> None:
    version = posted("terms", "terms", 10, "3.1", MONDAY_9_00)
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        text = page("repository:document", "terms")
    assert version.sha256 in text
    assert "<script>alert" not in text
    assert "javascript:alert" not in text.replace("](javascript:alert", "")


@pytest.mark.clause("O-8.3")
@pytest.mark.parametrize(
    ("at", "says"),
    [
        (FRIDAY_17_59, "ただいま受付中"),
        (FRIDAY_18_01, "11月24日(火) 9:00"),
        (TUESDAY_AFTER_THE_HOLIDAY_9_00, "ただいま受付中"),
        (DECEMBER_29_18_01, "2027年1月5日(火) 9:00"),
    ],
)
def test_the_site_says_whether_the_desk_is_open_and_when_it_opens_next(at: datetime, says: str) -> None:
    desk()
    with time_machine.travel(at, tick=False):
        assert says in page("repository:top")
        assert says in page("repository:contact")


@pytest.mark.clause("O-1.7")
def test_a_closure_that_staff_added_is_a_day_off_on_the_site() -> None:
    Closure.objects.create(day=TUESDAY_AFTER_THE_HOLIDAY_9_00.date(), reason={"ja": "点検"})
    with time_machine.travel(TUESDAY_AFTER_THE_HOLIDAY_9_00, tick=False):
        assert "11月25日(水) 9:00" in page("repository:contact")


def test_the_contact_page_has_telephone_address_and_mail_in_both_languages() -> None:
    desk()
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        for language, place in (("ja", "東京都見本区"), ("en", "Tokyo")):
            text = page("repository:contact", language=language)
            assert "03-0000-0000" in text
            assert "desk@demo.example" in text
            assert place in text


@pytest.mark.clause("O-6")
def test_a_planned_suspension_is_announced_with_what_goes_on_working() -> None:
    Suspension.objects.create(
        begins_at=FRIDAY_18_01, ends_at=FRIDAY_18_01 + timedelta(hours=8), reason={"ja": "設備の点検のためです。"}
    )
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        text = page("repository:top")
        assert "11月20日(金) 18:01 から 11月21日(土) 2:01 まで" in text
        assert "失効の請求・緊急の届出は停止しません" in text
    with time_machine.travel(FRIDAY_18_01, tick=False):
        assert "ただいま、申請の受付と発行を停止しています" in page("repository:announcements")
    with time_machine.travel(FRIDAY_18_01 + timedelta(hours=9), tick=False):
        assert "停止します" not in page("repository:top")


def test_an_announcement_shows_from_the_moment_it_is_posted() -> None:
    row = Announcement.objects.create(
        title={"ja": "見本のお知らせ", "en": "Sample"}, body={"ja": "本文です", "en": "Body"}, posted_at=WEDNESDAY_11_00
    )
    with time_machine.travel(MONDAY_9_00, tick=False):
        assert "見本のお知らせ" not in page("repository:announcements")
        assert Client().get(reverse("repository:announcement", args=[row.pk])).status_code == 404
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        assert "見本のお知らせ" in page("repository:top")
        assert "本文です" in page("repository:announcement", row.pk)


@pytest.mark.clause("J-3.1", "J-3.3")
def test_every_page_says_what_the_business_is_and_is_not() -> None:
    posted("statement", "statement", 50, "1.0", MONDAY_9_00)
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        assert "特定認証業務ではありません" in page("repository:top")
        assert "本文 1.0" in page("repository:business")


def test_an_unknown_address_answers_in_the_readers_language() -> None:
    for language, says in (("ja", "ページが見つかりません"), ("en", "This page does not exist")):
        answer = Client(headers={"accept-language": language}).get("/no/such/page/")
        assert answer.status_code == 404
        assert says in answer.content.decode()


def test_pages_carry_a_strict_policy_and_no_inline_script_or_style() -> None:
    answer = Client().get(reverse("repository:top"))
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    text = answer.content.decode()
    assert " style=" not in text
    assert "<style" not in text
    assert " onclick=" not in text


@pytest.mark.parametrize("language", ["ja", "en"])
def test_there_are_steps_to_install_a_certificate_for_each_system(language: str) -> None:
    browser = Client(headers={"accept-language": language})
    listed = browser.get(reverse("repository:install")).content.decode()
    for guide in GUIDES:
        address = reverse("repository:install_on", args=[guide.slug])
        assert address in listed
        page = browser.get(address).content.decode()
        assert page.count("<li>") >= len(guide.steps) + 3
        for command in guide.commands:
            assert command in page
    assert browser.get(reverse("repository:install_on", args=["amiga"])).status_code == 404


@pytest.mark.needs("libnss3-tools")
def test_the_commands_of_the_guides_work(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Hanako Kaku")])
    now = timezone.now()
    made = x509.CertificateBuilder(name, name, key.public_key(), 7, now, now + timedelta(days=1))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "private.key").write_bytes(pem)
    (tmp_path / "C-000123.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    (tmp_path / ".pki" / "nssdb").mkdir(parents=True)
    by_slug = {guide.slug: guide.commands for guide in GUIDES}
    join, look = by_slug["own-key"]
    bring, show = by_slug["linux"]
    told = [
        in_shell(command, tmp_path)
        for command in (
            f"{join} -passout pass:ABCD-EFGH",
            look,
            "certutil -d sql:$HOME/.pki/nssdb -N --empty-password",
            f"{bring} -W ABCD-EFGH",
            show,
        )
    ]
    assert "Hanako Kaku" in told[1]
    assert "u,u,u" in told[4]


def in_shell(command: str, home: Path) -> str:
    """Run a command as somebody types it, and return what it says."""
    done = subprocess.run(  # noqa: S602 — the guide's own words
        command,
        shell=True,
        cwd=home,
        env={**os.environ, "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout
