"""States, and what responder and repository may read; the responder hands in its CSR."""

from typing import ClassVar

from django.db import migrations

from audit import guards


class Migration(migrations.Migration):
    dependencies: ClassVar = [("revocation", "0001_initial")]
    operations: ClassVar = [
        guards.status_guard(
            "revocation_revocationrequest",
            [
                ("awaiting_approval", "denied"),
                ("awaiting_approval", "processing"),
                ("processing", "revoked"),
                ("received", "awaiting_approval"),
                ("received", "denied"),
                ("received", "verifying"),
                ("revoked", "notified"),
                ("verifying", "awaiting_approval"),
                ("verifying", "denied"),
            ],
            ["received"],
        ),
        guards.reader_may_select(
            "revocation_crlentry",
            "revocation_crl",
            "revocation_crlchunk",
            "revocation_responderkey",
            "revocation_respondercertificate",
        ),
        migrations.RunSQL(
            "GRANT INSERT ON revocation_responderkey TO lra_responder",
            "REVOKE INSERT ON revocation_responderkey FROM lra_responder",
        ),
    ]
