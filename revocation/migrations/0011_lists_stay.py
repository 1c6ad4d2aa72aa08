"""A published list stays as it was signed: no runtime role changes its bytes or its line, or takes away what is served."""

from typing import ClassVar

from django.db import migrations

from audit import guards

FACTS = [
    "authority_id",
    "shard",
    "number",
    "this_update",
    "next_update",
    "snapshot",
    "entry_count",
    "size",
    "sha256",
    "built_at",
]
# A list may be served earlier, which the responder's answers are ready for; later would bring back the one before it.
NEVER_LATER = """
CREATE FUNCTION revocation_crl_never_later() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.current_from IS NOT NULL AND (NEW.current_from IS NULL OR NEW.current_from > OLD.current_from) THEN
        RAISE EXCEPTION 'revocation_crl: what is served stays' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER revocation_crl_current BEFORE UPDATE OF current_from ON revocation_crl
    FOR EACH ROW EXECUTE FUNCTION revocation_crl_never_later();
"""
# Bytes come until there are as many as the list's line says, and go once a newer list is served.
BYTES_STAY = """
CREATE FUNCTION revocation_crlchunk_bytes_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF (SELECT coalesce(sum(octet_length(body)), 0) FROM revocation_crlchunk WHERE crl_id = NEW.crl_id)
           + octet_length(NEW.body) <= (SELECT size FROM revocation_crl WHERE id = NEW.crl_id) THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF EXISTS (SELECT FROM revocation_crl mine JOIN revocation_crl newer
                   ON newer.authority_id = mine.authority_id AND newer.shard = mine.shard
                   AND newer.number > mine.number AND newer.current_from <= clock_timestamp()
                   WHERE mine.id = OLD.crl_id) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'revocation_crlchunk: a published list stays as it was signed' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER revocation_crlchunk_bytes BEFORE INSERT OR UPDATE OR DELETE ON revocation_crlchunk
    FOR EACH ROW EXECUTE FUNCTION revocation_crlchunk_bytes_stay();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("revocation", "0010_mass_guards")]
    operations: ClassVar = [
        guards.facts_stay("revocation_crl", FACTS),
        migrations.RunSQL(NEVER_LATER, "DROP FUNCTION revocation_crl_never_later() CASCADE"),
        migrations.RunSQL(BYTES_STAY, "DROP FUNCTION revocation_crlchunk_bytes_stay() CASCADE"),
    ]
