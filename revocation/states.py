"""The lives of a revocation request and of a mass revocation.

A request: 受付 → 本人確認中 → 承認待ち → 失効処理中 → 失効済み → 通知済, or 却下.
"""

from audit.acts import Act
from audit.states import Move, StateMachine

REQUEST = StateMachine(
    table="revocation_revocationrequest",
    initial=("received",),
    moves=(
        Move(Act.REVOCATION_VERIFY, ("received",), "verifying"),
        Move(Act.REVOCATION_SUBMIT, ("received", "verifying"), "awaiting_approval"),
        Move(Act.REVOCATION_APPROVE, ("awaiting_approval",), "processing"),
        # One approver, or a proof that the key is in other hands: a compromise doesn't wait for the second signature.
        Move(Act.REVOCATION_AT_ONCE, ("received", "verifying", "awaiting_approval"), "processing"),
        Move(Act.REVOCATION_PROVE, ("received", "verifying", "awaiting_approval"), "processing"),
        Move(Act.REVOCATION_DENY, ("received", "verifying", "awaiting_approval"), "denied"),
        Move(Act.REVOCATION_COMPLETE, ("processing",), "revoked"),
        Move(Act.REVOCATION_NOTIFY, ("revoked",), "notified"),
    ),
)

MASS = StateMachine(
    table="revocation_massrevocation",
    initial=("proposed",),
    moves=(
        Move(Act.MASS_APPROVE, ("proposed",), "running"),
        Move(Act.MASS_DISCARD, ("proposed",), "discarded"),
        Move(Act.MASS_STOP, ("running",), "stopped"),
        Move(Act.MASS_RESUME, ("stopped",), "running"),
        Move(Act.MASS_FINISH, ("running",), "finished"),
    ),
)
