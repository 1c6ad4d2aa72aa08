"""Versions of documents go from draft over a second person's review to publication, and then never change."""

from typing import ClassVar

import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

from audit import guards

# A version that is in force was consented to word for word: the database keeps it as it was posted.
KEEP_PUBLISHED = """
CREATE FUNCTION regulations_documentversion_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a published version never changes' USING ERRCODE = 'restrict_violation'; END $$;
CREATE TRIGGER regulations_documentversion_kept BEFORE UPDATE OR DELETE ON regulations_documentversion
    FOR EACH ROW WHEN (OLD.status = 'published') EXECUTE FUNCTION regulations_documentversion_keep();
CREATE TRIGGER regulations_documentversion_no_truncate BEFORE TRUNCATE ON regulations_documentversion
    FOR EACH STATEMENT EXECUTE FUNCTION regulations_documentversion_keep();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("regulations", "0004_contract_file_states"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations: ClassVar = [
        migrations.AddField("document", "procedures", models.JSONField(blank=True, default=list)),
        migrations.AddField("documentversion", "consent_within_days", models.PositiveSmallIntegerField(null=True)),
        migrations.AddField("documentversion", "review_note", models.TextField(blank=True, default="")),
        migrations.AlterField("documentversion", "review_note", models.TextField(blank=True)),
        # Every version that is there was posted.
        migrations.AddField("documentversion", "status", models.CharField(default="published", max_length=12)),
        migrations.AlterField("documentversion", "status", models.CharField(default="draft", max_length=12)),
        migrations.AddField(
            "documentversion", "status_since", models.DateTimeField(default=django.utils.timezone.now), False
        ),
        migrations.AddConstraint(
            "documentversion",
            models.UniqueConstraint(
                fields=["document"], condition=~Q(status="published"), name="one_open_version_per_document"
            ),
        ),
        migrations.AddConstraint(
            "documentversion",
            models.CheckConstraint(
                condition=Q(reviewer=None) | Q(author__isnull=False) & ~Q(reviewer=F("author")),
                name="reviewer_is_not_the_author",
            ),
        ),
        migrations.AddConstraint(
            "documentversion",
            models.CheckConstraint(
                condition=~Q(status__in=["reviewed", "published"]) | Q(author=None) | Q(reviewer__isnull=False),
                name="reviewed_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            "documentversion",
            models.CheckConstraint(
                condition=Q(status="published", posted_at__isnull=False) | ~Q(status="published") & Q(posted_at=None),
                name="published_when_posted",
            ),
        ),
        guards.status_guard(
            "regulations_documentversion",
            [
                ("draft", "in_review"),
                ("in_review", "draft"),
                ("in_review", "reviewed"),
                ("reviewed", "draft"),
                ("reviewed", "published"),
            ],
            ["draft", "published"],
        ),
        migrations.RunSQL(KEEP_PUBLISHED, "DROP FUNCTION regulations_documentversion_keep() CASCADE;"),
    ]
