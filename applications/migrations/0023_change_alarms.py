"""Which alarms were raised about the promised times of notices of change; rows are only added."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from audit import guards


class Migration(migrations.Migration):
    dependencies: ClassVar = [("applications", "0022_changes_erased")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="ChangeAlarm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stage", models.CharField(max_length=4)),
                ("raised_at", models.DateTimeField()),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alarms",
                        to="applications.changenotice",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "changealarm",
            models.UniqueConstraint(fields=["notice", "stage"], name="change_alarm_raised_once"),
        ),
        migrations.AddConstraint(
            "changealarm",
            models.CheckConstraint(
                condition=models.Q(stage__in=["half", "near", "over"]), name="change_alarm_stage_is_known"
            ),
        ),
        guards.append_only("applications_changealarm"),
    ]
