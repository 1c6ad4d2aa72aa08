"""What an order says is settled once it is approved: it is what was approved, and what was issued by."""

from typing import ClassVar

from django.db import migrations

# An order that was cancelled because its application lapsed may be proposed anew, with a new round of approvals.
APPROVED_STAYS = """
CREATE FUNCTION certificates_order_approved_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'proposed' OR (OLD.status = 'cancelled' AND NEW.status = 'proposed') THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'an order that was approved says the same for ever' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER certificates_order_contents BEFORE UPDATE ON certificates_order
    FOR EACH ROW WHEN (
        NEW.frozen IS DISTINCT FROM OLD.frozen OR NEW.digest <> OLD.digest OR NEW.four_eyes <> OLD.four_eyes
    ) EXECUTE FUNCTION certificates_order_approved_stays();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("certificates", "0011_orders_reopen")]
    operations: ClassVar = [
        migrations.RunSQL(APPROVED_STAYS, "DROP FUNCTION certificates_order_approved_stays() CASCADE;"),
    ]
