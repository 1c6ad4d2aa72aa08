"""Start and stop the embedded PostgreSQL: socket only, passwords always, surviving any kill.

The wheel's own starter trusts a stale process id, opens parent folders and asks for no password;
this one asks ``pg_ctl`` *and* the socket, and believes neither a file nor a number alone.
"""

import contextlib
import shutil
import socket
import struct
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from lra_portal.services.place import Place, ServiceProblem
from lra_portal.services.programs import postgresql_folder

PORT = 5432
"""Only the name of the socket file; nothing listens on the network."""

SUPERUSER = "lra_super"
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # What people type must not end up in a log file.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
# A passing server does not wait for the disk, and its plans do not depend on when it last looked at its tables.
OFF_WHERE_PASSING = ("fsync", "full_page_writes", "synchronous_commit", "autovacuum")
START_TRIES = 15
SSL_REQUEST = struct.pack("!II", 8, 80877103)
"""The smallest question of PostgreSQL's protocol; on a socket the answer is always "no"."""


@dataclass(frozen=True)
class PostgreSQL:
    """One embedded server; every method may be called whatever state it was left in."""

    place: Place

    @property
    def socket_file(self) -> Path:
        """The path of the server's Unix socket."""
        return self.place.sockets / f".s.PGSQL.{PORT}"

    def is_running(self) -> bool:
        """Return whether a server answers on the socket; a mere connect may meet a dying one."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(2)
            try:
                probe.connect(str(self.socket_file))
                probe.sendall(SSL_REQUEST)
                return probe.recv(1) != b""
            except OSError:
                return False

    def start(self, superuser_password: str) -> bool:
        """Make the cluster where there is none and start the server; return False if it ran.

        Raises ServiceProblem with the end of the server's log when it does not come up.
        """
        if not (self.place.data / "PG_VERSION").is_file():
            self._initialise(superuser_password)
        if self.is_running() and self._control("status").returncode == 0:
            return False
        for attempt in range(START_TRIES):
            self._forget_dead_server()
            options = f"-c unix_socket_directories='{self.place.sockets}' -p {PORT}"
            if not self.place.lasting:
                options += "".join(f" -c {name}=off" for name in OFF_WHERE_PASSING)
            log = str(self.place.logs / "postgresql.log")
            started = self._control("start", "-w", "-t", "60", "-l", log, "-o", options)
            if started.returncode == 0 and self.is_running():
                return True
            # After kill -9 of the server alone its children need a moment to notice.
            time.sleep(0.1 * (attempt + 1))
        raise ServiceProblem(f"PostgreSQL did not start:\n{self._log_end()}")

    def stop(self) -> None:
        """Stop the server, politely first; no error where none runs."""
        self._forget_dead_server()
        for mode in ("fast", "immediate"):
            if self._control("status").returncode != 0:
                return
            self._control("stop", "-w", "-t", "30", "-m", mode)

    def _initialise(self, superuser_password: str) -> None:
        """Make a cluster under a temporary name, so that a killed initdb leaves nothing half."""
        half = self.place.data.with_name("postgresql.half")
        if half.is_dir():
            shutil.rmtree(half)
        half.mkdir(mode=0o700)
        self.place.runner.own(half)
        password_file = self._written_for_runner("initdb-password", superuser_password)
        try:
            made = self._run(
                "initdb", "-D", str(half), f"--username={SUPERUSER}",
                f"--pwfile={password_file}", "--encoding=UTF8", "--locale-provider=builtin",
                "--locale=C.UTF-8", "--auth=scram-sha-256", "--data-checksums", "--no-instructions",
                *(f"--set={name}={value}" for name, value in SETTINGS.items()),
            )  # fmt: skip
        finally:
            password_file.unlink()
        if made.returncode != 0:
            raise ServiceProblem(f"PostgreSQL could not make its data folder:\n{made.stdout}")
        self.place.data.rmdir()
        half.rename(self.place.data)

    def _written_for_runner(self, name: str, text: str) -> Path:
        """Write a file that only the services' user reads, in a folder where that user can plant nothing."""
        path = self.place.root / name
        path.unlink(missing_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(text)
        self.place.runner.own(path)
        return path

    def _control(self, action: str, *options: str) -> "subprocess.CompletedProcess[str]":
        return self._run("pg_ctl", action, "-D", str(self.place.data), *options)

    def _run(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a program as the services' user, with nothing of this process's environment."""
        path = str(postgresql_folder(self.place) / program)
        with (self.place.notes / f"{program}.out").open("w+") as written:
            done = subprocess.run(
                [path, *arguments],
                stdin=subprocess.DEVNULL, stdout=written, stderr=subprocess.STDOUT,
                cwd=self.place.sockets, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
                umask=0o077, start_new_session=True, check=False,
                **self.place.runner.process_options(),  # type: ignore[call-overload]
            )  # fmt: skip
            written.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, written.read(), "")

    def _forget_dead_server(self) -> None:
        """Remove the note of a server that is gone and whose number another process now has."""
        note = self.place.data / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
            number = int(note.read_text().splitlines()[0])
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                if str(self.place.data) in Path(f"/proc/{number}/cmdline").read_text():
                    return
            note.unlink()

    def _log_end(self) -> str:
        log = self.place.logs / "postgresql.log"
        lines = log.read_text(errors="replace").splitlines() if log.is_file() else []
        return "\n".join(lines[-15:])
