"""What comes in is counted by day without looking at what came years ago."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("applications", "0015_alarms")]

    operations: ClassVar = [
        migrations.AddIndex(
            "application",
            models.Index(
                fields=["submitted_at"],
                include=["target_system"],
                name="application_by_receipt",
                condition=models.Q(submitted_at__isnull=False),
            ),
        ),
    ]
