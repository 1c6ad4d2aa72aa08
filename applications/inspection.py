"""Looks into a file that a stranger sent, in a process of its own with little memory and time.

`python -m applications.inspection` reads the file from standard input and writes one JSON object: its
media type, or the code of a refusal. It imports nothing of the portal and gets no secrets, so that a file
made to exhaust or subvert its reader ends this process only (faults: zip bombs, huge images, active PDFs).
"""

from __future__ import annotations

import io
import json
import resource
import sys
from collections.abc import Iterator
from typing import Any, Final

MEMORY: Final = 768 * 1024 * 1024
CPU_SECONDS: Final = 15
MAX_PAGES: Final = 50
MAX_OBJECTS: Final = 100_000
MAX_SIDE: Final = 10_000
MAX_PIXELS: Final = 60_000_000
ACTIVE_KEYS: Final = (
    "/JS",
    "/JavaScript",
    "/OpenAction",
    "/AA",
    "/EmbeddedFiles",
    "/EmbeddedFile",
    "/EF",
    "/RichMedia",
    "/XFA",
)
ACTIVE_ACTIONS: Final = ("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition")
ACTIVE_TYPES: Final = ("/EmbeddedFile", "/FileAttachment", "/RichMedia", "/Movie", "/Screen", "/3D")


class UnfitError(Exception):
    """The file can't be accepted; the message is the code of the reason."""


def inspect(data: bytes) -> str:
    """The media type of `data`. Raises UnfitError."""
    if data.startswith(b"%PDF-"):
        inspect_pdf(data)
        return "application/pdf"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        inspect_image(data, "PNG")
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        inspect_image(data, "JPEG")
        return "image/jpeg"
    raise UnfitError("unknown_type")


def inspect_pdf(data: bytes) -> None:
    """Refuse a PDF that does not parse, needs a password, has too many pages, or could act by itself."""
    import pikepdf  # noqa: PLC0415 — this process loads only what the file at hand needs

    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            if pdf.is_encrypted:
                raise UnfitError("encrypted")
            if len(pdf.objects) > MAX_OBJECTS:
                raise UnfitError("too_complex")
            if not 1 <= len(pdf.pages) <= MAX_PAGES:
                raise UnfitError("too_many_pages")
            for holder in dictionaries(pdf):
                refuse_active(holder)
    except pikepdf.PasswordError as error:
        raise UnfitError("encrypted") from error
    except pikepdf.PdfError as error:
        raise UnfitError("unreadable") from error


def dictionaries(pdf: Any) -> Iterator[Any]:
    """Every dictionary of a PDF, those inside other objects included."""
    import pikepdf  # noqa: PLC0415

    waiting = [pdf.trailer, *pdf.objects]
    while waiting:
        found = waiting.pop()
        if isinstance(found, pikepdf.Stream):
            found = found.stream_dict
        if isinstance(found, pikepdf.Dictionary):
            yield found
            waiting.extend(direct(found[key]) for key in found.keys())  # noqa: SIM118 — not a mapping
        elif isinstance(found, pikepdf.Array):
            waiting.extend(direct(item) for item in found)


def direct(value: Any) -> Any:
    """`value`, unless it is a reference: what it refers to is visited as an object of its own."""
    return None if getattr(value, "is_indirect", False) else value


def refuse_active(holder: Any) -> None:
    """Raise UnfitError for a dictionary that runs, opens, sends or carries something."""
    if any(key in holder for key in ACTIVE_KEYS):
        raise UnfitError("active")
    if str(holder.get("/S", "")) in ACTIVE_ACTIONS or str(holder.get("/Type", "")) in ACTIVE_TYPES:
        raise UnfitError("active")
    if str(holder.get("/Subtype", "")) in ACTIVE_TYPES:
        raise UnfitError("active")


def inspect_image(data: bytes, kind: str) -> None:
    """Refuse an image that is too large to look at or does not decode."""
    from PIL import Image  # noqa: PLC0415 — as above

    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(io.BytesIO(data), formats=(kind,)) as image:
            width, height = image.size
            if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
                raise UnfitError("too_many_pixels")
            image.load()
    except (OSError, SyntaxError, ValueError) as error:
        raise UnfitError("unreadable") from error


def main() -> None:
    """Inspect what comes in; the answer is the last thing this process does."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        answer = {"media_type": inspect(sys.stdin.buffer.read())}
    except UnfitError as error:
        answer = {"refused": str(error)}
    except (MemoryError, RecursionError):
        answer = {"refused": "too_complex"}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
