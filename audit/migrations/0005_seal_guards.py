"""Seals are append-only, and only the publisher's role writes them; an erasure's own event keeps its reason.

What `audit_erase_details` writes about itself is salted and digested like every other event: the canonical JSON of a
single text is the same from PostgreSQL and from Python.
"""

from typing import ClassVar

from django.db import migrations

from audit import guards

TABLES = ("audit_sealkey", "audit_seal", "audit_sealleaf")
ONLY_THE_PUBLISHER = "".join(
    f"REVOKE INSERT ON {table} FROM lra_runtime; GRANT INSERT ON {table} TO lra_signer;" for table in TABLES
)
UNDO = "".join(f"REVOKE INSERT ON {table} FROM lra_signer; GRANT INSERT ON {table} TO lra_runtime;" for table in TABLES)
ERASING = """
CREATE OR REPLACE FUNCTION audit_erase_details(erased bigint, because text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    kept interval;
    event audit_event;
    fresh bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
    said text := '{"reason":' || to_json(because)::text || '}';
    made bigint;
BEGIN
    SELECT * INTO STRICT event FROM audit_event WHERE id = erased;
    SELECT make_interval(days => days) INTO kept FROM audit_retentionperiod WHERE act = event.act;
    IF kept IS NULL OR event.recorded_at + kept > clock_timestamp() THEN
        RAISE EXCEPTION 'event % is still within its retention', erased USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT FROM audit_legalhold WHERE story = event.story AND ended_at IS NULL) THEN
        RAISE EXCEPTION 'event % is under legal hold', erased USING ERRCODE = 'check_violation';
    END IF;
    IF because IS NULL OR btrim(because) = '' THEN
        RAISE EXCEPTION 'say why event % is erased', erased USING ERRCODE = 'check_violation';
    END IF;
    DELETE FROM audit_eventdetails WHERE event_id = erased;
    IF NOT FOUND THEN RETURN; END IF;
    INSERT INTO audit_event (uid, act, outcome, at, recorded_at, role, origin, subject_type, subject_id,
                             story, before, after, details_digest)
    VALUES (gen_random_uuid(), 'evidence:erase', 'done', now(), clock_timestamp(), 'system:retention', '',
            'audit.event', erased::text, event.story, '', '', sha256(fresh || convert_to(said, 'UTF8')))
    RETURNING id INTO made;
    INSERT INTO audit_eventdetails (event_id, salt, body) VALUES (made, fresh, said::jsonb);
END $$;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("audit", "0004_seals")]
    operations: ClassVar = [
        *(guards.append_only(table) for table in TABLES),
        migrations.RunSQL(ONLY_THE_PUBLISHER, UNDO),
        migrations.RunSQL(ERASING, migrations.RunSQL.noop),
    ]
