"""The root's lists come from a ceremony and stay as they were signed."""

from typing import ClassVar

from django.db import migrations

from audit import guards


class Migration(migrations.Migration):
    dependencies: ClassVar = [("certificates", "0018_shards")]
    operations: ClassVar = [guards.append_only("certificates_rootcrl")]
