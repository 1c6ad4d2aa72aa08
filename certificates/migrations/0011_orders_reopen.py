"""An order whose application lapsed is taken up again with it, in a new round."""

from typing import ClassVar

from django.db import migrations

from audit import guards


class Migration(migrations.Migration):
    dependencies: ClassVar = [("certificates", "0010_checks")]
    operations: ClassVar = [
        guards.status_guard(
            "certificates_order",
            [
                ("cancelled", "proposed"),
                ("failed", "cancelled"),
                ("failed", "queued"),
                ("proposed", "cancelled"),
                ("proposed", "queued"),
                ("queued", "cancelled"),
                ("queued", "failed"),
                ("queued", "signing"),
                ("signing", "failed"),
                ("signing", "issued"),
                ("signing", "queued"),
            ],
            ["proposed"],
        ),
    ]
