"""The call center's mailbox on its IMAP server (RFC 3501): every mail is taken in, then put away on the server.

What is in the inbox and not in the database is taken, one transaction a mail; only after its commit is the mail moved
to the folder of taken ones (RFC 6851). A worker that dies in between takes it again and finds it known. No mail is ever
deleted here, so that a database restored to an older copy can be given the folder again.
"""

from __future__ import annotations

import imaplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from audit.actors import Actor
from support_desk.models import MailboxState, TakenMail
from support_desk.services import mail_intake
from support_desk.services.mail_intake import Arrival

log = structlog.get_logger(__name__)
READER = Actor.system("mail reader")
MOST_BYTES = 40 * 1024 * 1024
BEGINNING = 256 * 1024
SECONDS = 50
TIMEOUT = 20
LOCK = 0x4D41494C
AWAY = (OSError, imaplib.IMAP4.error, ssl.SSLError, socket.timeout)


def poll(*, at: datetime | None = None) -> int:
    """Take in what lies in the mailbox, for a bounded time; return how many mails were taken.

    A server that is away is noted with the instant since when; the next poll tries again.
    """
    if not settings.DESK_IMAP_HOST:
        return 0
    with _alone() as alone:
        if not alone:
            return 0
        try:
            with _signed_in() as server:
                taken = _empty(server)
        except AWAY as error:
            _note(failure=type(error).__name__, at=at or timezone.now())
            log.warning("mailbox can't be read", reason=type(error).__name__)
            return 0
    _note(failure="", at=at or timezone.now())
    return taken


def mailbox_name() -> str:
    """Return the name under which the mailbox is known; a password is no part of it."""
    return f"{settings.DESK_IMAP_USER}@{settings.DESK_IMAP_HOST}/{settings.DESK_IMAP_FOLDER}"[:200]


@contextmanager
def _signed_in() -> Iterator[imaplib.IMAP4]:
    """Sign in to the server and leave it whatever happens."""
    host, port = settings.DESK_IMAP_HOST, settings.DESK_IMAP_PORT
    if settings.DESK_IMAP_SECURITY == "tls":
        context = ssl.create_default_context()
        server: imaplib.IMAP4 = imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=TIMEOUT)
    else:
        server = imaplib.IMAP4(host, port, timeout=TIMEOUT)
    try:
        if settings.DESK_IMAP_SECURITY == "starttls":
            server.starttls(ssl.create_default_context())
        server.login(settings.DESK_IMAP_USER, settings.DESK_IMAP_PASSWORD)
        yield server
    finally:
        server.shutdown()


def _empty(server: imaplib.IMAP4) -> int:
    """Take what is there and put it away; stops after a while, so that one full mailbox holds up no other work."""
    _ok(server.create(settings.DESK_IMAP_TAKEN_FOLDER), also="NO")
    _ok(server.select(settings.DESK_IMAP_FOLDER))
    validity = int((server.response("UIDVALIDITY")[1] or [b"0"])[0] or 0)
    uids = [int(uid) for uid in (_ok(server.uid("SEARCH", "ALL"))[0] or b"").split()]
    known = _known(validity, uids)
    until, taken, done = time.monotonic() + SECONDS, 0, list[int]()
    for uid in uids:
        if uid not in known:
            taken += _take(server, validity, uid)
        done.append(uid)
        if time.monotonic() > until:
            break
        if len(done) == 100:
            _put_away(server, done)
            done = []
    _put_away(server, done)
    return taken


def _take(server: imaplib.IMAP4, validity: int, uid: int) -> bool:
    """Take one mail in; tell whether it was a new one. One that is gone meanwhile is nobody's loss."""
    size = _size(server, uid)
    if size is None:
        return False
    part = "" if size <= MOST_BYTES else f"<0.{BEGINNING}>"
    raw = _literal(_ok(server.uid("FETCH", str(uid), f"(BODY.PEEK[]{part})")))
    if raw is None:
        return False
    arrival = Arrival(mailbox_name(), validity, uid, raw, size)
    return mail_intake.take(arrival=arrival, actor=READER, at=timezone.now()) != mail_intake.KNOWN


def _size(server: imaplib.IMAP4, uid: int) -> int | None:
    for line in _ok(server.uid("FETCH", str(uid), "(RFC822.SIZE)")):
        words = (line[0] if isinstance(line, tuple) else line or b"").replace(b"(", b" ").replace(b")", b" ").split()
        if b"RFC822.SIZE" in words[:-1]:
            return int(words[words.index(b"RFC822.SIZE") + 1])
    return None


def _literal(answer: list[Any]) -> bytes | None:
    return next((bytes(line[1]) for line in answer if isinstance(line, tuple)), None)


def _put_away(server: imaplib.IMAP4, uids: list[int]) -> None:
    """Move mails to the folder of taken ones; a server without MOVE copies, marks and removes just these."""
    if not uids:
        return
    names = ",".join(str(uid) for uid in uids)
    if "MOVE" in server.capabilities:
        _ok(server.uid("MOVE", names, settings.DESK_IMAP_TAKEN_FOLDER))
        return
    _ok(server.uid("COPY", names, settings.DESK_IMAP_TAKEN_FOLDER))
    _ok(server.uid("STORE", names, "+FLAGS.SILENT", r"(\Deleted)"))
    _ok(server.uid("EXPUNGE", names) if "UIDPLUS" in server.capabilities else server.expunge())


def _known(validity: int, uids: list[int]) -> set[int]:
    rows = TakenMail.objects.filter(mailbox=mailbox_name(), uid_validity=validity, uid__in=uids)
    return set(rows.values_list("uid", flat=True))


def _ok(answer: tuple[str, list[Any]], also: str = "OK") -> list[Any]:
    """Return what a server answered. Raises imaplib's error when it said no."""
    kind, lines = answer
    if kind not in {"OK", also}:
        raise imaplib.IMAP4.error(kind)
    return lines


def _note(*, failure: str, at: datetime) -> None:
    with transaction.atomic():
        row, _made = MailboxState.objects.select_for_update().get_or_create(mailbox=mailbox_name())
        row.failing_since = (row.failing_since or at) if failure else None
        row.polled_at = row.polled_at if failure else at
        row.last_error = failure
        row.save()


@contextmanager
def _alone() -> Iterator[bool]:
    """Hold the mailbox for this worker alone; tell whether it is free."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [LOCK, mailbox_name()])
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [LOCK, mailbox_name()])
