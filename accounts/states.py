"""The life of a notice: waiting for the mail server, handed over to it, or given up."""

from audit.acts import Act
from audit.states import Move, StateMachine

NOTICE = StateMachine(
    table="accounts_notice",
    initial=("waiting",),
    moves=(
        Move(Act.NOTICE_SEND, ("waiting",), "handed_over"),
        Move(Act.NOTICE_FAIL, ("waiting",), "failed"),
    ),
)
