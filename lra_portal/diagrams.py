"""Drawings of every table of states, made from the tables themselves: `python -m lra_portal.diagrams` writes them.

States stand below each other in the order of the table, those that nothing leaves at the end. A move is one line: it
leaves each state from which it starts, with its act and who may do it, and ends with an arrow. What goes on runs on the
right, what goes back on the left.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from accounts.roles import Role, roles_for
from audit.states import Move, StateMachine
from lra_portal.messages import APPS

BASE = Path(__file__).resolve().parent.parent
FOLDER = BASE / "docs" / "images"
BOX, PORT, GAP, LANE, EDGE, LETTER = 190, 24, 26, 16, 12, 6.4
STYLE = (
    "text{font:13px sans-serif;fill:#1a1a1c}.act{font-size:11px}.box{fill:#fff;stroke:#1a1a1c;stroke-width:1.5}"
    ".end{stroke-width:4}.line{fill:none;stroke:#0017c1}.back{stroke:#7d2a00}.dot{fill:#1a1a1c}"
)
ARROW = (
    '<marker id="tip" markerWidth="9" markerHeight="9" refX="8" refY="4.5" orient="auto">'
    '<path d="M0 0 9 4.5 0 9z" fill="#1a1a1c"/></marker>'
)


@dataclass
class Track:
    """One move on one side: the states that it leaves, the one that it reaches, and the lane in which it runs."""

    label: str
    sources: list[int]
    target: int
    lane: int = 0

    @property
    def span(self) -> tuple[int, int]:
        """The states between which it runs."""
        touched = [*self.sources, self.target]
        return min(touched), max(touched)


def machines() -> list[StateMachine]:
    """Every table of states of the project, in the order of the apps."""
    modules = [import_module(f"{app}.states") for app in APPS if find_spec(f"{app}.states")]
    modules = [module for module in modules if module.__name__ != "audit.states"]
    return [found for module in modules for found in vars(module).values() if isinstance(found, StateMachine)]


def name_of(machine: StateMachine) -> str:
    """The name of a table's drawing."""
    return f"states-{machine.table.rpartition('_')[2]}.svg"


def order_of(machine: StateMachine) -> list[str]:
    """The states from top to bottom."""
    leaving = {source for move in machine.moves for source in move.sources}
    return sorted(machine.states(), key=lambda state: state not in leaving)


def label_of(move: Move) -> str:
    """An act and who may do it, as short as people say it."""
    roles = roles_for(move.act)
    who = ["anyone"] if Role.ANYONE in roles else sorted(role.value.replace("_", " ") for role in roles)
    return f"{move.act.value.partition(':')[2].replace('_', ' ')} ({', '.join(who)})"


def tracks(machine: StateMachine) -> tuple[list[Track], list[Track]]:
    """The lines on the right, which go on, and those on the left, which go back; short ones run closest."""
    place = {state: number for number, state in enumerate(order_of(machine))}
    on, back = list[Track](), list[Track]()
    for move in machine.moves:
        target, sources = place[move.target], [place[source] for source in move.sources]
        for side, chosen in ((on, [n for n in sources if n < target]), (back, [n for n in sources if n >= target])):
            if chosen:
                side.append(Track(label_of(move), chosen, target))
    return lanes(on), lanes(back)


def lanes(side: Iterable[Track]) -> list[Track]:
    """Give each line the first lane in which it meets no other."""
    taken: list[list[tuple[int, int]]] = []
    placed = sorted(side, key=lambda track: (track.span[1] - track.span[0], track.span, track.label))
    for track in placed:
        low, high = track.span
        free = (n for n, spans in enumerate(taken) if all(high < start or end < low for start, end in spans))
        track.lane = next(free, len(taken))
        if track.lane == len(taken):
            taken.append([])
        taken[track.lane].append(track.span)
    return placed


