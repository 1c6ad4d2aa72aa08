"""The whole path of one certificate through the portal's own services, as its people would walk it.

Nothing is taken from behind the scenes: the delivery link and the PIN come out of the mails, lists and
answers from the addresses in the certificate. Signer, publisher, responder and worker are other processes.
"""

import io
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pikepdf
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from accounts.nudges import nudge
from applications.models import Application
from applications.rules import sheet, uploads
from applications.rules.sheet import Verdict
from applications.selectors.intake import contents_digest
from applications.selectors.watching import sheet_for
from applications.services import deciding, examination, intake
from applications.services import uploads as documents
from audit.actors import Actor
from audit.refusals import Violation
from certificates.models import Certificate, Order
from certificates.services import acceptance, deliveries, pickup
from lra_portal.demo import relying
from lra_portal.demo.people import AGENT, APPROVER, EXAMINER, Person
from lra_portal.demo.scenarios import Scenario
from lra_portal.quickstart.outbox import list_mail
from regulations.calendar import tokyo
from regulations.models import Contract, TargetSystem
from regulations.services import consents
from revocation.models import RevocationRequest
from revocation.services import decisions, requests
from revocation.services.requests import Caller, Wish

PATIENCE = 60.0
"""Seconds that another process may take for its part."""
SWEEPS = ("revocation.sweep", "accounts.send_notices")
LINK = re.compile(r"/certificates/delivery/([A-Za-z0-9_-]{20,})/")
PIN = re.compile(r"\b[A-HJ-NP-Z2-9]{4}(?:-[A-HJ-NP-Z2-9]{4}){3,}\b")
Found = TypeVar("Found")


class JourneyFailedError(Exception):
    """A step did not come to its end; the message says which."""


def await_result(what: str, look: Callable[[], Found | None], sweeps: tuple[str, ...] = ()) -> Found:
    """Return what `look` finds, looking again until it finds something; raises JourneyFailedError.

    `sweeps` are nudged once a second, as beat does at a longer interval: nobody has to wait for it here.
    """
    start = time.monotonic()
    nudged = 0
    while not (found := look()):
        waited = time.monotonic() - start
        if waited > PATIENCE:
            raise JourneyFailedError(f"{what}: nothing within {PATIENCE:.0f} s (the logs are in var/log/demo)")
        if waited >= nudged:
            nudged += 1
            for task in sweeps:
                nudge(task)
        time.sleep(0.1)
    return found


def actor_of(person: Person) -> Actor:
    """Return a demo person as the one who acts, with all their roles."""
    return User.objects.get(email=person.email).actor(origin="127.0.0.1")


