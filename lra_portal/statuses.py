"""Words and shapes of every status, in one table.

A status is shown as words with a shape in front; colour comes third. The words are the ones that
people of the trade know, so templates ask here and nowhere else.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

NONE, RUN, ACT, OK, BAD = "", "run", "act", "ok", "bad"


@dataclass(frozen=True)
class StatusWord:
    """What a status is called and which shape stands before it ("" is the hollow ring)."""

    word: str | Promise
    shape: str

    @property
    def css(self) -> str:
        """Return the class names of the badge."""
        return f"status status--{self.shape}" if self.shape else "status"


_ROWS: dict[str, dict[str, tuple[str | Promise, str]]] = {
    "application": {
        "draft": (_("Draft"), NONE),
        "submitted": (_("Submitted"), RUN),
        "received": (_("Received"), NONE),
        "checking": (_("Checking documents"), RUN),
        "examining": (_("Under examination"), RUN),
        "waiting_information": (_("More documents requested"), ACT),
        "awaiting_approval": (_("Awaiting approval"), RUN),
        "approved": (_("Approved"), OK),
        "refused": (_("Refused"), BAD),
        "issuing": (_("Awaiting issue"), RUN),
        "issued": (_("Issued (not downloaded)"), ACT),
        "downloaded": (_("Issued (downloaded)"), ACT),
        "accepted": (_("Receipt confirmed"), OK),
        "in_use": (_("In use"), OK),
        "withdrawn": (_("Withdrawn"), NONE),
        "lapsed": (_("Lapsed"), NONE),
    },
    "order": {
        "proposed": (_("Awaiting approval"), RUN),
        "queued": (_("Awaiting issue"), RUN),
        "signing": (_("Being signed"), RUN),
        "issued": (_("Issued"), OK),
        "failed": (_("Issue stopped"), BAD),
        "cancelled": (_("Cancelled"), NONE),
    },
    "certificate": {
        "valid": (_("Valid"), OK),
        "expiring": (_("Expires soon"), RUN),
        "expired": (_("Expired"), NONE),
        "revoking": (_("Being revoked"), RUN),
        "revoked": (_("Revoked"), BAD),
        "not_yet_valid": (_("Not valid yet"), NONE),
    },
    "delivery": {
        "undelivered": (_("Issued (not downloaded)"), ACT),
        "downloaded": (_("Issued (downloaded)"), ACT),
        "accepted": (_("Receipt confirmed"), OK),
        "reported": (_("Difference reported"), BAD),
    },
    "revocation": {
        "received": (_("Received"), NONE),
        "verifying": (_("Verifying the requester"), RUN),
        "awaiting_approval": (_("Awaiting approval"), RUN),
        "processing": (_("Being revoked"), RUN),
        "revoked": (_("Revoked"), OK),
        "notified": (_("Notified"), OK),
        "denied": (_("Dismissed"), BAD),
    },
    "subscription": {
        "applied": (pgettext_lazy("subscription", "Applied for"), NONE),
        "in_use": (_("In use"), OK),
        "suspended": (_("Suspended"), BAD),
        "ended": (pgettext_lazy("subscription", "Ended"), NONE),
    },
    "contract": {
        "ahead": (_p("contract", "Not begun yet"), NONE),
        "in_force": (_("In force"), OK),
        "ending": (_p("contract", "Ends soon"), RUN),
        "ended": (_p("contract", "Ended"), NONE),
    },
    "contract_file": {
        "received": (_p("file", "Received"), NONE),
        "checking": (_p("file", "Being checked"), RUN),
        "stopped": (_p("file", "Stopped"), ACT),
        "faulty": (_p("file", "Has faults"), BAD),
        "checked": (_p("file", "Checked, waits for you"), ACT),
        "loading": (_p("file", "Being loaded"), RUN),
        "loaded": (_p("file", "Loaded"), OK),
        "discarded": (_p("file", "Thrown away"), NONE),
    },
    "document": {
        "draft": (_("Draft"), NONE),
        "scheduled": (_("Scheduled"), RUN),
        "in_force": (_("In force"), OK),
        "superseded": (_("Superseded"), NONE),
    },
    "ticket": {
        "open": (_("Open"), RUN),
        "answered": (_("Answered"), OK),
        "closed": (pgettext_lazy("ticket", "Closed"), NONE),
    },
    "notice": {
        "waiting": (pgettext_lazy("notice", "Waiting to be sent"), RUN),
        "handed_over": (pgettext_lazy("notice", "Handed over"), OK),
        "failed": (pgettext_lazy("notice", "Not sent"), BAD),
    },
    "crl": {
        "current": (_("Valid"), OK),
        "late": (_("Late"), BAD),
    },
    "item": {
        "open": (_("Not examined yet"), NONE),
        "passed": (_("Meets the rule"), OK),
        "failed": (_("Does not meet the rule"), BAD),
        "not_applicable": (_("Not applicable"), NONE),
    },
    "staff": {
        "invited": (_("Invited"), RUN),
        "active": (pgettext_lazy("staff", "Active"), OK),
        "no_second_factor": (_("No second factor yet"), ACT),
        "ended": (pgettext_lazy("staff", "Ended"), NONE),
    },
}


def status_word(kind: str, code: str) -> StatusWord:
    """Return words and shape of status `code` of a thing of `kind`; an unknown code shows itself."""
    word, shape = _ROWS.get(kind, {}).get(code, (code, NONE))
    return StatusWord(word, shape)


def has_word(kind: str, code: str) -> bool:
    """Tell whether the table knows the status, so that tests find a state without words."""
    return code in _ROWS.get(kind, {})
