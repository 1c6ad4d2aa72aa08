"""Real processes of the portal for a test: started on a clone, told what their kind may know, ended for certain."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from tests.harness.cloned import Clone

BASE = Path(__file__).resolve().parents[2]
WEB_KEYS = ("documents", "second_factors", "pkcs12")
READY_WITHIN = 40.0


def free_port() -> int:
    """Return a port of this machine that nothing listens on, with the next one free as well."""
    while True:
        with contextlib.suppress(OSError), socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            second.bind(("127.0.0.1", port + 1))
            return port


def web_environment(clone: Clone, port: int) -> dict[str, str]:
    """Return all that a web process reads from its environment."""
    keys = {f"VAULT_KEY_{name.upper()}": settings.VAULT_KEYS[name] for name in WEB_KEYS}
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "lra_portal.settings.portal",
        "SITE_URL": f"http://localhost:{port}",
        "QUICKSTART": "1",
        **clone.environment("lra_web"),
        **keys,
    }


def answers(url: str) -> bool:
    """Say whether something answers at an address with a good code."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with contextlib.suppress(urllib.error.URLError, OSError), opener.open(url, timeout=5):
        return True
    return False


@contextmanager
def running(words: list[str], environment: dict[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program of this environment for the time of a `with` block, then end it and all it started."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=BASE,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def web_running(clone: Clone, folder: Path, *options: str) -> Iterator[str]:
    """Run the real web process on a clone and give its address; where it stays silent its log is the error."""
    port = free_port()
    log = folder / "web.log"
    words = ["gunicorn", "lra_portal.wsgi", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    environment = {**web_environment(clone, port), "STATIC_ROOT": str(folder / "static")}
    collect = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"]
    subprocess.run(collect, check=True, cwd=BASE, env=environment)
    with running([*words, "--threads", "2", *options], environment, log) as process:
        deadline = time.monotonic() + READY_WITHIN
        while not answers(f"http://127.0.0.1:{port}/healthz"):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
