"""Paper set by typst, in memory. What people wrote comes in as data, never as markup."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst

FONTS: Final = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
NEEDED: Final = "Noto*CJK*"


@cache
def has_letters() -> bool:
    """Tell whether this machine has the Japanese letters that papers are set in (Debian's fonts-noto-cjk)."""
    return any(next(folder.rglob(NEEDED), None) is not None for folder in FONTS if folder.is_dir())


def pdf(source: Path, said: Mapping[str, Any]) -> bytes:
    """Return the PDF of the template `source`, which reads `said` as `sys.inputs.said`."""
    made: bytes = typst.compile(str(source), format="pdf", sys_inputs={"said": json.dumps(said)})
    return made
