"""What can be taken up again, and until when."""

from __future__ import annotations

from datetime import datetime

from applications.models import Application, InformationRequest
from applications.rules import clock
from applications.rules.kinds import NEW
from applications.selectors.progress import ENDED

# A valid certificate is no ground that a new application could mend; all others are.
UNMENDABLE = frozenset({"duplicate"})


def open_question_of(application: Application) -> InformationRequest | None:
    """The request for more that was never answered."""
    return application.information_requests.filter(answered_at=None).first()


def reopens_until(application: Application) -> datetime | None:
    """Until when `application` can be taken up again where it was left; None when it can't."""
    if application.status != "lapsed" or application.submitted_at is None:
        return None
    return clock.reopens_until(lapsed_at=application.status_since, days=application.rules.ruleset.reopen_days)


def template_for(application: Application) -> bool:
    """Whether a new application can begin with the contents of this one: it ended without a certificate.

    A reissue or renewal begins anew at its certificate, which tells what may change.
    """
    if application.submitted_at is None or application.kind != NEW or application.status not in ENDED:
        return False
    if application.contents_erased_at is not None:
        return False
    return application.refusal_ground not in UNMENDABLE or application.status != "refused"
