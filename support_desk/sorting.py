"""What a mail is, before anybody reads it: a person's, a machine's, a bounce of ours, our own coming back (RFC 3834).

Pure decisions over a mail that was taken apart.
"""

import re
from dataclasses import dataclass
from email.message import Message

from support_desk.charsets import text_of
from support_desk.mails import ReadMail, payload

OUR_ID = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@notice\.lra\.invalid")
OUR_NOTICE = re.compile(r"^X-Notice:\s*([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\s*$", re.MULTILINE | re.IGNORECASE)
FAILED = re.compile(r"^Action:\s*failed\b", re.MULTILINE | re.IGNORECASE)
STATUS = re.compile(r"^Status:\s*(5\.\d{1,3}\.\d{1,3})", re.MULTILINE | re.IGNORECASE)
REPORT_PARTS = frozenset({"message/delivery-status", "message/rfc822", "text/rfc822-headers", "message/rfc822-headers"})
LOSS = re.compile(
    r"紛失|失くし|無くし|なくしま|なくした|盗難|盗ま|漏え|漏洩|漏れた|漏らし|流出|不正に使|不正利用|"
    r"\b(?:lost|stolen|leaked|compromised?)\b[^.]{0,60}\b(?:key|pin|certificate|pc|laptop|card|token)\b|"
    r"\b(?:key|pin|certificate|pc|laptop|card|token)\b[^.]{0,60}\b(?:lost|stolen|leaked|compromised)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Bounce:
    """What a report about our own mail says: which notice (None: none that we know), whether for good, and the code."""

    notice: str | None
    final: bool
    code: str


def bounce_in(mail: ReadMail) -> Bounce | None:
    """Return what a delivery report says (RFC 3464); None for a mail that is no such report."""
    if mail.message.get_content_type() != "multipart/report":
        return None
    parts = [part for part in mail.message.walk() if part.get_content_type() in REPORT_PARTS]
    if not any(part.get_content_type() == "message/delivery-status" for part in parts):
        return None
    told = "\n".join(_source(part) for part in parts)
    known = OUR_NOTICE.search(told) or OUR_ID.search(told)
    code = STATUS.search(told)
    return Bounce(known[1].lower() if known else None, bool(FAILED.search(told)), code[1] if code else "")


def is_own(mail: ReadMail, addresses: set[str]) -> bool:
    """Tell whether one of our own mails came back to us, which answered would go round for ever."""
    return bool(mail.header("X-Notice")) or mail.sender in addresses or bool(OUR_ID.search(mail.message_id))


def is_automatic(mail: ReadMail) -> bool:
    """Tell whether a machine answered: a notice of absence, a report, a mail that wants no answer (RFC 3834, 2)."""
    submitted = mail.header("Auto-Submitted").strip().lower()
    marks = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply")
    return (
        (bool(submitted) and not submitted.startswith("no"))
        or any(mail.header(name) for name in marks)
        or mail.header("Precedence").strip().lower() in {"auto_reply", "junk"}
        or mail.header("Return-Path").strip() == "<>"
        or mail.message.get_content_type() == "multipart/report"
    )


def is_to_many(mail: ReadMail) -> bool:
    """Tell whether a mail went through a list: somebody may have written it, but an answer would reach many."""
    listed = ("List-Id", "List-Post", "List-Unsubscribe", "X-Loop")
    precedence = mail.header("Precedence").strip().lower()
    return precedence in {"bulk", "list"} or any(mail.header(name) for name in listed)


def sounds_like_loss(text: str) -> bool:
    """Tell whether words speak of a lost or leaked key: such a mail is put first until somebody has read it."""
    return bool(LOSS.search(text))


def _source(part: Message) -> str:
    """The text of a part of a report, headers of the returned mail included."""
    if part.is_multipart():
        return "\n".join(f"{key}: {value}" for inner in part.get_payload() for key, value in _headers(inner))
    return text_of(payload(part))


def _headers(part: object) -> list[tuple[str, str]]:
    return [(key, str(value)) for key, value in part.raw_items()] if isinstance(part, Message) else []
