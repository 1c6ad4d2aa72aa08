"""Mails about an application: to the applicant, and to the agent by proxy who filed it for them.

The administrator who filed a whole file reads its page instead of a mail for every line.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.notices import notify
from applications.models import Application


def tell_side(*, application: Application, kind: str, context: Mapping[str, Any], dedupe: str, at: datetime) -> None:
    """Put one mail per person of the applicant's side into the outbox; inside the transaction of the act."""
    agent = application.filed_by if application.by_proxy else None
    filer = application.filed_by if application.is_filed else None
    facts = {"filed_by": (filer.name or filer.email) if filer is not None else ""}
    story = application.story
    notify(kind=kind, to=application.applicant, context={**context, **facts}, at=at, dedupe=dedupe, story=story)
    if agent is not None:
        facts["filed_for"] = application.filed_for or application.applicant.email
        notify(kind=kind, to=agent, context={**context, **facts}, at=at, dedupe=f"{dedupe}:agent", story=story)
