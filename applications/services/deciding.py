"""Deciding: the examiner recommends, another person approves, sends back or refuses (O-4.2, O-4.3, four eyes)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.services import authorise
from applications.emails import in_both, link_to
from applications.models import Application, Decision, ExaminationItem
from applications.rules import deciding
from applications.rules.findings import Finding
from applications.selectors.facts import findings_about, involved_in
from applications.selectors.watching import sheet_for
from applications.services.examination import held, locked, person_id_of
from applications.services.telling import tell_examiner, tell_side
from applications.states import APPLICATION
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotAllowed, RuleViolated, Stale, Violation
from audit.services import transition
from certificates.models import Order
from certificates.services import orders


@dataclass(frozen=True)
class Refusal:
    """Why an application is refused: one of the grounds of O-4.3, and what the applicant is to read."""

    ground: str
    text: str


NOTHING = Refusal("", "")


@transaction.atomic
def recommend(*, application: Application, seen: str, actor: Actor, at: datetime) -> Application:
    """Hand an application to the approver: everything on the sheet fits.

    The recommendation binds to `seen`, what the examiner's page showed. Raises Stale when it changed,
    RuleViolated naming what is still open.
    """
    actor = authorise(actor=actor, act=Act.APPLICATION_RECOMMEND)
    if _done_before(application, actor, "awaiting_approval", seen):
        return application
    application = held(application, actor)
    order = _order(application, seen)
    found = findings_about(application, at)
    deciding.check_missing(_missing(application, found))
    _keep_automatic(application, found, at)
    orders.approve(order=order, role="examiner", digest=order.digest, actor=actor, at=at)
    keep(application, Decision.RECOMMENDED, actor=actor, at=at, text=application.findings_note)
    return transition(
        machine=APPLICATION,
        row=application,
        act=Act.APPLICATION_RECOMMEND,
        actor=actor,
        at=at,
        details={"recommendation": "approve", "digest": order.digest},
        columns={"recommendation": "approve", "refusal_ground": "", "refusal_text": "", "return_note": ""},
    )


@transaction.atomic
def propose_refusal(
    *, application: Application, refusal: Refusal, seen: str, actor: Actor, at: datetime
) -> Application:
    """Hand an application to the approver with the proposal to refuse it. Raises as `recommend`."""
    actor = authorise(actor=actor, act=Act.APPLICATION_RECOMMEND)
    application = held(application, actor)
    order = _order(application, seen)
    deciding.check_refusal(ground=refusal.ground, text=refusal.text)
    _keep_automatic(application, findings_about(application, at), at)
    keep(application, Decision.REFUSAL_PROPOSED, actor=actor, at=at, refusal=refusal)
    words = {"refusal_ground": refusal.ground, "refusal_text": refusal.text.strip()}
    return transition(
        machine=APPLICATION,
        row=application,
        act=Act.APPLICATION_RECOMMEND,
        actor=actor,
        at=at,
        details={"recommendation": "refuse", "digest": order.digest, **words},
        columns={"recommendation": "refuse", "return_note": "", **words},
    )


@transaction.atomic
def approve(*, application: Application, seen: str, actor: Actor, at: datetime) -> Application:
    """Approve what the examiner recommended; the order goes to the signer.

    What the system finds is looked up again (O-4.3.3). Raises Stale when the application or what will
    be printed changed since the page was opened, NotAllowed for the applicant and the examiner.
    """
    actor = authorise(actor=actor, act=Act.APPLICATION_APPROVE)
    if _done_before(application, actor, "approved", seen):
        return application
    application = _awaiting(application, actor)
    order = _order(application, seen)
    if application.recommendation != "approve":
        raise RuleViolated([Violation(None, "refusal_proposed", _("The examiner proposes to refuse this."))])
    deciding.check_missing(_missing(application, findings_about(application, at)))
    orders.approve(order=order, role="approver", digest=order.digest, actor=actor, at=at)
    keep(application, Decision.APPROVED, actor=actor, at=at)
    application = transition(
        machine=APPLICATION,
        row=application,
        act=Act.APPLICATION_APPROVE,
        actor=actor,
        at=at,
        details={"digest": order.digest},
        columns={"decided_by_id": actor.person_id, "decided_at": at},
    )
    _tell_approved(application, at)
    return application


@transaction.atomic
def send_back(*, application: Application, note: str, actor: Actor, at: datetime) -> Application:
    """Give an application back to its examiner with a note; the examiner's approval is void."""
    actor = authorise(actor=actor, act=Act.APPLICATION_RETURN)
    application = _awaiting(application, actor)
    if not note.strip():
        raise RuleViolated([Violation("note", "note_missing", _("Please write what is to be looked at again."))])
    keep(application, Decision.RETURNED, actor=actor, at=at, text=note.strip())
    orders.void(order=_order(application), reason="sent back", actor=actor, at=at)
    application = transition(
        machine=APPLICATION,
        row=application,
        act=Act.APPLICATION_RETURN,
        actor=actor,
        at=at,
        details={"note": note},
        columns={"return_note": note.strip(), "recommendation": ""},
    )
    tell_examiner(application=application, word="returned", note=note.strip(), at=at)
    return application


