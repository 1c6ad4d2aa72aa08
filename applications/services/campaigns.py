"""Campaigns, as rules managers run them: prepared, started by a second person, stopped, resumed (O-19.2.6)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.nudges import nudge
from accounts.services import authorise
from applications.campaigns import Campaign, CampaignMember
from applications.selectors.campaigns import Population, population_of, rules_for
from applications.states import CAMPAIGN
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotAllowed, NotFound, RuleViolated, Stale, Violation
from audit.services import record, transition
from regulations.calendar import tokyo

WRITE: Final = "applications.write_offers"
LONGEST_MESSAGE: Final = 2000
FASTEST: Final = 1000


@transaction.atomic
def prepare(
    *,
    population: Population,
    message: Mapping[str, str],
    answer_by: date,
    per_minute: int,
    actor: Actor,
    at: datetime,
) -> Campaign:
    """Write a campaign down; nobody hears of it before another person starts it. Raises RuleViolated."""
    actor = authorise(actor=actor, act=Act.CAMPAIGN_PREPARE)
    if actor.person_id is None:
        raise NotAllowed(act=Act.CAMPAIGN_PREPARE.value)
    violations = campaign_violations(
        population=population, message=message, answer_by=answer_by, per_minute=per_minute, at=at
    )
    if violations:
        raise RuleViolated(violations)
    campaign = Campaign.objects.create(
        target_system=population.target_system,
        authority=population.authority,
        key_type=population.key_type,
        message=dict(message),
        answer_by=answer_by,
        per_minute=per_minute,
        status_since=at,
        prepared_by_id=actor.person_id,
        prepared_at=at,
    )
    details = {
        "target_system": population.target_system.slug,
        "issuer": population.authority.name if population.authority else "",
        "key_type": population.key_type,
    }
    record(act=Act.CAMPAIGN_PREPARE, actor=actor, at=at, subject=campaign, details=details)
    return campaign


def campaign_violations(
    *, population: Population, message: Mapping[str, str], answer_by: date, per_minute: int, at: datetime
) -> list[Violation]:
    """What keeps a campaign from being prepared or started."""
    found = rule_violations(population)
    if answer_by <= tokyo(at).date():
        found.append(Violation("answer_by", "past", _("Please choose a day after today.")))
    if not 1 <= per_minute <= FASTEST:
        text = _("Please choose a number between 1 and %(most)d.") % {"most": FASTEST}
        found.append(Violation("per_minute", "rate", text))
    for language in ("ja", "en"):
        words = message.get(language, "").strip()
        if not words:
            found.append(Violation(f"message_{language}", "required", _("Please fill this in.")))
        elif len(words) > LONGEST_MESSAGE:
            text = _("Please keep the message under %(most)d characters.") % {"most": LONGEST_MESSAGE}
            found.append(Violation(f"message_{language}", "too_long", text))
    if not found and not population.certificates(at).exists():
        found.append(Violation(None, "nobody", _("No valid certificate without a later one fits this.")))
    return found


def rule_violations(population: Population) -> list[Violation]:
    """What the rules in force have against it: reissues have to be possible, and must not give the old kind of key."""
    ruleset = rules_for(population.target_system)
    if ruleset is None or not ruleset.reissue.allowed:
        text = _("The rules in force of this target system have no reissue.")
        return [Violation("target_system", "no_reissue", text)]
    if population.key_type and population.key_type in ruleset.profile.key_types:
        text = _("The rules in force still take this kind of key. Please activate rules that do not, first.")
        return [Violation("key_type", "still_taken", text)]
    return []


@transaction.atomic
def start(*, campaign: Campaign, actor: Actor, at: datetime) -> Campaign:
    """Write down whom it is about, as of now, and begin to offer; starting twice changes nothing.

    Raises RuleViolated for the person who prepared it, and for what has come into its way since; Stale when discarded.
    """
    actor = authorise(actor=actor, act=Act.CAMPAIGN_START)
    held = locked(campaign)
    if held.status in {"running", "finished"}:
        return held
    if held.status != "prepared":
        raise Stale(state=held.status)
    if actor.person_id == held.prepared_by_id:
        text = _("Another rules manager has to start what you prepared.")
        raise RuleViolated([Violation(None, "two_people", text)])
    population = population_of(held)
    said = {"message": held.message, "answer_by": held.answer_by, "per_minute": held.per_minute}
    violations = campaign_violations(population=population, at=at, **said)
    if violations:
        raise RuleViolated([Violation(None, row.code, row.message) for row in violations])
    columns = {"started_by_id": actor.person_id, "started_at": at}
    started = transition(machine=CAMPAIGN, row=held, act=Act.CAMPAIGN_START, actor=actor, at=at, columns=columns)
    keys = population.certificates(at).values_list("pk", flat=True).iterator()
    rows = (CampaignMember(campaign=started, certificate_id=key, status_since=at) for key in keys)
    # Another campaign that starts at the same moment may have taken some of them.
    CampaignMember.objects.bulk_create(rows, batch_size=2000, ignore_conflicts=True)
    nudge(WRITE)
    return started


@transaction.atomic
def stop(*, campaign: Campaign, actor: Actor, at: datetime) -> Campaign:
    """Make no more offers; those made stand. Raises Stale unless it runs."""
    actor = authorise(actor=actor, act=Act.CAMPAIGN_STOP)
    return transition(machine=CAMPAIGN, row=locked(campaign), act=Act.CAMPAIGN_STOP, actor=actor, at=at)


@transaction.atomic
def resume(*, campaign: Campaign, actor: Actor, at: datetime) -> Campaign:
    """Go on with those to whom nothing was offered yet. Raises Stale unless it was stopped."""
    actor = authorise(actor=actor, act=Act.CAMPAIGN_RESUME)
    resumed = transition(machine=CAMPAIGN, row=locked(campaign), act=Act.CAMPAIGN_RESUME, actor=actor, at=at)
    nudge(WRITE)
    return resumed


@transaction.atomic
def discard(*, campaign: Campaign, actor: Actor, at: datetime) -> Campaign:
    """Throw away what was prepared and not started. Raises Stale for any other."""
    actor = authorise(actor=actor, act=Act.CAMPAIGN_DISCARD)
    return transition(machine=CAMPAIGN, row=locked(campaign), act=Act.CAMPAIGN_DISCARD, actor=actor, at=at)


def locked(campaign: Campaign) -> Campaign:
    """Return the campaign as it stands, held until the transaction ends."""
    rows = Campaign.objects.select_for_update(of=("self",), no_key=True).select_related("target_system", "authority")
    held = rows.filter(pk=campaign.pk).first()
    if held is None:
        raise NotFound
    return held
