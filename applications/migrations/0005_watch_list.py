"""Names that may be a third party's: entries are added and ended, never changed."""

import uuid
from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from audit import guards


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("applications", "0004_decisions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="WatchedName",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=120)),
                ("form", models.CharField(db_index=True, max_length=240)),
                ("matching", models.CharField(max_length=5)),
                ("reason", models.TextField()),
                ("added_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("end_reason", models.TextField(null=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("matching__in", ["whole", "part"])), name="watch_matching_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("form__gt", ""), ("reason__gt", "")), name="watched_name_has_its_reason"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("form", "matching"), name="name_is_watched_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("end_reason", None), ("ended_at", None)),
                            models.Q(("end_reason__gt", ""), ("ended_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="end_of_watching_has_its_reason",
                    ),
                ],
            },
        ),
        guards.facts_stay(
            "applications_watchedname",
            ["name", "form", "matching", "reason", "added_by_id", "added_at"],
            once=["ended_by_id", "ended_at", "end_reason"],
        ),
    ]
