"""The steps of a story, each through the services that pages call, with jobs done by the real workers' code."""

import io
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import pikepdf
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from django.core import mail
from django.utils import timezone

from accounts.models import User
from applications.models import Application
from applications.rules import sheet
from applications.rules.intake import STEPS
from applications.rules.uploads import check
from applications.selectors.intake import contents_digest
from applications.selectors.watching import sheet_for
from applications.services import deciding, examination, intake, uploads
from audit.actors import Actor
from certificates.models import Certificate, Order
from certificates.services import acceptance, deliveries
from lra_portal.demo.regulations import LOADER, load_regulations
from regulations.models import Contract, TargetSystem
from regulations.selectors import contracts_to_apply_under
from regulations.services import consents, contracts
from tests.certificates import material
from tests.harness.jobs import Jobs
from tests.people import ORIGIN, People

ANSWERS = {
    "member-client": {
        "person_name": "架空 花子",
        "person_reading": "カクウ ハナコ",
        "phone": "03-0000-0000",
        "person_latin": "Hanako Kaku",
        "member_number": "M-000123",
        "email": "hanako@demo.example",
    },
    "e-contract": {
        "person_name": "見本 次郎",
        "person_reading": "ミホン ジロウ",
        "title": "購買部 部長",
        "direct_phone": "03-0000-0009",
        "department_latin": "Purchasing, Director",
        "person_latin": "Jiro Mihon",
        "certificate_email": "jiro@demo.example",
    },
    "monitored-device": {
        "custodian_name": "見本 次郎",
        "custodian_reading": "ミホン ジロウ",
        "phone": "03-0000-0009",
        "device_place": "第2工場",
        "device_name": "Collector 2-3",
        "device_serial": "MK2-000417",
    },
    "remote-access": {
        "person_name": "架空 花子",
        "person_latin": "Hanako Kaku",
        "access_number": "R-000123",
        "email": "hanako@demo.example",
    },
}
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
CALL = {
    "source": "公開の電話帳（デモ）",
    "number": "06-9999-0000",
    "spoke_with": "総務の担当者",
    "result": "在籍と意思を確認",
}


def now() -> datetime:
    """Return this instant; stories run by the clock that database and OpenSSL share."""
    return timezone.now()


def actor(person: User) -> Actor:
    """Return a person as they act from their desk."""
    return person.actor(ORIGIN)


def load_house(people: People) -> None:
    """Put the demo's rules, documents and contracts into force, with Jiro as an authorised person."""
    if not TargetSystem.objects.exists():
        load_regulations(at=now())
    for number in ("E-40213", "D-20111"):
        contracts.name_member(
            contract=Contract.objects.get(number=number),
            email=people.jiro.email,
            name=people.jiro.name,
            authorised_person=True,
            actor=LOADER,
            at=now(),
        )


@cache
def pdf() -> bytes:
    """Return an honest one-page document, the same each time."""
    document, file = pikepdf.new(), io.BytesIO()
    document.add_blank_page(page_size=(595, 842))
    document.save(file)
    return file.getvalue()


def request_pem(key: Key) -> bytes:
    """Return a certificate signing request as a person pastes it."""
    der = material.request(key)
    return x509.load_der_x509_csr(der).public_bytes(Encoding.PEM)


def fill_in(person: User, slug: str, **changed: str) -> Application:
    """Start an application and fill in everything but the key."""
    target = TargetSystem.objects.get(slug=slug)
    applicants = target.version_in_force().ruleset.applicants
    contract = contracts_to_apply_under(person=person, target_system=target, applicants=applicants, at=now()).first()
    draft = intake.start(target_system=target, contract=contract, person=person, actor=actor(person), at=now())
    for step in STEPS[:2]:
        typed = {**ANSWERS[slug], **changed}
        wrong = intake.save_step(application=draft, step=step, typed=typed, actor=actor(person), at=now())
        assert wrong == []
    add_documents(draft, person)
    return draft


