"""Findings that were overridden, each with its reason; rows are added, never changed."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from audit import guards


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("applications", "0005_watch_list"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Override",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=40)),
                ("about", models.CharField(blank=True, max_length=400)),
                ("digest", models.CharField(max_length=64)),
                ("found", models.TextField()),
                ("reason", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "applicant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="overrides",
                        to="applications.application",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("application", "code", "about", "digest"), name="overridden_once"),
                    models.CheckConstraint(condition=models.Q(("reason__gt", "")), name="override_says_why"),
                    models.CheckConstraint(
                        condition=models.Q(("person", models.F("applicant")), _negated=True),
                        name="nobody_overrides_for_themselves",
                    ),
                ],
            },
        ),
        guards.append_only("applications_override"),
    ]
