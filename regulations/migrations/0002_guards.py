"""States, evidence of consent, and what the public site may read."""

from typing import ClassVar

from django.db import migrations

from audit import guards


class Migration(migrations.Migration):
    dependencies: ClassVar = [("regulations", "0001_initial")]
    operations: ClassVar = [
        guards.status_guard(
            "regulations_subscription",
            [
                ("applied", "ended"),
                ("applied", "in_use"),
                ("in_use", "ended"),
                ("in_use", "suspended"),
                ("suspended", "ended"),
                ("suspended", "in_use"),
            ],
            ["applied"],
        ),
        guards.append_only("regulations_consent"),
        guards.reader_may_select(
            "regulations_parentservice",
            "regulations_targetsystem",
            "regulations_targetsystemversion",
            "regulations_document",
            "regulations_document_target_systems",
            "regulations_documentversion",
            "regulations_closure",
            "regulations_suspension",
            "regulations_announcement",
            "regulations_contactpoint",
        ),
    ]
