"""Mails come in: once, threaded, checked, acknowledged by nobody's machine, and shown safely whatever they are."""

import pytest
import time_machine
from django.conf import LazySettings
from django.core import mail as post
from django.urls import reverse

from accounts.models import Notice
from accounts.notices import notify
from accounts.worker.mailing import send_waiting
from audit.actors import Actor
from audit.models import EventDetails
from support_desk.charsets import shown, text_of
from support_desk.html_text import words_of
from support_desk.models import TakenMail, Ticket, TicketEntry, TicketFile
from support_desk.services import mail_intake, tickets
from support_desk.services.mail_intake import Arrival, take
from tests.instants import TUESDAY_AFTER_THE_HOLIDAY_9_00
from tests.people import ORIGIN, People
from tests.support_desk.letters import DESK, letter, raw, report, with_files

AT = TUESDAY_AFTER_THE_HOLIDAY_9_00
READER = Actor.system("mail reader")
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde"
    b"\x00\x00\x00\x0cIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\r\xefF\xb8\x00\x00\x00\x00IEND\xaeB`\x82"
)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def desk(settings: LazySettings) -> None:
    """The desk's own address, and an instant at which it is open."""
    settings.DESK_ADDRESS = DESK


def arrive(*mails: bytes, uid: int = 1, validity: int = 7) -> list[str]:
    arrivals = [Arrival("desk@box/INBOX", validity, uid + place, data, len(data)) for place, data in enumerate(mails)]
    return [take(arrival=arrival, actor=READER, at=AT) for arrival in arrivals]


@pytest.mark.clause("O-8.2", "O-8.3")
def test_a_mail_becomes_a_ticket_and_is_acknowledged_with_its_number_and_time() -> None:
    with time_machine.travel(AT, tick=False):
        assert arrive(letter(Subject="印刷できない")) == ["ticket"]
        send_waiting()
    ticket = Ticket.objects.get()
    assert (ticket.channel, ticket.kind, ticket.email) == ("mail", "unsorted", "jiro@mihon.example")
    assert (ticket.subject, ticket.caller_name) == ("印刷できない", "見本 次郎")
    (answer,) = post.outbox
    assert ticket.number in answer.subject
    assert answer.to == ["jiro@mihon.example"]
    assert "11月24日(火) 18:00" in answer.body
    headers = answer.extra_headers
    assert headers["Auto-Submitted"] == "auto-replied"
    assert headers["Reply-To"] == DESK
    assert headers["In-Reply-To"] == f"<{TakenMail.objects.get().message_id}>"


def test_the_sealed_original_does_not_lie_open() -> None:
    arrive(letter("とても秘密"))
    taken = TakenMail.objects.get()
    assert taken.raw is not None
    assert "秘密".encode() not in bytes(taken.raw.ciphertext)


def test_the_same_mail_is_taken_once_however_it_comes() -> None:
    data = letter()
    assert arrive(data) == ["ticket"]
    assert arrive(data) == [mail_intake.KNOWN]
    assert arrive(data, uid=900, validity=8) == [mail_intake.KNOWN]
    assert arrive(b"Received: by another way\r\n" + data, uid=901) == [mail_intake.KNOWN]
    assert (TakenMail.objects.count(), Ticket.objects.count(), Notice.objects.count()) == (1, 1, 1)


def test_another_mail_under_the_same_id_is_not_lost() -> None:
    assert arrive(letter("一通目", Message_ID="<a@b.example>"), letter("二通目", Message_ID="<a@b.example>")) == [
        "ticket",
        "ticket",
    ]


def test_an_answer_finds_its_ticket_by_the_ids_of_our_mail_and_of_theirs(people: People) -> None:
    arrive(letter(Message_ID="<first@mihon.example>"))
    ticket = Ticket.objects.get()
    tickets.answer(ticket=ticket, text="版 2.4 で直ります", actor=people.agent.actor(ORIGIN), at=AT)
    ours = Notice.objects.get(kind="support_desk/answer")
    assert ours.context["mail_headers"]["References"] == "<first@mihon.example>"
    assert arrive(letter("直りません", In_Reply_To=f"<{ours.pk}@notice.lra.invalid>"), uid=2) == ["reply"]
    assert arrive(letter("追伸", References="<x@y> <first@mihon.example>"), uid=3) == ["reply"]
    assert Ticket.objects.get().status == "open"
    assert Ticket.objects.get().reopened_count == 1
    said = list(TicketEntry.objects.filter(kind="message").order_by("pk").values_list("text", flat=True))
    assert said == ["手順 3 で止まります。", "直りません", "追伸"]


def test_a_number_in_the_subject_counts_only_for_whoever_wrote_before() -> None:
    arrive(letter())
    number = Ticket.objects.get().number
    assert arrive(letter("続き", Subject=f"Re: [{number}]"), uid=2) == ["reply"]
    assert arrive(letter("のぞき見", Subject=f"Re: [{number}]", From="other@example.com"), uid=3) == ["ticket"]


