"""Mails about an application: to the applicant, to the agent by proxy who filed it for them, and to its examiner.

The administrator who filed a whole file reads its page instead of a mail for every line. Whom each change concerns
stands in docs/states.md.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.notices import notify
from applications.emails import in_both, link_to
from applications.models import Application

# What examiners are told about a case that they have and that somebody else moved.
CASE_WORDS = {
    "answered": _("The applicant answered what you asked for. The time of examination runs again."),
    "returned": _("The approver sent it back to you."),
    "withdrawn": _("The applicant withdrew it. There is nothing left to do."),
    "lapsed": _("The applicant did not answer in time, so it lapsed."),
    "reopened": _("The applicant took it up again and may still answer."),
}


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


def tell_examiner(*, application: Application, word: str, at: datetime, note: str = "") -> None:
    """Tell the examiner who has the case what somebody else did to it; inside the transaction of the act.

    `word` is a key of CASE_WORDS. A case that nobody has concerns no examiner.
    """
    if application.examiner is None:
        return
    due_at = application.due_at if application.status == "examining" else None
    notify(
        kind="applications/case_moved",
        to=application.examiner,
        context={
            "receipt_number": application.receipt_number,
            "what": in_both(lambda: CASE_WORDS[word]),
            "note": note,
            "due_at": due_at.isoformat() if due_at is not None else "",
            "link": link_to("applications:case", application.pk),
        },
        at=at,
        dedupe=f"case_moved:{application.pk}:{word}:{at.isoformat()}",
        story=application.story,
    )


def tell_editor(draft: Application, at: datetime) -> None:
    """Tell whoever filled in a draft that it lapsed; a line of a file is its administrator's page."""
    editor = draft.filed_by if draft.is_filed and draft.filed_by is not None else draft.applicant
    if draft.batch_id is not None:
        return
    ruleset = draft.rules.ruleset
    notify(
        kind="applications/draft_lapsed",
        to=editor,
        context={
            "target_system": {"ja": ruleset.name.ja, "en": ruleset.name.en},
            "link": link_to("applications:detail", draft.pk),
        },
        at=at,
        dedupe=f"draft_lapsed:{draft.pk}",
        story=draft.story,
    )
