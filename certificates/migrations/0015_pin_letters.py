"""PIN letters, each printed at most once, and who released them (J-5.2)."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from audit import guards


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0014_register"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LetterBatch",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("released_at", models.DateTimeField()),
                (
                    "released_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PinLetter",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveSmallIntegerField()),
                ("status", models.CharField(default="waiting", max_length=12)),
                ("status_since", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                ("failure", models.CharField(blank=True, max_length=200)),
                (
                    "batch",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="certificates.letterbatch",
                    ),
                ),
                (
                    "certificate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pin_letters",
                        to="certificates.certificate",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="letterbatch",
            index=models.Index(fields=["-released_at"], name="letter_batch_by_time"),
        ),
        migrations.AddIndex(
            model_name="pinletter",
            index=models.Index(fields=["status", "created_at"], name="pin_letter_by_status"),
        ),
        migrations.AddIndex(
            model_name="pinletter",
            index=models.Index(fields=["batch"], name="pin_letter_by_batch"),
        ),
        migrations.AddConstraint(
            model_name="pinletter",
            constraint=models.UniqueConstraint(fields=("certificate", "number"), name="pin_letter_number_once"),
        ),
        migrations.AddConstraint(
            model_name="pinletter",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["waiting", "released", "printing"])),
                fields=("certificate",),
                name="one_pin_letter_under_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="pinletter",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["waiting", "cancelled"]), ("batch__isnull", False), _connector="OR"),
                name="printed_letter_was_released",
            ),
        ),
        guards.status_guard(
            "certificates_pinletter",
            [
                ("failed", "cancelled"),
                ("failed", "replaced"),
                ("printing", "failed"),
                ("printing", "handed_over"),
                ("printing", "unclear"),
                ("released", "cancelled"),
                ("released", "printing"),
                ("unclear", "cancelled"),
                ("unclear", "handed_over"),
                ("unclear", "replaced"),
                ("waiting", "cancelled"),
                ("waiting", "released"),
            ],
            ["waiting"],
        ),
        guards.facts_stay(
            "certificates_pinletter", ["id", "certificate_id", "number", "created_at"], once=["batch_id"]
        ),
        guards.append_only("certificates_letterbatch"),
    ]
