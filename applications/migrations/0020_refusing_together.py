"""Many lines of a file refused with one ground, and what the system found about each line kept beside it."""

from typing import ClassVar

from django.db import migrations, models

from audit import guards

KINDS = ["recommend", "propose", "approve", "refuse"]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("applications", "0019_same_side")]

    operations: ClassVar = [
        migrations.AddField("batchline", "found", models.JSONField(default=list)),
        migrations.AddField("batchline", "found_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "batchline",
            models.Index(
                fields=["batch", "line"],
                name="batch_line_with_findings",
                condition=models.Q(("found", []), _negated=True),
            ),
        ),
        migrations.AddField("batchtask", "ground", models.CharField(blank=True, max_length=12)),
        migrations.AddField("batchtask", "text", models.TextField(blank=True)),
        migrations.RemoveConstraint("batchtask", "batch_task_is_known"),
        migrations.AddConstraint(
            "batchtask", models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="batch_task_is_known")
        ),
        migrations.AddConstraint(
            "batchtask",
            models.CheckConstraint(
                condition=models.Q(kind="propose", ground__gt="", text__gt="")
                | ~models.Q(kind="propose") & models.Q(ground="", text=""),
                name="refusal_together_has_ground_and_text",
            ),
        ),
        # What was asked for stays, the ground and the text that applicants read among it.
        migrations.RunSQL("DROP FUNCTION applications_batchtask_facts_stay() CASCADE", migrations.RunSQL.noop),
        guards.facts_stay(
            "applications_batchtask",
            ["batch_id", "kind", "verdicts", "ground", "text", "asked_by_id", "asked_at", "origin"],
            ["finished_at"],
        ),
    ]
