"""Words and shapes of every status, in one table.

A status is shown as words with a shape in front; colour comes third. The words are the ones that
people of the trade know, so templates ask here and nowhere else.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
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
        "draft": (pgettext_lazy("status", "Draft"), NONE),
        "waiting_consent": (pgettext_lazy("status", "Waiting for the applicant's consent"), ACT),
        "submitted": (pgettext_lazy("status", "Submitted"), RUN),
        "received": (pgettext_lazy("status", "Received"), NONE),
        "checking": (pgettext_lazy("status", "Checking documents"), RUN),
        "examining": (pgettext_lazy("status", "Under examination"), RUN),
        "waiting_information": (pgettext_lazy("status", "More documents requested"), ACT),
        "asked": (pgettext_lazy("status", "More documents requested"), ACT),
        "awaiting_approval": (pgettext_lazy("status", "Awaiting approval"), RUN),
        "approved": (pgettext_lazy("status", "Approved"), OK),
        "refused": (pgettext_lazy("status", "Refused"), BAD),
        "awaiting_key": (pgettext_lazy("status", "Ready to be fetched"), ACT),
        "issuing": (pgettext_lazy("status", "Awaiting issue"), RUN),
        "on_hold": (pgettext_lazy("status", "On hold"), BAD),
        "issued": (pgettext_lazy("status", "Issued (not downloaded)"), ACT),
        "downloaded": (pgettext_lazy("status", "Issued (downloaded)"), ACT),
        "reported": (pgettext_lazy("status", "Difference reported"), BAD),
        "accepted": (pgettext_lazy("status", "Receipt confirmed"), OK),
        "in_use": (pgettext_lazy("status", "In use"), OK),
        "revoked": (pgettext_lazy("status", "Revoked"), BAD),
        "withdrawn": (pgettext_lazy("status", "Withdrawn"), NONE),
        "lapsed": (pgettext_lazy("status", "Lapsed"), NONE),
    },
    "order": {
        "proposed": (pgettext_lazy("status", "Awaiting approval"), RUN),
        "awaiting_key": (pgettext_lazy("status", "Waits for the holder's key"), RUN),
        "queued": (pgettext_lazy("status", "Awaiting issue"), RUN),
        "signing": (pgettext_lazy("status", "Being signed"), RUN),
        "issued": (pgettext_lazy("status", "Issued"), OK),
        "failed": (pgettext_lazy("status", "Issue stopped"), BAD),
        "cancelled": (pgettext_lazy("status", "Cancelled"), NONE),
    },
    "certificate": {
        "valid": (pgettext_lazy("status", "Valid"), OK),
        "expiring": (pgettext_lazy("status", "Expires soon"), RUN),
        "expired": (pgettext_lazy("status", "Expired"), NONE),
        "revoking": (pgettext_lazy("status", "Being revoked"), RUN),
        "revoked": (pgettext_lazy("status", "Revoked"), BAD),
        "not_yet_valid": (pgettext_lazy("status", "Not valid yet"), NONE),
    },
    "delivery": {
        "undelivered": (pgettext_lazy("status", "Issued (not downloaded)"), ACT),
        "downloaded": (pgettext_lazy("status", "Issued (downloaded)"), ACT),
        "accepted": (pgettext_lazy("status", "Receipt confirmed"), OK),
        "reported": (pgettext_lazy("status", "Difference reported"), BAD),
    },
    "pin_letter": {
        "waiting": (pgettext_lazy("status of a letter", "Waits to be released"), ACT),
        "released": (pgettext_lazy("status of a letter", "Released"), RUN),
        "printing": (pgettext_lazy("status of a letter", "Being printed"), RUN),
        "handed_over": (pgettext_lazy("status of a letter", "Handed to the printer"), OK),
        "failed": (pgettext_lazy("status of a letter", "Not printed"), BAD),
        "unclear": (pgettext_lazy("status of a letter", "Perhaps printed"), ACT),
        "replaced": (pgettext_lazy("status of a letter", "Another one was made"), NONE),
        "cancelled": (pgettext_lazy("status of a letter", "Not sent"), NONE),
    },
    "revocation": {
        "received": (pgettext_lazy("status", "Received"), NONE),
        "verifying": (pgettext_lazy("status", "Verifying the requester"), RUN),
        "awaiting_approval": (pgettext_lazy("status", "Awaiting approval"), RUN),
        "processing": (pgettext_lazy("status of a request", "Being revoked"), RUN),
        "revoked": (pgettext_lazy("status of a request", "Revoked"), OK),
        "notified": (pgettext_lazy("status", "Notified"), OK),
        "denied": (pgettext_lazy("status", "Dismissed"), BAD),
    },
    "mass_revocation": {
        "proposed": (pgettext_lazy("status of a mass revocation", "Awaiting approval"), ACT),
        "running": (pgettext_lazy("status of a mass revocation", "Running"), RUN),
        "stopped": (pgettext_lazy("status of a mass revocation", "Stopped"), ACT),
        "finished": (pgettext_lazy("status of a mass revocation", "Finished"), OK),
        "discarded": (pgettext_lazy("status of a mass revocation", "Thrown away"), NONE),
    },
    "subscription": {
        "applied": (pgettext_lazy("status", "Applied for"), NONE),
        "in_use": (pgettext_lazy("status", "In use"), OK),
        "suspended": (pgettext_lazy("status", "Suspended"), BAD),
        "ended": (pgettext_lazy("status", "Ended"), NONE),
    },
    "contract": {
        "ahead": (pgettext_lazy("status of a contract", "Not begun yet"), NONE),
        "in_force": (pgettext_lazy("status", "In force"), OK),
        "ending": (pgettext_lazy("status of a contract", "Ends soon"), RUN),
        "ended": (pgettext_lazy("status of a contract", "Ended"), NONE),
    },
    "rules": {
        "draft": (pgettext_lazy("status", "Draft"), NONE),
        "in_force": (pgettext_lazy("status", "In force"), OK),
        "superseded": (pgettext_lazy("status", "Superseded"), NONE),
    },
    "contract_file": {
        "received": (pgettext_lazy("status of a file", "Received"), NONE),
        "checking": (pgettext_lazy("status of a file", "Being checked"), RUN),
        "stopped": (pgettext_lazy("status of a file", "Stopped"), ACT),
        "faulty": (pgettext_lazy("status of a file", "Has faults"), BAD),
        "checked": (pgettext_lazy("status of a file", "Checked, waits for you"), ACT),
        "loading": (pgettext_lazy("status of a file", "Being loaded"), RUN),
        "loaded": (pgettext_lazy("status of a file", "Loaded"), OK),
        "discarded": (pgettext_lazy("status of a file", "Thrown away"), NONE),
    },
    "batch": {
        "received": (pgettext_lazy("status of a file", "Received"), NONE),
        "checking": (pgettext_lazy("status of a file", "Being checked"), RUN),
        "stopped": (pgettext_lazy("status of a file", "Stopped"), ACT),
        "faulty": (pgettext_lazy("status of a file", "Has faults"), BAD),
        "checked": (pgettext_lazy("status of a file", "Checked, waits to be confirmed"), ACT),
        "filing": (pgettext_lazy("status of a file", "Being filed"), RUN),
        "halted": (pgettext_lazy("status of a file", "Filing stopped"), ACT),
        "filed": (pgettext_lazy("status of a file", "Filed"), OK),
        "discarded": (pgettext_lazy("status of a file", "Thrown away"), NONE),
    },
    "document": {
        "draft": (pgettext_lazy("status", "Draft"), NONE),
        "in_review": (pgettext_lazy("status", "In review"), ACT),
        "reviewed": (pgettext_lazy("status", "Reviewed, not posted"), RUN),
        "scheduled": (pgettext_lazy("status", "Scheduled"), RUN),
        "in_force": (pgettext_lazy("status", "In force"), OK),
        "superseded": (pgettext_lazy("status", "Superseded"), NONE),
    },
    "sample": {
        "waiting": (pgettext_lazy("status of a sample", "Being built"), RUN),
        "clean": (pgettext_lazy("status of a sample", "No findings"), OK),
        "findings": (pgettext_lazy("status of a sample", "Has findings"), BAD),
    },
    "change": {
        "received": (pgettext_lazy("status", "Received"), NONE),
        "examining": (pgettext_lazy("status", "Under examination"), RUN),
        "awaiting_approval": (pgettext_lazy("status", "Awaiting approval"), RUN),
        "settled": (pgettext_lazy("status of a notice", "Decided"), OK),
        "withdrawn": (pgettext_lazy("status", "Withdrawn"), NONE),
    },
    "advance": {
        "sending": (pgettext_lazy("status of a mailing", "Being sent"), RUN),
        "stopped": (pgettext_lazy("status of a mailing", "Stopped"), ACT),
        "finished": (pgettext_lazy("status of a mailing", "All written"), OK),
    },
    "campaign": {
        "prepared": (pgettext_lazy("status of a campaign", "Prepared, not started"), ACT),
        "running": (pgettext_lazy("status of a campaign", "Running"), RUN),
        "stopped": (pgettext_lazy("status of a campaign", "Stopped"), ACT),
        "finished": (pgettext_lazy("status of a campaign", "Finished"), OK),
        "discarded": (pgettext_lazy("status of a campaign", "Thrown away"), NONE),
    },
    "offer": {
        "waiting": (pgettext_lazy("status of an offer", "Not offered yet"), NONE),
        "offered": (pgettext_lazy("status of an offer", "Offered"), RUN),
        "opened": (pgettext_lazy("status of an offer", "Application begun"), RUN),
        "issued": (pgettext_lazy("status of an offer", "New certificate issued"), OK),
        "declined": (pgettext_lazy("status of an offer", "Declined"), NONE),
        "expired": (pgettext_lazy("status of an offer", "Not answered in time"), NONE),
        "skipped": (pgettext_lazy("status of an offer", "Left out"), NONE),
    },
    "ticket": {
        "open": (pgettext_lazy("status", "Open"), RUN),
        "waiting": (pgettext_lazy("status", "Waiting for the caller"), ACT),
        "answered": (pgettext_lazy("status", "Answered"), OK),
        "closed": (pgettext_lazy("status", "Closed"), NONE),
    },
    "notice": {
        "waiting": (pgettext_lazy("status", "Waiting to be sent"), RUN),
        "handed_over": (pgettext_lazy("status", "Handed over"), OK),
        "bounced": (pgettext_lazy("status of a mail", "Came back"), BAD),
        "failed": (pgettext_lazy("status", "Not sent"), BAD),
        "reached": (pgettext_lazy("status of a mail", "Reached the subscriber"), OK),
    },
    "crl": {
        "current": (pgettext_lazy("status", "Valid"), OK),
        "late": (pgettext_lazy("status", "Late"), BAD),
    },
    "responder": {
        "well": (pgettext_lazy("status", "Answers"), OK),
        "unwell": (pgettext_lazy("status", "Does not answer as it should"), BAD),
        "unknown": (pgettext_lazy("status", "Not asked yet"), NONE),
    },
    "item": {
        "open": (pgettext_lazy("status", "Not examined yet"), NONE),
        "passed": (pgettext_lazy("status", "Meets the rule"), OK),
        "failed": (pgettext_lazy("status", "Does not meet the rule"), BAD),
        "not_applicable": (pgettext_lazy("status", "Not applicable"), NONE),
    },
    "staff": {
        "invited": (pgettext_lazy("status", "Invited"), RUN),
        "active": (pgettext_lazy("status", "Active"), OK),
        "no_second_factor": (pgettext_lazy("status", "No second factor yet"), ACT),
        "ended": (pgettext_lazy("status", "Ended"), NONE),
    },
}


def status_word(kind: str, code: str) -> StatusWord:
    """Return words and shape of status `code` of a thing of `kind`; an unknown code shows itself."""
    word, shape = _ROWS.get(kind, {}).get(code, (code, NONE))
    return StatusWord(word, shape)


def has_word(kind: str, code: str) -> bool:
    """Tell whether the table knows the status, so that tests find a state without words."""
    return code in _ROWS.get(kind, {})
