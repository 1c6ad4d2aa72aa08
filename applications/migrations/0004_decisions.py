"""Decisions are kept, every one; whoever examined does not decide where four eyes are wanted."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from audit import guards

FOUR_EYES_OF_THE_RULES = """
    UPDATE applications_application SET four_eyes = false
    FROM regulations_targetsystemversion
    WHERE regulations_targetsystemversion.id = rules_id AND rules ->> 'four_eyes' = 'false'
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("applications", "0003_advance_notices"),
        ("certificates", "0005_facts_stay"),
        ("regulations", "0006_rules_versions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("round", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("kind", models.CharField(max_length=20)),
                ("ground", models.CharField(blank=True, max_length=12)),
                ("text", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["at", "pk"],
            },
        ),
        migrations.AddField(
            model_name="application",
            name="four_eyes",
            field=models.BooleanField(default=True),
        ),
        migrations.RunSQL(FOUR_EYES_OF_THE_RULES, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("four_eyes", False),
                    ("decided_by", None),
                    ("examiner", None),
                    models.Q(("decided_by", models.F("examiner")), _negated=True),
                    _connector="OR",
                ),
                name="approver_did_not_examine",
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="applicant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="applications.application"
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["recommended", "refusal_proposed", "returned", "approved", "refused"])
                ),
                name="decision_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("person", models.F("applicant")), _negated=True),
                name="nobody_decides_about_themselves",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["refusal_proposed", "refused"]), _negated=True),
                    models.Q(("ground__gt", ""), ("text__gt", "")),
                    _connector="OR",
                ),
                name="refusal_on_record_has_ground_and_text",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("kind", "returned"), _negated=True), ("text__gt", ""), _connector="OR"),
                name="return_says_why",
            ),
        ),
        guards.append_only("applications_decision"),
    ]
