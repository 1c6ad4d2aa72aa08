"""Exchanging a key of the vault: a key officer has everything sealed anew under the key that comes first (J-5.2).

The command `manage.py rotate_keys` runs in a process that holds the keys of the purpose; no page does this.
"""

from collections.abc import Callable
from datetime import datetime

from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from vault import resealing
from vault.models import Purpose


def rotate(
    *,
    purpose: Purpose,
    actor: Actor,
    reason: str,
    clock: Callable[[], datetime],
    go_on: Callable[[int, int], bool],
) -> bool:
    """Seal all blobs of a purpose under its current key, portion by portion; tell whether all of them are.

    `go_on` is told how many of how many are done after each portion, and says whether to do another one. Called again
    it does what is left. Raises NotAllowed, ValueError without a reason, KeyProblemError for keys that are not fit.
    """
    actor = authorise(actor=actor, act=Act.BLOB_RESEAL)
    if not reason.strip():
        raise ValueError("give a reason")
    resealing.check_keys(purpose)
    total, done, last = resealing.waiting(purpose), 0, None
    while go_on(done, total):
        portion = resealing.reseal(purpose=purpose, after=last, actor=actor, reason=reason, at=clock())
        if not portion.count:
            break
        done, last = done + portion.count, portion.last
    return resealing.waiting(purpose) == 0
