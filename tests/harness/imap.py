"""A real IMAP server for a test or a benchmark: pymap, in memory, on a port of its own."""

import imaplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER, PASSWORD = "desk", "himitsu"


def free_port() -> int:
    """Return a port that nothing listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


@dataclass
class MailServer:
    """A mailbox of one user."""

    port: int

    def connect(self) -> imaplib.IMAP4:
        """Return a client that is signed in."""
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        # A mail is sent in two pieces; without this each waits for the other side's acknowledgement.
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.login(USER, PASSWORD)
        return client

    def put(self, mails: Iterable[bytes]) -> None:
        """Lay mails into the inbox."""
        client = self.connect()
        for mail in mails:
            answer, lines = client.append("INBOX", "", "", mail)
            assert answer == "OK", lines
        client.logout()

    def count(self, folder: str) -> int:
        """Return how many mails lie in a folder."""
        client = self.connect()
        answer, lines = client.select(folder, readonly=True)
        client.logout()
        return int(lines[0] or 0) if answer == "OK" else 0


@contextmanager
def running(port: int = 0) -> Iterator[MailServer]:
    """Run a server for the time of a `with` block."""
    server = MailServer(port or free_port())
    where = ["--host", "127.0.0.1", "--port", str(server.port), "--no-tls"]
    only = ["--no-service", "managesieve", "--no-service", "admin"]
    user = ["dict", "--demo-user", USER, "--demo-password", PASSWORD]
    command = [str(Path(sys.executable).with_name("pymap")), *where, *only, *user]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(server.port, process)
        yield server
    finally:
        process.kill()
        process.wait()


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the IMAP server did not start")
