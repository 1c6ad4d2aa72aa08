"""Telling subscribers of a coming version before it is posted: in the background, stopped and resumed (O-3.3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Notice
from accounts.notices import Letter, notify_many
from accounts.notices import send_again as again
from accounts.nudges import nudge
from accounts.services import authorise
from applications.advance import AdvanceNotice, AdvanceRecipient
from applications.emails import link_to
from applications.selectors.audience import Circle
from applications.states import ADVANCE
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound, RuleViolated, Violation
from audit.services import record, transition
from regulations.calendar import tokyo
from regulations.models import DocumentVersion

BATCH = 100
LONGEST_MESSAGE = 2000
WRITE = "applications.write_advance_notices"


@transaction.atomic
def start(
    *,
    version: DocumentVersion,
    circle: Circle,
    message: Mapping[str, str],
    planned_for: date,
    actor: Actor,
    at: datetime,
) -> AdvanceNotice:
    """Write down who is to be told about `version` and begin; a second start for the same circle is the first one.

    Raises RuleViolated when the version is not reviewed, the day has passed, or nobody is touched.
    """
    actor = authorise(actor=actor, act=Act.ADVANCE_START)
    row = DocumentVersion.objects.select_for_update(of=("self",), no_key=True).filter(pk=version.pk).first()
    if row is None:
        raise NotFound
    named = {"version": row, "target_system": circle.target_system, "contract": circle.contract}
    begun = AdvanceNotice.objects.filter(**named).first()
    if begun is not None:
        return begun
    violations = start_violations(version=row, circle=circle, message=message, planned_for=planned_for, at=at)
    if violations:
        raise RuleViolated(violations)
    advance = AdvanceNotice.objects.create(
        **named,
        message=dict(message),
        planned_for=planned_for,
        status_since=at,
        started_by_id=str(actor.person_id),
        started_at=at,
    )
    people = circle.people().values_list("pk", flat=True).iterator()
    rows = (AdvanceRecipient(advance=advance, person_id=person) for person in people)
    made = AdvanceRecipient.objects.bulk_create(rows, batch_size=2000)
    record(act=Act.ADVANCE_START, actor=actor, at=at, subject=advance, details={"recipients": len(made)})
    nudge(WRITE)
    return advance


def start_violations(
    *, version: DocumentVersion, circle: Circle, message: Mapping[str, str], planned_for: date, at: datetime
) -> list[Violation]:
    """What keeps a mailing from being started."""
    found = []
    if version.status != "reviewed":
        text = _("An advance notice is sent while a version is reviewed and not posted yet.")
        found.append(Violation(None, "not_reviewed", text))
    if planned_for < tokyo(at).date():
        found.append(Violation("planned_for", "past", _("This day has passed. Please choose today or a later one.")))
    if any(len(words) > LONGEST_MESSAGE for words in message.values()):
        text = _("Please keep the message under %(most)d characters.") % {"most": LONGEST_MESSAGE}
        found.append(Violation("message_ja", "too_long", text))
    if not circle.people().exists():
        found.append(Violation(None, "nobody", _("Nobody subscribes there, so nobody would be told.")))
    return found


@transaction.atomic
def stop(*, advance: AdvanceNotice, actor: Actor, at: datetime) -> AdvanceNotice:
    """Write no more mails; those in the outbox already still go. Raises Stale when nothing is being written."""
    actor = authorise(actor=actor, act=Act.ADVANCE_STOP)
    return transition(machine=ADVANCE, row=advance, act=Act.ADVANCE_STOP, actor=actor, at=at)


@transaction.atomic
def resume(*, advance: AdvanceNotice, actor: Actor, at: datetime) -> AdvanceNotice:
    """Go on with those who were not written to yet. Raises Stale when it was not stopped."""
    actor = authorise(actor=actor, act=Act.ADVANCE_RESUME)
    resumed = transition(machine=ADVANCE, row=advance, act=Act.ADVANCE_RESUME, actor=actor, at=at)
    nudge(WRITE)
    return resumed


def resend_violations(advance: AdvanceNotice, at: datetime) -> list[Violation]:
    """What keeps mails that were given up from being sent again: what they say is true no more."""
    if advance.version.status != "reviewed":
        text = _("An advance notice is sent while a version is reviewed and not posted yet.")
        return [Violation(None, "not_reviewed", text)]
    if advance.planned_for < tokyo(at).date():
        return [Violation(None, "past", _("The day that these mails name has passed, so they are not sent any more."))]
    return []


@transaction.atomic
def send_again(*, advance: AdvanceNotice, actor: Actor, at: datetime, recipient: AdvanceRecipient | None = None) -> int:
    """Send the mails again that were given up, all or one recipient's; returns how many.

    A second press finds nothing to send. Raises RuleViolated when what the mails say is true no more.
    """
    actor = authorise(actor=actor, act=Act.ADVANCE_RESEND)
    violations = resend_violations(advance, at)
    if violations:
        raise RuleViolated(violations)
    recipients = advance.recipients.filter(**({"pk": recipient.pk} if recipient else {}))
    sent = again(notices=Notice.objects.filter(pk__in=recipients.values("notice")), actor=actor, at=at)
    if sent:
        record(act=Act.ADVANCE_RESEND, actor=actor, at=at, subject=advance, details={"mails": sent})
    return sent


@transaction.atomic
def write_next(*, actor: Actor, at: datetime) -> bool:
    """Write the next mails of one mailing into the outbox; False when there is nothing to write.

    The mailing's row is held meanwhile: workers never write the same mails, and a stop waits for one batch at most.
    """
    claimed = AdvanceNotice.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
    advance = claimed.filter(status="sending").order_by("started_at").select_related("version__document").first()
    if advance is None:
        return False
    recipients = list(advance.recipients.filter(notice=None).select_related("person").order_by("pk")[:BATCH])
    if not recipients:
        actor = authorise(actor=actor, act=Act.ADVANCE_FINISH)
        transition(machine=ADVANCE, row=advance, act=Act.ADVANCE_FINISH, actor=actor, at=at)
        return True
    context = mail_context(advance.version, message=advance.message, planned_for=advance.planned_for)
    letters = {
        key_of(row): Letter("applications/advance_notice", row.person, context, key_of(row)) for row in recipients
    }
    notify_many(letters=letters.values(), at=at)
    written = {notice.dedupe: notice for notice in Notice.objects.filter(dedupe__in=letters)}
    for row in recipients:
        row.notice = written[key_of(row)]
    AdvanceRecipient.objects.bulk_update(recipients, ["notice"])
    return True


def key_of(row: AdvanceRecipient) -> str:
    """Return what makes one mail of one recipient, however often it is written."""
    return f"advance:{row.advance_id}:{row.person_id}"


def mail_context(version: DocumentVersion, *, message: Mapping[str, str], planned_for: date) -> dict[str, object]:
    """Return what the mail says; the preview shows the same."""
    return {
        "title": version.title,
        "version": version.version,
        "what_changed": version.what_changed,
        "message": dict(message),
        "planned_for": planned_for.isoformat(),
        "days": version.consent_within_days,
        "link": link_to("repository:document", version.document.slug),
    }
