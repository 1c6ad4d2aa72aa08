"""The life of an order and of a signer's intent."""

from audit.acts import Act
from audit.states import Move, StateMachine

ORDER = StateMachine(
    table="certificates_order",
    initial=("proposed",),
    moves=(
        Move(Act.ORDER_QUEUE, ("proposed",), "queued"),
        Move(Act.ORDER_CLAIM, ("queued",), "signing"),
        Move(Act.CERTIFICATE_ISSUE, ("signing",), "issued"),
        Move(Act.ORDER_FAIL, ("queued", "signing"), "failed"),
        Move(Act.ORDER_RELEASE, ("signing",), "queued"),
        Move(Act.ORDER_RETRY, ("failed",), "queued"),
        Move(Act.ORDER_CANCEL, ("proposed", "queued", "failed"), "cancelled"),
    ),
)

INTENT = StateMachine(
    table="certificates_intent",
    initial=("open",),
    moves=(
        Move(Act.CERTIFICATE_ISSUE, ("open",), "signed"),
        Move(Act.INTENT_ABANDON, ("open",), "abandoned"),
    ),
)
