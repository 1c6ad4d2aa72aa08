"""What the applicant's home and the page of choices show."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts.models import User
from applications.campaigns import CampaignMember
from applications.models import OPEN, Application, ChangeNotice, InformationRequest
from applications.rules.filing import documents_asked
from applications.rules.kinds import NEW
from applications.selectors.audience import Renewal, renewals_due
from applications.selectors.campaigns import offers_to
from applications.selectors.changes import notices_under_way, reissues_to_apply_for
from applications.selectors.intake import listed_applications, own_applications
from applications.selectors.prefilling import MOST_READ, answered_before, offers_for
from applications.selectors.progress import (
    Standing,
    acceptance_due,
    business_days_left,
    certificate_of,
    open_request_of,
    standing_of,
)
from applications.selectors.renewals import Renewable, renewable
from certificates.models import Certificate
from certificates.rules import standing as certificate_standing
from regulations.models import Announcement, Contract, TargetSystem
from regulations.ruleset import DocumentRule, RuleSet
from regulations.selectors import contracts_to_apply_under

RECENT = timedelta(days=30)
MOST_SHOWN = 50


@dataclass(frozen=True)
class Task:
    """Something that waits for the applicant, with its limit; `kind` chooses the words."""

    kind: str
    until: datetime
    business_left: int | None
    application: Application
    standing: Standing
    request: InformationRequest | None = None
    certificate: Certificate | None = None


@dataclass(frozen=True)
class Home:
    """Everything on the home page."""

    tasks: list[Task]
    running: list[tuple[Application, Standing]]
    certificates: list[tuple[Certificate, str]]
    announcements: list[Announcement] = field(default_factory=list)
    consents: list[Renewal] = field(default_factory=list)
    renewals: list[Renewable] = field(default_factory=list)
    offers: list[CampaignMember] = field(default_factory=list)
    notices: list[ChangeNotice] = field(default_factory=list)
    reissues: list[ChangeNotice] = field(default_factory=list)

    @property
    def waiting(self) -> int:
        """How many things wait for the person."""
        by_limit = len(self.tasks) + len(self.consents) + len(self.reissues)
        return by_limit + len(self.renewals) + len(self.offers)


@dataclass(frozen=True)
class Choice:
    """A target system to apply to: under which contracts, or why not."""

    target_system: TargetSystem
    ruleset: RuleSet
    contracts: list[Contract]
    reason: str = ""
    open_application: Application | None = None
    draft: Application | None = None
    held: list[Certificate] = field(default_factory=list)
    # Older applications whose answers a new one can begin with.
    earlier: list[Application] = field(default_factory=list)

    @property
    def documents(self) -> tuple[DocumentRule, ...]:
        """Return what is asked of somebody who applies alone."""
        return documents_asked(self.ruleset, by_proxy=False)


def home_of(person: User, at: datetime) -> Home:
    """The home page of `person` at `at`."""
    applications = list(listed_applications(person).order_by("-status_since")[:MOST_SHOWN])
    standings = [(application, standing_of(application, person)) for application in applications]
    tasks = [task for task in (task_of(application, standing, at) for application, standing in standings) if task]
    busy = {task.application.pk for task in tasks}
    running = [
        (application, standing)
        for application, standing in standings
        if application.pk not in busy and is_running(application, standing, at)
    ]
    certificates = Certificate.objects.held_by(person).select_related("subscription__target_system", "order")
    held = list(certificates[:MOST_SHOWN])
    return Home(
        tasks=sorted(tasks, key=lambda task: task.until),
        running=running,
        certificates=[(certificate, state_of(certificate, at)) for certificate in held],
        announcements=list(Announcement.objects.filter(posted_at__lte=at)[:3]),
        consents=renewals_due(person, at),
        # Who holds no certificate is asked nothing about one.
        renewals=renewable(person, at) if held else [],
        offers=offers_to(person, at) if held else [],
        notices=notices_under_way(person, at) if held else [],
        reissues=reissues_to_apply_for(person, at) if held else [],
    )


def task_of(application: Application, standing: Standing, at: datetime) -> Task | None:
    """What the applicant has to do about `application` now."""
    if not standing.your_turn:
        return None
    if standing.code == "waiting_consent" and standing.until is not None:
        left = business_days_left(at, standing.until)
        return Task("confirm", standing.until, left, application, standing)
    if standing.code == "asked":
        asked = open_request_of(application)
        if asked is not None:
            left = business_days_left(at, asked.due_at)
            return Task("answer", asked.due_at, left, application, standing, request=asked)
    if standing.code == "awaiting_key" and standing.until is not None:
        left = business_days_left(at, standing.until)
        return Task("make_key", standing.until, left, application, standing)
    if standing.code in ("issued", "downloaded"):
        certificate = certificate_of(application)
        if certificate is not None and certificate.revoked_at is None:
            until = acceptance_due(application, certificate)
            kind = "fetch" if standing.code == "issued" else "accept"
            left = business_days_left(at, until)
            return Task(kind, until, left, application, standing, certificate=certificate)
    return None


def is_running(application: Application, standing: Standing, at: datetime) -> bool:
    """Whether the home page still shows `application`: open, a draft, or refused lately."""
    if standing.code in (
        "draft",
        "waiting_consent",
        "awaiting_key",
        "issuing",
        "on_hold",
        "reported",
    ) or application.status in (*OPEN[:-1],):
        return True
    return standing.code in ("refused", "lapsed") and standing.since > at - RECENT


def state_of(certificate: Certificate, at: datetime) -> str:
    """How a certificate stands, as a code of the table of statuses."""
    return certificate_standing(
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        revoked=certificate.revoked_at is not None,
        revoking=certificate.revocation_requested_at is not None,
        at=at,
    )


def choices_for(person: User, at: datetime) -> list[Choice]:
    """Every target system with rules in force, and whether `person` may apply to it now."""
    found = []
    systems = TargetSystem.objects.in_force().select_related("parent_service")
    mine = list(own_applications(person).filter(applicant=person, status__in=[*OPEN, "draft"]).order_by("-created_at"))
    held = Certificate.objects.valid(at).filter(holder=person).exclude(slot="past").select_related("subscription")
    certificates = list(held.order_by("not_after")[:MOST_SHOWN])
    answered = list(answered_before(person)[:MOST_READ])
    for target_system in systems:
        ruleset = target_system.version_in_force().ruleset
        contracts = contracts_of(person, target_system, ruleset, at)
        same = [application for application in mine if application.rules.target_system == target_system]
        draft = next((row for row in same if row.status == "draft" and row.kind == NEW), None)
        found.append(
            Choice(
                target_system=target_system,
                ruleset=ruleset,
                contracts=contracts,
                reason=f"not_{ruleset.applicants}" if ruleset.needs_contract and not contracts else "",
                open_application=next((row for row in same if is_open(row)), None),
                draft=draft,
                held=[row for row in certificates if row.subscription.target_system_id == target_system.pk],
                earlier=[] if draft else offers_for(person, target_system, ruleset, answered),
            )
        )
    return found


def contracts_of(person: User, target_system: TargetSystem, ruleset: RuleSet, at: datetime) -> list[Contract]:
    """The contracts under which `person` may apply; none where the rules want none."""
    if not ruleset.needs_contract:
        return []
    found = contracts_to_apply_under(person=person, target_system=target_system, applicants=ruleset.applicants, at=at)
    return list(found)


def is_open(application: Application) -> bool:
    """Whether a second application would have to wait for this one."""
    if application.status == "approved":
        return application.order is not None and application.order.status not in ("issued", "cancelled")
    return application.status in OPEN
