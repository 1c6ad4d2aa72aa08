"""What differs between two texts, in words: pure, over the standard library's difflib (O-3.1).

Lines are compared first, then the words of lines that were replaced, so that a long document stays quick to
compare. Japanese has no blanks between words: runs of one kind of script stand for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

# Latin words and numbers, runs of katakana, single kanji, hiragana and signs; blanks are tokens of their own.
TOKENS = re.compile(r"[A-Za-z]+|[0-9０-９][0-9０-９.,]*|[ァ-ヺー]+|\s+|.", re.DOTALL)
CONTEXT = 2


@dataclass(frozen=True)
class Piece:
    """Some words: "same", "gone" (only in the earlier text) or "new" (only in the later one)."""

    kind: str
    text: str


@dataclass(frozen=True)
class Line:
    """One line of the comparison; kind "same", "changed", "gone", "new", or "skip" for lines that are left out."""

    kind: str
    pieces: tuple[Piece, ...] = ()
    skipped: int = 0


def differences(before: str, after: str, *, context: int = CONTEXT) -> list[Line]:
    """Return the lines that differ, with `context` equal lines around them; [] when nothing differs."""
    old, new = lines_of(before), lines_of(after)
    found: list[Line] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    groups = list(matcher.get_grouped_opcodes(context))
    done = 0
    for group in groups:
        if group[0][1] > done:
            found.append(Line("skip", skipped=group[0][1] - done))
        for tag, old_from, old_to, new_from, new_to in group:
            found += compared(tag, old[old_from:old_to], new[new_from:new_to])
        done = group[-1][2]
    if groups and done < len(old):
        found.append(Line("skip", skipped=len(old) - done))
    return found


def lines_of(text: str) -> list[str]:
    """Return the lines of a text that say something."""
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def compared(tag: str, old: list[str], new: list[str]) -> Iterator[Line]:
    """Yield one stretch of lines as they compare."""
    if tag == "equal":
        yield from (Line("same", (Piece("same", line),)) for line in old)
        return
    pairs = min(len(old), len(new))
    for before, after in zip(old, new, strict=False):
        yield Line("changed", tuple(words(before, after)))
    yield from (Line("gone", (Piece("gone", line),)) for line in old[pairs:])
    yield from (Line("new", (Piece("new", line),)) for line in new[pairs:])


def words(before: str, after: str) -> Iterator[Piece]:
    """Yield one line's words: kept, gone and new ones."""
    old, new = TOKENS.findall(before), TOKENS.findall(after)
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(old[old_from:old_to]))
            continue
        if old_to > old_from:
            yield Piece("gone", "".join(old[old_from:old_to]))
        if new_to > new_from:
            yield Piece("new", "".join(new[new_from:new_to]))
