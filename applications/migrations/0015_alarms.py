"""Which alarms were raised about promised times; rows are only added."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from audit import guards


class Migration(migrations.Migration):
    dependencies: ClassVar = [("applications", "0014_change_notices")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Alarm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stage", models.CharField(max_length=4)),
                ("due_at", models.DateTimeField()),
                ("raised_at", models.DateTimeField()),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alarms",
                        to="applications.application",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "alarm",
            models.UniqueConstraint(fields=["application", "stage", "due_at"], name="alarm_raised_once"),
        ),
        migrations.AddConstraint(
            "alarm",
            models.CheckConstraint(condition=models.Q(stage__in=["half", "near", "over"]), name="alarm_stage_is_known"),
        ),
        guards.append_only("applications_alarm"),
    ]
