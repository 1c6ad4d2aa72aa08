"""Rights first: every later table is open to the runtime roles, until its guard says otherwise."""

from django.db import migrations

FORWARD = """
GRANT USAGE ON SCHEMA public TO lra_runtime, lra_reader;
GRANT SELECT ON django_migrations TO lra_runtime, lra_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO lra_runtime;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO lra_runtime;
"""
BACKWARD = """
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM lra_runtime;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM lra_runtime;
"""


class Migration(migrations.Migration):
    initial = True
    # Before any table of the framework, so that default privileges reach these too.
    run_before = [
        ("vault", "0001_initial"),
        ("contenttypes", "0001_initial"),
        ("sessions", "0001_initial"),
        ("account", "0001_initial"),
    ]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
