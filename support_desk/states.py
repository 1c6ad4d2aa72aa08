"""The life of a ticket: open while the desk has to act, waiting while the caller has to, answered, closed."""

from typing import Final

from audit.acts import Act
from audit.states import Move, StateMachine

TICKET = StateMachine(
    table="support_desk_ticket",
    initial=("open",),
    moves=(
        Move(Act.TICKET_ANSWER, ("open", "waiting"), "answered"),
        Move(Act.TICKET_WAIT, ("open", "answered"), "waiting"),
        Move(Act.TICKET_RESUME, ("waiting",), "open"),
        Move(Act.TICKET_CLOSE, ("open", "waiting", "answered"), "closed"),
        Move(Act.TICKET_REOPEN, ("answered", "closed"), "open"),
    ),
)
# Solved as far as the desk knows: the clock of the solution has stopped.
SOLVED: Final = ("answered", "closed")
