"""The database lets a notice move only as the table of states says."""

from typing import ClassVar

from django.db import migrations

from audit import guards


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0001_initial")]
    operations: ClassVar = [
        guards.status_guard(
            "accounts_notice",
            [("waiting", "failed"), ("waiting", "handed_over")],
            ["waiting"],
        ),
    ]
