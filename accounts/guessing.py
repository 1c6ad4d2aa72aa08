"""Too many attempts: refused in the reader's words, and the administrators hear of it once."""

from datetime import datetime

from allauth.account.adapter import get_adapter
from django.db import transaction

from accounts.models import RoleGrant, User
from accounts.notices import Letter, notify_many
from accounts.roles import Role
from accounts.throttling import Limit, attempt
from audit.refusals import Throttled


def judge_guess(limit: Limit, what: str, person: User | None, at: datetime) -> None:
    """Count an attempt at `what`, which is about `person` if there is one.

    Raises the form's error when the limit is passed; the first time it is, the administrators are told, and so is the
    person. What was typed stands in no mail.
    """
    try:
        over = attempt(limit, what, at)
    except Throttled:
        raise get_adapter().validation_error("too_many_login_attempts") from None
    if over:
        _alarm(limit, person, at)
        raise get_adapter().validation_error("too_many_login_attempts")


@transaction.atomic
def _alarm(limit: Limit, person: User | None, at: datetime) -> None:
    told = RoleGrant.objects.people(Role.ADMINISTRATOR)
    once = f"{person.pk if person else 'unknown'}:{limit.kind}:{at:%Y%m%d%H%M}"
    context = {"kind": limit.kind, "account": str(person.pk)[:8] if person else "", "minutes": limit.minutes}
    letters = [Letter("accounts/guessing", one, context, f"guessing:{once}:{one.pk}") for one in told]
    if person is not None:
        letters.append(Letter("accounts/guessed", person, context, f"guessed:{once}"))
    notify_many(letters=letters, at=at)
