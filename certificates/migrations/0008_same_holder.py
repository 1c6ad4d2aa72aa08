"""An order replaces a certificate of the same holder and the same use, or none at all (O-12.2)."""

from typing import ClassVar

from django.db import migrations

SAME_HOLDER = """
CREATE FUNCTION certificates_order_same_holder() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.replaces_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM certificates_certificate
        WHERE id = NEW.replaces_id AND holder_id = NEW.holder_id AND subscription_id = NEW.subscription_id
    ) THEN
        RAISE EXCEPTION 'a reissue is for the same holder' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER certificates_order_holder BEFORE INSERT OR UPDATE OF replaces_id, holder_id, subscription_id
    ON certificates_order FOR EACH ROW EXECUTE FUNCTION certificates_order_same_holder();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("certificates", "0007_renewal")]
    operations: ClassVar = [
        migrations.RunSQL(SAME_HOLDER, "DROP FUNCTION certificates_order_same_holder() CASCADE"),
    ]