def test_who_answered_is_said_where_it_was_somebody_else() -> None:
    arrive(letter(Message_ID="<first@mihon.example>"))
    arrive(letter("上司です", From="Boss <boss@mihon.example>", In_Reply_To="<first@mihon.example>"), uid=2)
    assert TicketEntry.objects.latest("pk").text.startswith("Boss <boss@mihon.example>")


def test_a_subscribers_mail_is_tied_to_them(people: People) -> None:
    arrive(letter(From=people.hanako.email))
    assert Ticket.objects.get().person == people.hanako


@pytest.mark.parametrize(
    ("headers", "became"),
    [
        ({"Auto_Submitted": "auto-replied (vacation)"}, "automatic"),
        ({"X_Autoreply": "yes"}, "automatic"),
        ({"Precedence": "auto_reply"}, "automatic"),
        ({"Return_Path": "<>"}, "automatic"),
        ({"From": DESK}, "loop"),
        ({"X_Notice": "5c2a"}, "loop"),
        ({"Auto_Submitted": "no"}, "ticket"),
        ({"Precedence": "bulk"}, "ticket"),
        ({"List_Id": "<all.mihon.example>"}, "ticket"),
    ],
)
def test_no_machine_is_answered(headers: dict[str, str], became: str) -> None:
    assert arrive(letter(**headers)) == [became]
    assert Notice.objects.exists() == (headers == {"Auto_Submitted": "no"})
    assert TakenMail.objects.get().raw is not None


def test_a_notice_of_absence_stands_in_its_ticket_and_moves_nothing(people: People) -> None:
    arrive(letter(Message_ID="<first@mihon.example>"))
    tickets.answer(ticket=Ticket.objects.get(), text="回答", actor=people.agent.actor(ORIGIN), at=AT)
    away = letter("不在です", Auto_Submitted="auto-replied", In_Reply_To="<first@mihon.example>")
    assert arrive(away, uid=2) == ["automatic"]
    assert (Ticket.objects.get().status, TicketEntry.objects.latest("pk").kind) == ("answered", "system")


def test_two_machines_that_answer_each_other_come_to_rest() -> None:
    became = []
    for turn in range(60):
        became += arrive(letter(f"自動応答 {turn}", Subject="Re: 自動"), uid=turn + 1)
    assert became.count("ticket") == mail_intake.TAKEN_AN_HOUR
    assert became.count("flood") == 60 - mail_intake.TAKEN_AN_HOUR
    assert Notice.objects.count() == mail_intake.ACKNOWLEDGED_AN_HOUR
    assert TakenMail.objects.count() == 60


@pytest.mark.parametrize("by_id", [False, True])
@pytest.mark.clause("O-17.2")
def test_a_bounce_of_our_own_notice_is_matched_to_it(people: People, by_id: bool) -> None:
    arrive(letter())
    with time_machine.travel(AT, tick=False):
        tickets.answer(ticket=Ticket.objects.get(), text="回答", actor=people.agent.actor(ORIGIN), at=AT)
        send_waiting()
    ours = Notice.objects.get(kind="support_desk/answer")
    assert arrive(report(ours.pk, "delayed", "4.4.1", by_id=by_id), uid=2) == ["bounce"]
    assert Notice.objects.get(pk=ours.pk).status == "handed_over"
    assert arrive(report(ours.pk, by_id=by_id), uid=3) == ["bounce"]
    ours.refresh_from_db()
    assert (ours.status, ours.last_error) == ("bounced", "5.1.1")
    assert Ticket.objects.get().status == "open"
    assert TicketEntry.objects.latest("pk").kind == "system"


def test_a_bounce_of_any_other_notice_is_seen_too(people: People) -> None:
    notice = notify(kind="support_desk/alarm", to=people.hanako, context={"rows": [], "count": 1}, at=AT, dedupe="x")
    with time_machine.travel(AT, tick=False):
        send_waiting()
    arrive(report(notice.pk))
    notice.refresh_from_db()
    assert notice.status == "bounced"
    assert not Ticket.objects.exists()


def test_a_report_about_nothing_of_ours_is_kept_and_moves_nothing() -> None:
    assert arrive(report("9b2f5a9e-0000-4000-8000-000000000000")) == ["bounce"]
    assert TakenMail.objects.get().notice is not None


@pytest.mark.clause("O-16.2.8")
def test_a_mail_about_a_loss_comes_first_and_its_sender_is_shown_the_fast_path() -> None:
    arrive(letter("昨日 PC を紛失しました"), letter("My laptop with the key was stolen", From="j@x.example"))
    assert {(row.kind, row.priority) for row in Ticket.objects.all()} == {("loss", 1)}
    with time_machine.travel(AT, tick=False):
        send_waiting()
    assert all(reverse("revocation:urgent") in answer.body for answer in post.outbox)
    assert "We have received" in post.outbox[1].body


