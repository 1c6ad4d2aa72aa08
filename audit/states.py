"""State machines as data: one table of moves, used by services, database guards, pages, tests and docs."""

from dataclasses import dataclass

from audit.acts import Act


@dataclass(frozen=True)
class Move:
    """`act` takes a row from any of `sources` to `target`."""

    act: Act
    sources: tuple[str, ...]
    target: str


@dataclass(frozen=True)
class StateMachine:
    """The moves of one table's `status` column, and the states in which a row may be born."""

    table: str
    initial: tuple[str, ...]
    moves: tuple[Move, ...]

    def move(self, act: Act) -> Move:
        """Return the move that `act` makes; raises KeyError where the table has none."""
        for move in self.moves:
            if move.act == act:
                return move
        raise KeyError(act)

    def allows(self, act: Act, status: str) -> bool:
        """Tell whether `act` may be done in `status`."""
        return any(move.act == act and status in move.sources for move in self.moves)

    def pairs(self) -> list[tuple[str, str]]:
        """Return every (from, to) that the database guard lets through, sorted."""
        return sorted({(source, move.target) for move in self.moves for source in move.sources})

    def states(self) -> list[str]:
        """Return every state that the table knows, in order of first mention."""
        named = [*self.initial, *(state for move in self.moves for state in (*move.sources, move.target))]
        return list(dict.fromkeys(named))
