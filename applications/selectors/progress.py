"""Where an application stands, in words for the applicant: status, since when, what happened, what is to come.

The state of order and certificate is read by pointing down; nobody calls up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from applications.models import Application, Confirmation, InformationRequest
from audit.acts import Act
from audit.models import Event
from certificates.models import Certificate, Order
from regulations.ruleset import RuleSet
from regulations.selectors import business_calendar

STEP_NAMES = (
    gettext_lazy("Submission and receipt"),
    gettext_lazy("Check of documents"),
    gettext_lazy("Examination"),
    gettext_lazy("Approval"),
    gettext_lazy("Issue"),
    gettext_lazy("Acceptance and start of use"),
)
STEP_OF = {
    "draft": 1,
    "waiting_consent": 1,
    "submitted": 2,
    "examining": 3,
    "asked": 3,
    "awaiting_approval": 4,
    "approved": 5,
    "awaiting_key": 5,
    "issuing": 5,
    "on_hold": 5,
    "issued": 6,
    "downloaded": 6,
    "reported": 6,
    "accepted": 6,
    "in_use": 7,
    "revoked": 7,
}
ENDED = ("refused", "withdrawn", "lapsed")
TURNS = ("draft", "waiting_consent", "asked", "awaiting_key", "issued", "downloaded")
DONE = ("in_use", "accepted", "revoked", *ENDED)
DRAFT_LIFE = timedelta(days=30)


@dataclass(frozen=True)
class Standing:
    """A status as people read it."""

    code: str
    since: datetime
    step: int
    until: datetime | None
    your_turn: bool = False


@dataclass(frozen=True)
class Happening:
    """One entry of the timeline."""

    title: str | Promise
    text: str = ""
    at: datetime | None = None
    when: str = ""
    state: str = ""


def certificate_of(application: Application) -> Certificate | None:
    """The certificate that came of `application`, if it is there."""
    order = application.order
    return getattr(order, "certificate", None) if order is not None else None


def open_request_of(application: Application) -> InformationRequest | None:
    """The request for more that waits for the applicant."""
    if application.status != "waiting_information":
        return None
    requests = application.information_requests.all()
    return next((request for request in requests if request.answered_at is None), None)


def open_confirmation_of(application: Application) -> Confirmation | None:
    """What another has filed for the applicant and they have not answered yet."""
    return application.confirmations.filter(answered_at=None).first()


def waits_for(application: Application, person: User | None, code: str) -> bool:
    """Whether the next step is this person's; to confirm, to fetch and to accept is the applicant's alone (O-14.2)."""
    if code not in TURNS:
        return False
    if person is None or not application.is_filed:
        return True
    if code == "asked":
        return person.pk in application.side
    return person.pk == (application.editor_id if code == "draft" else application.applicant_id)


def standing_of(application: Application, person: User | None = None) -> Standing:
    """Status, since when, and until when the next thing happens, as `person` of the applicant's side sees it."""
    certificate = certificate_of(application) if application.status == "approved" else None
    code, since = code_of(application, certificate)
    turn = waits_for(application, person, code)
    return Standing(code, since, STEP_OF.get(code, 0), limit_of(application, certificate, code), turn)


def code_of(application: Application, certificate: Certificate | None) -> tuple[str, datetime]:
    """The status code shown to people, and since when it holds."""
    if application.status == "waiting_information":
        return "asked", application.status_since
    if application.status != "approved":
        return application.status, application.status_since
    if certificate is None:
        order = application.order
        return ("issuing", application.status_since) if order is None else (_code_of_order(order), order.status_since)
    if certificate.revoked_at is not None:
        return "revoked", certificate.revoked_at
    if certificate.delivery == "accepted" and certificate.subscription.status == "in_use":
        return "in_use", certificate.subscription.status_since
    code = {"undelivered": "issued"}.get(certificate.delivery, certificate.delivery)
    return code, certificate.delivery_since


def _code_of_order(order: Order) -> str:
    """The status of what is approved and not issued: the holder's turn, the signer's, or held (O-11.1)."""
    if order.status in ("awaiting_key", "queued") and order.subscription.status == "suspended":
        return "on_hold"
    return "awaiting_key" if order.status == "awaiting_key" else "issuing"


def limit_of(application: Application, certificate: Certificate | None, code: str) -> datetime | None:
    """Until when the next thing happens, or is to be done by the applicant."""
    asked = open_request_of(application) if code == "asked" else None
    if asked is not None:
        return asked.due_at
    confirmation = open_confirmation_of(application) if code == "waiting_consent" else None
    if confirmation is not None:
        return confirmation.until
    if code == "draft":
        return application.saved_at + DRAFT_LIFE
    if certificate is not None:
        return acceptance_due(application, certificate)
    if code == "awaiting_key" and application.order is not None:
        return application.order.status_since + timedelta(days=application.rules.ruleset.acceptance_days)
    return application.due_at


def acceptance_due(application: Application, certificate: Certificate) -> datetime:
    """The instant until which the contents should be accepted."""
    return certificate.issued_at + timedelta(days=application.rules.ruleset.acceptance_days)


