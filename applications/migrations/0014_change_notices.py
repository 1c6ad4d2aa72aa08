"""Notices of change: what was said stays, and a notice moves only as its table says (O-13)."""

import uuid
from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from audit import guards

SAID = ["receipt_number", "certificate_id", "person_id", "changes", "kind", "since", "text", "received_at"]


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("applications", "0013_batches"),
        ("certificates", "0011_orders_reopen"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="ChangeNotice",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("receipt_number", models.CharField(max_length=20, unique=True)),
                ("changes", models.JSONField()),
                ("kind", models.CharField(max_length=10)),
                ("since", models.DateField(null=True)),
                ("text", models.TextField(blank=True)),
                ("urgent", models.BooleanField(default=False)),
                ("four_eyes", models.BooleanField(default=True)),
                ("status", models.CharField(default="received", max_length=20)),
                ("status_since", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("outcome", models.CharField(blank=True, max_length=12)),
                ("findings", models.TextField(blank=True)),
                ("answer", models.TextField(blank=True)),
                ("return_note", models.TextField(blank=True)),
                ("revocation_number", models.CharField(blank=True, max_length=20)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "certificate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="change_notices",
                        to="certificates.certificate",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "examiner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="change_notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["status", "due_at"], name="change_by_status")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["received", "examining", "awaiting_approval"])),
                        fields=("certificate",),
                        name="one_open_change_notice",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("examiner", None),
                            models.Q(("examiner", models.F("person")), _negated=True),
                            _connector="OR",
                        ),
                        name="change_examiner_is_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("person")), _negated=True),
                            _connector="OR",
                        ),
                        name="change_approver_is_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("four_eyes", False),
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("examiner")), _negated=True),
                            _connector="OR",
                        ),
                        name="change_approver_did_not_examine",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "settled"), _negated=True),
                            ("outcome__in", ["reissue", "revocation", "correction", "none"]),
                            _connector="OR",
                        ),
                        name="settled_change_has_an_outcome",
                    ),
                ],
            },
        ),
        guards.status_guard(
            "applications_changenotice",
            [
                ("awaiting_approval", "examining"),
                ("awaiting_approval", "settled"),
                ("examining", "awaiting_approval"),
                ("examining", "received"),
                ("examining", "withdrawn"),
                ("received", "examining"),
                ("received", "withdrawn"),
            ],
            ["received"],
        ),
        guards.facts_stay("applications_changenotice", SAID),
    ]
