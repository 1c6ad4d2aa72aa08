"""Reissue and renewal: which certificate they follow, and why (O-12.2, O-18.2)."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("applications", "0006_overrides"),
        ("certificates", "0006_reminders"),
        ("regulations", "0006_rules_versions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name="application",
            name="previous",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="followed_by",
                to="certificates.certificate",
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="reason",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name="application",
            name="reason_text",
            field=models.TextField(blank=True),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "draft")), fields=("previous", "kind"), name="one_draft_per_certificate"
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "new"), ("previous", None)),
                    models.Q(("kind__in", ["reissue", "renewal"]), ("previous__isnull", False)),
                    _connector="OR",
                ),
                name="kind_and_previous_agree",
            ),
        ),
    ]
