"""A draft may be thrown away; a version that is with a reviewer, reviewed or posted may not."""

from typing import ClassVar

from django.db import migrations

# What is posted is kept by `regulations_documentversion_kept` already, and rules by their own guard.
ONLY_DRAFTS_GO = """
CREATE FUNCTION regulations_documentversion_only_drafts_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'only a draft is thrown away' USING ERRCODE = 'restrict_violation'; END $$;
CREATE TRIGGER regulations_documentversion_goes BEFORE DELETE ON regulations_documentversion
    FOR EACH ROW WHEN (OLD.status <> 'draft') EXECUTE FUNCTION regulations_documentversion_only_drafts_go();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("regulations", "0006_rules_versions")]
    operations: ClassVar = [
        migrations.RunSQL(ONLY_DRAFTS_GO, "DROP FUNCTION regulations_documentversion_only_drafts_go() CASCADE;"),
    ]
