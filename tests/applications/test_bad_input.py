"""Files, requests and texts that must not get in: a clear message, what was typed kept, nothing stored, never a 500."""

import io
import zipfile
import zlib
from collections.abc import Iterator

import pikepdf
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from applications.models import Application, Upload, UploadPage
from applications.worker import pages
from audit.models import Event
from certificates import csr
from certificates.models import BlockedKey, Order
from tests.applications.applying import Applying, armoured, authorise_for_company, pdf, png, request_pem
from tests.certificates import material
from tests.instants import MONDAY_9_00, WEDNESDAY_11_00
from tests.people import People, signed_in
from vault.models import SealedBlob

pytestmark = pytest.mark.usefixtures("issuing")


@pytest.fixture(autouse=True)
def _wednesday(people: People, demo_rules: None) -> Iterator[None]:
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        yield


@pytest.fixture
def applying(people: People) -> Applying:
    return Applying(people.hanako)


@pytest.fixture
def draft(applying: Applying) -> Application:
    return applying.start()


def active_pdf(**root: object) -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    for key, value in root.items():
        document.Root[f"/{key}"] = value
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_attachment() -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    document.attachments["inside.exe"] = b"MZ"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def locked_pdf() -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    out = io.BytesIO()
    document.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.pdf", b"\0" * 5_000_000)
    return out.getvalue()


def bomb_png() -> bytes:
    """20,000 × 20,000 white pixels in a few kilobytes."""
    head = b"\x89PNG\r\n\x1a\n"

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    size = (20_000).to_bytes(4, "big")
    return (
        head
        + chunk(b"IHDR", size * 2 + b"\x01\x00\x00\x00\x00")
        + chunk(b"IDAT", zlib.compress(b"\0" * 9))
        + chunk(b"IEND", b"")
    )


javascript = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
launch = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("calc.exe"))
HOSTILE = {
    "an empty file": (b"", "empty"),
    "HTML that calls itself PDF": (b"<html><script>alert(1)</script>%PDF-1.7</html>", "unknown_type"),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "unknown_type"),
    "an archive that unpacks to a thousand times its size": (zipped(), "unknown_type"),
    "a program": (b"MZ" + b"\0" * 200, "unknown_type"),
    "a PDF that does not parse": (b"%PDF-1.7\n" + b"nonsense " * 50, "unreadable"),
    "a PDF that runs JavaScript": (active_pdf(OpenAction=javascript), "active"),
    "a PDF with named JavaScript": (
        active_pdf(Names=pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=pikepdf.Array()))),
        "active",
    ),
    "a PDF that launches a program": (active_pdf(Demo=pikepdf.Dictionary(A=launch)), "active"),
    "a PDF with another file inside": (with_attachment(), "active"),
    "a PDF behind a password": (locked_pdf(), "encrypted"),
    "a picture of 20,000 pixels a side": (bomb_png(), "too_many_pixels"),
    "a picture that is cut off": (png()[:45], "unreadable"),
}


