"""Geometry of the office's charts: rectangles and where their words stand; pages only write them down."""

from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

WIDTH, ROW, LABEL = 640, 30, 170
LETTER, MOST_LABEL = 7.7, 400


@dataclass(frozen=True)
class Piece:
    """One rectangle of a lying bar; `shade` tells pieces of a row apart beside their numbers."""

    x: int
    y: int
    width: int
    shade: int
    value: int

    @property
    def text_x(self) -> int:
        """Return where the number stands: in the middle of the piece."""
        return self.x + self.width // 2

    @property
    def text_y(self) -> int:
        """Return the line on which the number stands."""
        return self.y + 15


@dataclass(frozen=True)
class LyingRow:
    """A row of a chart of lying bars."""

    label: str
    y: int
    pieces: list[Piece]
    total: int
    end: int


@dataclass(frozen=True)
class Lying:
    """A chart of lying bars."""

    rows: list[LyingRow]
    height: int


def lying(rows: Sequence[tuple[str, Sequence[int]]]) -> Lying:
    """Return the chart of rows with one or several values each, the longest of which fills the width."""
    most = max([sum(values) for _label, values in rows] or [1]) or 1
    begin = beside([label for label, _values in rows])
    room, made = WIDTH - begin - 60, []
    for n, (label, values) in enumerate(rows):
        x, pieces = begin, []
        for shade, value in enumerate(values, start=1):
            width = round(room * value / most)
            if width:
                pieces.append(Piece(x, n * ROW + 4, width, shade, value))
            x += width
        made.append(LyingRow(label, n * ROW + 19, pieces, sum(values), x + 8))
    return Lying(made, max(len(rows), 1) * ROW)


def beside(labels: Sequence[str]) -> int:
    """Return where the bars begin so that none lies on a label: a Japanese letter is as wide as two Latin ones."""
    longest = max([sum(2 if east_asian_width(letter) in "WF" else 1 for letter in label) for label in labels] or [0])
    return min(max(LABEL, round(longest * LETTER) + 10), MOST_LABEL)
