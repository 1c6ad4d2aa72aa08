"""Others of the same name and of the same corporation are found by an index, however many applications there are."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

UNDECIDED = models.Q(status__in=["submitted", "examining", "waiting_information", "awaiting_approval"])
# What was received before says its common name in its order.
NAMES = """
    SET CONSTRAINTS ALL IMMEDIATE;
    UPDATE applications_application SET printed_name = left(part ->> 1, 64)
    FROM certificates_order, jsonb_array_elements(frozen -> 'subject') AS part
    WHERE certificates_order.id = order_id AND contents_erased_at IS NULL AND part ->> 0 = 'CN'
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("applications", "0018_batch_tasks"),
        ("regulations", "0009_subjects"),
    ]

    operations: ClassVar = [
        migrations.AddField("application", "printed_name", models.CharField(blank=True, max_length=64)),
        migrations.RunSQL(NAMES, migrations.RunSQL.noop),
        migrations.AddIndex(
            "application",
            models.Index(fields=["printed_name", "submitted_at"], name="open_by_printed_name", condition=UNDECIDED),
        ),
        migrations.AddIndex(
            "application", models.Index(fields=["contract", "submitted_at"], name="application_by_contract")
        ),
        migrations.AlterField(
            "application",
            "contract",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="applications",
                to="regulations.contract",
            ),
        ),
    ]
