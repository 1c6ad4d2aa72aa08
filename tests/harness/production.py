"""`manage.py check --deploy` for every process, with the settings that deploy/example.env shows.

The check runs on the settings of production, not on those of the quick start or of tests. Secrets are made up for it.
"""

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path

BASE = Path(__file__).resolve().parents[2]
EXAMPLE = BASE / "deploy" / "example.env"
# Each process with the secrets that it may know; a guard refuses it more.
PROCESSES = {
    "lra_portal.settings.portal": ("VAULT_KEY_DOCUMENTS", "VAULT_KEY_SECOND_FACTORS", "VAULT_KEY_PKCS12"),
    "lra_portal.settings.worker": ("VAULT_KEY_DOCUMENTS", "VAULT_KEY_PKCS12", "VAULT_KEY_PIN"),
}


def example() -> dict[str, str]:
    """Return the settings of the example environment file; those of QUICKSTART never."""
    lines = EXAMPLE.read_text().splitlines() if EXAMPLE.exists() else []
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, value in pairs}


def environment(settings: str, keys: tuple[str, ...]) -> dict[str, str]:
    """Return a production environment for one kind of process, with secrets made up on the spot."""
    made = {key: f"made-up:{base64.b64encode(secrets.token_bytes(32)).decode()}" for key in keys}
    fixed = {
        "PATH": os.environ["PATH"],
        "SITE_URL": "https://lra.demo.example",
        "ALLOWED_HOSTS": "lra.demo.example",
        "DJANGO_SETTINGS_MODULE": settings,
        "SECRET_KEY": secrets.token_urlsafe(60),
        "DATABASE_URL": "postgresql://lra_web:made-up@127.0.0.1:1/lra",
        "BROKER_URL": "redis://127.0.0.1:1/0",
        "CACHE_URL": "redis://127.0.0.1:1/1",
    }
    return {**{k: v for k, v in example().items() if not k.endswith("_FILE")}, **fixed, **made}


def main() -> int:
    """Run the checks; return 1 where one of them finds anything."""
    worst = 0
    for settings, keys in PROCESSES.items():
        command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
        done = subprocess.run(
            command, check=False, cwd=BASE, env=environment(settings, keys), capture_output=True, text=True
        )
        if done.returncode:
            print(f"{settings}:\n{done.stderr}")
            worst = 1
    print("Production settings pass." if not worst else "Production settings do not pass.")
    return worst


if __name__ == "__main__":
    sys.exit(main())