@pytest.mark.parametrize(("data", "code"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_refused_in_words_and_not_stored(
    applying: Applying, draft: Application, data: bytes, code: str
) -> None:
    answer = applying.hand_in(draft, "identity_document", data)
    assert answer.status_code == 422
    assert 'class="error"' in answer.content.decode()
    assert (Upload.objects.count(), SealedBlob.objects.filter(purpose="documents").count()) == (0, 0)
    refused = Event.objects.get(outcome="refused", act="application:upload")
    assert code in refused.details.body["codes"]


def test_an_upload_of_fifty_megabytes_is_skipped_while_it_streams_in(applying: Applying, draft: Application) -> None:
    answer = applying.hand_in(draft, "identity_document", b"%PDF-1.7" + b"\0" * 50 * 1024 * 1024)
    assert answer.status_code == 422
    assert "10 MB" in answer.content.decode()
    assert Upload.objects.count() == 0


def test_a_file_just_over_the_limit_is_refused_and_one_below_is_looked_at(
    applying: Applying, draft: Application
) -> None:
    over = pdf() + b"\n" * (10 * 1024 * 1024 + 1 - len(pdf()))
    assert "10 MB" in applying.hand_in(draft, "identity_document", over).content.decode()
    assert applying.hand_in(draft, "identity_document", over[:-1]).status_code == 302


def test_a_path_in_the_name_of_a_file_stays_outside(applying: Applying, draft: Application) -> None:
    sent = SimpleUploadedFile("x.pdf", pdf())
    sent._name = "..\\..\\etc/passwd\u202egpj.exe"  # type: ignore[attr-defined] # the setter takes the folders off, a hostile browser does not
    body = {"document": "identity_document", "identity_document-file": sent}
    assert applying.browser.post(f"/applications/{draft.pk}/documents/", body).status_code == 302
    name = Upload.objects.get().file_name
    assert name.endswith(".pdf")
    assert not set(name) & set("/\\\u202e")


def test_a_document_that_nobody_asked_for_or_no_file_at_all_is_refused(applying: Applying, draft: Application) -> None:
    assert applying.hand_in(draft, "my_number_card").status_code == 422
    answer = applying.browser.post(f"/applications/{draft.pk}/documents/", {"document": "identity_document"})
    assert answer.status_code == 422
    assert Upload.objects.count() == 0


@pytest.mark.clause("O-9")
def test_a_document_is_sealed_and_comes_back_as_a_download_with_a_record(
    applying: Applying, draft: Application
) -> None:
    assert applying.hand_in(draft, "identity_document").status_code == 302
    upload = Upload.objects.get()
    assert upload.blob is not None
    assert pdf() not in bytes(upload.blob.ciphertext)
    answer = applying.browser.get(f"/applications/{draft.pk}/documents/{upload.pk}/")
    assert answer.content == pdf()
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert Event.objects.filter(act="blob:open", story=draft.pk, person_id=applying.person.pk).count() == 1


def test_the_worker_draws_the_pages_of_what_was_handed_in(applying: Applying, draft: Application) -> None:
    applying.hand_in(draft, "identity_document")
    applying.hand_in(draft, "identity_document", png())
    assert pages.render_waiting() == 2
    assert set(Upload.objects.values_list("render_status", flat=True)) == {"done"}
    assert UploadPage.objects.count() == 2
    assert pages.render_waiting() == 0


def weak_requests() -> dict[str, str]:
    broken = bytearray(material.request())
    broken[-5] ^= 0xFF
    return {
        "a bad signature": armoured(bytes(broken)),
        "RSA-1024": armoured(material.request(material.rsa_key(1024))),
        "exponent 3": armoured(material.request(material.rsa_key(2048, 3))),
        "bytes behind the end": armoured(material.request() + b"\0\0"),
        "no request": "こんにちは",
        "half a request": request_pem()[:200],
        "a private key": "-----BEGIN PRIVATE KEY-----\nMIG\n-----END PRIVATE KEY-----\n",
        "NUL": "\x00" + request_pem(),
    }


@pytest.mark.parametrize("kind", weak_requests())
def test_a_request_that_cannot_be_used_is_refused_and_the_rest_of_the_form_stays(
    applying: Applying, draft: Application, kind: str
) -> None:
    sent = weak_requests()[kind]
    answer = applying.fill(draft, "certificate", csr=sent)
    assert answer.status_code == 422
    draft.refresh_from_db()
    assert draft.csr_der is None
    assert draft.values["person_latin"] == "Hanako Kaku"
    assert "PRIVATE KEY" not in draft.typed["csr"]
    assert "M-000123" in answer.content.decode()


def test_a_blocked_key_is_refused(applying: Applying, draft: Application) -> None:
    applying.fill(draft, "certificate")
    draft.refresh_from_db()
    facts = csr.read(bytes(draft.csr_der or b""), key_types=["p256"])
    BlockedKey.objects.create(public_key_sha256=facts.spki_digest, reason="key_compromise", blocked_at=MONDAY_9_00)
    assert applying.fill(draft, "certificate").status_code == 422
    assert applying.fill(draft, "applicant").status_code == 302
    applying.hand_in(draft, "identity_document")
    assert applying.submit(draft, WEDNESDAY_11_00).status_code == 422
    assert Order.objects.count() == 0


NAMES = {
    "a line break": "Hanako\nKaku",
    "a carriage return": "Hanako\rKaku",
    "NUL": "Hanako\x00Kaku",
    "a bidirectional control": "Hanako\u202eKaku",
    "a zero width space": "Hanako\u200bKaku",
    "a private character": "Hanako\ue000",
    "a Cyrillic look-alike": "H\u0430nako Kaku",
    "a macron": "Tsumugi Ōno",
    "kanji": "架空 花子",
    "65 characters": "H" * 65,
    "nothing": "",
    "blanks": "   ",
}


@pytest.mark.clause("O-1.3")
def test_a_character_that_the_rules_do_not_name_is_refused_at_its_field_with_those_they_do(
    applying: Applying, draft: Application
) -> None:
    answer = applying.fill(draft, "certificate", member_number="M/000123")
    assert answer.status_code == 422
    assert "A-Za-z0-9-" in str(answer.context["form"]["member_number"].errors)
    draft.refresh_from_db()
    assert draft.typed["member_number"] == "M/000123"
    assert draft.values.get("member_number") != "M/000123"


@pytest.mark.clause("J-3.2")
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_name_that_cannot_be_printed_is_refused_at_its_field_and_kept_as_typed(
    applying: Applying, draft: Application, name: str
) -> None:
    answer = applying.fill(draft, "certificate", person_latin=name)
    assert answer.status_code == 422
    assert answer.context["form"]["person_latin"].errors
    draft.refresh_from_db()
    assert "person_latin" not in draft.values
    assert draft.typed["person_latin"] == name.replace("\x00", "\ufffd")
    assert draft.values["member_number"] == "M-000123"
    page = applying.browser.get(f"/applications/{draft.pk}/form/confirm/")
    assert page.status_code == 200
    assert applying.submit(draft, WEDNESDAY_11_00).status_code == 422
    assert Order.objects.count() == 0


@pytest.mark.clause("J-3.2")
def test_what_was_typed_in_full_width_or_decomposed_is_stored_once_and_said_so(
    applying: Applying, draft: Application
) -> None:
    answer = applying.fill(draft, "certificate", person_latin="Ｈａｎａｋｏ　Ｋａｋｕ")
    assert answer.status_code == 302
    page = applying.browser.get(answer["Location"]).content.decode()
    assert "Hanako Kaku" in page
    applying.fill(draft, "applicant", person_name="カ\u3099", person_reading="がが")
    draft.refresh_from_db()
    assert (draft.values["person_name"], draft.values["person_reading"]) == ("ガ", "ガガ")


def test_metacharacters_of_names_are_letters_like_any_other(applying: Applying, draft: Application) -> None:
    draft = applying.filled(person_latin="O'Hara, CN=Kaku + X/Y")
    assert applying.submit(draft, WEDNESDAY_11_00).status_code == 302
    assert ["CN", "O'Hara, CN=Kaku + X/Y"] in Order.objects.get().frozen["subject"]


def test_extra_fields_change_nothing(applying: Applying, draft: Application) -> None:
    applying.fill(draft, "applicant", status="approved", receipt_number="1", applicant="x", unheard_of="y")
    draft.refresh_from_db()
    assert (draft.status, draft.receipt_number) == ("draft", None)
    assert "unheard_of" not in draft.values | draft.typed


def test_a_form_that_names_columns_of_the_database_moves_nothing(applying: Applying, people: People) -> None:
    """Fault 22: neither the applicant's forms nor the office's take anything but their own fields."""
    more = {"status": "approved", "decided_by": str(people.approver.pk), "four_eyes": "", "order": "x", "digest": "0"}
    draft = applying.filled()
    assert applying.submit(draft, WEDNESDAY_11_00, **more).status_code == 302
    draft.refresh_from_db()
    assert (draft.status, draft.decided_by, draft.four_eyes) == ("submitted", None, True)
    office = signed_in(people.examiner)
    for act in ("claim", "items/common_name", "note", "recommend"):
        office.post(f"/examination/{draft.pk}/{act}/", {**more, "result": "matches", "person": "x", "note": "n"})
    draft.refresh_from_db()
    assert (draft.status, draft.decided_by, draft.examiner) == ("examining", None, people.examiner)
    assert draft.order is not None
    assert (draft.order.status, draft.order.round, draft.order.approvals.count()) == ("proposed", 1, 1)


def test_the_live_preview_marks_what_cannot_be_printed_and_stores_nothing(
    applying: Applying, draft: Application
) -> None:
    answer = applying.browser.post(f"/applications/{draft.pk}/preview/", {"person_latin": "Tsumugi Ōno"})
    assert answer.status_code == 200
    assert "Tsumugi Ōno" in answer.content.decode()
    assert "hit" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.typed["person_latin"] == "Hanako Kaku"


def test_contents_changed_in_another_window_are_looked_at_before_they_are_submitted(applying: Applying) -> None:
    draft = applying.filled()
    seen = applying.browser.get(f"/applications/{draft.pk}/form/confirm/").context["seen"]
    applying.fill(draft, "certificate", person_latin="Somebody Else")
    assert applying.submit(draft, WEDNESDAY_11_00, seen=seen).status_code == 422
    assert applying.submit(draft, WEDNESDAY_11_00).status_code == 302


def test_a_submitted_application_can_no_longer_be_edited(applying: Applying) -> None:
    draft = applying.filled()
    upload = draft.uploads.get()
    applying.submit(draft, WEDNESDAY_11_00)
    assert applying.fill(draft, "certificate", person_latin="Somebody Else").status_code == 302
    assert applying.hand_in(draft, "identity_document", png()).status_code == 409
    assert applying.browser.post(f"/applications/{draft.pk}/documents/{upload.pk}/remove/").status_code == 409
    draft.refresh_from_db()
    assert draft.values["person_latin"] == "Hanako Kaku"
    assert draft.uploads.filter(removed_at=None).count() == 1


def test_a_document_too_old_or_without_its_day_is_refused_with_the_day_that_would_do(people: People) -> None:
    contract = authorise_for_company(people.hanako, MONDAY_9_00)
    applying = Applying(people.hanako, "e-contract")
    draft = applying.start(contract.number)
    old = {
        "seal_certificate-issued_on_y": "2026",
        "seal_certificate-issued_on_m": "8",
        "seal_certificate-issued_on_d": "3",
    }
    answer = applying.hand_in(draft, "seal_certificate", day=old)
    assert answer.status_code == 422
    assert "2026年8月18日" in answer.content.decode()
    assert 'value="8"' in answer.content.decode()
    assert applying.hand_in(draft, "seal_certificate").status_code == 422
    broken = {**old, "seal_certificate-issued_on_m": "13"}
    assert applying.hand_in(draft, "seal_certificate", day=broken).status_code == 422
    assert Upload.objects.count() == 0
