"""Where the embedded services of the quick start lie on this machine, and who runs them.

For an ordinary user everything lies under ``var/services``, except the sockets where that path is
too long or too odd for them. PostgreSQL refuses to run as root, so for root both services run as ``nobody``,
who must reach programs and data without any folder of the person being opened: they lie in a folder
of their own under ``/var/lib``, since ``/var/tmp`` is swept. What lies elsewhere is noted in ``var``.
"""

import hashlib
import os
import pwd
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

LONGEST_SOCKET_FOLDER = 70
"""Characters; a Unix socket's whole path may have 107, and PostgreSQL adds a name of its own."""

PLAIN = re.compile(r"[A-Za-z0-9/._-]+")
"""Folder names that every URL and configuration file takes as they are."""

UNPRIVILEGED_USER = "nobody"
LASTING = Path("/var/lib")
SHARED = Path("/var/tmp")  # noqa: S108 — sticky; the folder's owner is checked before use


class ServiceProblem(Exception):
    """A service can't be had; the message says what a person can do about it."""


@dataclass(frozen=True)
class Runner:
    """The operating system user under whom the services run."""

    name: str
    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """Whether this is somebody else than the user of this process."""
        return self.uid != os.geteuid()

    def process_options(self) -> dict[str, object]:
        """Return the options of ``subprocess`` that start a child as this user."""
        if not self.is_other:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give a file or folder that this process made to this user."""
        if self.is_other:
            os.chown(path, self.uid, self.gid)


@dataclass(frozen=True)
class Place:
    """The folders of the services of one checkout.

    What is in services that are not `lasting` need not survive the machine losing its power; tests have such ones.
    """

    checkout: Path
    root: Path
    sockets: Path
    runner: Runner
    lasting: bool = True

    @property
    def notes(self) -> Path:
        """Where leases and locks lie: always inside the checkout's ``var``."""
        return self.checkout / "var" / ("services" if self.lasting else "services-passing")

    @property
    def programs(self) -> Path:
        """Copies of the programs, used only where another user runs them."""
        return self.root / "programs"

    @property
    def data(self) -> Path:
        """The data folder of PostgreSQL."""
        return self.root / "postgresql"

    @property
    def valkey(self) -> Path:
        """The folder of Valkey's configuration and data."""
        return self.root / "valkey"

    @property
    def logs(self) -> Path:
        """The folder of what both services write down."""
        return self.root / "log"

    @property
    def passwords(self) -> Path:
        """The file of the database roles' passwords, readable by this process's user alone."""
        return self.root / "passwords.json"


def find_place(checkout: Path, *, lasting: bool = True) -> Place:
    """Return where the services of a checkout lie, the lasting or the passing ones; makes nothing."""
    checkout = checkout.resolve()
    runner = _find_runner()
    name = f"lra-portal-{hashlib.sha256(f'{checkout}:{os.geteuid()}'.encode()).hexdigest()[:12]}"
    name += "" if lasting else "-passing"
    if runner.is_other:
        root = (LASTING if os.access(LASTING, os.W_OK) else SHARED) / name
        return Place(checkout, root, root / "run", runner, lasting)
    root = checkout / "var" / ("services" if lasting else "services-passing")
    sockets = root / "run"
    if len(str(sockets)) > LONGEST_SOCKET_FOLDER or not PLAIN.fullmatch(str(sockets)):
        sockets = SHARED / name
    return Place(checkout, root, sockets, runner, lasting)


def prepare_place(place: Place) -> None:
    """Make the folders of a place, private to their users, and note them under ``var``.

    Raises ServiceProblem where the folder belongs to somebody else.
    """
    place.notes.mkdir(mode=0o700, parents=True, exist_ok=True)
    _make_private_folder(place.root)
    if place.runner.is_other:
        place.root.chmod(0o711)
    if not place.sockets.is_relative_to(place.root):
        _make_private_folder(place.sockets)
    for folder in (place.data, place.sockets, place.valkey, place.logs):
        if not folder.is_dir():
            folder.mkdir(mode=0o700)
            place.runner.own(folder)
    (place.notes / "place.txt").write_text(f"{place.root}\n{place.sockets}\n")


def remove_place(place: Place) -> None:
    """Remove everything of a place; the services must have been stopped before."""
    for folder in (place.sockets, place.root, place.notes):
        if folder.is_dir() and not folder.is_symlink() and _is_ours_or_the_runners(folder, place):
            shutil.rmtree(folder)


def _find_runner() -> Runner:
    if os.geteuid() != 0:
        return Runner(str(os.geteuid()), os.geteuid(), os.getegid())
    try:
        entry = pwd.getpwnam(UNPRIVILEGED_USER)
    except KeyError:
        raise ServiceProblem(
            "PostgreSQL does not run as root, and this machine has no user 'nobody' to run it: "
            "run the command as an ordinary user."
        ) from None
    return Runner(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _make_private_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if folder.is_symlink() or not folder.is_dir() or not _is_ours(folder):
            raise ServiceProblem(f"{folder} belongs to somebody else: move it away, or use another checkout.") from None


def _is_ours_or_the_runners(folder: Path, place: Place) -> bool:
    return folder.lstat().st_uid in {os.geteuid(), place.runner.uid}


def _is_ours(folder: Path) -> bool:
    return folder.lstat().st_uid == os.geteuid()
