"""Settings of gunicorn for one test: when the worker ends, it writes down what it had loaded and what it could read."""

import json
import os
import sys
from pathlib import Path
from typing import Any


def worker_exit(server: Any, worker: Any) -> None:
    """Write the names of modules, settings and environment variables to the file that WITNESS names."""
    from django.conf import settings  # noqa: PLC0415 — ready only inside the worker

    seen = {
        "modules": sorted(sys.modules),
        "settings": sorted(name for name in dir(settings) if name.isupper()),
        "vault": sorted(settings.VAULT_KEYS),
        "environment": sorted(os.environ),
    }
    Path(os.environ["WITNESS"]).write_text(json.dumps(seen))
