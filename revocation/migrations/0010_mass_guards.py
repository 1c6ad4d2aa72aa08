"""States of mass revocations and of their lines, and what of them stays."""

from typing import ClassVar

from django.db import migrations

from audit import guards

MOVES = [
    ("proposed", "discarded"),
    ("proposed", "running"),
    ("running", "finished"),
    ("running", "stopped"),
    ("stopped", "running"),
]
FACTS = ["number", "story", "ground", "statement", "selection", "made_by_id", "made_at"]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("revocation", "0009_mass_revocations")]
    operations: ClassVar = [
        guards.status_guard("revocation_massrevocation", MOVES, ["proposed"]),
        guards.status_guard(
            "revocation_massmember", [("chosen", "revoked"), ("chosen", "skipped")], ["chosen", "left_out"]
        ),
        guards.facts_stay("revocation_massrevocation", FACTS, once=["approved_by_id", "approved_at"]),
        guards.facts_stay("revocation_massmember", ["mass_id", "named", "certificate_id"], once=["done_at"]),
    ]
