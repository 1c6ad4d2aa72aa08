"""The web process gives a role only as an invitation says that two administrators agreed on, and never a pair that clashes.

Whoever installs or maintains works as another role of the database; the web process is the one that strangers talk to.
"""

from typing import ClassVar

from django.db import migrations

from audit import guards

# Beside `accounts.roles.INCOMPATIBLE`; a test holds them together.
CLASHES = (
    "administrator agent",
    "administrator approver",
    "administrator auditor",
    "administrator examiner",
    "administrator key_officer",
    "administrator rules_manager",
    "agent approver",
    "agent auditor",
    "approver auditor",
    "approver key_officer",
    "auditor examiner",
    "auditor key_officer",
    "auditor rules_manager",
    "examiner key_officer",
    "key_officer rules_manager",
)
PAIRS = ", ".join(f"'{pair}'" for pair in CLASHES)

BY_TWO = f"""
DROP FUNCTION accounts_rolegrant_somebody_grants() CASCADE;
CREATE FUNCTION accounts_is_administrator(person uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM accounts_rolegrant AS held JOIN accounts_user AS who ON who.id = held.user_id
                   WHERE held.user_id = person AND held.role = 'administrator' AND held.ended_at IS NULL AND who.is_active)
$$;
CREATE FUNCTION accounts_rolegrant_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM accounts_staffinvitation AS invited JOIN accounts_user AS who ON who.email = invited.email
        WHERE who.id = NEW.user_id AND invited.joined_id IS NULL AND invited.roles ? NEW.role
          AND invited.systems = NEW.systems
          AND invited.invited_by_id IS NOT DISTINCT FROM NEW.granted_by_id
          AND invited.confirmed_by_id IS NOT DISTINCT FROM NEW.confirmed_by_id
          AND (invited.invited_by_id IS NULL OR invited.confirmed_by_id IS NOT NULL)
    ) THEN
        RAISE EXCEPTION 'a role is given as two administrators agreed' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT FROM accounts_rolegrant AS held WHERE held.user_id = NEW.user_id AND held.ended_at IS NULL
          AND least(held.role, NEW.role) || ' ' || greatest(held.role, NEW.role) IN ({PAIRS})
    ) THEN
        RAISE EXCEPTION 'nobody holds % beside what they hold', NEW.role USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_rolegrant_two BEFORE INSERT ON accounts_rolegrant
    FOR EACH ROW WHEN (session_user IN ('lra_web', 'lra_signer')) EXECUTE FUNCTION accounts_rolegrant_by_two();
CREATE FUNCTION accounts_staffinvitation_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.confirmed_by_id IS NOT NULL OR NOT coalesce(accounts_is_administrator(NEW.invited_by_id), false) THEN
            RAISE EXCEPTION 'an administrator invites, another one confirms' USING ERRCODE = 'check_violation';
        END IF;
    ELSIF NEW.confirmed_by_id IS DISTINCT FROM OLD.confirmed_by_id
        AND NOT coalesce(accounts_is_administrator(NEW.confirmed_by_id), false) THEN
        RAISE EXCEPTION 'an administrator confirms' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_staffinvitation_two BEFORE INSERT OR UPDATE ON accounts_staffinvitation
    FOR EACH ROW WHEN (session_user IN ('lra_web', 'lra_signer')) EXECUTE FUNCTION accounts_staffinvitation_by_two();
DROP FUNCTION accounts_rolegrant_facts_stay() CASCADE;
"""  # noqa: S608 — the pairs are ours
UNDO = """
DROP FUNCTION accounts_staffinvitation_by_two() CASCADE;
DROP FUNCTION accounts_rolegrant_by_two() CASCADE;
DROP FUNCTION accounts_is_administrator(uuid);
CREATE FUNCTION accounts_rolegrant_somebody_grants() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE FUNCTION accounts_rolegrant_facts_stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0007_invitations_confirmed")]
    operations: ClassVar = [
        migrations.RunSQL(BY_TWO, UNDO),
        guards.facts_stay(
            "accounts_rolegrant",
            ["user_id", "role", "systems", "granted_by_id", "confirmed_by_id", "granted_at"],
            once=["ended_at"],
        ),
        guards.facts_stay(
            "accounts_staffinvitation",
            ["email", "roles", "systems", "reason", "invited_by_id", "invited_at"],
            once=[
                "confirmed_by_id",
                "confirmed_at",
                "declined_by_id",
                "declined_at",
                "token_digest",
                "joined_id",
                "joined_at",
            ],
        ),
    ]
