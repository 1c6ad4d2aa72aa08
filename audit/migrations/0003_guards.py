"""Evidence is append-only; its details can be erased through one function alone (O-10, J-6.2).

The function runs with the owner's rights, checks retention and legal hold, deletes details and salt
together, and writes an event of its own. Only the worker's role may call it.
"""

from typing import ClassVar

from django.db import migrations

from audit import guards

DETAILS = """
CREATE FUNCTION audit_eventdetails_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_user = (
        SELECT tableowner FROM pg_tables WHERE schemaname = 'public' AND tablename = 'audit_eventdetails'
    ) THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'audit_eventdetails is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_eventdetails_no_change BEFORE UPDATE OR DELETE ON audit_eventdetails
    FOR EACH ROW EXECUTE FUNCTION audit_eventdetails_guard();
CREATE TRIGGER audit_eventdetails_no_truncate BEFORE TRUNCATE ON audit_eventdetails
    FOR EACH STATEMENT EXECUTE FUNCTION audit_eventdetails_guard();
REVOKE UPDATE, DELETE, TRUNCATE ON audit_eventdetails FROM lra_runtime;

CREATE FUNCTION audit_erase_details(erased bigint, because text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    kept interval;
    event audit_event;
BEGIN
    SELECT * INTO STRICT event FROM audit_event WHERE id = erased;
    SELECT make_interval(days => days) INTO kept FROM audit_retentionperiod WHERE act = event.act;
    IF kept IS NULL OR event.recorded_at + kept > clock_timestamp() THEN
        RAISE EXCEPTION 'event % is still within its retention', erased USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT FROM audit_legalhold WHERE story = event.story AND ended_at IS NULL) THEN
        RAISE EXCEPTION 'event % is under legal hold', erased USING ERRCODE = 'check_violation';
    END IF;
    DELETE FROM audit_eventdetails WHERE event_id = erased;
    INSERT INTO audit_event (uid, act, outcome, at, recorded_at, role, origin, subject_type, subject_id,
                             story, before, after, details_digest)
    VALUES (gen_random_uuid(), 'evidence:erase', 'done', now(), now(), 'system:retention', '',
            'audit.event', erased::text, event.story, '', '', sha256(convert_to(because, 'UTF8')));
END $$;
REVOKE ALL ON FUNCTION audit_erase_details(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_erase_details(bigint, text) TO lra_worker;
"""
UNDO = """
DROP FUNCTION audit_erase_details(bigint, text);
DROP FUNCTION audit_eventdetails_guard() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("audit", "0002_initial")]
    operations: ClassVar = [guards.append_only("audit_event"), migrations.RunSQL(DETAILS, UNDO)]
