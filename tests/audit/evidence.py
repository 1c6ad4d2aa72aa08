"""Evidence that is sealed, taken out as a file, and checked by the verifier alone in a process of its own."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg2
from django.conf import settings

import audit.verifier
from audit.actors import Actor
from audit.acts import Act
from audit.exporting import export
from audit.models import Event, SealKey
from audit.services import record
from certificates.worker import sealing
from tests.harness.cloned import Clone

TABLES = ("audit_event", "audit_eventdetails", "audit_seal", "audit_sealleaf")
CLERK = Actor(person_id=UUID(int=7), roles=frozenset({"examiner"}), origin="192.0.2.7", acting_as="examiner")


@dataclass
class Evidence:
    """A database with a key for seals, and a folder outside it."""

    clone: Clone
    folder: Path

    @classmethod
    def begin(cls, clone: Clone, folder: Path) -> "Evidence":
        """Make the key, with a journal that no other test has written in."""
        settings.JOURNAL_DIR = str(folder / "journal")
        with clone.acting_as("lra_signer"):
            sealing.create_key(place="file", actor=Actor.system("ceremony"), at=datetime.now(UTC))
        return cls(clone, folder)

    @property
    def journal(self) -> Path:
        return Path(settings.JOURNAL_DIR) / "evidence.jsonl"

    @property
    def fingerprint(self) -> str:
        return SealKey.objects.latest("created_at").fingerprint

    def record(self, count: int = 3) -> list[Event]:
        """Record acts of an examiner."""
        now = datetime.now(UTC)
        return [
            record(act=Act.APPLICATION_CLAIM, actor=CLERK, at=now, story=uuid4(), details={"note": f"第{n}件"})
            for n in range(count)
        ]

    def seal(self, *, at: datetime | None = None) -> int:
        """Seal what waits, as the publisher."""
        with self.clone.acting_as("lra_signer"):
            return sealing.seal_what_waits(at=at or datetime.now(UTC))

    def seal_three_times(self) -> list[list[Event]]:
        """Record and seal four events, three times; returns the events of each seal."""
        now, made = datetime.now(UTC), []
        for n in range(3):
            made.append(self.record(4))
            self.seal(at=now + timedelta(seconds=n))
        return made

    def export(self, *, details: bool = True) -> Path:
        """Write the evidence into a file."""
        path = self.folder / "evidence.jsonl"
        path.write_text("".join(export(details=details)), encoding="utf-8")
        return path

    def tamper(self, *statements: str) -> None:
        """Run SQL as the superuser, whom no trigger and no grant stops."""
        connection = psycopg2.connect(self.clone.servers.admin_url(self.clone.name))
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute("SET session_replication_role = replica")
                for statement in statements:
                    cursor.execute(statement)
        finally:
            connection.close()

    def keep(self) -> None:
        """Keep a copy of everything, for `restore`."""
        self.tamper("CREATE SCHEMA kept", *(f"CREATE TABLE kept.{table} AS TABLE {table}" for table in TABLES))

    def restore(self) -> None:
        """Put everything back as it was kept."""
        for table in TABLES:
            self.tamper(f"TRUNCATE {table} CASCADE")
        for table in TABLES:
            self.tamper(f"INSERT INTO {table} SELECT * FROM kept.{table}")  # noqa: S608 — our own tables

    def verify(self, path: Path | None = None, *words: str, what: str = "export") -> tuple[int, str]:
        """Check a file with the verifier alone: copied elsewhere, in a process that finds nothing of ours."""
        alone = Path(shutil.copy(audit.verifier.__file__, self.folder / "alone.py"))
        command = [sys.executable, "-I", str(alone), what, str(path or self.export())]
        done = subprocess.run(
            [*command, "--fingerprint", self.fingerprint, *words],
            cwd=self.folder, env={}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr
