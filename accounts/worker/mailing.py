"""Handing notices to the mail server: claimed from rows, retried with patience, given up visibly.

A 250 from the server means handed over, not reached (O-5); a 5xx for the recipient or the mail means bounced, and is
not tried again by itself. A PIN is opened here and nowhere else; it
stands in the mail's body only, never in its subject, in a row or in a log line (J-5.2).
"""

import re
import smtplib
from datetime import datetime, timedelta

import structlog
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.models import Notice
from accounts.states import NOTICE
from audit.actors import Actor
from audit.acts import Act
from audit.services import transition
from vault.services import open_blob

log = structlog.get_logger(__name__)
MAILER = Actor.system("mailer")
BATCH = 50
MESSAGE_DOMAIN = "notice.lra.invalid"
FIRST_PERMANENT, LAST_PERMANENT = 500, 599
PATIENCE = (1, 5, 15, 60, 240, 480, 960)  # minutes before the next attempt; then the notice is given up


def send_waiting() -> int:
    """Hand over up to one batch of waiting notices; returns how many went out.

    Each is claimed by a row lock of its own transaction, so that workers never send the same one.
    """
    handed_over = 0
    for _ in range(BATCH):
        outcome = _send_next()
        if outcome is None:
            break
        handed_over += outcome
    return handed_over


@transaction.atomic
def _send_next() -> bool | None:
    """Try the oldest notice that waits: True handed over, False put off, None nothing waits."""
    at = timezone.now()
    notice = Notice.objects.waiting(at).select_for_update(skip_locked=True, of=("self",)).first()
    if notice is None:
        return None
    try:
        with transaction.atomic():
            _hand_over(notice, at)
    except Exception as error:  # noqa: BLE001 — a task's edge: whatever went wrong becomes a visible state
        notice.refresh_from_db()
        answer = final_answer(error)
        if answer:
            _bounce(notice, answer, at)
        else:
            _put_off(notice, error, at)
        return False
    return True


def _hand_over(notice: Notice, at: datetime) -> None:
    subject, body = render_notice(notice, at)
    transition(
        machine=NOTICE,
        row=notice,
        act=Act.NOTICE_SEND,
        actor=MAILER,
        at=at,
        details={"kind": notice.kind},
        columns={"handed_over_at": at, "attempts": notice.attempts + 1, "last_error": ""},
    )
    EmailMessage(subject=subject, body=body, to=[notice.email], headers=headers_of(notice)).send()


def headers_of(notice: Notice) -> dict[str, str]:
    """Return the headers of a notice's mail: ids by which an answer or a bounce is known, and that a machine wrote it.

    The message id is the notice's own, so that a mail tried twice is the same mail (RFC 5322, 3.6.4; RFC 3834, 5).
    """
    headers = {"X-Notice": str(notice.pk), "Message-ID": f"<{notice.pk}@{MESSAGE_DOMAIN}>"}
    return {**headers, "Auto-Submitted": "auto-generated", **notice.context.get("mail_headers", {})}


def render_notice(notice: Notice, at: datetime) -> tuple[str, str]:
    """Return subject and body in the recipient's language; opens the secret, if the notice has one."""
    app, name = notice.kind.split("/")
    context = {**notice.context, "recipient": notice.recipient}
    with translation.override(notice.language):
        subject = render_to_string(f"{app}/email/{name}.subject.txt", context)
        if notice.secret is not None:
            secret = open_blob(
                blob=notice.secret, actor=MAILER, reason=f"notice {notice.kind}", at=at, story=notice.story
            )
            context["secret"] = secret.decode()
        body = render_to_string(f"{app}/email/{name}.body.txt", context)
    return " ".join(subject.split()), body.strip() + "\n"


def final_answer(error: Exception) -> str:
    """Return the code with which the server refused this recipient or this mail for good, or "" (RFC 5321, 4.2.1).

    A sender or a password that it refuses is our fault and touches every mail: that is tried again. Of the server's
    words only the codes are kept, because they could repeat what the mail says.
    """
    code, text = 0, b""
    if isinstance(error, smtplib.SMTPRecipientsRefused) and error.recipients:
        code, text = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPDataError):
        code, text = error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else b""
    if not FIRST_PERMANENT <= code <= LAST_PERMANENT:
        return ""
    enhanced = re.match(rb"5\.\d{1,3}\.\d{1,3}", text)
    return f"{code} {enhanced[0].decode()}" if enhanced else str(code)


def _bounce(notice: Notice, answer: str, at: datetime) -> None:
    log.warning("notice bounced", notice=str(notice.pk), kind=notice.kind, answer=answer)
    columns = {"attempts": notice.attempts + 1, "last_error": answer}
    details = {"kind": notice.kind, "answer": answer}
    transition(machine=NOTICE, row=notice, act=Act.NOTICE_BOUNCE, actor=MAILER, at=at, columns=columns, details=details)


def _put_off(notice: Notice, error: Exception, at: datetime) -> None:
    reason = type(error).__name__
    log.warning("notice not handed over", notice=str(notice.pk), kind=notice.kind, reason=reason)
    attempts = notice.attempts + 1
    if attempts > len(PATIENCE):
        columns = {"attempts": attempts, "last_error": reason}
        transition(machine=NOTICE, row=notice, act=Act.NOTICE_FAIL, actor=MAILER, at=at, columns=columns)
        return
    Notice.objects.filter(pk=notice.pk).update(
        attempts=attempts, last_error=reason, not_before=at + timedelta(minutes=PATIENCE[attempts - 1])
    )
