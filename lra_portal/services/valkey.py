"""Start and stop the embedded Valkey: broker and cache, on a Unix socket, nothing evicted.

Throttles live in it, so ``noeviction``; what it holds survives a kill in an append-only file.
"""

import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from lra_portal.services.place import Place, ServiceProblem
from lra_portal.services.programs import valkey_server

DATABASES = 64
START_SECONDS = 20.0


@dataclass(frozen=True)
class Valkey:
    """One embedded server; every method may be called whatever state it was left in."""

    place: Place

    @property
    def socket_file(self) -> Path:
        """The path of the server's Unix socket."""
        return self.place.sockets / "valkey.sock"

    def is_running(self) -> bool:
        """Return whether a server answers on the socket, even if it is still loading."""
        return self._ask("PING") != b""

    def start(self) -> bool:
        """Start the server and wait until it is ready; return False if it ran already.

        Raises ServiceProblem with the end of the server's log when it does not come up.
        """
        if self._ask("PING").startswith(b"+PONG"):
            return False
        if not self.is_running():
            self._launch()
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._ask("PING").startswith(b"+PONG"):
                return True
            time.sleep(0.02)
        raise ServiceProblem(f"Valkey did not start:\n{self._log_end()}")

    def stop(self) -> None:
        """Stop the server: ask first, then insist; no error where none runs."""
        number = self._process_number()
        self._ask("SHUTDOWN", "NOSAVE")
        if number is None:
            return
        deadline = time.monotonic() + 10
        while _is_alive(number):
            if time.monotonic() > deadline:
                os.kill(number, signal.SIGKILL)
            time.sleep(0.02)

    def _launch(self) -> None:
        # In a folder of ours, where the services' user can plant nothing; there is no secret in it.
        configuration = self.place.root / "valkey.conf"
        configuration.write_text(self._configuration())
        configuration.chmod(0o644)
        launched = subprocess.run(
            [str(valkey_server(self.place)), str(configuration)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            cwd=self.place.valkey, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            umask=0o077, start_new_session=True,
            **self.place.runner.process_options(),  # type: ignore[call-overload]
        )  # fmt: skip
        if launched.returncode != 0:
            raise ServiceProblem(f"Valkey did not start:\n{launched.stdout}{launched.stderr}")

    def _configuration(self) -> str:
        lines = {
            "port": "0",
            "unixsocket": f'"{self.socket_file}"',
            "unixsocketperm": "700",
            "daemonize": "yes",
            "dir": f'"{self.place.valkey}"',
            "pidfile": f'"{self.place.sockets / "valkey.pid"}"',
            "logfile": f'"{self.place.logs / "valkey.log"}"',
            "databases": str(DATABASES),
            "maxmemory-policy": "noeviction",
            "appendonly": "yes",
            "save": '""',
        }
        return "".join(f"{name} {value}\n" for name, value in lines.items())

    def _ask(self, *words: str) -> bytes:
        """Send one command; return the answer's first line, or nothing where nobody answers."""
        command = f"*{len(words)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(2)
            try:
                connection.connect(str(self.socket_file))
                connection.sendall(command.encode())
                return connection.recv(200)
            except OSError:
                return b""

    def _process_number(self) -> int | None:
        """Return the number of the process at the socket, as the kernel knows it."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            try:
                connection.connect(str(self.socket_file))
                peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
            except OSError:
                return None
        return int.from_bytes(peer[:4], "little")

    def _log_end(self) -> str:
        log = self.place.logs / "valkey.log"
        lines = log.read_text(errors="replace").splitlines() if log.is_file() else []
        return "\n".join(lines[-15:])


def _is_alive(number: int) -> bool:
    try:
        return not Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].startswith(" Z")
    except OSError:
        return False
