"""One signature may be enough for a compromise: the moves for it, and what stays of second signatures and challenges."""

from typing import ClassVar

from django.db import migrations

from audit import guards

MOVES = [
    ("awaiting_approval", "denied"),
    ("awaiting_approval", "processing"),
    ("processing", "revoked"),
    ("received", "awaiting_approval"),
    ("received", "denied"),
    ("received", "processing"),
    ("received", "verifying"),
    ("revoked", "notified"),
    ("verifying", "awaiting_approval"),
    ("verifying", "denied"),
    ("verifying", "processing"),
]
FACTS = ["number", "channel", "received_at"]
ONCE = ["decided_by_id", "decided_at", "countersign_due_at", "countersigned_by_id", "countersigned_at"]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("revocation", "0006_one_signature")]
    operations: ClassVar = [
        guards.status_guard("revocation_revocationrequest", MOVES, ["received"]),
        guards.facts_stay("revocation_revocationrequest", FACTS, once=ONCE),
        guards.facts_stay(
            "revocation_keychallenge", ["request_id", "text", "made_at", "expires_at"], once=["used_at", "answer"]
        ),
    ]
