"""A notice that was given up may wait for the mail server again, when somebody says so."""

from typing import ClassVar

from django.db import migrations

from audit import guards


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0003_grants_stay")]
    operations: ClassVar = [
        guards.status_guard(
            "accounts_notice",
            [("failed", "waiting"), ("waiting", "failed"), ("waiting", "handed_over")],
            ["waiting"],
        ),
    ]
