"""All channels: mail, portal and public form beside the telephone, two promises a ticket, files, alarms, presence."""

import datetime as dt
import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0025_campaigns"),
        ("certificates", "0018_shards"),
        ("regulations", "0010_suspension_reason"),
        ("support_desk", "0003_caller_guard"),
        ("vault", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MailboxState",
            fields=[
                ("mailbox", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("uid_validity", models.BigIntegerField(default=0)),
                ("polled_at", models.DateTimeField(null=True)),
                ("failing_since", models.DateTimeField(null=True)),
                ("last_error", models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="TakenMail",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("mailbox", models.CharField(max_length=200)),
                ("uid_validity", models.BigIntegerField()),
                ("uid", models.BigIntegerField()),
                ("message_id", models.CharField(blank=True, max_length=250)),
                ("digest", models.CharField(max_length=64)),
                ("sender", models.CharField(blank=True, max_length=254)),
                ("became", models.CharField(max_length=10)),
                ("notice", models.UUIDField(null=True)),
                ("size", models.PositiveIntegerField()),
                ("taken_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="TicketAlarm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stage", models.CharField(max_length=4)),
                ("due_at", models.DateTimeField()),
                ("raised_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="TicketFile",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=130)),
                ("media_type", models.CharField(blank=True, max_length=40)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("refused", models.CharField(blank=True, max_length=20)),
            ],
        ),
        migrations.RenameField(
            model_name="ticket",
            old_name="answered_at",
            new_name="first_answered_at",
        ),
        migrations.AddField(
            model_name="ticket",
            name="answer_due_at",
            field=models.DateTimeField(default=dt.datetime(2026, 1, 1, 0, 0, tzinfo=dt.UTC)),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="ticket",
            name="contract",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tickets",
                to="regulations.contract",
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="counts_from",
            field=models.DateTimeField(default=dt.datetime(2026, 1, 1, 0, 0, tzinfo=dt.UTC)),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="ticket",
            name="email",
            field=models.EmailField(blank=True, max_length=254),
        ),
        migrations.AddField(
            model_name="ticket",
            name="escalated_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="ticket",
            name="escalated_to",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name="ticket",
            name="language",
            field=models.CharField(default="ja", max_length=5),
        ),
        migrations.AddField(
            model_name="ticket",
            name="outcome",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name="ticket",
            name="paused_seconds",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="ticket",
            name="priority",
            field=models.PositiveSmallIntegerField(default=2),
        ),
        migrations.AddField(
            model_name="ticket",
            name="reopened_count",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="ticket",
            name="runs_from",
            field=models.DateTimeField(default=dt.datetime(2026, 1, 1, 0, 0, tzinfo=dt.UTC)),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="ticket",
            name="solution_due_at",
            field=models.DateTimeField(default=dt.datetime(2026, 1, 1, 0, 0, tzinfo=dt.UTC)),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="ticket",
            name="solved_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="ticket",
            name="subject",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="ticket",
            name="version",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="ticket",
            name="waiting_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="ticketentry",
            name="notice",
            field=models.UUIDField(null=True),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="due_at",
            field=models.DateTimeField(null=True),
        ),
        # What was written down before had one time, to the answer, and ran without pauses.
        migrations.RunSQL(
            """
            UPDATE support_desk_ticket SET
                answer_due_at = due_at, solution_due_at = due_at, counts_from = received_at, runs_from = received_at,
                due_at = CASE WHEN status = 'open' THEN due_at END,
                solved_at = CASE WHEN status <> 'open' THEN coalesce(first_answered_at, status_since) END,
                outcome = CASE WHEN status <> 'closed' THEN '' WHEN kind = 'out_of_scope' THEN kind ELSE 'solved' END
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("status", "open")), fields=["agent", "due_at", "id"], name="ticket_open_by_agent"
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("status", "open"), ("agent", None)),
                fields=["due_at", "id"],
                name="ticket_unassigned",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("status", "open")), fields=["kind", "due_at", "id"], name="ticket_open_by_kind"
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("status", "open"), models.Q(("escalated_to", ""), _negated=True)),
                fields=["escalated_to", "due_at", "id"],
                name="ticket_escalated",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("status", "waiting")), fields=["waiting_since", "id"], name="ticket_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["received_at", "id"], name="ticket_by_receipt"),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("email", ""), _negated=True),
                fields=["email", "-received_at"],
                name="ticket_by_email",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ["telephone", "mail", "portal", "form"])),
                name="ticket_channel_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(("priority__in", [1, 2, 3])), name="ticket_priority_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("due_at__isnull", False), ("status", "open")),
                    models.Q(models.Q(("status", "open"), _negated=True), ("due_at", None)),
                    _connector="OR",
                ),
                name="ticket_clock_runs_while_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "waiting"), ("waiting_since__isnull", False)),
                    models.Q(models.Q(("status", "waiting"), _negated=True), ("waiting_since", None)),
                    _connector="OR",
                ),
                name="ticket_waits_since",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("solved_at__isnull", False), ("status__in", ["answered", "closed"])),
                    models.Q(models.Q(("status__in", ["answered", "closed"]), _negated=True), ("solved_at", None)),
                    _connector="OR",
                ),
                name="ticket_solved_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "closed"), models.Q(("outcome", ""), _negated=True)),
                    models.Q(models.Q(("status", "closed"), _negated=True), ("outcome", "")),
                    _connector="OR",
                ),
                name="ticket_closed_with_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("escalated_at", None), ("escalated_to", "")),
                    models.Q(("escalated_to__in", ["examiner", "approver"]), ("escalated_at__isnull", False)),
                    _connector="OR",
                ),
                name="ticket_escalated_to_office",
            ),
        ),
        migrations.AddField(
            model_name="presence",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="presence",
            name="ticket",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="presences", to="support_desk.ticket"
            ),
        ),
        migrations.AddField(
            model_name="takenmail",
            name="raw",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.sealedblob"
            ),
        ),
        migrations.AddField(
            model_name="ticketentry",
            name="mail",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="support_desk.takenmail",
            ),
        ),
        migrations.AddField(
            model_name="ticketalarm",
            name="ticket",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="alarms", to="support_desk.ticket"
            ),
        ),
        migrations.AddField(
            model_name="ticketfile",
            name="blob",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.sealedblob"
            ),
        ),
        migrations.AddField(
            model_name="ticketfile",
            name="entry",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="files", to="support_desk.ticketentry"
            ),
        ),
        migrations.AddConstraint(
            model_name="presence",
            constraint=models.UniqueConstraint(fields=("ticket", "person"), name="presence_once"),
        ),
        migrations.AddIndex(
            model_name="takenmail",
            index=models.Index(fields=["sender", "-taken_at"], name="mail_by_sender"),
        ),
        migrations.AddIndex(
            model_name="takenmail",
            index=models.Index(fields=["-taken_at"], name="mail_by_time"),
        ),
        migrations.AddConstraint(
            model_name="takenmail",
            constraint=models.UniqueConstraint(fields=("mailbox", "uid_validity", "uid"), name="mail_taken_once"),
        ),
        migrations.AddConstraint(
            model_name="takenmail",
            constraint=models.UniqueConstraint(
                condition=models.Q(("message_id", ""), _negated=True),
                fields=("message_id", "digest"),
                name="mail_message_id_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="takenmail",
            constraint=models.CheckConstraint(
                condition=models.Q(("became__in", ["ticket", "reply", "bounce", "automatic", "loop", "flood"])),
                name="mail_became_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketalarm",
            constraint=models.UniqueConstraint(fields=("ticket", "stage", "due_at"), name="ticket_alarm_raised_once"),
        ),
        migrations.AddConstraint(
            model_name="ticketalarm",
            constraint=models.CheckConstraint(
                condition=models.Q(("stage__in", ["near", "over"])), name="ticket_alarm_stage_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketfile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("blob__isnull", False), ("refused", "")),
                    models.Q(("blob", None), models.Q(("refused", ""), _negated=True)),
                    _connector="OR",
                ),
                name="ticket_file_kept_or_refused",
            ),
        ),
    ]
