"""Roles that the portal hands out name who gave them: only the very first administrator is granted by nobody."""

from typing import ClassVar

from django.db import migrations

# The web process is the one that strangers talk to; whoever installs or maintains works as another role.
SOMEBODY_GRANTS = """
CREATE FUNCTION accounts_rolegrant_somebody_grants() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF session_user = 'lra_web' AND NOT (NEW.role = 'administrator' AND NOT EXISTS (
        SELECT FROM accounts_rolegrant WHERE role = 'administrator')) THEN
        RAISE EXCEPTION 'a role is given by somebody' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_rolegrant_giver BEFORE INSERT ON accounts_rolegrant
    FOR EACH ROW WHEN (NEW.granted_by_id IS NULL) EXECUTE FUNCTION accounts_rolegrant_somebody_grants();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0004_given_up_goes_again")]
    operations: ClassVar = [
        migrations.RunSQL(SOMEBODY_GRANTS, "DROP FUNCTION accounts_rolegrant_somebody_grants() CASCADE;"),
    ]
