"""A notice that the mail server refuses for good bounces, and may be sent again when somebody says so (O-5)."""

from django.db import migrations, models

from audit import guards


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_somebody_grants"),
        ("vault", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("status__in", ["bounced", "failed"])),
                fields=["kind", "status_since"],
                name="notice_unsent",
            ),
        ),
        guards.status_guard(
            "accounts_notice",
            [
                ("bounced", "waiting"),
                ("failed", "waiting"),
                ("waiting", "bounced"),
                ("waiting", "failed"),
                ("waiting", "handed_over"),
            ],
            ["waiting"],
        ),
    ]
