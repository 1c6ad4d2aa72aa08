"""The tables of states, the code and the guards in the database say the same."""

import pytest
from django.db import connection

from audit.states import StateMachine
from lra_portal.diagrams import machines

MACHINES = machines()


def _guard_of(machine: StateMachine) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = %s", [f"{machine.table}_status_guard"])
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.table)
def test_the_database_guard_lets_through_exactly_the_moves_of_the_table(machine: StateMachine) -> None:
    source = _guard_of(machine)
    moves = ", ".join(f"('{before}', '{after}')" for before, after in machine.pairs())
    births = ", ".join(f"'{state}'" for state in machine.initial)
    assert f"NOT IN ({moves})" in source
    assert f"NEW.status NOT IN ({births})" in source


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.table)
def test_every_state_but_the_first_is_reached_by_some_move(machine: StateMachine) -> None:
    reached = {*machine.initial, *(move.target for move in machine.moves)}
    assert set(machine.states()) == reached


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.table)
def test_an_act_stands_once_in_a_table(machine: StateMachine) -> None:
    acts = [move.act for move in machine.moves]
    assert len(acts) == len(set(acts))
