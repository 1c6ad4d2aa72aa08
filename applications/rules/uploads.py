"""Which files are accepted: PDF, JPEG or PNG of at most 10 MB that only show something."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import puremagic
from django.utils.translation import gettext as _

from audit.refusals import RuleViolated, Violation

MAX_BYTES: Final = 10 * 1024 * 1024
SECONDS: Final = 30
ENDINGS: Final = {"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg"}
PROJECT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class CheckedFile:
    """A file that may be kept."""

    name: str
    media_type: str
    data: bytes


def check(*, name: str, data: bytes, field: str) -> CheckedFile:
    """The file `data`, checked. Raises RuleViolated with a message at `field` that says what to do instead."""
    if not data:
        raise refusal(field, "empty", name)
    if len(data) > MAX_BYTES:
        raise refusal(field, "too_large", name)
    media_type = inspected(data, field=field, name=name)
    return CheckedFile(name=file_name(name, media_type), media_type=media_type, data=data)


def inspected(data: bytes, *, field: str, name: str) -> str:
    """The media type that a process of its own found; see `applications.inspection`."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "applications.inspection"],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            cwd=PROJECT,
            env={"PYTHONPATH": str(PROJECT), "LANG": "C.UTF-8"},
            check=False,
        )
        answer = json.loads(done.stdout or b"{}")
    except (subprocess.TimeoutExpired, ValueError):
        answer = {}
    if "media_type" in answer:
        return str(answer["media_type"])
    raise refusal(field, str(answer.get("refused", "too_complex")), name, data)


def refusal(field: str, code: str, name: str, data: bytes = b"") -> RuleViolated:
    """Why the file is not accepted, and what to do instead."""
    messages = {
        "empty": _("The file “%(name)s” is empty. Please choose it again."),
        "too_large": _("The file “%(name)s” is larger than 10 MB. Please scan it again with fewer dots, or split it."),
        "encrypted": _("“%(name)s” is protected by a password. Please save it without one."),
        "too_many_pages": _("“%(name)s” has no page or more than 50. Please send only the pages that are needed."),
        "too_many_pixels": _("The picture “%(name)s” is too large to be shown. Please make it smaller."),
        "active": _(
            "“%(name)s” contains a program, an automatic action or another file. Please print it to a new PDF."
        ),
        "unreadable": _("“%(name)s” can't be opened. Please save it again as PDF, JPEG or PNG."),
        "too_complex": _("“%(name)s” could not be checked. Please scan the document again."),
        "unknown_type": _("“%(name)s” is no PDF, JPEG or PNG but %(kind)s. Please send it as one of these."),
    }
    facts = {"name": shown_name(name), "kind": kind_of(data)}
    return RuleViolated([Violation(field, code, messages.get(code, messages["too_complex"]) % facts)])


def kind_of(data: bytes) -> str:
    """What a file of another kind seems to be."""
    try:
        found = puremagic.from_string(data[:65536])
    except (puremagic.PureError, ValueError):
        found = ""
    return str(found).lstrip(".").upper() or _("something else")


def shown_name(name: str) -> str:
    """A file name without folders and without characters that can't be seen."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C")
    return plain.strip(" .")[:120]


def file_name(name: str, media_type: str) -> str:
    """The name under which a file is kept: the ending is that of what it really is."""
    stem = shown_name(name).rsplit(".", 1)[0] or "document"
    return stem[:110] + ENDINGS[media_type]
