"""States, approvals that nobody can take back, and what responder and repository may read."""

from typing import ClassVar

from django.db import migrations

from audit import guards

NOT_THE_APPLICANT = """
CREATE FUNCTION certificates_approval_not_applicant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM certificates_approval
        WHERE order_id = NEW.order_id AND round = NEW.round AND person_id = NEW.person_id
          AND (role = 'applicant' OR NEW.role = 'applicant')
    ) THEN
        RAISE EXCEPTION 'nobody handles their own application' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER certificates_approval_people BEFORE INSERT ON certificates_approval
    FOR EACH ROW EXECUTE FUNCTION certificates_approval_not_applicant();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("certificates", "0001_initial")]
    operations: ClassVar = [
        guards.status_guard(
            "certificates_order",
            [
                ("failed", "cancelled"),
                ("failed", "queued"),
                ("proposed", "cancelled"),
                ("proposed", "queued"),
                ("queued", "cancelled"),
                ("queued", "failed"),
                ("queued", "signing"),
                ("signing", "failed"),
                ("signing", "issued"),
                ("signing", "queued"),
            ],
            ["proposed"],
        ),
        guards.status_guard(
            "certificates_intent",
            [("open", "abandoned"), ("open", "signed")],
            ["open"],
        ),
        guards.append_only("certificates_approval"),
        migrations.RunSQL(NOT_THE_APPLICANT, "DROP FUNCTION certificates_approval_not_applicant() CASCADE"),
        guards.reader_may_select(
            "certificates_certificationauthority", "certificates_rootcrl", "certificates_certificate"
        ),
    ]
