"""Answers by item, drafts until they are sent; a lapsed application can be taken up again (O-4.2)."""

from typing import ClassVar

from django.db import migrations, models

from audit import guards

WHAT_WAS_ASKED_STAYS = """
CREATE FUNCTION applications_informationrequest_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
       OR (NEW.application_id, NEW.items, NEW.message, NEW.asked_by_id, NEW.asked_at)
          IS DISTINCT FROM (OLD.application_id, OLD.items, OLD.message, OLD.asked_by_id, OLD.asked_at)
       OR (OLD.answered_at IS NOT NULL AND NEW.answered_at IS DISTINCT FROM OLD.answered_at)
       OR (OLD.answered_at IS NOT NULL AND (NEW.answers, NEW.answer) IS DISTINCT FROM (OLD.answers, OLD.answer)
           AND NOT (NEW.answers = '{}' AND NEW.answer = '' AND EXISTS (
               SELECT FROM applications_application
               WHERE id = OLD.application_id AND contents_erased_at IS NOT NULL)))
    THEN
        RAISE EXCEPTION 'what was asked and answered stays' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER applications_informationrequest_facts BEFORE UPDATE OR DELETE ON applications_informationrequest
    FOR EACH ROW EXECUTE FUNCTION applications_informationrequest_stays();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("applications", "0010_retention")]
    operations: ClassVar = [
        migrations.AddField(model_name="informationrequest", name="answers", field=models.JSONField(default=dict)),
        migrations.AddField(model_name="informationrequest", name="reopened_at", field=models.DateTimeField(null=True)),
        migrations.RunSQL(WHAT_WAS_ASKED_STAYS, "DROP FUNCTION applications_informationrequest_stays() CASCADE;"),
        guards.status_guard(
            "applications_application",
            [
                ("awaiting_approval", "approved"),
                ("awaiting_approval", "examining"),
                ("awaiting_approval", "refused"),
                ("awaiting_approval", "withdrawn"),
                ("draft", "lapsed"),
                ("draft", "submitted"),
                ("draft", "waiting_consent"),
                ("draft", "withdrawn"),
                ("examining", "awaiting_approval"),
                ("examining", "submitted"),
                ("examining", "waiting_information"),
                ("examining", "withdrawn"),
                ("lapsed", "waiting_information"),
                ("submitted", "examining"),
                ("submitted", "withdrawn"),
                ("waiting_consent", "draft"),
                ("waiting_consent", "lapsed"),
                ("waiting_consent", "submitted"),
                ("waiting_consent", "withdrawn"),
                ("waiting_information", "examining"),
                ("waiting_information", "lapsed"),
                ("waiting_information", "withdrawn"),
            ],
            ["draft"],
        ),
    ]
