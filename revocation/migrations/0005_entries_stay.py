"""An entry of a list stays: only its reason may be raised, and the list after which it was left out noted."""

from typing import ClassVar

from django.db import migrations

from audit import guards

FACTS = ["authority_id", "shard", "serial", "certificate_id", "revoked_at", "ends_at"]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("revocation", "0004_governing_manual")]
    operations: ClassVar = [guards.facts_stay("revocation_crlentry", FACTS)]
