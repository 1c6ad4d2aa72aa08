"""Everything that one subject has or had is found by the subject, ended subscriptions among it."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("regulations", "0008_contract_members")]

    operations: ClassVar = [
        migrations.AddIndex(
            "subscription", models.Index(fields=["subject_key", "target_system"], name="subscription_by_subject")
        ),
    ]
