"""What the office's lists are sorted, filtered and searched by; what was received before is filed too."""

from typing import Any, ClassVar

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

from accounts.spelling import card
from applications.rules.finding import sort_name


class Pairs(models.Func):
    """The function below; a later migration puts another one in its place."""

    function = "applications_pairs"
    arity = 1
    output_field = django.contrib.postgres.fields.ArrayField(models.TextField())


UNDECIDED = models.Q(status__in=["submitted", "examining", "waiting_information", "awaiting_approval"])
QUEUES: dict[str, dict[str, Any]] = {
    "application_queue": {"fields": ["due_at", "id"], "include": ["status"]},
    "queue_by_status": {"fields": ["status", "due_at", "id"]},
    "queue_by_examiner": {"fields": ["examiner", "due_at", "id"], "include": ["status"]},
    "queue_by_system": {"fields": ["target_system", "due_at", "id"]},
    "queue_by_receipt": {"fields": ["submitted_at", "id"]},
    "queue_by_name": {"fields": ["sort_name", "id"]},
}
# Every two letters that follow each other, in one pass. A planner that may choose should not call it row by row.
PAIRS = """
    CREATE FUNCTION applications_pairs(value text) RETURNS text[]
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000
        RETURN (
            WITH whole AS (SELECT string_to_array(value, NULL) AS letters)
            SELECT array_agg(first || second)
            FROM whole, unnest(letters[:cardinality(letters) - 1], letters[2:]) AS pair (first, second)
        )
"""
# At once, because a table with checks still to be made can't be altered further.
TARGET_SYSTEMS = """
    SET CONSTRAINTS ALL IMMEDIATE;
    UPDATE applications_application SET target_system_id = version.target_system_id
    FROM regulations_targetsystemversion AS version WHERE version.id = rules_id AND submitted_at IS NOT NULL
"""


def file_cards(apps: Any, _editor: Any) -> None:
    """File what was received before there were cards, oldest first."""
    applications, cards = apps.get_model("applications", "Application"), apps.get_model("applications", "IndexCard")
    received = applications.objects.filter(submitted_at__isnull=False).order_by("submitted_at", "pk")
    for row in received.iterator(chunk_size=500):
        said = row.values
        cards.objects.create(application=row, text=card([row.receipt_number or "", *map(str, said.values())]))
        company = said.get("corporation_reading", said.get("corporation_name", ""))
        person = said.get("person_reading", said.get("custodian_reading", ""))
        applications.objects.filter(pk=row.pk).update(sort_name=sort_name(company, person))


class Migration(migrations.Migration):
    dependencies: ClassVar = [("applications", "0007_kinds"), ("regulations", "0008_contract_members")]

    operations: ClassVar = [
        migrations.AddField("application", "sort_name", models.CharField(blank=True, max_length=80)),
        migrations.AddField(
            "application",
            "target_system",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="applications",
                to="regulations.targetsystem",
                db_index=False,
            ),
        ),
        migrations.CreateModel(
            name="IndexCard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "application",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="index_card",
                        to="applications.application",
                    ),
                ),
                ("text", models.TextField()),
            ],
        ),
        migrations.RunSQL(TARGET_SYSTEMS, migrations.RunSQL.noop),
        migrations.RunPython(file_cards, migrations.RunPython.noop),
        migrations.AddConstraint(
            "application",
            models.CheckConstraint(
                condition=models.Q(submitted_at=None) | models.Q(target_system__isnull=False),
                name="received_stands_in_the_lists",
            ),
        ),
        migrations.RunSQL(PAIRS, "DROP FUNCTION applications_pairs(text)"),
        migrations.AddIndex(
            "indexcard",
            django.contrib.postgres.indexes.GinIndex(Pairs(models.F("text")), name="card_by_pairs"),
        ),
        migrations.RemoveIndex("application", "application_queue"),
        migrations.RemoveIndex("application", "application_by_status"),
        *(
            migrations.AddIndex("application", models.Index(name=name, condition=UNDECIDED, **columns))
            for name, columns in QUEUES.items()
        ),
        migrations.AddIndex(
            "application", models.Index(fields=["status", "status_since", "id"], name="application_by_status")
        ),
        migrations.AddIndex(
            "application",
            models.Index(
                fields=["decided_at"],
                include=["submitted_at", "rules"],
                name="application_by_decision",
                condition=models.Q(decided_at__isnull=False),
            ),
        ),
    ]
