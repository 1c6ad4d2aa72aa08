"""Applications filed for somebody else, and what the applicant answered (O-4.1, J-5)."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from audit import guards


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0008_lists"),
        ("certificates", "0005_facts_stay"),
        ("regulations", "0006_rules_versions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("token_digest", models.BinaryField(max_length=32, unique=True)),
                ("asked_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("reminded_at", models.DateTimeField(null=True)),
                ("answer", models.CharField(blank=True, max_length=12)),
                ("note", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="application",
            name="submitted_has_a_receipt",
        ),
        migrations.AddField(
            model_name="application",
            name="filed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="filed",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="filed_for",
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.AddField(
            model_name="application",
            name="taken_over_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["draft", "waiting_consent", "withdrawn", "lapsed"]),
                    ("receipt_number__isnull", False),
                    _connector="OR",
                ),
                name="submitted_has_a_receipt",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("filed_by", None), ("taken_over_at", None)),
                    models.Q(("filed_by__isnull", False), models.Q(("filed_by", models.F("applicant")), _negated=True)),
                    _connector="OR",
                ),
                name="filed_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("examiner", None),
                    ("filed_by", None),
                    models.Q(("examiner", models.F("filed_by")), _negated=True),
                    _connector="OR",
                ),
                name="examiner_did_not_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by", None),
                    ("filed_by", None),
                    models.Q(("decided_by", models.F("filed_by")), _negated=True),
                    _connector="OR",
                ),
                name="approver_did_not_file",
            ),
        ),
        migrations.AddField(
            model_name="confirmation",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="confirmations", to="applications.application"
            ),
        ),
        migrations.AddField(
            model_name="confirmation",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="confirmation",
            index=models.Index(
                condition=models.Q(("answered_at", None)), fields=["until"], name="confirmation_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="confirmation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answered_at", None)), fields=("application",), name="one_open_confirmation"
            ),
        ),
        migrations.AddConstraint(
            model_name="confirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", ""), ("answered_at", None)),
                    models.Q(
                        ("answer__in", ("confirmed", "declined", "taken_over", "recalled", "withdrawn", "lapsed")),
                        ("answered_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="confirmation_has_its_answer",
            ),
        ),
        guards.status_guard(
            "applications_application",
            [
                ("awaiting_approval", "approved"),
                ("awaiting_approval", "examining"),
                ("awaiting_approval", "refused"),
                ("awaiting_approval", "withdrawn"),
                ("draft", "lapsed"),
                ("draft", "submitted"),
                ("draft", "waiting_consent"),
                ("draft", "withdrawn"),
                ("examining", "awaiting_approval"),
                ("examining", "submitted"),
                ("examining", "waiting_information"),
                ("examining", "withdrawn"),
                ("submitted", "examining"),
                ("submitted", "withdrawn"),
                ("waiting_consent", "draft"),
                ("waiting_consent", "lapsed"),
                ("waiting_consent", "submitted"),
                ("waiting_consent", "withdrawn"),
                ("waiting_information", "examining"),
                ("waiting_information", "lapsed"),
                ("waiting_information", "withdrawn"),
            ],
            ["draft"],
        ),
        guards.facts_stay("applications_application", ["filed_by_id", "filed_for"], ["taken_over_at"]),
        guards.facts_stay(
            "applications_confirmation",
            ["application_id", "token_digest", "asked_by_id", "asked_at", "until"],
            ["reminded_at", "answered_at"],
        ),
    ]
