"""Authorities are renewed: every certificate that one ever had stays on record, and so do its key and addresses."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from audit import guards

FIXED = [
    "name",
    "subject_der",
    "key_reference",
    "ca_url",
    "crl_url",
    "ocsp_url",
    "distribution_point_der",
    "issuing_distribution_point_der",
    "created_at",
]
FIRST_CERTIFICATES = """
INSERT INTO certificates_authoritycertificate (authority_id, issuer_id, der, sha256, not_before, not_after, made_at)
SELECT id, issuer_id, certificate_der, sha256, not_before, not_after, created_at
FROM certificates_certificationauthority
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("certificates", "0006_reminders")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="certificationauthority",
            name="successor",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="predecessor",
                to="certificates.certificationauthority",
            ),
        ),
        migrations.CreateModel(
            name="AuthorityCertificate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("der", models.BinaryField()),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("not_before", models.DateTimeField()),
                ("not_after", models.DateTimeField()),
                ("made_at", models.DateTimeField()),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="own_certificates",
                        to="certificates.certificationauthority",
                    ),
                ),
                (
                    "issuer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="certificates.certificationauthority",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(FIRST_CERTIFICATES, migrations.RunSQL.noop),
        guards.append_only("certificates_authoritycertificate"),
        guards.reader_may_select("certificates_authoritycertificate"),
        guards.facts_stay("certificates_certificationauthority", FIXED, once=["successor_id"]),
    ]