@dataclass
class Journey:
    """One scenario on its way; every method is one step, and what it leaves behind is kept here."""

    scenario: Scenario
    kept: dict[str, bytes] = field(default_factory=dict)
    application: Application = field(init=False)
    order: Order = field(init=False)
    certificate: Certificate = field(init=False)
    case: RevocationRequest = field(init=False)

    @property
    def holder(self) -> Actor:
        """The applicant, who becomes the subscriber."""
        return actor_of(self.scenario.person)

    @property
    def x509(self) -> x509.Certificate:
        """The certificate as a relying party reads it."""
        return x509.load_der_x509_certificate(bytes(self.certificate.der))

    def apply(self) -> None:
        """Fill in the form, hand in documents and request, consent to each text, and submit."""
        person = User.objects.get(email=self.scenario.person.email)
        contract = Contract.objects.filter(number=self.scenario.contract).first()
        target_system = TargetSystem.objects.get(slug=self.scenario.slug)
        draft = intake.start(
            target_system=target_system, contract=contract, person=person, actor=self.holder, at=timezone.now()
        )
        typed = draft.typed | self.scenario.typed
        for step in ("applicant", "certificate"):
            _refuse_any(
                intake.save_step(application=draft, step=step, typed=typed, actor=self.holder, at=timezone.now())
            )
        for key in self.scenario.documents:
            self._hand_in(draft, key)
        if "csr" in draft.rules.ruleset.key_modes:
            request = signing_request(self.scenario.person.latin)
            _refuse_any(intake.save_request(application=draft, data=request, actor=self.holder, at=timezone.now()))
        asked = consents.asked_for(ruleset=draft.rules.ruleset, at=timezone.now())
        draft.refresh_from_db()
        self.application = intake.submit(
            application=draft,
            ticked={item.key for item in asked},
            seen=contents_digest(draft),
            actor=self.holder,
            at=timezone.now(),
        )

    def examine(self) -> None:
        """Take the case, hold every item against its evidence, and hand it to the approver."""
        examiner = actor_of(EXAMINER)
        case = examination.claim(application=self.application, actor=examiner, at=timezone.now())
        self.order = Order.objects.get(application=case)
        for item in sheet_for(case):
            if item.kind != "automatic":
                examination.judge(
                    application=case, key=item.key, verdict=verdict_on(item), actor=examiner, at=timezone.now()
                )
        self.application = deciding.recommend(application=case, seen=self.order.seen, actor=examiner, at=timezone.now())

    def approve(self) -> None:
        """Another person approves; the order goes to the signer."""
        self.application = deciding.approve(
            application=self.application, seen=self.order.seen, actor=actor_of(APPROVER), at=timezone.now()
        )

    def await_certificate(self) -> None:
        """Wait for the signer's process; where the key is made at pick-up, hand it in as the holder's browser would."""
        self.order.refresh_from_db()
        if self.order.status == "awaiting_key":
            request = signing_request(self.scenario.person.latin)
            pickup.give_key(order=self.order, request=request, turn=1, actor=self.holder, at=timezone.now())
        self.certificate = await_result("The signer", self._issued)

    def fetch(self) -> None:
        """Follow the link of the mail and, where the LRA made the key, read the PIN of the other mail.

        A file that the browser built at pick-up is the holder's already.
        """
        if self.order.made_in_browser:
            self.certificate = pickup.confirm_saved(certificate=self.certificate, actor=self.holder, at=timezone.now())
            return
        token = await_result("The mail with the link", lambda: self._mailed(LINK))
        file = deliveries.download(token=token, actor=self.holder, at=timezone.now())
        if file.media_type == "application/x-pkcs12":
            self.kept["certificate.p12"] = file.content
            pin = await_result("The mail with the PIN", lambda: self._mailed(PIN))
            self.kept["pin.txt"] = f"{pin}\n".encode()

    def accept(self) -> None:
        """Accept the contents and confirm the start-of-service notice: use may begin."""
        self.certificate = acceptance.accept(certificate=self.certificate, actor=self.holder, at=timezone.now())
        acceptance.reach(certificate=self.certificate, how=acceptance.OPENED, actor=self.holder, at=timezone.now())

    def check_good(self) -> None:
        """Ask the responder and fetch the list, as a relying party would, while the certificate is good."""
        self.kept["crl-before.der"] = await_result("The list before", lambda: relying.crl_of(self.x509), SWEEPS)
        self.kept["ocsp-good.der"] = await_result("OCSP", lambda: self._ocsp(ocsp.OCSPCertStatus.GOOD), SWEEPS)

    def ask_for_revocation(self) -> None:
        """The subscriber asks, or the call center for a caller whose answers matched."""
        wish = Wish(self.scenario.ground, self.scenario.statement)
        if self.scenario.caller:
            caller = Caller(self.scenario.person.name, self.scenario.person.phone, ("name", "phone", "contract"))
            self.case = requests.request_for_caller(
                certificate=self.certificate, caller=caller, wish=wish, actor=actor_of(AGENT), at=timezone.now()
            )
        else:
            self.case = requests.request_own(
                certificate=self.certificate,
                wish=wish,
                typed_number=self.certificate.management_number,
                actor=self.holder,
                at=timezone.now(),
            )

    def revoke(self) -> None:
        """An approver decides: the certificate is revoked in the same transaction."""
        self.case = decisions.approve(case=self.case, note="", actor=actor_of(APPROVER), at=timezone.now())
        self.certificate.refresh_from_db()

    def check_revoked(self) -> None:
        """Wait until the list and the responder say so, and until both people were told."""
        self.kept["ocsp-revoked.der"] = await_result("OCSP", lambda: self._ocsp(ocsp.OCSPCertStatus.REVOKED))
        self.kept["crl-after.der"] = await_result("The list after", self._list_with_entry)
        await_result("The revocation's completion", self._is_complete, SWEEPS)

    def keep_authorities(self) -> None:
        """Keep root, chain and the root's list as the public site serves them."""
        above = deliveries.issuers_of(self.certificate.authority)
        root = above[-1]
        self.kept["root.pem"] = root.public_bytes(Encoding.PEM)
        self.kept["chain.pem"] = b"".join(one.public_bytes(Encoding.PEM) for one in above)
        self.kept["certificate.pem"] = self.x509.public_bytes(Encoding.PEM)
        self.kept["root-crl.der"] = await_result("The root's list", lambda: relying.crl_of(above[0]))

    def _hand_in(self, draft: Application, key: str) -> None:
        file = uploads.check(name=f"{key}.pdf", data=paper(key), field=key)
        yesterday = tokyo(timezone.now() - timedelta(days=1)).date()
        documents.add(application=draft, key=key, file=file, issued_on=yesterday, actor=self.holder, at=timezone.now())

    def _issued(self) -> Certificate | None:
        self.order.refresh_from_db()
        if self.order.status == "failed":
            raise JourneyFailedError("The signer refused the order; the reason stands in the office's list of orders.")
        return Certificate.objects.filter(order=self.order).select_related("authority__issuer").first()

    def _mailed(self, pattern: re.Pattern[str]) -> str | None:
        mails = list_mail(Path(settings.EMAIL_FILE_PATH), to=self.scenario.person.email)
        found = [match for mail in mails if (match := pattern.search(mail.body))]
        return found[0].group(found[0].re.groups) if found else None

    def _ocsp(self, status: ocsp.OCSPCertStatus) -> bytes | None:
        issuer = deliveries.issuers_of(self.certificate.authority)[0]
        answer = relying.ocsp_of(self.x509, issuer)
        return answer if answer and relying.says(answer, status) else None

    def _list_with_entry(self) -> bytes | None:
        crl = relying.crl_of(self.x509)
        return crl if crl and relying.lists(crl, self.x509) else None

    def _is_complete(self) -> bool:
        self.case.refresh_from_db()
        return self.case.status == "notified"


def signing_request(name: str) -> bytes:
    """Return a request for a fresh P-256 key, as an applicant's own software would make it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    request: Any = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    pem: bytes = request.public_bytes(Encoding.PEM)
    return pem


def paper(title: str) -> bytes:
    """Return a PDF of one page that says it is a demonstration."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    page.Contents = pdf.make_stream(f"BT /F1 24 Tf 72 720 Td (DEMONSTRATION: {title}) Tj ET".encode())
    written = io.BytesIO()
    pdf.save(written)
    return written.getvalue()


def verdict_on(item: sheet.SheetItem) -> Verdict:
    """Return what a careful examiner writes where everything fits."""
    if item.kind == "telephone":
        call = {
            "source": "法人の公開サイト（デモ）",
            "number": "03-0000-9999",
            "spoke_with": "総務部 受付（デモ）",
            "result": "在籍と申請の意思を確認しました",
        }
        return Verdict("passed", telephone=call)
    return Verdict("matches" if item.kind == "compare" else "passed", evidence="提出書類（デモ）")


def _refuse_any(violations: list[Violation]) -> None:
    if violations:
        raise JourneyFailedError("; ".join(f"{one.field}: {one.message}" for one in violations))
