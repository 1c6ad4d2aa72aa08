"""The life of a subscription: applied for, in use, suspended, ended."""

from audit.acts import Act
from audit.states import Move, StateMachine

SUBSCRIPTION = StateMachine(
    table="regulations_subscription",
    initial=("applied",),
    moves=(
        Move(Act.SUBSCRIPTION_START, ("applied",), "in_use"),
        Move(Act.SUBSCRIPTION_SUSPEND, ("in_use",), "suspended"),
        Move(Act.SUBSCRIPTION_RESUME, ("suspended",), "in_use"),
        Move(Act.SUBSCRIPTION_END, ("applied", "in_use", "suspended"), "ended"),
    ),
)
