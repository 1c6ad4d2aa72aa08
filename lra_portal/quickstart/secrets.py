"""The secrets of one quick-start portal: made once, kept in one file that only its user may read."""

import base64
import json
import os
import secrets
from pathlib import Path

PURPOSES = ("documents", "second_factors", "pkcs12", "pin")


def read_or_make_secrets(path: Path) -> dict[str, str]:
    """Return the secrets by name; a file once there is never changed.

    The file is on disk and complete before it gets its name, since what is sealed under a key that
    was lost in a crash can't be opened again.
    """
    if not path.is_file():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        half = path.with_suffix(".half")
        half.unlink(missing_ok=True)
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(_make_secrets(), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        half.rename(path)
    read: dict[str, str] = json.loads(path.read_text())
    return read


def _make_secrets() -> dict[str, str]:
    made = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "CA_KEY_PASSPHRASE": secrets.token_urlsafe(32),
    }
    for purpose in PURPOSES:
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        made[f"VAULT_KEY_{purpose.upper()}"] = f"{purpose}-1:{key}"
    return made
