"""The grounds on which a certificate is revoked, as data (O-14, O-15.1, O-15.2, J-5.3).

A ground is what the terms name; a reason code is what RFC 5280 section 5.3.1 lets a CRL say about it.
Both are kept: the ground beside the certificate, the code in the CRL entry. A ground without a code
gets no reason extension at all; the code 0 (unspecified) must never be encoded.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Reason(IntEnum):
    """Reason codes of RFC 5280 section 5.3.1 that this authority uses."""

    KEY_COMPROMISE = 1
    AFFILIATION_CHANGED = 3
    SUPERSEDED = 4
    CESSATION_OF_OPERATION = 5
    PRIVILEGE_WITHDRAWN = 9


class Party(StrEnum):
    """Whoever brings a ground forward."""

    SUBSCRIBER = "subscriber"
    AGENT = "agent"
    CONTRACT = "contract"
    STAFF = "staff"
    PUBLIC = "public"
    SYSTEM = "system"


HOLDER_SIDE = frozenset({Party.SUBSCRIBER, Party.AGENT, Party.CONTRACT})
OWN_MOTION = frozenset({Party.STAFF})
MACHINE = frozenset({Party.SYSTEM, Party.STAFF})

URGENT = timedelta(hours=24)
ORDINARY = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Ground:
    """One ground of the terms.

    `key` is stored beside the certificate, `clause` names where the terms say it, `reason` is the code
    of the CRL entry or None for no reason extension, `cited_by` says who may bring it forward.
    """

    key: str
    clause: str
    reason: Reason | None
    cited_by: frozenset[Party]
    label: str | Promise
    help: str | Promise

    @property
    def compromise(self) -> bool:
        """Whether the key can no longer be trusted: it is then blocked for every later request."""
        return self.reason == Reason.KEY_COMPROMISE


_GROUNDS = (
    Ground(
        "lra:accepted_request", "O-15.1.1", None, frozenset(),
        _("A request was accepted"),
        _("The reason code is that of the ground named in the request."),
    ),
    Ground(
        "lra:superseded", "O-15.1.2", Reason.SUPERSEDED, MACHINE,
        _("Replaced by a reissued certificate"),
        _("The new certificate was accepted, so the previous one is no longer needed."),
    ),
    Ground(
        "lra:wrong_contents", "O-15.1.3", Reason.PRIVILEGE_WITHDRAWN, OWN_MOTION,
        _("The application turned out to be untrue"),
        _("Something that the certificate relies on was not so when it was applied for."),
    ),
    Ground(
        "lra:key_compromise", "O-15.1.4", Reason.KEY_COMPROMISE, OWN_MOTION,
        _("The private key is compromised, or there is reason to suspect it"),
        _("The key is blocked for all later requests."),
    ),
    Ground(
        "lra:misuse", "O-15.1.5", Reason.PRIVILEGE_WITHDRAWN, OWN_MOTION,
        _("Used against the terms"),
        _("Other purpose, use by others, management handed over, or to the harm of others."),
    ),
    Ground(
        "lra:service_ended", "O-15.1.6", Reason.CESSATION_OF_OPERATION, MACHINE,
        _("The service has ended for the subscriber"),
        _("The contract of the parent service has ended."),
    ),
    Ground(
        "lra:information_changed", "O-15.1.7", Reason.AFFILIATION_CHANGED, OWN_MOTION,
        _("Information in the certificate has changed"),
        _("What the certificate prints is no longer true."),
    ),
    Ground(
        "lra:reasonable_doubt", "O-15.1.8", None, OWN_MOTION,
        _("There is other reasonable doubt about the certificate"),
        _("Write down what the doubt rests on. The CRL gives no reason."),
    ),
    Ground(
        "lra:disputed_name", "O-11.2", Reason.PRIVILEGE_WITHDRAWN, OWN_MOTION,
        _("A name in it is in dispute with a third party"),
        _("The right to use the name could not be shown."),
    ),
    Ground(
        "lra:authority_decision", "J-5.3", None, OWN_MOTION,
        _("The authority found revocation necessary"),
        _("The certification authority or this office must revoke. The CRL gives no reason."),
    ),
    Ground(
        "lra:not_accepted", "O-16.2.2", Reason.CESSATION_OF_OPERATION, frozenset({Party.SYSTEM}),
        _("Its receipt was not confirmed in time"),
        _("Nobody checked and accepted the contents within the time that the rules allow."),
    ),
    Ground(
        "lra:serial_burnt", "O-1.1", None, frozenset({Party.SYSTEM}),
        _("The serial number was given up during issuing"),
        _("Nobody holds a certificate with this number."),
    ),
    Ground(
        "holder:information_changed", "O-15.2.1", Reason.AFFILIATION_CHANGED, HOLDER_SIDE,
        _("Information in the certificate has changed"),
        _("For example a new company name, department, name or e-mail address."),
    ),
    Ground(
        "holder:key_compromise", "O-15.2.2", Reason.KEY_COMPROMISE, HOLDER_SIDE,
        _("The key or the PIN was stolen, lost, leaked or misused, or may have been"),
        _("Downloads stop at once, and the key can't be used for a certificate again."),
    ),
    Ground(
        "holder:contents_wrong", "O-15.2.3", None, HOLDER_SIDE,
        _("The contents or the purpose of the certificate are wrong"),
        _("Say what is wrong in the box below."),
    ),
    Ground(
        "holder:no_longer_used", "O-15.2.4", Reason.CESSATION_OF_OPERATION, HOLDER_SIDE,
        _("The certificate is no longer used"),
        _("For example the service was given up, or the device was taken out of use."),
    ),
)  # fmt: skip

GROUNDS: dict[str, Ground] = {ground.key: ground for ground in _GROUNDS}


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody without an account can tell us; it never names the reason (O-15.3).

    `ground` is what staff find proposed on the case, and may change.
    """

    key: str
    clause: str
    ground: str
    urgent: bool
    label: str | Promise


