"""Draws the pages of a document as PNG images, in a process of its own with little memory and time.

`python -m applications.worker.drawing MEDIA_TYPE` reads the document from standard input and writes, for each
page, one line of JSON (width, height, size) and the image. It imports nothing of the portal and gets no secrets.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from collections.abc import Iterator
from typing import Any, Final

MEMORY: Final = 1024 * 1024 * 1024
CPU_SECONDS: Final = 60
MAX_PAGES: Final = 50
LONGEST_SIDE: Final = 1800  # enough to read a seal on A4, 155 dots per inch


def draw(data: bytes, media_type: str) -> Iterator[Any]:
    """Every page as a picture."""
    if media_type == "application/pdf":
        yield from draw_pdf(data)
        return
    from PIL import Image, ImageOps  # noqa: PLC0415 — this process loads only what the file at hand needs

    Image.MAX_IMAGE_PIXELS = None
    with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
        turned = ImageOps.exif_transpose(image).convert("RGB")
        turned.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        yield turned


def draw_pdf(data: bytes) -> Iterator[Any]:
    """The pages of a PDF."""
    import pypdfium2  # noqa: PLC0415 — as above

    document = pypdfium2.PdfDocument(data)
    for number in range(min(len(document), MAX_PAGES)):
        page = document[number]
        width, height = page.get_size()
        bitmap = page.render(scale=LONGEST_SIDE / max(width, height, 1.0), may_draw_forms=False)
        yield bitmap.to_pil().convert("RGB")
        page.close()


def main() -> None:
    """Draw what comes in."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    for picture in draw(sys.stdin.buffer.read(), sys.argv[1]):
        out = io.BytesIO()
        picture.save(out, "PNG")
        body = out.getvalue()
        head = {"width": picture.width, "height": picture.height, "size": len(body)}
        sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + body)


if __name__ == "__main__":
    main()
