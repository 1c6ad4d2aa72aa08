"""The lives of orders, of samples, of a signer's intents and of PIN letters."""

from audit.acts import Act
from audit.states import Move, StateMachine

ORDER = StateMachine(
    table="certificates_order",
    initial=("proposed",),
    moves=(
        Move(Act.ORDER_QUEUE, ("proposed",), "queued"),
        # A key made in the holder's browser comes after the approvals, at pick-up; the holder may make another one
        # until the signer has taken the order.
        Move(Act.ORDER_AWAIT_KEY, ("proposed", "failed"), "awaiting_key"),
        Move(Act.ORDER_GIVE_KEY, ("awaiting_key",), "queued"),
        Move(Act.ORDER_TAKE_BACK_KEY, ("queued",), "awaiting_key"),
        Move(Act.ORDER_CLAIM, ("queued",), "signing"),
        Move(Act.CERTIFICATE_ISSUE, ("signing",), "issued"),
        Move(Act.ORDER_FAIL, ("queued", "signing"), "failed"),
        Move(Act.ORDER_RELEASE, ("signing",), "queued"),
        Move(Act.ORDER_RETRY, ("failed",), "queued"),
        Move(Act.ORDER_CANCEL, ("proposed", "awaiting_key", "queued", "failed"), "cancelled"),
        Move(Act.ORDER_REOPEN, ("cancelled",), "proposed"),
    ),
)

SAMPLE = StateMachine(
    table="certificates_samplecertificate",
    initial=("waiting",),
    moves=(
        Move(Act.SAMPLE_ASK, ("clean", "findings"), "waiting"),
        Move(Act.SAMPLE_CLEAR, ("waiting",), "clean"),
        Move(Act.SAMPLE_FAIL, ("waiting",), "findings"),
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

# A letter is handed over at most once. Where nobody can know whether it was, a person says so; printing again makes
# another letter.
PIN_LETTER = StateMachine(
    table="certificates_pinletter",
    initial=("waiting",),
    moves=(
        Move(Act.PIN_LETTER_RELEASE, ("waiting",), "released"),
        Move(Act.PIN_LETTER_PRINT, ("released",), "printing"),
        Move(Act.PIN_LETTER_HAND_OVER, ("printing",), "handed_over"),
        Move(Act.PIN_LETTER_FAIL, ("printing",), "failed"),
        Move(Act.PIN_LETTER_LOSE, ("printing",), "unclear"),
        Move(Act.PIN_LETTER_FIND, ("unclear",), "handed_over"),
        Move(Act.PIN_LETTER_REPLACE, ("failed", "unclear"), "replaced"),
        Move(Act.PIN_LETTER_CANCEL, ("waiting", "released", "failed", "unclear"), "cancelled"),
    ),
)
