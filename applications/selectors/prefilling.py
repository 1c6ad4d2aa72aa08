"""Older applications of one's own whose answers a new one can begin with."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import User
from applications.models import Application
from applications.rules.prefilling import fitting
from applications.selectors.intake import filled_from
from regulations.models import TargetSystem
from regulations.ruleset import RuleSet
from regulations.selectors import account_values

MOST_READ = 20
MOST_OFFERED = 3


def answered_before(person: User) -> QuerySet[Application]:
    """The received applications of `person` whose contents are still there, newest first."""
    received = Application.objects.filter(applicant=person, submitted_at__isnull=False, contents_erased_at=None)
    return received.select_related("rules__target_system").order_by("-submitted_at")


def offers_for(
    person: User, target_system: TargetSystem, ruleset: RuleSet, earlier: list[Application]
) -> list[Application]:
    """Those of `earlier` to begin with: of this target system first, then of others that asked the same.

    One for each target system, the newest; only what tells more than the account does by itself.
    """
    _typed, known = filled_from(ruleset=ruleset, known=account_values(person), contract=None)
    newest: dict[object, Application] = {}
    for application in earlier:
        newest.setdefault(application.rules.target_system_id, application)
    found = [row for row in newest.values() if tells_more(row, ruleset, known)]
    return sorted(found, key=lambda row: row.rules.target_system_id != target_system.pk)[:MOST_OFFERED]


def tells_more(application: Application, ruleset: RuleSet, known: dict[str, str]) -> bool:
    """Whether some answer that fits is not in the account already."""
    answers = fitting(ruleset, application.rules.ruleset, application.values)
    return any(known.get(key) != value for key, value in answers.items())
