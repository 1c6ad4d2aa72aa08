"""The offers of a campaign: written at a limited rate, taken up or declined by the holder, followed to their end.

Everything is claimed from rows, and whatever is repeated changes nothing: a lost nudge, a killed worker and a resumed
campaign go on where the last commit left off (O-19.2.6).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Notice
from accounts.notices import Letter, notify_many
from accounts.services import authorise
from applications.campaigns import OPEN_MEMBER, Campaign, CampaignMember
from applications.emails import link_to, named_in_both
from applications.models import Application
from applications.rules.kinds import MIGRATION, REISSUE
from applications.selectors import succession as selectors
from applications.services.succession import begun, own_locked
from applications.states import CAMPAIGN, MEMBER
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound, RuleViolated, Stale
from audit.services import Entry, record_many, transition
from certificates.models import Certificate
from regulations.calendar import tokyo

BATCH: Final = 100
MINUTE: Final = timedelta(minutes=1)
# An application that ends like this leaves the offer as it was.
CAME_TO_NOTHING: Final = ("withdrawn", "lapsed", "refused")


@transaction.atomic
def offer_some(*, key: UUID, actor: Actor, at: datetime) -> int:
    """Make the next offers of one campaign, no more than its rate allows in a minute; returns how many.

    The campaign's row is held meanwhile: workers never make the same offers, and a stop waits for one batch at most.
    """
    claimed = Campaign.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
    campaign = claimed.filter(pk=key, status="running").select_related("target_system").first()
    if campaign is None or at >= campaign.ends_at:
        return 0
    lately = campaign.members.filter(offered_at__gt=at - MINUTE).count()
    allowed = max(0, min(BATCH, campaign.per_minute - lately))
    related = campaign.members.filter(status="waiting").select_related(
        "certificate__holder", "certificate__subscription__contract", "certificate__subscription__target_system"
    )
    rows = list(related.order_by("pk")[:allowed])
    refusals = {row.pk: selectors.refusals(REISSUE, row.certificate, at) for row in rows}
    for row in rows:
        if refusals[row.pk]:
            move([row], Act.CAMPAIGN_SKIP, actor, at, reason=refusals[row.pk][0].code)
    return write([row for row in rows if not refusals[row.pk]], campaign, actor, at)


def write(rows: Sequence[CampaignMember], campaign: Campaign, actor: Actor, at: datetime) -> int:
    """Put the mails into the outbox and mark their members as offered; inside a transaction."""
    if not rows:
        return 0
    actor = authorise(actor=actor, act=Act.CAMPAIGN_OFFER)
    letters = {key_of(row): letter_to(row, campaign) for row in rows}
    notify_many(letters=letters.values(), at=at)
    written = {notice.dedupe: notice for notice in Notice.objects.filter(dedupe__in=letters)}
    record_many(actor=actor, at=at, entries=entries_of(rows, Act.CAMPAIGN_OFFER))
    for row in rows:
        row.status, row.status_since, row.offered_at, row.notice = "offered", at, at, written[key_of(row)]
    CampaignMember.objects.bulk_update(rows, ["status", "status_since", "offered_at", "notice"])
    return len(rows)


def entries_of(rows: Sequence[CampaignMember], act: Act, **said: str) -> list[Entry]:
    """Return what is recorded of members that move by `act`."""
    target = MEMBER.move(act).target
    return [
        Entry(act, row, details={"certificate": str(row.certificate_id), **said}, moved=(row.status, target))
        for row in rows
    ]


def key_of(row: CampaignMember) -> str:
    """Return what makes one mail of one offer, however often it is written."""
    return f"campaign:{row.campaign_id}:{row.certificate_id}"


def letter_to(row: CampaignMember, campaign: Campaign) -> Letter:
    """Return the mail that offers a reissue."""
    ruleset = selectors.ruleset_of(row.certificate)
    context = {
        "management_number": row.certificate.management_number,
        "common_name": row.certificate.common_name,
        "target_system": named_in_both(ruleset.to_dict()["name"] if ruleset else campaign.target_system.slug),
        "message": campaign.message,
        "until": campaign.answer_by.isoformat(),
        "link": link_to("applications:offer", row.pk),
    }
    return Letter("applications/campaign_offer", row.certificate.holder, context, key_of(row), row.certificate.story)


@transaction.atomic
def take_up(*, member: CampaignMember, actor: Actor, at: datetime) -> Application:
    """Begin the reissue that was offered, filled in from before; taken up already, the application that is there.

    Raises NotFound for anybody else's, RuleViolated when the certificate can't be reissued now, Stale for an offer
    that was declined, has lapsed or is settled, Suspended (O-6).
    """
    actor = authorise(actor=actor, act=Act.CAMPAIGN_TAKE_UP)
    held = own_locked(member.certificate, actor)
    row = (
        CampaignMember.objects.select_for_update(of=("self",))
        .select_related("campaign", "application")
        .get(pk=member.pk)
    )
    if row.status == "opened" and row.application is not None:
        return row.application
    if row.status != "offered" or at >= row.campaign.ends_at:
        raise Stale(state=row.status)
    violations = selectors.refusals(REISSUE, held, at)
    if violations:
        raise RuleViolated(violations)
    # A reissue that was begun for another reason goes on as it is: it leads to a new key, too.
    draft = Application.objects.filter(previous=held, kind=REISSUE, status="draft").first()
    draft = draft or begun(held, {"kind": REISSUE, "reason": MIGRATION, "reason_text": ""}, actor, at)
    columns = {"application": draft}
    transition(machine=MEMBER, row=row, act=Act.CAMPAIGN_TAKE_UP, actor=actor, at=at, columns=columns)
    return draft


@transaction.atomic
def decline(*, member: CampaignMember, actor: Actor, at: datetime) -> CampaignMember:
    """Say that one's certificate is to stay as it is. Raises NotFound for anybody else's, Stale once it is settled."""
    actor = authorise(actor=actor, act=Act.CAMPAIGN_DECLINE)
    own_locked(member.certificate, actor)
    return transition(machine=MEMBER, row=member, act=Act.CAMPAIGN_DECLINE, actor=actor, at=at)


@transaction.atomic
def follow(*, actor: Actor, at: datetime) -> int:
    """Write down what has become of offers, a bounded number of each kind; returns how many moved."""
    newer = Certificate.objects.filter(
        subscription=OuterRef("certificate__subscription"), issued_at__gt=OuterRef("certificate__issued_at")
    )
    over = Q(certificate__revoked_at__isnull=False) | Q(certificate__not_after__lt=at)
    made = taken(CampaignMember.objects.filter(Exists(newer), status__in=("offered", "opened")))
    moved = move(made, Act.CAMPAIGN_ISSUE, actor, at)
    given_up = taken(CampaignMember.objects.filter(status="opened", application__status__in=CAME_TO_NOTHING))
    moved += move(given_up, Act.CAMPAIGN_REOPEN, actor, at, application=None)
    ended = taken(CampaignMember.objects.filter(over, status__in=("waiting", "offered")))
    moved += move(ended, Act.CAMPAIGN_SKIP, actor, at, reason="certificate_over")
    past = Q(campaign__answer_by__lt=tokyo(at).date(), status__in=("waiting", "offered"))
    moved += move(taken(CampaignMember.objects.filter(past)), Act.CAMPAIGN_EXPIRE, actor, at)
    finish(actor, at)
    return moved


def taken(rows: QuerySet[CampaignMember]) -> list[CampaignMember]:
    """Return the next of `rows`, locked; workers pass over each other's."""
    return list(rows.select_for_update(skip_locked=True, of=("self",)).order_by("pk")[:BATCH])