TOLD: dict[str, tuple[str | Promise, str | Promise]] = {
    Act.APPLICATION_SUBMIT: (
        gettext_lazy("Submitted"),
        gettext_lazy("You got a receipt number, and a mail that confirms it."),
    ),
    Act.APPLICATION_PRESENT: (
        gettext_lazy("Filled in for the applicant"),
        gettext_lazy("The applicant was asked by mail to read it, to agree and to confirm."),
    ),
    Act.APPLICATION_RECALL: (gettext_lazy("Taken back"), gettext_lazy("Something was to be changed.")),
    Act.APPLICATION_TAKE_OVER: (gettext_lazy("Taken over"), gettext_lazy("The applicant goes on with it alone.")),
    Act.APPLICATION_DECLINE: (gettext_lazy("Declined"), gettext_lazy("The applicant did not want it.")),
    Act.APPLICATION_CLAIM: (
        gettext_lazy("Under examination"),
        gettext_lazy("An examiner compares your documents with the application."),
    ),
    Act.APPLICATION_ASK: (
        gettext_lazy("More documents requested"),
        gettext_lazy("The examination waits for your answer."),
    ),
    Act.APPLICATION_ANSWER: (gettext_lazy("Answered"), gettext_lazy("The examination goes on.")),
    Act.APPLICATION_RECOMMEND: (
        gettext_lazy("Awaiting approval"),
        gettext_lazy("The examination is finished. A second person decides."),
    ),
    Act.APPLICATION_RETURN: (gettext_lazy("Examined again"), gettext_lazy("Some points are looked at once more.")),
    Act.APPLICATION_APPROVE: (gettext_lazy("Approved"), gettext_lazy("The certificate is being made.")),
    Act.APPLICATION_REFUSE: (gettext_lazy("Refused"), gettext_lazy("The reason was told to you.")),
    Act.APPLICATION_WITHDRAW: (gettext_lazy("Withdrawn"), gettext_lazy("You took the application back.")),
    Act.APPLICATION_REOPEN: (
        gettext_lazy("Taken up again"),
        gettext_lazy("The examination waits for your answer once more."),
    ),
    Act.APPLICATION_LAPSE: (gettext_lazy("Lapsed"), gettext_lazy("The time limit passed without an answer.")),
    Act.ORDER_AWAIT_KEY: (
        gettext_lazy("Ready to be fetched"),
        gettext_lazy("The key is made in your browser while you fetch the certificate."),
    ),
    Act.CERTIFICATE_ISSUE: (gettext_lazy("Issued"), gettext_lazy("The certificate can be fetched.")),
    Act.CERTIFICATE_DOWNLOAD: (gettext_lazy("Fetched"), gettext_lazy("Please check what it says.")),
    Act.CERTIFICATE_ACCEPT: (gettext_lazy("Accepted"), gettext_lazy("You accepted the contents.")),
    Act.CERTIFICATE_REPORT: (gettext_lazy("Difference reported"), gettext_lazy("You said that something is wrong.")),
    Act.SUBSCRIPTION_START: (gettext_lazy("In use"), gettext_lazy("The certificate can be used.")),
    Act.CERTIFICATE_REVOKE: (gettext_lazy("Revoked"), gettext_lazy("The certificate must not be used any more.")),
}


def timeline_of(application: Application, standing: Standing) -> list[Happening]:
    """What happened so far and what comes, in order, for `standing`."""
    events = Event.objects.filter(story=application.story, outcome="done", act__in=list(TOLD))
    # The signer's promise and the order change together: people are told of the order.
    events = events.exclude(subject_type="certificates.intent").order_by("at", "pk")
    past = []
    for event in events:
        title, text = TOLD[event.act]
        past.append(Happening(title=title, text=str(text), at=event.at))
    if past and standing.code not in DONE:
        last = past[-1]
        past[-1] = Happening(
            title=_("%(title)s (now)") % {"title": last.title}, text=last.text, at=last.at, state="now"
        )
    return past + ahead_of(application, standing)


def ahead_of(application: Application, standing: Standing) -> list[Happening]:
    """What is still to come."""
    if standing.code in DONE or standing.step == 0:
        return []
    days = application.rules.ruleset.acceptance_days
    ahead = [
        (3, _("Examination"), _("next"), _how_examined(application.rules.ruleset)),
        (4, _("Approval"), _("after the examination"), _("A second person decides.")),
        (5, _("Issue"), _("after the approval"), _("You get a mail as soon as the certificate can be fetched.")),
        (
            6,
            _("Acceptance and start of use"),
            _("within %(days)d days of issue") % {"days": days},
            _("Once you have checked what it says, you may use it."),
        ),
    ]
    return [
        Happening(title=title, text=text, when=when, state="ahead")
        for step, title, when, text in ahead
        if step > standing.step
    ]


def _how_examined(ruleset: RuleSet) -> str:
    if any(item.kind == "telephone" for item in ruleset.examination):
        return _("We may call a publicly listed number of your company.")
    return _("We compare your documents with what you stated.")


def business_days_left(at: datetime, until: datetime) -> int:
    """Business days left until a limit, as every clock of the portal counts them."""
    return business_calendar().business_days_left(at, until)