_REPORTS = (
    Report("key_lost", "O-16.2.8", "lra:key_compromise", True,
           _("The private key, or the device that holds it, was lost or stolen")),
    Report("pin_leaked", "J-5.5", "lra:key_compromise", True,
           _("The PIN or the password of the key has leaked")),
    Report("key_misused", "O-15.2.2", "lra:key_compromise", True,
           _("Somebody else uses the key")),
    Report("other_purpose", "O-14.1", "lra:misuse", False,
           _("The certificate is used for something other than its service")),
    Report("used_by_others", "O-14.2", "lra:misuse", False,
           _("It is used by other people, or installed where its holder has no control")),
    Report("handed_over", "O-14.3", "lra:misuse", False,
           _("Its management was handed over to somebody else")),
    Report("harm", "O-14.4", "lra:misuse", False,
           _("It is used to the harm of others")),
    Report("name_dispute", "O-11.1", "lra:disputed_name", False,
           _("It carries a name that belongs to somebody else")),
    Report("other", "O-15.3", "lra:reasonable_doubt", False,
           _("Something else")),
)  # fmt: skip

REPORTS: dict[str, Report] = {report.key: report for report in _REPORTS}


def cited_by(party: Party) -> tuple[Ground, ...]:
    """The grounds that this party may cite, in the order of the terms; none for the public."""
    return tuple(ground for ground in _GROUNDS if party in ground.cited_by)


def may_cite(party: Party, key: str) -> bool:
    """Whether this party may bring this ground forward (unknown keys: no)."""
    ground = GROUNDS.get(key)
    return ground is not None and party in ground.cited_by


def reason_code(key: str) -> int | None:
    """The RFC 5280 reason code to encode for a ground, or None for no reason extension."""
    reason = GROUNDS[key].reason
    return None if reason is None else int(reason)


def due(*, ground: str, party: Party, received_at: datetime, urgent: bool = False) -> datetime:
    """By when it must be decided: in 24 hours for a compromise and for the holder's own wish, else in 5 days."""
    known = GROUNDS.get(ground)
    fast = urgent or party in HOLDER_SIDE or (known is not None and known.compromise)
    return received_at + (URGENT if fast else ORDINARY)


def half_time(received_at: datetime, due_at: datetime) -> datetime:
    """When an undecided request raises its alarm: half of its time is gone."""
    return received_at + (due_at - received_at) / 2


def raises(old: str, new: str) -> bool:
    """Whether a later ground may replace an earlier one: only key compromise may, and only over something else."""
    return GROUNDS[new].compromise and not GROUNDS[old].compromise


def choices(grounds: Iterable[Ground]) -> list[tuple[str, str | Promise]]:
    """(key, label) pairs for a form field."""
    return [(ground.key, ground.label) for ground in grounds]
