"""The drawings of the tables of states in docs are those of the tables as they stand."""

import pytest

from applications.states import APPLICATION
from audit.acts import Act
from audit.states import Move, StateMachine
from lra_portal.diagrams import BASE, FOLDER, drawing, lanes, machines, name_of, tracks

REDRAW = "draw them again: .venv/bin/python -m lra_portal.diagrams"


@pytest.mark.parametrize("machine", machines(), ids=lambda machine: machine.table)
def test_the_stored_drawing_is_that_of_the_table(machine: StateMachine) -> None:
    assert (FOLDER / name_of(machine)).read_text() == drawing(machine), REDRAW


def test_every_table_is_drawn_and_every_drawing_stands_in_the_docs() -> None:
    stored = {path.name for path in FOLDER.glob("states-*.svg")}
    assert stored == {name_of(machine) for machine in machines()}
    text = (BASE / "docs/states.md").read_text()
    assert [name for name in sorted(stored) if f"images/{name}" not in text] == []
    assert APPLICATION in machines()


def test_a_move_that_comes_into_the_table_changes_the_drawing() -> None:
    changed = StateMachine(
        APPLICATION.table, APPLICATION.initial, (*APPLICATION.moves, Move(Act.APPLICATION_READ, ("refused",), "draft"))
    )
    assert drawing(changed) != drawing(APPLICATION)
    assert "read (approver, auditor, examiner)" in drawing(changed)


@pytest.mark.parametrize("machine", machines(), ids=lambda machine: machine.table)
def test_no_two_lines_run_in_the_same_lane_at_the_same_height(machine: StateMachine) -> None:
    for side in tracks(machine):
        assert lanes(side) == side
        for one in side:
            for other in side:
                if one is not other and one.lane == other.lane:
                    assert one.span[1] < other.span[0] or other.span[1] < one.span[0]
