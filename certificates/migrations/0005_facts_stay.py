"""What was signed stays as it was signed, and what was revoked stays revoked."""

from typing import ClassVar

from django.db import migrations

from audit import guards

SIGNED = ["order_id", "intent_id", "authority_id", "shard", "serial", "der", "sha256", "not_before", "not_after"]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("certificates", "0004_recovery")]
    operations: ClassVar = [
        guards.facts_stay("certificates_certificate", SIGNED, once=["revoked_at", "revocation_xid"]),
    ]
