"""States, and what was said or matched stays as it was."""

from typing import ClassVar

from django.db import migrations

from audit import guards


class Migration(migrations.Migration):
    dependencies: ClassVar = [("support_desk", "0001_initial")]
    operations: ClassVar = [
        guards.status_guard(
            "support_desk_ticket",
            [("answered", "closed"), ("open", "answered"), ("open", "closed")],
            ["open"],
        ),
        guards.append_only("support_desk_ticketentry"),
        guards.append_only("support_desk_callercheck"),
    ]
