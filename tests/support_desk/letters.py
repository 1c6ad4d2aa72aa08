"""Mails as people, machines and worse write them, made byte by byte."""

from email.message import EmailMessage
from email.utils import make_msgid

DESK = "desk@lra.example"


def letter(text: str = "手順 3 で止まります。", **headers: str) -> bytes:
    """A plain mail; headers are those that are named, with _ for -."""
    message = EmailMessage()
    message["From"] = headers.pop("From", "見本 次郎 <jiro@mihon.example>")
    message["To"] = DESK
    message["Subject"] = headers.pop("Subject", "手順 3 について")
    message["Message-ID"] = headers.pop("Message_ID", make_msgid(domain="mihon.example"))
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def with_files(files: list[tuple[str, str, bytes]]) -> bytes:
    """A mail with files: name, media type, bytes."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "jiro@mihon.example", DESK, "画面の写真"
    message["Message-ID"] = make_msgid(domain="mihon.example")
    message.set_content("写真を送ります。")
    for name, media_type, data in files:
        main, sub = media_type.split("/")
        message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def raw(charset: str, subject: bytes, body: bytes, kind: str = "text/plain") -> bytes:
    """A mail whose bytes are just these, whatever they claim to be."""
    head = b"From: jiro@mihon.example\r\nMessage-ID: <%d@raw.example>\r\n" % (
        hash((charset, subject, body)) & 0xFFFFFFF
    )
    head += b"Subject: " + subject + b"\r\nMIME-Version: 1.0\r\n"
    head += f"Content-Type: {kind}; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n".encode()
    return head + body


def report(notice: object, action: str = "failed", status: str = "5.1.1", *, by_id: bool = False) -> bytes:
    """A delivery report about one of our notices, as a mail server writes it (RFC 3464)."""
    mark = f"Message-ID: <{notice}@notice.lra.invalid>" if by_id else f"X-Notice: {notice}"
    return f"""From: MAILER-DAEMON@mx.mihon.example
To: lra@localhost.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <{notice}.{action}@mx.mihon.example>
Auto-Submitted: auto-replied
Return-Path: <>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

The mail could not be delivered.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.mihon.example

Final-Recipient: rfc822; nobody@mihon.example
Action: {action}
Status: {status}

--B
Content-Type: text/rfc822-headers

From: lra@localhost.example
{mark}

--B--
""".encode()