def test_files_are_checked_like_an_applicants_and_what_is_refused_says_why() -> None:
    html = b"<html><script>alert(1)</script></html>"
    files = [("画面.png", "image/png", PNG), ("../../etc/passwd.pdf", "application/pdf", html)]
    arrive(with_files([*files, ("winmail.dat", "application/ms-tnef", b"\x78\x9f\x3e\x22rest")]))
    kept, wrong, other = TicketFile.objects.order_by("pk", "size").order_by("refused", "name")
    assert (kept.name, kept.media_type, kept.refused) == ("画面.png", "image/png", "")
    assert kept.blob is not None
    assert {wrong.refused, other.refused} == {"unknown_type"}
    assert wrong.blob is None is other.blob


JIS = "見本 ①㈱髙橋".encode("cp932")


@pytest.mark.parametrize(
    ("charset", "body", "said"),
    [
        ("Shift_JIS", "①㈱髙橋 ～".encode("cp932"), "①㈱髙橋 ～"),
        ("ISO-2022-JP", b'\x1b$B-!-j\x1b(B and \x1b$B$"\x1b(B', "①㈱ and あ"),
        ("us-ascii", b"\x1b$B$3$s\x1b(B", "こん"),
        ("EUC-JP", "見本".encode("euc-jp") + b"\xad\xa1", "見本①"),
        ("x-unknown", "見本".encode(), "見本"),
        ("utf-8", "見本".encode("cp932"), "見本"),
        ("utf-8", b"abc \xff\xfe def", "abc"),
        ("utf-7", "ア".encode("utf-7"), "ア"),
    ],
)
def test_encodings_are_read_as_meant_and_broken_ones_never_fail(charset: str, body: bytes, said: str) -> None:
    assert arrive(raw(charset, body, body)) == ["ticket"]
    ticket = Ticket.objects.get()
    assert ticket.matter.startswith(said)
    assert ticket.subject


def test_bytes_that_are_no_mail_at_all_are_taken_too() -> None:
    hostile = [
        b"",
        b"\x00" * 50,
        b"\xff\xfe\x00",
        b"Subject: =?x?Q?=?=\r\n\r\n=?=",
        b"From: \x00\r\n\r\n\x1b$B\xff\x1b",
    ]
    hostile += [b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n" * 5000]
    hostile += [b'Content-Type: text/plain; charset="\x00idna"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!']
    nested = b"end"
    for _depth in range(120):
        nested = b"Content-Type: message/rfc822\r\n\r\n" + nested
    hostile += [nested, b"Subject: " + b"x" * 100_000 + b"\r\n\r\n" + b"y" * 100_000]
    hostile += [
        b"Subject: \xe2\x80\xae\xef\xbb\xbf\xee\x80\x80 \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb\r\n\r\n"
        + "Привет и hello".encode()
    ]
    assert set(arrive(*hostile)) <= {"ticket", "flood"}
    assert TakenMail.objects.count() == len(hostile)
    assert max(len(row.matter) for row in Ticket.objects.all()) < 21_000
    assert "Привет и hello" in {row.matter for row in Ticket.objects.all()}


def test_nothing_invisible_or_turned_around_is_shown() -> None:
    assert shown("a\u202eb\u200bc\ue000\ufeffd\x00e\x07") == "abc〓de"
    assert text_of(b"", "") == ""


def test_html_becomes_words_and_links_say_where_they_lead() -> None:
    html = """<html><head><title>x</title><style>p{}</style></head><body onload="evil()"><p>払い戻し<br>です</p>
    <script>alert(1)</script><img src="https://evil.example/p.gif"><img alt="図 1" src=x>
    <a href="https://evil.example/in">ここ</a><ul><li>一<li>二</ul><svg><script>x</script></svg>
    <form action="//evil"><input value="secret"></form>"""
    arrive(raw("utf-8", b"html", html.encode(), "text/html"))
    said = Ticket.objects.get().matter
    assert "払い戻し\nです" in said
    assert "ここ <https://evil.example/in>" in said
    assert "[図 1]" in said
    for gone in ("alert", "p.gif", "p{}", "<script", "secret", "onload"):
        assert gone not in said
    assert words_of("<" * 50_000) is not None


def test_a_very_large_mail_is_taken_with_its_text_and_the_file_that_is_too_large_refused() -> None:
    data = with_files([("big.pdf", "application/pdf", b"%PDF-1.4\n" + b"\0" * (18 * 1024 * 1024))])
    assert len(data) > 24 * 1024 * 1024
    assert arrive(data) == ["ticket"]
    assert (Ticket.objects.get().matter, TicketFile.objects.get().refused) == ("写真を送ります。", "too_large")


def test_the_words_of_a_mail_stand_in_no_event() -> None:
    arrive(letter("とても秘密の話"))
    assert not any("秘密" in str(row.body) for row in EventDetails.objects.all())
