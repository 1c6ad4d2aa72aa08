"""The written notice of change as a PDF, made for paper (O-13). What people wrote comes in as data, never as markup."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst

SOURCE: Final = Path(__file__).with_name("paper.typ")
FONTS: Final = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
NEEDED: Final = "Noto*CJK*"


@cache
def has_letters() -> bool:
    """Tell whether this machine has the Japanese letters that the PDF is set in (Debian's fonts-noto-cjk)."""
    return any(next(folder.rglob(NEEDED), None) is not None for folder in FONTS if folder.is_dir())


def written_notice(said: dict[str, Any]) -> bytes:
    """Return the PDF of a notice: `title`, `facts` and `rows` of texts, `heads`, `text`, `sign`."""
    made: bytes = typst.compile(str(SOURCE), format="pdf", sys_inputs={"notice": json.dumps(said)})
    return made