def finish(actor: Actor, at: datetime) -> None:
    """End the campaigns of which nothing more is expected. Inside a transaction."""
    waits = CampaignMember.objects.filter(campaign=OuterRef("pk"), status__in=OPEN_MEMBER)
    done = Campaign.objects.filter(~Exists(waits), status__in=("running", "stopped"))
    for campaign in done.select_for_update(skip_locked=True, of=("self",), no_key=True):
        transition(machine=CAMPAIGN, row=campaign, act=Act.CAMPAIGN_FINISH, actor=actor, at=at)


def move(rows: Sequence[CampaignMember], act: Act, actor: Actor, at: datetime, **columns: Any) -> int:
    """Move locked members together, each on record; returns how many. Inside a transaction."""
    if not rows:
        return 0
    actor = authorise(actor=actor, act=act)
    said = {"reason": str(columns["reason"])} if "reason" in columns else {}
    record_many(actor=actor, at=at, entries=entries_of(rows, act, **said))
    changes = {"status": MEMBER.move(act).target, "status_since": at, **columns}
    return CampaignMember.objects.filter(pk__in=[row.pk for row in rows]).update(**changes)


def one_of(key: UUID, person: UUID | None) -> CampaignMember:
    """Return an offer for its page; raises NotFound unless it was made and is the person's own."""
    rows = CampaignMember.objects.exclude(status="waiting").filter(offered_at__isnull=False)
    related = rows.select_related("campaign", "certificate__subscription__target_system", "certificate__holder")
    found = related.select_related("application").filter(pk=key, certificate__holder_id=person).first()
    if found is None:
        raise NotFound
    return found
