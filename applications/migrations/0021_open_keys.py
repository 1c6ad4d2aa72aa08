"""A key that stands in another open application is seen at once, not only when a certificate was issued for it."""

import hashlib
from typing import Any, ClassVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import migrations, models

OPEN = ["submitted", "examining", "waiting_information", "awaiting_approval", "approved"]


def note_keys(apps: Any, _editor: Any) -> None:
    """Note the key of every request that is still there; erased contents have none."""
    rows = apps.get_model("applications", "Application").objects.exclude(csr_der=None)
    for row in rows.only("csr_der").iterator():
        key = x509.load_der_x509_csr(bytes(row.csr_der)).public_key()
        spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        rows.filter(pk=row.pk).update(key_digest=hashlib.sha256(spki).hexdigest())


class Migration(migrations.Migration):
    dependencies: ClassVar = [("applications", "0020_refusing_together")]

    operations: ClassVar = [
        migrations.AddField("application", "key_digest", models.CharField(blank=True, max_length=64, default="")),
        migrations.AlterField("application", "key_digest", models.CharField(blank=True, max_length=64)),
        migrations.RunPython(note_keys, migrations.RunPython.noop),
        migrations.AddIndex(
            "application",
            models.Index(
                fields=["key_digest"],
                name="application_by_open_key",
                condition=models.Q(status__in=OPEN) & ~models.Q(key_digest=""),
            ),
        ),
        migrations.RemoveConstraint("application", "erased_contents_stay_erased"),
        migrations.AddConstraint(
            "application",
            models.CheckConstraint(
                condition=models.Q(contents_erased_at=None)
                | models.Q(values={}, typed={}, csr_der=None, key_digest=""),
                name="erased_contents_stay_erased",
            ),
        ),
    ]
