"""Overriding what the system found, where the rules of the target system allow it, with a reason (O-1.3, O-4.2)."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.services import authorise
from applications.models import Application, Override
from applications.rules.findings import Finding
from applications.selectors.facts import findings_about
from applications.services.examination import free_text, held, person_id_of
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import RuleViolated, Stale, Violation
from audit.services import record


@transaction.atomic
def override(*, application: Application, code: str, about: str, reason: str, actor: Actor, at: datetime) -> Override:
    """Write down why a finding does not stop this case; the approver reads it before anything else.

    Raises RuleViolated where the rules do not allow it or the reason is missing, Stale when the finding is no
    longer there or was overridden already.
    """
    actor = authorise(actor=actor, act=Act.APPLICATION_OVERRIDE)
    application = held(application, actor)
    reason = free_text("reason", reason)
    finding = _finding(application, code, about, at)
    if not reason:
        raise RuleViolated([Violation("reason", "reason_missing", _("Please write why, for the approver."))])
    with translation.override("ja"):
        found = f"{finding.title}: {finding.text}"
    row = _write(application, finding, found, reason, actor, at)
    details = {"found": found, "code": code, "reason": reason}
    record(act=Act.APPLICATION_OVERRIDE, actor=actor, at=at, subject=application, details=details)
    return row


def _finding(application: Application, code: str, about: str, at: datetime) -> Finding:
    for finding in findings_about(application, at):
        if (finding.code, finding.about) == (code, about) and finding.stops:
            if not finding.may_override:
                message = _("The rules of this target system do not allow to override this.")
                raise RuleViolated([Violation("reason", "not_overridable", message)])
            return finding
    raise Stale(finding=code)


def _write(application: Application, finding: Finding, found: str, reason: str, actor: Actor, at: datetime) -> Override:
    digest = application.order.digest if application.order is not None else ""
    try:
        with transaction.atomic():
            return Override.objects.create(
                application=application,
                code=finding.code,
                about=finding.about,
                digest=digest,
                found=found,
                reason=reason,
                applicant_id=application.applicant_id,
                person_id=person_id_of(actor),
                at=at,
            )
    except IntegrityError:
        raise Stale(finding=finding.code) from None
