"""One portal on this machine: its folders, ports and database, and what each process is told.

Nothing is inherited from the person's own environment, and each process is given only what it needs:
the CA key's place and passphrase reach the signer and the publisher alone.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from lra_portal.quickstart.processes import Command
from lra_portal.quickstart.secrets import read_or_make_secrets
from lra_portal.services import Services

CHECKOUT = Path(__file__).resolve().parents[2]
# The publisher signs lists and opens nothing: it holds no key of the vault.
VAULT = {
    "owner": ("DOCUMENTS", "SECOND_FACTORS", "PKCS12"),
    "web": ("DOCUMENTS", "SECOND_FACTORS", "PKCS12"),
    "signer": ("PKCS12", "PIN"),
    "worker": ("DOCUMENTS", "PKCS12", "PIN"),
}
SETTINGS = {
    "owner": "lra_portal.settings.portal",
    "web": "lra_portal.settings.portal",
    "responder": "revocation.responder.settings",
    "signer": "lra_portal.settings.signer",
    "publisher": "lra_portal.settings.signer",
    "worker": "lra_portal.settings.worker",
    "beat": "lra_portal.settings.base",
}
ROLES = {
    "owner": "lra_owner",
    "web": "lra_web",
    "responder": "lra_responder",
    "signer": "lra_signer",
    "publisher": "lra_signer",
    "worker": "lra_worker",
}
PROCESSES = ("web", "responder", "signer", "publisher", "worker", "beat")


class StepFailedError(Exception):
    """A command of the portal failed; the message shows the end of what it said."""


@dataclass(frozen=True)
class Portal:
    """What tells one portal of this machine from another: `make run`, `make demo`, a test."""

    services: Services
    database: str
    folder: Path
    port: int
    responder_port: int
    broker: int
    logs: Path

    @property
    def site_url(self) -> str:
        """The address for people; also what mails link to."""
        return f"http://localhost:{self.port}"

    @property
    def status_url(self) -> str:
        """The address written into certificates; a linter of certificates refuses `localhost`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def responder_url(self) -> str:
        """The address of the OCSP responder, as certificates name it."""
        return f"http://127.0.0.1:{self.responder_port}/"

    @property
    def outbox(self) -> Path:
        """The folder of sent mail."""
        return self.folder / "outbox"

    def environment(self, process: str) -> dict[str, str]:
        """Return the whole environment of one kind of process; `owner` migrates and fills."""
        kind = {"owner": "web", "publisher": "signer"}.get(process, process)
        secrets = read_or_make_secrets(self.folder / "secrets.json")
        made = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        made |= {"LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": SETTINGS[process]}
        made |= {f"VAULT_KEY_{name}": secrets[f"VAULT_KEY_{name}"] for name in VAULT.get(process, ())}
        if process in ROLES:
            made["DATABASE_URL"] = self.services.database_url(ROLES[process], self.database)
        if kind != "responder":
            made["BROKER_URL"] = self.services.broker_url(self.broker)
            made["CACHE_URL"] = self.services.cache_url(self.broker + 1)
            made["SITE_URL"] = self.site_url  # the signer, too, writes mails with links
        if kind in {"web", "worker"}:
            made |= self._page_environment(secrets)
        if process == "worker":
            made["PIN_LETTER_SPOOL"] = str(self._private("pin-letters"))
        if kind == "signer":
            made |= self._authority_environment(secrets)
        return made

    def command(self, process: str) -> Command:
        """Return how one of the portal's processes is started."""
        words = (sys.executable, "-m", *self._words(process))
        log = self.logs / f"{process}.log"
        return Command(process, words, self.environment(process), CHECKOUT, log)

    def manage(self, process: str, *words: str) -> str:
        """Run a management command in a process of a kind and return what it printed.

        Raises StepFailedError with the end of the output.
        """
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            env=self.environment(process),
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / "steps.log").open("a") as log:
            log.write(f"$ manage.py {' '.join(words)}\n{done.stdout}")
        if done.returncode != 0:
            end = "\n".join(done.stdout.splitlines()[-20:])
            raise StepFailedError(f"manage.py {' '.join(words)} failed:\n{end}")
        return done.stdout

    def _page_environment(self, secrets: dict[str, str]) -> dict[str, str]:
        return {
            "QUICKSTART": "1",
            "SECRET_KEY": secrets["SECRET_KEY"],
            "EMAIL_BACKEND": "lra_portal.quickstart.outbox.OutboxBackend",
            "EMAIL_FILE_PATH": str(self.outbox),
        }

    def _authority_environment(self, secrets: dict[str, str]) -> dict[str, str]:
        return {
            "CA_KEY_DIR": str(self._private("ca-keys")),
            "CA_KEY_PASSPHRASE": secrets["CA_KEY_PASSPHRASE"],
            "JOURNAL_DIR": str(self._private("journal")),
        }

    def _private(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def _words(self, process: str) -> tuple[str, ...]:
        if process == "web":
            return _gunicorn("lra_portal.wsgi", self.port, threads=8)
        if process == "responder":
            return _gunicorn("revocation.responder.wsgi", self.responder_port, threads=4)
        if process == "beat":
            schedule = str(self.folder / "beat-schedule")
            return (*_CELERY, "beat", "--loglevel=warning", "--schedule", schedule, "--pidfile=")
        queue = {"signer": "signing", "publisher": "publishing", "worker": "work"}[process]
        pool = ("--pool=prefork", "-c2") if process == "worker" else ("--pool=solo",)
        return (
            *_CELERY, "worker", "-Q", queue, *pool, "-n", f"{process}@{self.database}",
            "--loglevel=info", "--without-gossip", "--without-mingle",
        )  # fmt: skip


_CELERY = ("celery", "-A", "lra_portal.celery")


def _gunicorn(application: str, port: int, threads: int) -> tuple[str, ...]:
    return (
        "gunicorn", application, "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
        "--workers", "1", "--threads", str(threads), "--graceful-timeout", "5",
        "--no-control-socket", "--log-level", "warning",
    )  # fmt: skip
