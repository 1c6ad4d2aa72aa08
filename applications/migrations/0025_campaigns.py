"""Campaigns that offer reissues, and what becomes of each offer (O-19.2.6)."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from audit import guards


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_notices_bounce"),
        ("applications", "0024_item_words"),
        ("certificates", "0017_holder_keys_guards"),
        ("regulations", "0009_subjects"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Campaign",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("key_type", models.CharField(blank=True, max_length=12)),
                ("message", models.JSONField(default=dict)),
                ("answer_by", models.DateField()),
                ("per_minute", models.PositiveSmallIntegerField()),
                ("status", models.CharField(default="prepared", max_length=10)),
                ("status_since", models.DateTimeField()),
                ("prepared_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                (
                    "authority",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="certificates.certificationauthority",
                    ),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "target_system",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="regulations.targetsystem"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CampaignMember",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("status", models.CharField(default="waiting", max_length=10)),
                ("status_since", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=40)),
                ("offered_at", models.DateTimeField(null=True)),
                (
                    "application",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaign_members",
                        to="applications.application",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="members", to="applications.campaign"
                    ),
                ),
                (
                    "certificate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certificates.certificate"
                    ),
                ),
                (
                    "notice",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.notice"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("started_by", None),
                    models.Q(("started_by", models.F("prepared_by")), _negated=True),
                    _connector="OR",
                ),
                name="campaign_takes_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("started_at", None), ("started_by", None), ("status__in", ["prepared", "discarded"])),
                    models.Q(
                        ("started_at__isnull", False),
                        ("started_by__isnull", False),
                        ("status__in", ["running", "stopped", "finished"]),
                    ),
                    _connector="OR",
                ),
                name="campaign_was_started_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(condition=models.Q(("per_minute__gte", 1)), name="campaign_goes_on"),
        ),
        migrations.AddIndex(
            model_name="campaignmember",
            index=models.Index(fields=["campaign", "status", "id"], name="member_by_status"),
        ),
        migrations.AddIndex(
            model_name="campaignmember",
            index=models.Index(fields=["campaign", "offered_at"], name="member_by_offer"),
        ),
        migrations.AddConstraint(
            model_name="campaignmember",
            constraint=models.UniqueConstraint(fields=("campaign", "certificate"), name="member_once"),
        ),
        migrations.AddConstraint(
            model_name="campaignmember",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["waiting", "offered", "opened"])),
                fields=("certificate",),
                name="one_open_offer_per_certificate",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignmember",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["waiting", "skipped", "expired"]),
                    models.Q(("notice__isnull", False), ("offered_at__isnull", False)),
                    _connector="OR",
                ),
                name="offer_was_written",
            ),
        ),
        guards.status_guard(
            "applications_campaign",
            [
                ("prepared", "discarded"),
                ("prepared", "running"),
                ("running", "finished"),
                ("running", "stopped"),
                ("stopped", "finished"),
                ("stopped", "running"),
            ],
            ["prepared"],
        ),
        guards.facts_stay(
            "applications_campaign",
            (
                "id",
                "target_system_id",
                "authority_id",
                "key_type",
                "message",
                "answer_by",
                "per_minute",
                "prepared_by_id",
                "prepared_at",
            ),
            once=["started_by_id", "started_at"],
        ),
        guards.status_guard(
            "applications_campaignmember",
            [
                ("offered", "declined"),
                ("offered", "expired"),
                ("offered", "issued"),
                ("offered", "opened"),
                ("offered", "skipped"),
                ("opened", "issued"),
                ("opened", "offered"),
                ("waiting", "expired"),
                ("waiting", "offered"),
                ("waiting", "skipped"),
            ],
            ["waiting"],
        ),
        guards.facts_stay(
            "applications_campaignmember", ["id", "campaign_id", "certificate_id"], once=["offered_at", "notice_id"]
        ),
    ]
