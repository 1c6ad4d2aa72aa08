"""Planned suspensions: intake and issuing pause and say so; status services and revocation go on (O-6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import RuleViolated, Suspended, Violation
from audit.services import record
from regulations.calendar import tokyo
from regulations.models import Announcement, Suspension
from regulations.ruleset import LocalText


@transaction.atomic
def announce(*, begins_at: datetime, ends_at: datetime, reason: LocalText, actor: Actor, at: datetime) -> Suspension:
    """Announce a window in which intake and issuing pause, with a notice on the site.

    Raises RuleViolated when it would end before it begins, is over already, or overlaps another one.
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
    elif Suspension.objects.filter(begins_at__lt=ends_at, ends_at__gt=begins_at).exists():
        yield Violation("begins_on", "overlap", _("Another suspension is announced for this time."))


def post_notice(*, suspension: Suspension, at: datetime) -> Announcement:
    """Post the public notice of a suspension: when, why, and what goes on meanwhile."""
    title, body = {}, {}
    for language in ("ja", "en"):
        with override(language):
            begins, ends = (in_words(instant) for instant in (suspension.begins_at, suspension.ends_at))
            title[language] = _("Planned suspension from %(begins)s") % {"begins": begins}
            facts = {"begins": begins, "ends": ends, "reason": suspension.reason[language]}
            body[language] = (
                _(
                    "Applications and the issuing of certificates pause from %(begins)s until %(ends)s (%(reason)s). "
                    "What you typed is kept. Revocation lists, OCSP, requests for revocation and the emergency report "
                    "go on."
                )
                % facts
            )
    return Announcement.objects.create(title=title, body=body, posted_at=at)


def in_words(instant: datetime) -> str:
    """An instant on Tokyo's clock as both languages can read it."""
    return tokyo(instant).strftime("%Y-%m-%d %H:%M")


@transaction.atomic
def end_early(*, suspension: Suspension, actor: Actor, at: datetime) -> None:
    """End a suspension that runs, or take back one that has not begun; one that is over stays as it was."""
    actor = authorise(actor=actor, act=Act.SUSPENSION_ANNOUNCE)
    details = {"begins_at": suspension.begins_at, "ends_at": suspension.ends_at, "ended_early": True}
    record(act=Act.SUSPENSION_ANNOUNCE, actor=actor, at=at, subject=suspension, details=details)
    if suspension.begins_at >= at:
        suspension.delete()
    else:
        Suspension.objects.filter(pk=suspension.pk, ends_at__gt=at).update(ends_at=at)


def ensure_running(*, at: datetime) -> None:
    """Raise Suspended, with the time at which intake opens again, while a suspension lasts."""
    suspension = Suspension.objects.running(at).order_by("-ends_at").first()
    if suspension is None:
        return
    message = _("Applications are suspended as announced until %(end)s (%(reason)s). What you typed is kept.")
    end = date_format(tokyo(suspension.ends_at), "DATETIME_FORMAT")
    reason = LocalText(ja=suspension.reason["ja"], en=suspension.reason["en"])
    raise Suspended(message % {"end": end, "reason": reason})
