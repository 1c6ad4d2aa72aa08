"""Applications of many people by one file, and what is done to many of its lines at once."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from audit import guards


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0012_hand_overs"),
        ("regulations", "0008_contract_members"),
        ("vault", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=160)),
                ("size", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("status", models.CharField(default="received", max_length=12)),
                ("status_since", models.DateTimeField()),
                ("uploaded_at", models.DateTimeField()),
                ("encoding", models.CharField(blank=True, max_length=12)),
                ("delimiter", models.CharField(blank=True, max_length=1)),
                ("columns", models.JSONField(default=list)),
                ("bytes_done", models.PositiveBigIntegerField(default=0)),
                ("lines_done", models.PositiveIntegerField(default=0)),
                ("fault_count", models.PositiveIntegerField(default=0)),
                ("ask_stop", models.BooleanField(default=False)),
                ("consent", models.CharField(max_length=16)),
                ("line_count", models.PositiveIntegerField(default=0)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("origin", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "ordering": ["-uploaded_at"],
            },
        ),
        migrations.CreateModel(
            name="BatchDocument",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=40)),
                ("file_name", models.CharField(max_length=160)),
                ("media_type", models.CharField(max_length=40)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("issued_on", models.DateField(null=True)),
                ("uploaded_at", models.DateTimeField()),
                ("destroyed_at", models.DateTimeField(null=True)),
                ("removed_at", models.DateTimeField(null=True)),
                ("render_status", models.CharField(default="waiting", max_length=10)),
            ],
        ),
        migrations.CreateModel(
            name="BatchDocumentPage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="BatchFault",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField()),
                ("column", models.PositiveSmallIntegerField(default=0)),
                ("code", models.CharField(max_length=40)),
                ("message", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="BatchLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField()),
                ("email", models.CharField(max_length=254)),
                ("name", models.CharField(max_length=80)),
                ("values", models.JSONField(default=dict)),
                ("csr_der", models.BinaryField(null=True)),
                ("subject_key", models.CharField(max_length=200)),
                ("key_digest", models.CharField(blank=True, max_length=64)),
                ("left_out", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="BatchPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="BatchTask",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=12)),
                ("verdicts", models.JSONField(default=dict)),
                ("asked_at", models.DateTimeField()),
                ("origin", models.CharField(blank=True, max_length=64)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-asked_at"],
            },
        ),
        migrations.CreateModel(
            name="BatchTaskLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("outcome", models.CharField(blank=True, max_length=8)),
                ("message", models.JSONField(default=dict)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="confirmation",
            name="confirmation_has_its_answer",
        ),
        migrations.AddConstraint(
            model_name="confirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", ""), ("answered_at", None)),
                    models.Q(
                        (
                            "answer__in",
                            ("confirmed", "filed", "declined", "taken_over", "recalled", "withdrawn", "lapsed"),
                        ),
                        ("answered_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="confirmation_has_its_answer",
            ),
        ),
        migrations.AddField(
            model_name="batch",
            name="confirmed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="batch",
            name="contract",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="batches", to="regulations.contract"
            ),
        ),
        migrations.AddField(
            model_name="batch",
            name="rules",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="regulations.targetsystemversion"
            ),
        ),
        migrations.AddField(
            model_name="batch",
            name="target_system",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="regulations.targetsystem"
            ),
        ),
        migrations.AddField(
            model_name="batch",
            name="uploaded_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="batch",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="applications",
                to="applications.batch",
            ),
        ),
        migrations.AddField(
            model_name="batchdocument",
            name="batch",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="documents", to="applications.batch"
            ),
        ),
        migrations.AddField(
            model_name="batchdocument",
            name="blob",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.sealedblob"
            ),
        ),
        migrations.AddField(
            model_name="batchdocumentpage",
            name="blob",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.sealedblob"
            ),
        ),
        migrations.AddField(
            model_name="batchdocumentpage",
            name="document",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="pages", to="applications.batchdocument"
            ),
        ),
        migrations.AddField(
            model_name="batchfault",
            name="batch",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="faults", to="applications.batch"
            ),
        ),
        migrations.AddField(
            model_name="batchline",
            name="application",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="batch_line",
                to="applications.application",
            ),
        ),
        migrations.AddField(
            model_name="batchline",
            name="batch",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="applications.batch"
            ),
        ),
        migrations.AddField(
            model_name="batchpart",
            name="batch",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="applications.batch"
            ),
        ),
        migrations.AddField(
            model_name="batchpart",
            name="blob",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="vault.sealedblob"
            ),
        ),
        migrations.AddField(
            model_name="batchtask",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="batchtask",
            name="batch",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="tasks", to="applications.batch"
            ),
        ),
        migrations.AddField(
            model_name="batchtaskline",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="applications.application"
            ),
        ),
        migrations.AddField(
            model_name="batchtaskline",
            name="task",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="applications.batchtask"
            ),
        ),
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(fields=["contract", "-uploaded_at"], name="batch_by_contract"),
        ),
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(
                condition=models.Q(("status__in", ("received", "checking", "filing"))),
                fields=["uploaded_at"],
                name="batch_at_work",
            ),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("confirmed_by__isnull", False), ("status__in", ["filing", "halted", "filed"])),
                    models.Q(("status__in", ["filing", "halted", "filed"]), _negated=True),
                    _connector="OR",
                ),
                name="batch_is_filed_by_somebody",
            ),
        ),
        migrations.AddIndex(
            model_name="batchdocument",
            index=models.Index(
                condition=models.Q(("render_status", "waiting")), fields=["uploaded_at"], name="batch_document_to_draw"
            ),
        ),
        migrations.AddConstraint(
            model_name="batchdocumentpage",
            constraint=models.UniqueConstraint(fields=("document", "number"), name="batch_page_once"),
        ),
        migrations.AddIndex(
            model_name="batchfault",
            index=models.Index(fields=["batch", "line", "column"], name="batch_fault_by_place"),
        ),
        migrations.AddIndex(
            model_name="batchline",
            index=models.Index(fields=["subject_key"], name="batch_line_by_subject"),
        ),
        migrations.AddIndex(
            model_name="batchline",
            index=models.Index(
                condition=models.Q(("application", None), ("left_out", {})),
                fields=["batch", "line"],
                name="batch_line_to_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="batchline",
            constraint=models.UniqueConstraint(fields=("batch", "line"), name="batch_line_once"),
        ),
        migrations.AddConstraint(
            model_name="batchpart",
            constraint=models.UniqueConstraint(fields=("batch", "position"), name="batch_part_once"),
        ),
        migrations.AddConstraint(
            model_name="batchtask",
            constraint=models.UniqueConstraint(
                condition=models.Q(("finished_at", None)), fields=("batch",), name="one_task_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="batchtask",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["recommend", "approve"])), name="batch_task_is_known"
            ),
        ),
        migrations.AddIndex(
            model_name="batchtaskline",
            index=models.Index(condition=models.Q(("outcome", "")), fields=["task", "id"], name="task_line_waiting"),
        ),
        migrations.AddConstraint(
            model_name="batchtaskline",
            constraint=models.UniqueConstraint(fields=("task", "application"), name="task_line_once"),
        ),
        migrations.AddConstraint(
            model_name="batchtaskline",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["", "done", "left"])), name="task_line_outcome_is_known"
            ),
        ),
        guards.status_guard(
            "applications_batch",
            [
                ("checked", "discarded"),
                ("checked", "filing"),
                ("checking", "checked"),
                ("checking", "faulty"),
                ("checking", "stopped"),
                ("faulty", "discarded"),
                ("filing", "faulty"),
                ("filing", "filed"),
                ("filing", "halted"),
                ("halted", "filing"),
                ("received", "checking"),
                ("received", "discarded"),
                ("stopped", "checking"),
                ("stopped", "discarded"),
            ],
            ["received"],
        ),
        guards.facts_stay(
            "applications_batchdocument", ["batch_id", "key", "sha256", "issued_on", "uploaded_at"], ["removed_at"]
        ),
        guards.facts_stay(
            "applications_batchtask",
            ["batch_id", "kind", "verdicts", "asked_by_id", "asked_at", "origin"],
            ["finished_at"],
        ),
        guards.facts_stay("applications_batchtaskline", ["task_id", "application_id", "digest"]),
        # What an application came by stays, like whoever filed it.
        migrations.RunSQL("DROP FUNCTION applications_application_facts_stay() CASCADE", migrations.RunSQL.noop),
        guards.facts_stay("applications_application", ["filed_by_id", "filed_for", "batch_id"], ["taken_over_at"]),
    ]
