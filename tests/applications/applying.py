"""What the tests of intake share: the demo's rules, files to hand in, and applying by hand through the pages."""

from __future__ import annotations

import base64
import io
import textwrap
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import User
from applications.models import Application
from applications.selectors.intake import contents_digest
from lra_portal.demo.regulations import LOADER, load_regulations
from regulations.models import Contract, TargetSystem
from regulations.services import consents, contracts
from tests.certificates import material
from tests.people import signed_in

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

PERSON = {
    "applicant": {"person_name": "架空 花子", "person_reading": "カクウ ハナコ", "phone": "03-0000-0000"},
    "certificate": {"person_latin": "Hanako Kaku", "member_number": "M-000123", "email": "hanako@demo.example"},
}
COMPANY = {
    "applicant": {
        "person_name": "架空 花子",
        "person_reading": "カクウ ハナコ",
        "title": "購買部 部長",
        "direct_phone": "03-0000-0000",
        "appointed_on_y": "２０２４",
        "appointed_on_m": "4",
        "appointed_on_d": "1",
    },
    "certificate": {
        "person_latin": "Hanako Kaku",
        "department_latin": "Purchasing, Director",
        "certificate_email": "hanako@demo.example",
    },
}


@cache
def pdf(extra: str = "") -> bytes:
    """A PDF of one empty page; `extra` makes it another file."""
    document = pikepdf.new()
    document.add_blank_page()
    document.docinfo["/Title"] = f"demo {extra}"
    out = io.BytesIO()
    document.save(out, static_id=True)
    return out.getvalue()


def png(width: int = 40, height: int = 30) -> bytes:
    """A white picture."""
    out = io.BytesIO()
    Image.new("1", (width, height), 1).save(out, "PNG")
    return out.getvalue()


def file(data: bytes, name: str = "本人確認.pdf") -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, data)


def authorise_for_company(person: User, at: datetime) -> Contract:
    """Name `person` as an authorised person of the demo's first corporation."""
    contract = Contract.objects.get(number="E-40213")
    contracts.name_member(
        contract=contract, email=person.email, name=person.name, authorised_person=True, actor=LOADER, at=at
    )
    return contract


@dataclass
class Applying:
    """A person who applies through the pages."""

    person: User
    slug: str = "member-client"

    def __post_init__(self) -> None:
        self.browser: Client = signed_in(self.person)

    def start(self, contract: str = "") -> Application:
        """Begin; the draft."""
        answer = self.browser.post(f"/applications/new/{self.slug}/", {"contract": contract})
        assert answer.status_code == 302, answer.status_code
        return Application.objects.get(pk=answer["Location"].split("/")[2])

    def fill(self, draft: Application, step: str, **changes: str) -> Response:
        """Fill in one step and go on."""
        answers = (PERSON if self.slug == "member-client" else COMPANY)[step] | changes
        if step == "certificate" and self.slug == "member-client":
            answers = {"csr": request_pem()} | answers
        return self.browser.post(f"/applications/{draft.pk}/form/{step}/", {**answers, "go": "next"})

    def hand_in(
        self, draft: Application, key: str, data: bytes | None = None, day: dict[str, str] | None = None
    ) -> Response:
        """Hand in one document."""
        sent = {"document": key, f"{key}-file": file(pdf() if data is None else data), **(day or {})}
        return self.browser.post(f"/applications/{draft.pk}/documents/", sent)

    def submit(self, draft: Application, at: datetime, **sent: object) -> Response:
        """Agree to everything and submit."""
        draft.refresh_from_db()
        ticked = [item.key for item in consents.asked_for(ruleset=draft.rules.ruleset, at=at)]
        answer = {"consent": ticked, "seen": contents_digest(draft), **sent}
        return self.browser.post(f"/applications/{draft.pk}/submit/", answer)

    def filled(self, **certificate: str) -> Application:
        """A draft for the member service with nothing missing."""
        draft = self.start()
        assert self.fill(draft, "applicant").status_code == 302
        assert self.fill(draft, "certificate", **certificate).status_code == 302
        assert self.hand_in(draft, "identity_document").status_code == 302
        draft.refresh_from_db()
        return draft

    def filled_for_company(self, contract: str) -> Application:
        """A draft for the e-contract service with nothing missing."""
        draft = self.start(contract)
        assert self.fill(draft, "applicant").status_code == 302
        assert self.fill(draft, "certificate").status_code == 302
        for key in ("seal_certificate", "company_register"):
            day = {f"{key}-issued_on_y": "2026", f"{key}-issued_on_m": "11", f"{key}-issued_on_d": "2"}
            assert self.hand_in(draft, key, day=day).status_code == 302
        draft.refresh_from_db()
        return draft


@cache
def request_pem() -> str:
    """A good certificate signing request."""
    return armoured(material.request())


def armoured(der: bytes) -> str:
    """A request as text."""
    body = "\n".join(textwrap.wrap(base64.b64encode(der).decode(), 64))
    return f"-----BEGIN CERTIFICATE REQUEST-----\n{body}\n-----END CERTIFICATE REQUEST-----\n"


def load_rules(at: datetime) -> None:
    """The demo's rules in force from `at`."""
    load_regulations(at=at)


def target_system(slug: str) -> TargetSystem:
    """A target system of the demo."""
    return TargetSystem.objects.get(slug=slug)
