"""Make .venv from the hash-locked set; quick when nothing changed, and right when the checkout has moved.

Runs on a bare Python, so it imports the standard library alone, and keeps to syntax that an old Python can read well
enough to be told that it is too old.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

OLDEST = (3, 11)
HERE = Path(__file__).resolve().parent
VENV = HERE.parent / ".venv"
STAMP = VENV / "installed-from"


def main() -> int:
    """Bring .venv up to date and return the exit code."""
    if sys.version_info < OLDEST:
        return missing(f"Python {OLDEST[0]}.{OLDEST[1]} or newer (this is {sys.version.split()[0]})", "python3")
    if is_current():
        return 0
    with (HERE / "install.py").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return 0 if is_current() else install()


def is_current() -> bool:
    """Say whether .venv was made from this lock, by this Python, at this place."""
    try:
        return STAMP.read_text() == fingerprint() and (VENV / "bin/python").exists()
    except OSError:
        return False


def fingerprint() -> str:
    """Return a digest of what .venv depends on: both locks, the interpreter, and the path that its scripts contain."""
    digest = hashlib.sha256()
    for name in ("bootstrap.txt", "lock.txt"):
        digest.update((HERE / name).read_bytes())
    digest.update(repr((sys.version, sys.base_prefix, str(VENV))).encode())
    return digest.hexdigest()


def install() -> int:
    """Make the environment anew where it was made elsewhere or by another Python, and install the locked set."""
    began = time.monotonic()
    absent = [name for name in ("venv", "ensurepip") if not importable(name)]
    if absent:
        return missing("Python's " + " and ".join(absent), "python3-venv")
    if not belongs_here():
        shutil.rmtree(VENV, ignore_errors=True)
        print("Making the Python environment .venv", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    print("Installing the locked packages", flush=True)
    python = str(VENV / "bin/python")
    quiet = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "VIRTUAL_ENV": str(VENV)}
    pip = [python, "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement"]
    lock = str(HERE / "lock.txt")
    bootstrapped = subprocess.run([*pip, str(HERE / "bootstrap.txt")], check=False, env=quiet).returncode == 0
    sync = [str(VENV / "bin/uv"), "pip", "sync", "--quiet", "--require-hashes", lock]
    if not (bootstrapped and subprocess.run(sync, check=False, env=quiet).returncode == 0):
        print("uv could not install the set; trying pip, which takes longer", flush=True)
        if subprocess.run([*pip, lock], check=False, env=quiet).returncode:
            print("Installing failed: the lines above say why. Nothing but a package index is needed.", file=sys.stderr)
            return 1
    STAMP.write_text(fingerprint())
    print(f"Installed in {time.monotonic() - began:.0f} s", flush=True)
    return 0


def importable(name: str) -> bool:
    """Say whether this Python can import a module, without importing it here."""
    return subprocess.run([sys.executable, "-c", f"import {name}"], check=False, capture_output=True).returncode == 0


def belongs_here() -> bool:
    """Say whether .venv works, stands where it was made, and was made by this Python version."""
    ask = "import sys; print(sys.version, sys.base_prefix)"
    try:
        answer = subprocess.run([str(VENV / "bin/python"), "-c", ask], check=False, capture_output=True, text=True)
        shebang = (VENV / "bin/pip").read_text().splitlines()[0]
    except OSError:
        return False
    return answer.stdout.strip() == f"{sys.version} {sys.base_prefix}" and str(VENV) in shebang


def missing(what: str, package: str) -> int:
    """Name what is missing with the command that installs it; return the exit code."""
    sudo = "" if os.geteuid() == 0 else "sudo "
    print(f"Missing: {what}.", file=sys.stderr)
    print(f"On Debian and Ubuntu: {sudo}apt-get install {package}", file=sys.stderr)
    return 1


def portal_only() -> int:
    """Print the part of the lock that portal.in needs, followed through the "via" comments, for a production image."""
    blocks, wanted = locked_blocks(), {"-r requirements/portal.in"}
    while True:
        found = {name for name, (_, via) in blocks.items() if via & wanted} - wanted
        if not found:
            break
        wanted |= found
    print("\n".join(text for name, (text, _) in blocks.items() if name in wanted))
    return 0


def locked_blocks() -> "dict[str, tuple[str, set[str]]]":
    """Return each locked package's lines and the set of what asks for it."""
    blocks: dict[str, tuple[str, set[str]]] = {}
    name = ""
    for line in (HERE / "lock.txt").read_text().splitlines():
        if line and not line.startswith((" ", "#")):
            name = line.split("==")[0].split("[")[0]
            text, via = blocks.get(name, ("", set()))
            blocks[name] = (f"{text}\n{line}".strip(), via)
        elif line.strip().startswith("#"):
            asker = line.strip().removeprefix("#").strip().removeprefix("via").strip()
            if asker:
                blocks[name][1].add(asker)
        elif line:
            blocks[name] = (f"{blocks[name][0]}\n{line}", blocks[name][1])
    return blocks


if __name__ == "__main__":
    sys.exit(portal_only() if sys.argv[1:] == ["portal"] else main())
