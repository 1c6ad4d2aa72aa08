"""A notice that the mail server took may come back later, by a report to our mailbox (RFC 3464)."""

from typing import ClassVar

from django.db import migrations

from audit import guards


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0011_changes_by_two")]
    operations: ClassVar = [
        guards.status_guard(
            "accounts_notice",
            [
                ("bounced", "waiting"),
                ("failed", "waiting"),
                ("handed_over", "bounced"),
                ("waiting", "bounced"),
                ("waiting", "failed"),
                ("waiting", "handed_over"),
            ],
            ["waiting"],
        ),
    ]
