"""Planned suspensions: intake and issuing pause and say so; status services and revocation go on (O-6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop, override
from django.utils.translation import gettext as _

from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound, RuleViolated, Suspended, Violation
from audit.services import record
from regulations.calendar import tokyo
from regulations.models import Announcement, Suspension
from regulations.ruleset import LocalText

LONGEST_AHEAD, LONGEST = timedelta(days=366), timedelta(days=31)


@transaction.atomic
def announce(*, begins_at: datetime, ends_at: datetime, reason: LocalText, actor: Actor, at: datetime) -> Suspension:
    """Announce a window in which intake and issuing pause, with a notice on the site.

    Raises RuleViolated when it would end before it begins, is over already, is far ahead or lasts for ever, or
    overlaps another one.
    """
    actor = authorise(actor=actor, act=Act.SUSPENSION_ANNOUNCE)
    violations = list(window_violations(begins_at, ends_at, at))
    if violations:
        raise RuleViolated(violations)
    suspension = Suspension.objects.create(
        begins_at=begins_at, ends_at=ends_at, reason={"ja": reason.ja, "en": reason.en}
    )
    details = {"begins_at": begins_at, "ends_at": ends_at}
    record(act=Act.SUSPENSION_ANNOUNCE, actor=actor, at=at, subject=suspension, details=details)
    post_notice(suspension=suspension, at=at)
    return suspension


def window_violations(begins_at: datetime, ends_at: datetime, at: datetime) -> Iterator[Violation]:
    """What is wrong with a window."""
    if ends_at <= begins_at:
        yield Violation("ends_on", "period", _("The suspension would end before it begins."))
    elif ends_at <= at:
        yield Violation("ends_on", "past", _("This time has passed already."))
    elif begins_at > at + LONGEST_AHEAD:
        yield Violation("begins_on", "far_day", _("This is more than a year ahead. Please check the year."))
    elif ends_at - begins_at > LONGEST:
        message = _("The suspension would last %(days)d days. Please check the day on which it ends.")
        yield Violation("ends_on", "too_long", message % {"days": (ends_at - begins_at).days})
    elif Suspension.objects.filter(begins_at__lt=ends_at, ends_at__gt=begins_at).exists():
        yield Violation("begins_on", "overlap", _("Another suspension is announced for this time."))


def post_notice(*, suspension: Suspension, at: datetime) -> Announcement:
    """Post the public notice of a suspension: when, why, and what goes on meanwhile."""
    return post(suspension, at, gettext_noop("Planned suspension from %(begins)s"), gettext_noop(
        "Applications and the issuing of certificates pause from %(begins)s until %(ends)s (%(reason)s). "
        "What you typed is kept. Revocation lists, OCSP, requests for revocation and the emergency report "
        "go on."
    ))  # fmt: skip


def post_end(*, suspension: Suspension, at: datetime) -> Announcement:
    """Post that a suspension was taken back before it began, or has ended before its time."""
    if suspension.begins_at >= at:
        title = gettext_noop("The suspension planned from %(begins)s was called off")
        body = gettext_noop("Applications and the issuing of certificates go on without a pause.")
    else:
        title = gettext_noop("The suspension from %(begins)s has ended")
        body = gettext_noop("Applications are received and certificates are issued again, earlier than announced.")
    return post(suspension, at, title, body)


def post(suspension: Suspension, at: datetime, title: str, body: str) -> Announcement:
    """Post a public notice about a suspension in both languages."""
    titles, bodies = {}, {}
    for language in ("ja", "en"):
        with override(language):
            begins, ends = (in_words(instant) for instant in (suspension.begins_at, suspension.ends_at))
            facts = {"begins": begins, "ends": ends, "reason": suspension.reason[language]}
            titles[language], bodies[language] = gettext(title) % facts, gettext(body) % facts
    return Announcement.objects.create(title=titles, body=bodies, posted_at=at)


def in_words(instant: datetime) -> str:
    """An instant on Tokyo's clock, as the language in use writes it."""
    return date_format(tokyo(instant), "DATETIME_FORMAT")


@transaction.atomic
def end_early(*, suspension: Suspension, actor: Actor, at: datetime) -> None:
    """End a suspension that runs, or take back one that has not begun, with a notice; one that is over stays as it was.

    Raises NotFound when somebody else took it back.
    """
    actor = authorise(actor=actor, act=Act.SUSPENSION_ANNOUNCE)
    row = Suspension.objects.select_for_update().filter(pk=suspension.pk).first()
    if row is None:
        raise NotFound
    if row.ends_at <= at:
        return
    details = {"begins_at": row.begins_at, "ends_at": row.ends_at, "ended_early": True}
    record(act=Act.SUSPENSION_ANNOUNCE, actor=actor, at=at, subject=row, details=details)
    post_end(suspension=row, at=at)
    if row.begins_at >= at:
        row.delete()
    else:
        Suspension.objects.filter(pk=row.pk).update(ends_at=at)


def ensure_running(*, at: datetime) -> None:
    """Raise Suspended, with the time at which intake opens again, while a suspension lasts."""
    suspension = Suspension.objects.running(at).order_by("-ends_at").first()
    if suspension is None:
        return
    message = _("Applications are suspended as announced until %(end)s (%(reason)s). What you typed is kept.")
    end = in_words(suspension.ends_at)
    reason = LocalText(ja=suspension.reason["ja"], en=suspension.reason["en"])
    raise Suspended(message % {"end": end, "reason": reason})
