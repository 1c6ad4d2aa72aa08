"""The life of a notice: waiting for the mail server, handed over to it, or given up and perhaps sent again."""

from audit.acts import Act
from audit.states import Move, StateMachine

NOTICE = StateMachine(
    table="accounts_notice",
    initial=("waiting",),
    moves=(
        Move(Act.NOTICE_SEND, ("waiting",), "handed_over"),
        Move(Act.NOTICE_FAIL, ("waiting",), "failed"),
        Move(Act.NOTICE_RETRY, ("failed",), "waiting"),
    ),
)