@dataclass
class Side:
    """The lines of one side with the height of each port, and where the lanes begin."""

    lines: list[Track]
    edge: float
    first_lane: float
    css: str

    def ports(self, state: int) -> list[tuple[Track, bool]]:
        """The lines at a state, those that arrive first; True for what leaves."""
        arriving = [(track, False) for track in self.lines if track.target == state]
        return arriving + [(track, True) for track in self.lines if state in track.sources]


def drawing(machine: StateMachine) -> str:
    """The drawing of one table as SVG."""
    on, back = tracks(machine)
    states = order_of(machine)
    wide = [max([len(track.label) for track in side], default=0) * LETTER + EDGE for side in (back, on)]
    left = wide[0] + LANE * (1 + max([track.lane for track in back], default=-1)) + EDGE
    right = wide[1] + LANE * (1 + max([track.lane for track in on], default=-1)) + EDGE
    sides = (Side(back, left, left - wide[0], "line back"), Side(on, left + BOX, left + BOX + wide[1], "line"))
    tops, height = list[float](), float(EDGE)
    for number in range(len(states)):
        tops.append(height)
        height += PORT * max(1, *(len(side.ports(number)) for side in sides)) + GAP
    size = f"{left + BOX + right:.0f} {height:.0f}"
    body = [*boxes(machine, tops, left, sides), *(part for side in sides for part in lines_of(side, tops))]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img"><title>{machine.table}</title>'
    return "\n".join([head, f"<style>{STYLE}</style><defs>{ARROW}</defs>", *body, "</svg>\n"])


def boxes(machine: StateMachine, tops: Sequence[float], left: float, sides: Sequence[Side]) -> Iterator[str]:
    """The states: one in which a row is born has a dot, one that nothing leaves a thick line."""
    leaving = {source for move in machine.moves for source in move.sources}
    for number, state in enumerate(order_of(machine)):
        tall = PORT * max(1, *(len(side.ports(number)) for side in sides))
        css = "box" if state in leaving else "box end"
        yield f'<rect class="{css}" x="{left:.0f}" y="{tops[number]:.0f}" width="{BOX}" height="{tall}" rx="8"/>'
        middle = tops[number] + tall / 2
        if state in machine.initial:
            yield f'<circle class="dot" cx="{left + 14:.0f}" cy="{middle:.0f}" r="5"/>'
        words = escape(state.replace("_", " "))
        yield f'<text x="{left + BOX / 2:.0f}" y="{middle + 5:.0f}" text-anchor="middle">{words}</text>'


def lines_of(side: Side, tops: Sequence[float]) -> Iterator[str]:
    """The lines of one side with their words; each keeps its own port at every state."""
    back = side.first_lane < side.edge
    for track in side.lines:
        lane = side.first_lane + (-1 if back else 1) * (track.lane * LANE + LANE / 2)
        arrival = height_of(side, track, track.target, tops, leaves=False)
        for source in track.sources:
            start = height_of(side, track, source, tops, leaves=True)
            path = f"M{side.edge:.0f} {start:.0f}H{lane:.0f}V{arrival:.0f}H{side.edge:.0f}"
            yield f'<path class="{side.css}" d="{path}" marker-end="url(#tip)"/>'
            place = f'x="{side.edge - 6:.0f}" text-anchor="end"' if back else f'x="{side.edge + 6:.0f}"'
            yield f'<text class="act" {place} y="{start - 4:.0f}">{escape(track.label)}</text>'


def height_of(side: Side, track: Track, state: int, tops: Sequence[float], *, leaves: bool) -> float:
    """How far down a line meets a state."""
    return tops[state] + PORT * side.ports(state).index((track, leaves)) + PORT * 0.7


def main(folder: Path = FOLDER) -> int:
    """Write every drawing; returns the exit code."""
    for machine in machines():
        (folder / name_of(machine)).write_text(drawing(machine))
    return 0


if __name__ == "__main__":
    sys.exit(main())
