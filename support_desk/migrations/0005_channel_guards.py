"""What was received stays as it came, tickets move by the table of states, mails and alarms are only added."""

from typing import ClassVar

from django.db import migrations

from audit import guards


class Migration(migrations.Migration):
    dependencies: ClassVar = [("support_desk", "0004_channels")]
    operations: ClassVar = [
        guards.status_guard(
            "support_desk_ticket",
            [
                ("answered", "closed"),
                ("answered", "open"),
                ("answered", "waiting"),
                ("closed", "open"),
                ("open", "answered"),
                ("open", "closed"),
                ("open", "waiting"),
                ("waiting", "answered"),
                ("waiting", "closed"),
                ("waiting", "open"),
            ],
            ["open"],
        ),
        guards.facts_stay(
            "support_desk_ticket", ["number", "channel", "received_at", "matter"], once=["first_answered_at"]
        ),
        guards.append_only("support_desk_ticketalarm"),
        guards.append_only("support_desk_takenmail"),
        guards.append_only("support_desk_ticketfile"),
    ]
