"""A grant says who gave which role to whom; nobody turns it into another one, it only ends, once."""

from typing import ClassVar

from django.db import migrations

from audit import guards


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0002_guards")]
    operations: ClassVar = [
        guards.facts_stay("accounts_rolegrant", ["user_id", "role", "granted_by_id", "granted_at"], once=["ended_at"]),
    ]
