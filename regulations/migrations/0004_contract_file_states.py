"""A file whose contracts changed between its check and its loading is faulty after all; statistics for loading.

A file can double a table within seconds: the loader refreshes the planner's statistics itself, which needs the
right to maintain these tables (PostgreSQL 17 and later; earlier ones skip it with a warning and stay slower).
"""

from typing import ClassVar

from django.db import migrations, models

from audit import guards


class Migration(migrations.Migration):
    dependencies: ClassVar = [("regulations", "0003_registers")]
    operations: ClassVar = [
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.UniqueConstraint(
                fields=("parent_service", "number", "begins_at"), name="contract_begins_once"
            ),
        ),
        migrations.RunSQL(
            """
            DO $$ BEGIN
                IF current_setting('server_version_num')::int >= 170000 THEN
                    GRANT MAINTAIN ON regulations_contractline, regulations_contract, regulations_corporation,
                        regulations_contractmember TO lra_runtime;
                END IF;
            END $$;
            """,
            migrations.RunSQL.noop,
        ),
        guards.status_guard(
            "regulations_contractfile",
            [
                ("checked", "discarded"),
                ("checked", "loading"),
                ("checking", "checked"),
                ("checking", "faulty"),
                ("checking", "stopped"),
                ("faulty", "discarded"),
                ("loading", "checked"),
                ("loading", "faulty"),
                ("loading", "loaded"),
                ("received", "checking"),
                ("received", "discarded"),
                ("stopped", "checking"),
                ("stopped", "discarded"),
            ],
            ["received"],
        ),
    ]
