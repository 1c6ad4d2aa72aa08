"""Cards are indexed by the function of pairs that people are indexed by, too."""

from typing import ClassVar

import django.contrib.postgres.indexes
from django.db import migrations, models

from accounts.pairs import Pairs


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0009_people_are_found"), ("applications", "0025_campaigns")]

    operations: ClassVar = [
        migrations.RemoveIndex("indexcard", "card_by_pairs"),
        migrations.AddIndex(
            "indexcard",
            django.contrib.postgres.indexes.GinIndex(Pairs(models.F("text")), name="card_by_pairs"),
        ),
        migrations.RunSQL("DROP FUNCTION applications_pairs(text)", migrations.RunSQL.noop),
    ]
