"""A second administrator confirms who joins the office and with which roles; roles may be limited to target systems."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_notices_bounce"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="rolegrant",
            name="role_can_be_granted",
        ),
        migrations.AddField(
            model_name="rolegrant",
            name="confirmed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="rolegrant",
            name="systems",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="staffinvitation",
            name="confirmed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="staffinvitation",
            name="confirmed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="staffinvitation",
            name="declined_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="staffinvitation",
            name="declined_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="staffinvitation",
            name="reason",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="staffinvitation",
            name="systems",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AlterField(
            model_name="rolegrant",
            name="role",
            field=models.CharField(
                choices=[
                    ("applicant", "applicant or subscriber"),
                    ("proxy", "agent by proxy"),
                    ("contract_admin", "contract administrator"),
                    ("examiner", "examiner"),
                    ("approver", "approver"),
                    ("rules_manager", "rules manager"),
                    ("key_officer", "key officer"),
                    ("agent", "call-center agent"),
                    ("auditor", "auditor"),
                    ("administrator", "system administrator"),
                    ("api_client", "parent service (API)"),
                    ("system", "system"),
                    ("anyone", "anyone"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="staffinvitation",
            name="joined",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invitations",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="staffinvitation",
            name="token_digest",
            field=models.BinaryField(max_length=32, null=True, unique=True),
        ),
        migrations.AddConstraint(
            model_name="rolegrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("role__in", ["system", "anyone", "applicant", "proxy", "api_client"]), _negated=True
                ),
                name="role_can_be_granted",
            ),
        ),
        migrations.AddConstraint(
            model_name="rolegrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by", None),
                    models.Q(
                        models.Q(("confirmed_by", models.F("user")), _negated=True),
                        models.Q(("confirmed_by", models.F("granted_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="role_confirmed_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="staffinvitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by", None),
                    models.Q(("confirmed_by", models.F("invited_by")), _negated=True),
                    _connector="OR",
                ),
                name="invitation_confirmed_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="staffinvitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("confirmed_at", None), ("declined_at", None), _connector="OR"),
                name="invitation_confirmed_or_declined",
            ),
        ),
    ]
