"""How a document is shown beside the sheet: its size, how it is turned, and where numbered marks stand on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

ZOOMS: Final = (100, 125, 150, 200, 300)
TURNS: Final = (0, 90, 180, 270)
WHOLE: Final = 1000
# How wide the upright page is while a mark is set, at 100 %: the place of a click is told in these pixels.
MARKING_WIDTH: Final = 480


@dataclass(frozen=True, slots=True)
class ViewState:
    """What the reader has chosen; everything of it stands in the address."""

    document: str = ""
    zoom: int = 100
    turn: int = 0
    mark: str = ""

    @classmethod
    def parse(cls, data: Mapping[str, str]) -> ViewState:
        """Return what `data` chooses; what it does not know is as at first."""
        zoom, turn = data.get("zoom", ""), data.get("turn", "")
        return cls(
            document=data.get("document", ""),
            zoom=int(zoom) if zoom in map(str, ZOOMS) else ZOOMS[0],
            turn=int(turn) if turn in map(str, TURNS) else TURNS[0],
            mark=data.get("mark", ""),
        )

    def query(self, **changes: Any) -> str:
        """Return the query of the same view with `changes`."""
        other = replace(self, **changes)
        facts = {"document": other.document, "zoom": other.zoom, "turn": other.turn, "mark": other.mark}
        first = ViewState()
        return "?" + urlencode({key: value for key, value in facts.items() if value != getattr(first, key)})

    @property
    def unmarked(self) -> str:
        """Return the query of the same view when no mark is being set."""
        return self.query(mark="")

    @property
    def larger(self) -> str:
        """Return the query of the next size, or ""."""
        return next((self.query(zoom=zoom) for zoom in ZOOMS if zoom > self.zoom), "")

    @property
    def smaller(self) -> str:
        """Return the query of the size before, or ""."""
        return next((self.query(zoom=zoom) for zoom in reversed(ZOOMS) if zoom < self.zoom), "")

    @property
    def turned(self) -> str:
        """Return the query of a quarter turn to the right."""
        return self.query(turn=(self.turn + 90) % 360)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on an upright page in thousandths, with the number that stands there."""

    number: int
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Pin:
    """A number where it is drawn, in the units of the drawing."""

    number: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class PageDrawing:
    """One page as the template draws it: an image that may be turned, with upright numbers on it."""

    number: int
    width: int
    height: int
    box: str
    transform: str
    pins: tuple[Pin, ...]
    radius: float

    @property
    def letter(self) -> float:
        """Return the size of the numbers' letters."""
        return round(self.radius * 1.25, 1)

    @property
    def marking_height(self) -> int:
        """Return how high the page is at the width of marking."""
        return round(self.height * MARKING_WIDTH / self.width)


def drawing_of(*, number: int, width: int, height: int, turn: int, spots: Iterable[Spot]) -> PageDrawing:
    """Return the drawing of a page of `width` × `height`, turned by `turn` degrees to the right."""
    box = (height, width) if turn in (90, 270) else (width, height)
    moves = {0: "", 90: f"translate({height} 0) rotate(90)", 180: f"translate({width} {height}) rotate(180)"}
    pins = [Pin(spot.number, *turned(spot.x, spot.y, width, height, turn)) for spot in spots]
    return PageDrawing(
        number=number,
        width=width,
        height=height,
        box=f"0 0 {box[0]} {box[1]}",
        transform=moves.get(turn, f"translate(0 {width}) rotate(270)"),
        pins=tuple(pins),
        radius=round(width * 0.022, 1),
    )


def turned(left: int, top: int, width: int, height: int, turn: int) -> tuple[float, float]:
    """Return where a place of the upright page, in thousandths, is when the page is turned."""
    x, y = left * width / WHOLE, top * height / WHOLE
    places = {0: (x, y), 90: (height - y, x), 180: (width - x, height - y), 270: (y, width - x)}
    across, down = places[turn]
    return round(across, 1), round(down, 1)


def spot_of_click(x: str, y: str, *, zoom: int, width: int, height: int) -> tuple[int, int] | None:
    """Return the thousandths of a click on the page as it is shown for marking; None for what is no place on it."""
    across = MARKING_WIDTH * zoom / 100
    return spot_of(x, y, across=across, down=across * height / width)


def spot_of(x: str, y: str, *, across: float = 100, down: float = 100) -> tuple[int, int] | None:
    """Return the thousandths of a place that was typed or clicked, as parts of `across` and `down`."""
    try:
        left, top = float(x) / across, float(y) / down
    except ValueError:
        return None
    if not (0 <= left <= 1 and 0 <= top <= 1):
        return None
    return round(left * WHOLE), round(top * WHOLE)
