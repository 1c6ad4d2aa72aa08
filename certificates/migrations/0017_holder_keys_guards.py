"""A key of the holder's browser comes after the approvals, from the holder alone, and an order is signed with none else."""

from typing import ClassVar

from django.db import migrations

from audit import guards

# Asked before the row is there: the order waits for exactly this person's key, and nobody ever had a certificate for it.
FROM_THE_HOLDER = """
CREATE FUNCTION certificates_holderkey_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM certificates_order
        WHERE id = NEW.order_id AND status = 'awaiting_key' AND frozen->>'key_mode' = 'browser'
          AND holder_id = NEW.person_id
    ) THEN
        RAISE EXCEPTION 'the order does not wait for a key of this person' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT FROM certificates_certificate WHERE public_key_sha256 = NEW.public_key_sha256) THEN
        RAISE EXCEPTION 'a certificate was issued for this key' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER certificates_holderkey_giver BEFORE INSERT ON certificates_holderkey
    FOR EACH ROW EXECUTE FUNCTION certificates_holderkey_fits();
"""
# An order that waits for its key waits for a new one: a key of an earlier turn does not queue it again.
QUEUED_WITH_KEY = """
CREATE FUNCTION certificates_order_has_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'awaiting_key' AND NEW.frozen->>'key_mode' <> 'browser' THEN
        RAISE EXCEPTION 'the key of this order is not made in a browser' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status = 'queued' AND NEW.frozen->>'key_mode' = 'browser' AND OLD.status <> 'signing' AND NOT (
        OLD.status = 'awaiting_key' AND EXISTS (
            SELECT FROM certificates_holderkey WHERE order_id = NEW.id AND given_at >= OLD.status_since
        )
    ) THEN
        RAISE EXCEPTION 'the order has no key yet' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER certificates_order_key BEFORE UPDATE OF status ON certificates_order
    FOR EACH ROW WHEN (NEW.status IS DISTINCT FROM OLD.status AND NEW.status IN ('awaiting_key', 'queued'))
    EXECUTE FUNCTION certificates_order_has_key();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("certificates", "0016_holder_keys")]
    operations: ClassVar = [
        guards.status_guard(
            "certificates_order",
            [
                ("awaiting_key", "cancelled"),
                ("awaiting_key", "queued"),
                ("cancelled", "proposed"),
                ("failed", "awaiting_key"),
                ("failed", "cancelled"),
                ("failed", "queued"),
                ("proposed", "awaiting_key"),
                ("proposed", "cancelled"),
                ("proposed", "queued"),
                ("queued", "awaiting_key"),
                ("queued", "cancelled"),
                ("queued", "failed"),
                ("queued", "signing"),
                ("signing", "failed"),
                ("signing", "issued"),
                ("signing", "queued"),
            ],
            ["proposed"],
        ),
        guards.append_only("certificates_holderkey"),
        migrations.RunSQL(FROM_THE_HOLDER, "DROP FUNCTION certificates_holderkey_fits() CASCADE"),
        migrations.RunSQL(QUEUED_WITH_KEY, "DROP FUNCTION certificates_order_has_key() CASCADE"),
    ]
