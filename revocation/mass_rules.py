"""Which of many certificates are revoked together, and why others are left out: values in, decisions out."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from accounts.fields import half_width
from audit.refusals import Violation
from revocation import grounds
from revocation.grounds import Party

MOST = 20_000
WHY = {
    "unknown": _("No certificate has this number"),
    "twice": _("Named more than once"),
    "revoked": _("Revoked already"),
    "expired": _("Expired"),
    "open": _("A request for it is open: decide that one"),
}


def numbers_in(text: str) -> list[str]:
    """The management or serial numbers of a text or file: one a line, the first cell of each line counts."""
    lines = (half_width(line).replace("\t", ",").split(",")[0].strip() for line in text.splitlines())
    return [line[:64] for line in lines if line]


def of_proposal(*, ground: str, statement: str, named: Sequence[str] | None, count: int) -> list[Violation]:
    """What is wrong with a proposal."""
    found = []
    if not grounds.may_cite(Party.STAFF, ground):
        found.append(Violation("ground", "ground", _("Please choose one of the grounds listed.")))
    if not statement.strip():
        found.append(Violation("statement", "required", _("Please describe what this rests on.")))
    if named is None and count == 0:
        message = _("Please name certificates, or choose a target system or contract that has valid ones.")
        found.append(Violation("numbers", "nothing", message))
    if count > MOST:
        too_many = _("This selects more than %(most)d certificates. Please split it.") % {"most": MOST}
        found.append(Violation("numbers", "too_many", too_many))
    return found


def why_left_out(*, revoked_on: str | None, ground: str, over: bool, is_open: bool) -> str:
    """Why a certificate is left out, or "" where it is revoked; `revoked_on` is the ground of an earlier revocation."""
    if over:
        return "expired"
    if revoked_on is not None and not grounds.raises(revoked_on, ground):
        return "revoked"
    return "open" if is_open else ""


def serial_of(named: str) -> str:
    """A serial number as it is stored: hexadecimal, without colons and leading zeros."""
    return named.replace(":", "").replace(" ", "").lower().removeprefix("0x").lstrip("0")
