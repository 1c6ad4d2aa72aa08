"""Each shard of an authority's lists has a place of its own, fixed at the ceremony; until now there was one."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from audit import guards

AUTHORITY = "certificates_certificationauthority"
FIXED = ["name", "subject_der", "key_reference", "ca_url", "crl_url", "ocsp_url", "shards", "created_at"]
FIRST_PLACES = """
INSERT INTO certificates_distributionpoint (authority_id, shard, url, der)
SELECT id, 0, crl_url, issuing_distribution_point_der
FROM certificates_certificationauthority WHERE issuer_id IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("certificates", "0017_holder_keys_guards")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="DistributionPoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("shard", models.PositiveSmallIntegerField()),
                ("url", models.URLField(unique=True)),
                ("der", models.BinaryField()),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="distribution_points",
                        to="certificates.certificationauthority",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("authority", "shard"), name="one_place_for_each_shard")
                ],
            },
        ),
        migrations.RunSQL(FIRST_PLACES, migrations.RunSQL.noop),
        guards.append_only("certificates_distributionpoint"),
        guards.reader_may_select("certificates_distributionpoint"),
        migrations.RunSQL(f"DROP FUNCTION {AUTHORITY}_facts_stay() CASCADE", migrations.RunSQL.noop),
        guards.facts_stay(AUTHORITY, FIXED, once=["successor_id"]),
        migrations.RemoveField(model_name="certificationauthority", name="distribution_point_der"),
        migrations.RemoveField(model_name="certificationauthority", name="issuing_distribution_point_der"),
    ]
