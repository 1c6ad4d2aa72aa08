"""Advance notices of a coming version, and the manual that governed an application (O-3.3, O-12.1)."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from audit import guards


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("applications", "0002_guards"),
        ("regulations", "0005_document_versions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="application",
            name="manual",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regulations.documentversion",
            ),
        ),
        migrations.CreateModel(
            name="AdvanceNotice",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("message", models.JSONField(default=dict)),
                ("planned_for", models.DateField()),
                ("status", models.CharField(default="sending", max_length=10)),
                ("status_since", models.DateTimeField()),
                ("started_at", models.DateTimeField()),
                (
                    "contract",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regulations.contract",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "target_system",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regulations.targetsystem",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="advance_notices",
                        to="regulations.documentversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AdvanceRecipient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "advance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recipients",
                        to="applications.advancenotice",
                    ),
                ),
                (
                    "notice",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.notice"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="advancenotice",
            constraint=models.CheckConstraint(
                condition=models.Q(("target_system", None), ("contract", None), _connector="OR"),
                name="advance_touches_one_circle",
            ),
        ),
        migrations.AddIndex(
            model_name="advancerecipient",
            index=models.Index(condition=models.Q(("notice", None)), fields=["advance", "id"], name="advance_waiting"),
        ),
        migrations.AddConstraint(
            model_name="advancerecipient",
            constraint=models.UniqueConstraint(fields=("advance", "person"), name="advance_reaches_each_once"),
        ),
        guards.status_guard(
            "applications_advancenotice",
            [("sending", "finished"), ("sending", "stopped"), ("stopped", "sending")],
            ["sending"],
        ),
    ]
