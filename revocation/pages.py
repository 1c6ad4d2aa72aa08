"""What the pages say beside the data: consequences, steps of a request, facts of a case in their order."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.roles import Role
from audit.actors import Actor
from audit.models import Event
from audit.words import words_of
from revocation.grounds import GROUNDS, REPORTS, Ground, Report, half_time
from revocation.models import RevocationRequest
from revocation.selectors import alarmed
from revocation.services.countersigning import may_countersign, may_revoke_at_once, urgent_ground
from revocation.services.decisions import may_decide
from revocation.services.revoking import siblings
from revocation.states import REQUEST

RECEIPT_LIFE = timedelta(days=7)
CONSEQUENCES = (
    _("Downloading the certificate and sending its PIN stop at once."),
    _("An approver decides within 24 hours. You and the person who applied are told."),
    _("Once revoked, the certificate stands on the public revocation list and must not be used any more."),
    _("A revocation can't be undone. To go on, you apply for a new certificate."),
    _("If the key was compromised, the same key can't be used for another certificate."),
)
REPORT_CONSEQUENCES = (
    _("You get a provisional receipt number at once."),
    _("If we know the certificate, downloading it and sending its PIN stop at once."),
    _("We check with you and with the holder. An approver decides within 24 hours where a key is in danger."),
)
PROOF_CONSEQUENCES = (
    _("The key is taken to be in other hands: the certificate is revoked at once and for good."),
    _("The key can't be used for another certificate."),
    _("The holder is told. An approver looks at it afterwards."),
)
SUSPENDING = (
    _("Nothing is handed out, renewed or reissued for this subscriber until it is resumed."),
    _("An order that is approved already is not signed. It waits and is lost in no case."),
    _("The holder is told with your reason, and sees it on the page of the certificate."),
    _("The certificate itself stays valid: lists and responder don't change. It can be taken back at any time."),
)
RESUMING = (
    _("Downloads, renewal and reissue are possible again."),
    _("An approved order that waited is signed within seconds."),
    _("The holder is told with your reason."),
)


@dataclass(frozen=True)
class Row:
    """A request with what its clock says now."""

    case: RevocationRequest
    at: datetime

    @cached_property
    def ground(self) -> Ground | None:
        """The ground as data, where one is chosen."""
        return ground_of(self.case)

    @cached_property
    def report(self) -> Report | None:
        """What a stranger reported."""
        return report_of(self.case)

    @property
    def alarm(self) -> bool:
        """Whether half of the time is gone without a decision."""
        return alarmed(self.case, self.at)

    @property
    def alarm_at(self) -> datetime:
        """When half of the time is gone."""
        return half_time(self.case.received_at, self.case.due_at)

    @property
    def level(self) -> str:
        """How near the limit is: "", "near" or "over"."""
        if self.case.due_at <= self.at:
            return "over"
        return "near" if self.alarm else ""


@dataclass(frozen=True)
class Unsigned:
    """A revocation that waits for its second signature, with what its clock says now."""

    case: RevocationRequest
    at: datetime

    @property
    def level(self) -> str:
        """Say "over" when it should have been countersigned by now."""
        return "over" if self.case.countersign_due_at and self.case.countersign_due_at <= self.at else ""


@dataclass(frozen=True)
class Step:
    """One line of a timeline: when, its title, a word more, and whether it is past, now or ahead."""

    at: datetime | None
    title: str | Promise
    text: str | Promise = ""
    state: str = ""
    when: str | Promise = ""


def ground_of(case: RevocationRequest) -> Ground | None:
    """The ground of a request as data, or None while none is chosen."""
    return GROUNDS.get(case.ground)


def report_of(case: RevocationRequest) -> Report | None:
    """What somebody without an account reported, as data."""
    return REPORTS.get(case.report)


def proposal(case: RevocationRequest) -> dict[str, str]:
    """What staff find filled in: the request's ground, or the one its kind suggests, and the certificate as named."""
    report = report_of(case)
    return {"ground": case.ground or (report.ground if report else ""), "named": case.named}


def steps(case: RevocationRequest) -> list[Step]:
    """What has happened to a request and what comes next, for the person who asked."""
    past = [Step(case.received_at, _("Request received"))]
    if case.status == "denied":
        return [*past, Step(case.decided_at, _("Turned down"), case.decision_note, "now")]
    if case.decided_at is None:
        return [
            *past,
            Step(case.status_since, _("An approver decides"), state="now"),
            Step(None, _("Revoked and on the list"), state="ahead", when=_("Within seconds of the decision")),
        ]
    past.append(Step(case.decided_at, _("Approved, certificate revoked")))
    if case.status == "processing":
        return [*past, Step(None, _("The revocation list is being published"), state="now", when=_("Within seconds"))]
    return [*past, Step(case.status_since, _("On the revocation list; holder and applicant were told"), state="now")]


def case_facts(case: RevocationRequest, actor: Actor) -> dict[str, Any]:
    """What the page of a case needs beside the case: who may decide, what else has the same key, what happened."""
    certificate = case.certificate
    return {
        "may_decide": may_decide(case, actor),
        "two_are_there": case.status == "awaiting_approval" and may_decide(case, actor),
        "may_revoke_at_once": may_revoke_at_once(case, actor),
        "may_countersign": may_countersign(case, actor),
        "compromised": bool(certificate and certificate.revoked_at and GROUNDS[certificate.ground].compromise),
        "acts": [move.act.value.partition(":")[2] for move in REQUEST.moves if case.status in move.sources],
        "siblings": siblings(certificate) if certificate else [],
        "joined": list(case.joined.order_by("received_at")),
        "events": _events(case),
        "consequences": _consequences(case),
    }


def _events(case: RevocationRequest) -> list[Step]:
    written = Event.objects.filter(subject_type="revocation.revocationrequest", subject_id=str(case.pk))
    done = written.filter(outcome="done").order_by("pk")
    return [Step(event.at, words_of(event.act), _role(event.role)) for event in done]


def _role(name: str) -> str | Promise:
    """A role in words; a part of the system is the system."""
    name = "system" if name.startswith("system:") else name
    return Role(name).label if name in Role.values else name


def _consequences(case: RevocationRequest) -> list[str | Promise]:
    # Before staff have chosen one, what a report suggests: whoever revokes at once does so on that ground.
    ground = GROUNDS.get(urgent_ground(case))
    found: list[str | Promise] = [
        _("The certificate is revoked now and for good."),
        _("List and responder say so within seconds; holder and applicant are told to stop using it."),
    ]
    if ground and ground.compromise:
        found.append(_("The key is blocked for every later request."))
    if ground and ground.reason is None:
        found.append(_("The list gives no reason for it."))
    return found
