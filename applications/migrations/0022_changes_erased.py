"""What a notice of change said is erased when its retention has passed, and in no other way (O-10, J-6.2)."""

from typing import ClassVar

from django.db import migrations, models

from audit import guards

STAYS = ["receipt_number", "certificate_id", "person_id", "kind", "since", "received_at"]
SAID = [*STAYS, "changes", "text"]
TABLE = "applications_changenotice"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("applications", "0021_open_keys")]

    operations: ClassVar = [
        migrations.AddField("changenotice", "contents_erased_at", models.DateTimeField(null=True)),
        migrations.AddConstraint(
            "changenotice",
            models.CheckConstraint(
                condition=models.Q(contents_erased_at=None)
                | models.Q(
                    status__in=["settled", "withdrawn"], changes=[], text="", findings="", answer="", return_note=""
                ),
                name="erased_change_stays_erased",
            ),
        ),
        migrations.RunSQL(f"DROP FUNCTION {TABLE}_facts_stay() CASCADE", migrations.RunSQL.noop),
        guards.facts_stay(TABLE, STAYS, once=["contents_erased_at"], until_erased=["changes", "text"]),
    ]
