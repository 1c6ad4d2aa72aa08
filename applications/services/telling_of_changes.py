"""Mails about a notice of change: to its holder, and to the examiner who has it (docs/states.md says whom)."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.notices import notify
from applications.emails import in_both, link_to
from applications.models import ChangeNotice
from applications.rules.changes import OUTCOMES

# What examiners are told about a notice that they have and that somebody else moved.
NOTICE_WORDS = {
    "returned": _("The approver sent it back to you."),
    "withdrawn": _("The holder withdrew it."),
}


def tell_holder(*, notice: ChangeNotice, kind: str, at: datetime) -> None:
    """Put the mail `kind` about a notice into its holder's outbox, once; inside the transaction of the act."""
    context = {
        "number": notice.receipt_number,
        "management_number": notice.certificate.management_number,
        "urgent": notice.urgent,
        "due_at": notice.due_at.isoformat(),
        "outcome": in_both(lambda: OUTCOMES.get(notice.outcome, "")),
        "answer": notice.answer,
        "revocation_number": notice.revocation_number,
        "link": link_to("applications:change", notice.pk),
    }
    notify(
        kind=f"applications/{kind}",
        to=notice.person,
        context=context,
        at=at,
        dedupe=f"{kind}:{notice.pk}",
        story=notice.story,
    )


def tell_notice_examiner(*, notice: ChangeNotice, word: str, at: datetime, note: str = "") -> None:
    """Tell the examiner who has a notice what somebody else did to it; inside the transaction of the act.

    `word` is a key of NOTICE_WORDS. A notice that nobody has concerns no examiner.
    """
    if notice.examiner is None:
        return
    notify(
        kind="applications/change_moved",
        to=notice.examiner,
        context={
            "number": notice.receipt_number,
            "what": in_both(lambda: NOTICE_WORDS[word]),
            "note": note,
            "due_at": notice.due_at.isoformat() if notice.status == "examining" else "",
            "revocation_number": notice.revocation_number,
            "link": link_to("applications:change_case", notice.pk),
        },
        at=at,
        dedupe=f"change_moved:{notice.pk}:{word}:{at.isoformat()}",
        story=notice.story,
    )
