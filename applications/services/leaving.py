"""Somebody leaves the office: what they had in hand goes back to the others, and keys that they know end at once."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts import leaving
from accounts.models import RoleGrant, User
from accounts.roles import Role
from applications.change_notices import ChangeNotice
from applications.models import Application
from applications.states import APPLICATION, CHANGE
from audit.actors import Actor
from audit.acts import Act
from audit.services import transition
from regulations.models import ApiToken
from regulations.services import api_tokens

CLOCK = Actor.system("leaving")


@transaction.atomic
def lock(*, user: User, reason: str, actor: Actor, at: datetime) -> User:
    """Lock a leaving colleague out everywhere: account, sessions, keys of the API that they made, cases in hand.

    Raises NotAllowed, and RuleViolated without a reason or for one's own account.
    """
    locked = leaving.lock(user=user, reason=reason, actor=actor, at=at)
    for token in ApiToken.objects.usable(at).filter(made_by=locked):
        api_tokens.end(token=token, actor=actor, at=at)
    release_claims(at=at)
    return locked


def release_claims(*, at: datetime) -> int:
    """Put back what examiners have who can't sign in any more or lost the role; returns how many cases.

    What waits for the applicant is put back when the answer is there: the sweep calls this every minute.
    """
    able = RoleGrant.objects.held().filter(role=Role.EXAMINER, user__is_active=True).values("user")
    gone = Q(examiner__isnull=False) & ~Q(examiner__in=able)
    released = 0
    with transaction.atomic():
        for application in Application.objects.filter(gone, status="examining").select_for_update(of=("self",)):
            _put_back(application, at)
            released += 1
        for notice in ChangeNotice.objects.filter(gone, status="examining").select_for_update(of=("self",)):
            _put_back(notice, at)
            released += 1
    return released


def _put_back(case: Application | ChangeNotice, at: datetime) -> None:
    columns, details = {"examiner": None}, {"had_by": str(case.examiner_id)}
    if isinstance(case, Application):
        machine, act = APPLICATION, Act.APPLICATION_RELEASE
        transition(machine=machine, row=case, act=act, actor=CLOCK, at=at, details=details, columns=columns)
    else:
        machine, act = CHANGE, Act.CHANGE_RELEASE
        transition(machine=machine, row=case, act=act, actor=CLOCK, at=at, details=details, columns=columns)
