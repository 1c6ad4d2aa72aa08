"""Applications for the office's tests: submitted with documents, as intake leaves them."""

import hashlib
import io
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pypdfium2
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from applications.models import Application, Upload, UploadPage
from applications.rules.sheet import RIGHTS, Verdict
from applications.selectors.intake import contents_digest
from applications.selectors.watching import sheet_for
from applications.services import deciding, examination, intake, ordering
from certificates import csr
from certificates.models import Certificate, CertificationAuthority, Intent, Order
from lra_portal.demo.regulations import load_regulations
from regulations.models import Contract, Subscription, TargetSystem
from regulations.selectors import contract_values
from tests.certificates import material
from tests.people import ORIGIN, People
from vault.models import Purpose
from vault.services import seal

COMPANY = {
    "person_name": "架空 花子",
    "person_reading": "カクウ ハナコ",
    "title": "購買部 部長",
    "direct_phone": "080-0000-1234",
    "department_latin": "Purchasing, Director",
    "person_latin": "Hanako Kaku",
    "certificate_email": "hanako@demo.example",
}
TELEPHONE = {"source": "電話帳データベース", "number": "03-0000-9999", "spoke_with": "総務の方", "result": "在籍を確認"}


def load_rules(at: datetime | None = None) -> None:
    """Bring the demo's target systems, documents and contracts into the database of the test."""
    load_regulations(at=at or timezone.now() - timedelta(days=1))


def submitted(applicant: User, *, at: datetime | None = None, **values: str) -> Application:
    """Return an application for the e-contract service that `applicant` has submitted at `at`."""
    at = at or timezone.now()
    system = TargetSystem.objects.get(slug="e-contract")
    version = system.version_in_force()
    held = Contract.objects.filter(parent_service=system.parent_service, corporation__isnull=False)
    contract = held.in_force(at).order_by("number")[0]
    looked_up = {f"contract.{key}": value for key, value in contract_values(contract).items()}
    taken = {field.key: looked_up[field.source] for field in version.ruleset.fields if field.source in looked_up}
    said = {**taken, **COMPANY, "person_name": applicant.name, "person_reading": applicant.name_reading, **values}
    draft = Application.objects.create(
        applicant=applicant,
        rules=version,
        contract=contract,
        values=said,
        typed=said,
        status_since=at,
        created_at=at,
        saved_at=at,
    )
    for key in ("seal_certificate", "company_register"):
        hand_in(draft, key, at)
    with transaction.atomic():
        subscription = intake.free_subscription(draft, at)
        return intake.received(draft, subscription, applicant.actor(ORIGIN).acting("applicant"), at)


def frozen_of(application: Application) -> dict[str, Any]:
    """Return what the order of an application freezes."""
    return ordering.frozen_part(application, contents_digest(application))


def hand_in(application: Application, key: str, at: datetime, issued_on: date | None = None) -> Upload:
    """Hand in a one-page PDF with its page already drawn."""
    pdf = pypdfium2.PdfDocument.new()
    pdf.new_page(300, 420)
    body = io.BytesIO()
    pdf.save(body)
    image = io.BytesIO()
    pdf[0].render(scale=1).to_pil().save(image, "PNG")
    upload = Upload.objects.create(
        application=application,
        key=key,
        file_name=f"{key}.pdf",
        media_type="application/pdf",
        size=len(body.getvalue()),
        sha256=hashlib.sha256(body.getvalue()).hexdigest(),
        issued_on=issued_on or (at - timedelta(days=10)).date(),
        blob=seal(purpose=Purpose.DOCUMENTS, plaintext=body.getvalue()),
        uploaded_at=at,
        render_status="done",
    )
    blob = seal(purpose=Purpose.DOCUMENTS, plaintext=image.getvalue())
    UploadPage.objects.create(upload=upload, number=1, blob=blob, width=300, height=420)
    return upload


def claimed(application: Application, people: People) -> Application:
    """Return the application in the examiner's hands."""
    return examination.claim(application=application, actor=people.examiner.actor(ORIGIN), at=timezone.now())


def judged(application: Application, people: People, **results: str) -> Application:
    """Return the application with every item found to fit, but for `results` by item key.

    Items about right holders stay open: the tests of watched names answer them.
    """
    application = claimed(application, people)
    for item in sheet_for(application):
        if item.kind in ("automatic", RIGHTS):
            continue
        result = results.get(item.key, item.results[0])
        verdict = Verdict(result, "印鑑証明書 1 行目", "", TELEPHONE if item.kind == "telephone" else None)
        if result != item.results[0]:
            verdict = Verdict(result, "", "書類と合わない")
        examination.judge(
            application=application,
            key=item.key,
            verdict=verdict,
            actor=people.examiner.actor(ORIGIN),
            at=timezone.now(),
        )
    return application


def order_of(application: Application) -> Order:
    """Return the application's order as it is now."""
    application.refresh_from_db()
    assert application.order is not None
    application.order.refresh_from_db()
    return application.order


def seen_of(application: Application) -> str:
    """Return what the page of the case shows now."""
    return order_of(application).seen


def recommended(application: Application, people: People) -> Application:
    """Return the application as it waits for an approver."""
    application = judged(application, people)
    return deciding.recommend(
        application=application,
        seen=seen_of(application),
        actor=people.examiner.actor(ORIGIN),
        at=timezone.now(),
    )


def approved(application: Application, people: People) -> Application:
    """Return the application approved, its order in the signer's queue."""
    application = recommended(application, people)
    return deciding.approve(
        application=application,
        seen=seen_of(application),
        actor=people.approver.actor(ORIGIN),
        at=timezone.now(),
    )


def give_request(application: Application) -> str:
    """Put a certificate signing request into the application; return the digest of its public key."""
    facts = csr.read(material.request(), key_types=["rsa2048", "p256"])
    Application.objects.filter(pk=application.pk).update(csr_der=facts.der, key_digest=facts.spki_digest)
    application.refresh_from_db()
    return facts.spki_digest


def certificate_of_same_subject(application: Application) -> Certificate:
    """Return a valid certificate that the applicant's subject got by another way meanwhile."""
    subscription = application.subscription
    assert subscription is not None
    at = timezone.now()
    other = Subscription.objects.create(
        target_system=subscription.target_system,
        holder=subscription.holder,
        subject_key=subscription.subject_key,
        ordinal=2,
        status_since=at,
    )
    order = Order.objects.create(
        story=uuid4(), subscription=other, holder=other.holder, frozen={}, status_since=at, created_at=at
    )
    authority = CertificationAuthority.objects.get(name="issuing")
    intent = Intent.objects.create(
        order=order,
        round=1,
        authority=authority,
        serial=f"{uuid4().hex:0>40}",
        statement={},
        status_since=at,
        signer="test",
        lock_key=1,
        lease_until=at,
    )
    return Certificate.objects.create(
        story=order.story,
        management_number="C-999999",
        order=order,
        intent=intent,
        subscription=other,
        holder=other.holder,
        authority=authority,
        serial=intent.serial,
        der=b"",
        sha256=uuid4().hex * 2,
        public_key_sha256=uuid4().hex * 2,
        subject_text="CN=Hanako Kaku",
        common_name="Hanako Kaku",
        not_before=at - timedelta(days=1),
        not_after=at + timedelta(days=300),
        issued_at=at,
        delivery_since=at,
    )
