"""The database lets an application move only as the table of states says."""

from typing import ClassVar

from django.db import migrations

from audit import guards


class Migration(migrations.Migration):
    dependencies: ClassVar = [("applications", "0001_initial")]
    operations: ClassVar = [
        guards.status_guard(
            "applications_application",
            [
                ("awaiting_approval", "approved"),
                ("awaiting_approval", "examining"),
                ("awaiting_approval", "refused"),
                ("awaiting_approval", "withdrawn"),
                ("draft", "lapsed"),
                ("draft", "submitted"),
                ("draft", "withdrawn"),
                ("examining", "awaiting_approval"),
                ("examining", "submitted"),
                ("examining", "waiting_information"),
                ("examining", "withdrawn"),
                ("submitted", "examining"),
                ("submitted", "withdrawn"),
                ("waiting_information", "examining"),
                ("waiting_information", "lapsed"),
                ("waiting_information", "withdrawn"),
            ],
            ["draft"],
        ),
    ]