def add_documents(draft: Application, person: User) -> None:
    """Hand in every document that the rules want."""
    for document in draft.rules.ruleset.documents:
        if document.required:
            add_document(draft, person, document.key)


def add_document(draft: Application, person: User, key: str) -> None:
    """Hand in one document."""
    file, issued = check(name=f"{key}.pdf", data=pdf(), field=key), (now() - timedelta(days=10)).date()
    uploads.add(application=draft, key=key, file=file, issued_on=issued, actor=actor(person), at=now())


def hand_in(draft: Application, person: User, at: datetime | None = None) -> Application:
    """Tick every box and submit."""
    draft.refresh_from_db()
    at = at or now()
    ticked = [item.key for item in consents.asked_for(ruleset=draft.rules.ruleset, at=at)]
    return intake.submit(application=draft, ticked=ticked, seen=contents_digest(draft), actor=actor(person), at=at)


def apply(person: User, slug: str, key: Key | None = None, **changed: str) -> Application:
    """Apply for a certificate, with a key of one's own or without."""
    draft = fill_in(person, slug, **changed)
    if key is not None:
        assert intake.save_request(application=draft, data=request_pem(key), actor=actor(person), at=now()) == []
    return hand_in(draft, person)


def order_of(application: Application) -> Order:
    """Return the order as it stands now."""
    application.refresh_from_db()
    assert application.order is not None
    return Order.objects.get(pk=application.order.pk)


def judge(application: Application, examiner: User) -> Application:
    """Take the application and find every item in order."""
    examination.claim(application=application, actor=actor(examiner), at=now())
    for item in sheet_for(Application.objects.get(pk=application.pk)):
        if item.kind != "automatic":
            verdict = sheet.Verdict(
                result=item.results[0],
                evidence="書類で確認",
                telephone=CALL if item.kind == "telephone" else None,
            )
            examination.judge(application=application, key=item.key, verdict=verdict, actor=actor(examiner), at=now())
    return application


def examine(application: Application, examiner: User) -> Application:
    """Take the application, find every item in order, and recommend it."""
    judge(application, examiner)
    return deciding.recommend(application=application, seen=order_of(application).seen, actor=actor(examiner), at=now())


def approve(application: Application, approver: User) -> Application:
    """Approve what was recommended."""
    seen = order_of(application).seen
    return deciding.approve(application=application, seen=seen, actor=actor(approver), at=now())


def certificate_of(application: Application) -> Certificate:
    """Return the certificate that was issued."""
    return Certificate.objects.get(order=order_of(application))


def issue(application: Application, people: People, jobs: Jobs) -> Certificate:
    """Take a received application through examination, approval and signing."""
    examine(application, people.examiner)
    approve(application, people.approver)
    jobs.drain()
    send_mail(jobs)
    return certificate_of(application)


def send_mail(jobs: Jobs) -> None:
    """Let the worker hand over what waits."""
    jobs.run("accounts.send_notices")


def mails_to(person: User) -> list[mail.EmailMessage]:
    """Return the mails that a person got, oldest first."""
    return [message for message in mail.outbox if message.to == [person.email]]


def link_token(person: User) -> str:
    """Return the secret of the latest delivery link in a person's mail."""
    found = [re.search(r"/certificates/delivery/([\w-]+)/", str(message.body)) for message in mails_to(person)]
    return [match[1] for match in found if match][-1]


def fetch(certificate: Certificate, holder: User) -> deliveries.File:
    """Download by the link in the mail."""
    return deliveries.download(token=link_token(holder), actor=actor(holder), at=now())


def accept(certificate: Certificate, holder: User) -> Certificate:
    """Confirm the contents."""
    return acceptance.accept(certificate=certificate, actor=actor(holder), at=now())


@dataclass
class House:
    """Everything that a story needs: people, authorities, rules and workers."""

    people: People
    jobs: Jobs
