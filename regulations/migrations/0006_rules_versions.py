"""Versions of rules go from draft to force over a second person, are superseded, and never change once activated."""

from typing import ClassVar

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

from audit import guards

# Until now a version was in force from its activation until the next one's. What was never activated was never
# pinned to anything; the newest of it stays as the draft.
SORT_OUT = """
DELETE FROM regulations_targetsystemversion AS earlier USING regulations_targetsystemversion AS later
    WHERE earlier.activated_at IS NULL AND later.activated_at IS NULL
        AND later.target_system_id = earlier.target_system_id AND later.number > earlier.number;
UPDATE regulations_targetsystemversion SET status = 'superseded', status_since = activated_at
    WHERE activated_at IS NOT NULL;
UPDATE regulations_targetsystemversion AS newest SET status = 'in_force'
    WHERE activated_at IS NOT NULL AND NOT EXISTS (
        SELECT FROM regulations_targetsystemversion AS later
        WHERE later.target_system_id = newest.target_system_id AND later.activated_at IS NOT NULL
            AND later.number > newest.number);
"""
# Applications are pinned to activated versions: all that still changes is that the next one takes over.
KEEP_ACTIVATED = """
CREATE FUNCTION regulations_targetsystemversion_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.status = 'in_force' AND NEW.status = 'superseded'
            AND to_jsonb(NEW) - 'status' - 'status_since' = to_jsonb(OLD) - 'status' - 'status_since'
        THEN RETURN NEW; END IF;
    END IF;
    RAISE EXCEPTION 'rules that were activated never change' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER regulations_targetsystemversion_kept BEFORE UPDATE OR DELETE ON regulations_targetsystemversion
    FOR EACH ROW WHEN (OLD.status <> 'draft') EXECUTE FUNCTION regulations_targetsystemversion_keep();
CREATE TRIGGER regulations_targetsystemversion_no_truncate BEFORE TRUNCATE ON regulations_targetsystemversion
    FOR EACH STATEMENT EXECUTE FUNCTION regulations_targetsystemversion_keep();
"""


def person() -> models.ForeignKey:
    """Return a column for a person who wrote or activated."""
    return models.ForeignKey(
        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
    )


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("regulations", "0005_document_versions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations: ClassVar = [
        migrations.AddField("targetsystemversion", "author", person()),
        migrations.AddField("targetsystemversion", "activator", person()),
        migrations.AddField("targetsystemversion", "source", models.TextField(blank=True, default="")),
        migrations.AlterField("targetsystemversion", "source", models.TextField(blank=True)),
        migrations.AddField("targetsystemversion", "status", models.CharField(default="draft", max_length=12)),
        migrations.AddField(
            "targetsystemversion",
            "status_since",
            models.DateTimeField(default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.RunSQL(SORT_OUT, migrations.RunSQL.noop),
        # Changes of rows wait for checks of foreign keys; these come first, so that indexes can be made.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE;", migrations.RunSQL.noop),
        migrations.AddConstraint(
            "targetsystemversion",
            models.UniqueConstraint(
                fields=["target_system"], condition=Q(status="draft"), name="one_draft_per_target_system"
            ),
        ),
        migrations.AddConstraint(
            "targetsystemversion",
            models.UniqueConstraint(
                fields=["target_system"], condition=Q(status="in_force"), name="one_version_in_force"
            ),
        ),
        migrations.AddConstraint(
            "targetsystemversion",
            models.CheckConstraint(
                condition=Q(activator=None) | Q(author__isnull=False) & ~Q(activator=F("author")),
                name="activator_is_not_the_author",
            ),
        ),
        migrations.AddConstraint(
            "targetsystemversion",
            models.CheckConstraint(
                condition=Q(status="draft") | Q(author=None) | Q(activator__isnull=False),
                name="activated_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            "targetsystemversion",
            models.CheckConstraint(
                condition=Q(status="draft", activated_at=None) | ~Q(status="draft") & Q(activated_at__isnull=False),
                name="in_force_when_activated",
            ),
        ),
        guards.status_guard(
            "regulations_targetsystemversion",
            [("draft", "in_force"), ("in_force", "superseded")],
            ["draft"],
        ),
        migrations.RunSQL(KEEP_ACTIVATED, "DROP FUNCTION regulations_targetsystemversion_keep() CASCADE;"),
    ]
