"""The life of a ticket."""

from audit.acts import Act
from audit.states import Move, StateMachine

TICKET = StateMachine(
    table="support_desk_ticket",
    initial=("open",),
    moves=(
        Move(Act.TICKET_ANSWER, ("open",), "answered"),
        Move(Act.TICKET_CLOSE, ("open", "answered"), "closed"),
    ),
)