@transaction.atomic
def refuse(*, application: Application, refusal: Refusal, seen: str, actor: Actor, at: datetime) -> Application:
    """Refuse an application with a ground of O-4.3; the applicant reads the ground and the text.

    The order is cancelled in the same transaction. Raises as `approve`.
    """
    actor = authorise(actor=actor, act=Act.APPLICATION_REFUSE)
    if _done_before(application, actor, "refused", seen):
        return application
    application = _awaiting(application, actor)
    order = _order(application, seen)
    deciding.check_refusal(ground=refusal.ground, text=refusal.text)
    keep(application, Decision.REFUSED, actor=actor, at=at, refusal=refusal)
    orders.cancel(order=order, reason=f"refused: {refusal.ground}", actor=actor, at=at)
    words = {"refusal_ground": refusal.ground, "refusal_text": refusal.text.strip()}
    application = transition(
        machine=APPLICATION,
        row=application,
        act=Act.APPLICATION_REFUSE,
        actor=actor,
        at=at,
        details=words,
        columns={"decided_by_id": actor.person_id, "decided_at": at, **words},
    )
    _tell_refused(application, at)
    return application


def missing_of(application: Application, at: datetime) -> list[deciding.Missing]:
    """Return what keeps an application from being recommended or approved at `at`."""
    return _missing(application, findings_about(application, at))


def _done_before(application: Application, actor: Actor, status: str, seen: str) -> bool:
    """Tell whether the same person did the same already: a second click changes nothing, not even at the same moment.

    So the row is locked first: the second click waits for what comes of the first one.
    """
    application.refresh_from_db(from_queryset=Application.objects.select_for_update(of=("self",)))
    decided = application.examiner_id if status == "awaiting_approval" else application.decided_by_id
    same = application.order is not None and application.order.seen == seen
    return application.status == status and decided == actor.person_id and same


def _awaiting(application: Application, actor: Actor) -> Application:
    application = locked(application)
    deciding.refuse_own(involved=involved_in(application), person=actor.person_id)
    if application.status != "awaiting_approval":
        raise Stale(state=application.status)
    if application.rules.ruleset.four_eyes and application.examiner_id == actor.person_id:
        raise NotAllowed(_("You examined this yourself. Another person has to decide it."), examined=True)
    return application


def _order(application: Application, seen: str | None = None) -> Order:
    """Return the application's order; raises Stale when it is no longer what was seen (fault 7)."""
    order = application.order
    if order is None or (seen is not None and order.seen != seen):
        raise Stale(application=str(application.pk))
    return order


def _missing(application: Application, found: list[Finding]) -> list[deciding.Missing]:
    results = dict(application.items.values_list("key", "result"))
    return deciding.missing_for_recommendation(sheet_for(application), results, found)


def _keep_automatic(application: Application, found: list[Finding], at: datetime) -> None:
    """Keep what the system found for the items that it answers, as it was when the examiner decided."""
    keys = {item.key for item in application.rules.ruleset.examination if item.kind == "automatic"}
    worst = {finding.code: finding for finding in reversed(found) if finding.code in keys}
    with translation.override("ja"):
        for code, finding in worst.items():
            result, evidence = "failed" if finding.stops else "passed", str(finding.text)[:200]
            columns = {"result": result, "evidence": evidence, "note": finding.override, "person": None, "at": at}
            ExaminationItem.objects.update_or_create(application=application, key=code, defaults=columns)


def keep(
    application: Application, kind: str, *, actor: Actor, at: datetime, refusal: Refusal = NOTHING, text: str = ""
) -> Decision:
    """Put one word on an application on record; the columns of the application hold the last one only."""
    order = _order(application)
    return Decision.objects.create(
        application=application,
        round=order.round,
        digest=order.digest,
        kind=kind,
        ground=refusal.ground,
        text=refusal.text.strip() or text,
        applicant_id=application.applicant_id,
        person_id=person_id_of(actor),
        at=at,
    )


def _tell_approved(application: Application, at: datetime) -> None:
    ruleset = application.rules.ruleset
    context = {
        "receipt_number": application.receipt_number,
        "target_system": {"ja": ruleset.name.ja, "en": ruleset.name.en},
        "at_pickup": application.order is not None and application.order.made_in_browser,
        "link": link_to("applications:detail", application.pk),
    }
    kind, dedupe = "applications/approved", f"approved:{application.pk}"
    tell_side(application=application, kind=kind, context=context, dedupe=dedupe, at=at)


def _tell_refused(application: Application, at: datetime) -> None:
    context = {
        "receipt_number": application.receipt_number,
        "ground": in_both(lambda: deciding.GROUNDS[application.refusal_ground]),
        "text": application.refusal_text,
        "link": link_to("applications:detail", application.pk),
    }
    tell_side(
        application=application,
        kind="applications/refused",
        context=context,
        dedupe=f"refused:{application.pk}",
        at=at,
    )
