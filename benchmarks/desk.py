"""How fast the call center finds people with a million tickets and subscribers, beside the first page of its queue.

`python -m benchmarks.desk [COUNT]`. Times are those of the real views with all middleware and templates, and of the
record that somebody searched.
"""

import logging
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from statistics import median
from typing import Any

from benchmarks.bench import own_database, report, say
from benchmarks.pages import Reader, make_templates
from benchmarks.population import TABLES, bare, copied, prepare, write

COUNT = 1_000_000
DESK = "/desk/"
QUEUE = "/desk/tickets/"
OPEN_TICKETS = 2_000
MAILS = 1_000
TICKET = {
    "id": "md5('t' || n)::uuid", "number": "'T2025-' || lpad(n::text, 7, '0')", "story": "md5('t' || n)::uuid",
    "person_id": "md5('u' || n % {people})::uuid", "caller_name": "'架空 ' || n",
    "status": "CASE WHEN n < {open} THEN 'open' ELSE 'closed' END",
    "received_at": "t.received_at - n * interval '1 minute'",
    "due_at": "CASE WHEN n < {open} THEN t.due_at - n * interval '1 minute' END",
    "outcome": "CASE WHEN n < {open} THEN '' ELSE 'solved' END",
    "solved_at": "CASE WHEN n < {open} THEN NULL ELSE t.received_at - n * interval '1 minute' END",
}  # fmt: skip


def build(count: int, at: datetime) -> Any:
    """Fill the database with `count` people, each with an application, and as many tickets; return the agent."""
    from django.db import connection  # noqa: PLC0415 — Django is set up by now

    from accounts.models import User  # noqa: PLC0415
    from lra_portal.demo.people import AGENT  # noqa: PLC0415

    _examiner, _case, templates = make_templates(at)
    agent = User.objects.get(email=AGENT.email)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off; SET work_mem = '64MB'")
        prepare(cursor, count, templates, at)
        ticket = make_ticket(agent, at)
        with bare(cursor, (*TABLES, "support_desk_ticket")):
            write(cursor, count, templates, turns=1)
            columns = {name: text.format(people=count, open=OPEN_TICKETS) for name, text in TICKET.items()}
            source = f"generate_series(1, {count}) AS n JOIN support_desk_ticket t ON t.id = '{ticket}'"
            copied(cursor, "support_desk_ticket", columns, source)
        cursor.execute("RESET work_mem")
    return agent


def make_ticket(agent: Any, at: datetime) -> Any:
    """Write down the call that the others are made from."""
    from support_desk.services.tickets import About, Call, open_ticket  # noqa: PLC0415 — as above

    call = Call(kind="state", caller_name="架空 花子", matter="申請の状態を知りたい")
    return open_ticket(call=call, about=About(), actor=agent.actor(), at=at).pk


def sought(count: int) -> dict[str, str]:
    """Return what is asked for: names from frequent to absent, and every kind of number."""
    from accounts.models import User  # noqa: PLC0415 — as above
    from applications.models import Application  # noqa: PLC0415
    from certificates.models import Certificate  # noqa: PLC0415

    person = User.objects.filter(email__startswith="bench").first()
    application = Application.objects.filter(status="approved").order_by("pk").first()
    certificate = Certificate.objects.filter(holder__email__startswith="bench").first()
    assert person is not None
    assert application is not None
    assert certificate is not None
    return {
        "everywhere": "株式", "frequent name": "山田", "frequent reading": "ヤマ", "seldom name": "青浦",
        "two words": "山田 和子", "company": "山田商事", "single": "つむ", "absent": "琴爪", "absent, long": "琴爪鳥居",
        "mail": str(person.email), "beginning of a mail": "bench12@", "telephone": str(person.phone),
        "receipt": str(application.receipt_number), "two digits": "20", "certificate": certificate.management_number,
        "serial": certificate.serial, "ticket": f"T2025-{count // 2:07d}", "contract": "E-40213",
        "corporation": "1010001000001", "number of nobody": "2031-000001",
    }  # fmt: skip


def measure(agent: Any, count: int) -> Mapping[str, object]:
    """Return the figures; each search is the median of several looks, and the slowest is held against the queue."""
    reader = Reader(agent)
    queue = reader.milliseconds(QUEUE)
    taken = {which: reader.milliseconds(DESK, q=text) for which, text in sought(count).items()}
    for which, ms in taken.items():
        say(f"  {which}: {ms:.1f} ms")
    slowest = max(taken.values())
    return {
        "desk_queue_ms": round(queue, 1),
        "search_ms": round(median(taken.values()), 1),
        "search_slowest_ms": round(slowest, 1),
        "search_over_queue": round(slowest / queue, 2),
    }


def take_mails() -> dict[str, object]:
    """Return how long the worker needs for a mailbox of a thousand mails on a real IMAP server, with every answer."""
    from django.test import override_settings  # noqa: PLC0415 — as above

    from support_desk.models import TakenMail, Ticket  # noqa: PLC0415
    from support_desk.worker import mailbox  # noqa: PLC0415
    from tests.harness import imap  # noqa: PLC0415

    with imap.running() as server:
        server.put(a_mail(place) for place in range(MAILS))
        where = {"DESK_IMAP_HOST": "127.0.0.1", "DESK_IMAP_PORT": server.port, "DESK_IMAP_PASSWORD": imap.PASSWORD}
        with override_settings(**where, DESK_IMAP_USER=imap.USER):
            begun = time.perf_counter()
            while mailbox.poll():
                say(f"  {TakenMail.objects.count()} mails")
            taken = time.perf_counter() - begun
    if Ticket.objects.filter(channel="mail").count() != MAILS:
        raise RuntimeError("not every mail became an inquiry")
    return {"mails_1000_s": round(taken, 2)}


def a_mail(place: int) -> bytes:
    """Return a mail of somebody else each, half of them in the encoding of older programs."""
    charset = "iso-2022-jp" if place % 2 else "utf-8"
    head = f"From: p{place}@bench.example\r\nSubject: inquiry {place}\r\nMessage-ID: <{place}@bench.example>\r\n"
    kind = f"Content-Type: text/plain; charset={charset}\r\n\r\n"
    return (head + kind).encode() + ("手順 3 の画面で止まります。\r\n" * 40).encode(charset)


def main() -> None:
    """Measure and report."""
    count, at = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT, datetime.now(UTC)
    # A line for each request is no part of what is measured, and the last line is the result.
    logging.disable(logging.CRITICAL)
    with own_database("desk"):
        agent = build(count, at)
        say("searching")
        figures = dict(measure(agent, count))
        say("taking in mail")
        figures |= take_mails()
    report(figures)


if __name__ == "__main__":
    main()
