"""The written notice of change as a PDF, made for paper (O-13)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from certificates.paper import has_letters, pdf

__all__ = ["has_letters", "written_notice"]
SOURCE: Final = Path(__file__).with_name("paper.typ")


def written_notice(said: dict[str, Any]) -> bytes:
    """Return the PDF of a notice: `title`, `facts` and `rows` of texts, `heads`, `text`, `sign`."""
    return pdf(SOURCE, said)
