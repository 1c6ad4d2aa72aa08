"""What two administrators decided about an account stays, and the web process lets nobody else decide it."""

from typing import ClassVar

from django.db import migrations

from audit import guards

BY_TWO = """
CREATE FUNCTION accounts_accountchange_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.confirmed_by_id IS NOT NULL OR NOT accounts_is_administrator(NEW.proposed_by_id) THEN
            RAISE EXCEPTION 'an administrator proposes, another one confirms' USING ERRCODE = 'check_violation';
        END IF;
    ELSIF NEW.confirmed_by_id IS DISTINCT FROM OLD.confirmed_by_id
        AND NOT coalesce(accounts_is_administrator(NEW.confirmed_by_id), false) THEN
        RAISE EXCEPTION 'an administrator confirms' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_accountchange_two BEFORE INSERT OR UPDATE ON accounts_accountchange
    FOR EACH ROW EXECUTE FUNCTION accounts_accountchange_by_two();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0010_attempts_and_ways_back")]
    operations: ClassVar = [
        migrations.RunSQL(BY_TWO, "DROP FUNCTION accounts_accountchange_by_two() CASCADE;"),
        guards.facts_stay(
            "accounts_accountchange",
            ["user_id", "kind", "new_email", "how_checked", "proposed_by_id", "proposed_at", "expires_at"],
            once=["confirmed_by_id", "confirmed_at", "declined_by_id", "declined_at"],
        ),
    ]
