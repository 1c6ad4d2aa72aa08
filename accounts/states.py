"""The life of a notice: waiting, handed over to the mail server, bounced by it or given up; perhaps sent again."""

from typing import Final

from audit.acts import Act
from audit.states import Move, StateMachine

NOTICE = StateMachine(
    table="accounts_notice",
    initial=("waiting",),
    moves=(
        Move(Act.NOTICE_SEND, ("waiting",), "handed_over"),
        Move(Act.NOTICE_BOUNCE, ("waiting", "handed_over"), "bounced"),
        Move(Act.NOTICE_FAIL, ("waiting",), "failed"),
        Move(Act.NOTICE_RETRY, ("failed", "bounced"), "waiting"),
    ),
)
# What did not go out and is not tried again by itself.
UNSENT: Final = ("bounced", "failed")
