"""Debian packages that some tests need: installed where that is allowed, else named together with what is left out.

As a program (`python -m tests.harness.packages`, from make test) it installs what is missing. As a plugin of pytest it
leaves out the tests marked `needs("package")` whose package is missing.
"""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

LIST = Path(__file__).resolve().parents[2] / "deploy" / "test-packages.txt"


def wanted() -> list[str]:
    """Return the names of the packages in the list."""
    lines = LIST.read_text().splitlines() if LIST.exists() else []
    return [line.split("#")[0].strip() for line in lines if line.split("#")[0].strip()]


@cache
def is_installed(package: str) -> bool:
    """Say whether Debian's package manager has a package in place."""
    if shutil.which("dpkg-query") is None:
        return False
    asked = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package],
        check=False,
        capture_output=True,
        text=True,
    )
    return asked.returncode == 0 and asked.stdout.strip() == "installed"


def missing() -> list[str]:
    """Return the packages of the list that are not installed."""
    return [package for package in wanted() if not is_installed(package)]


def install(packages: list[str]) -> bool:
    """Install packages as root and say whether that worked."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", *packages]):
        if subprocess.run([*command, "-qq"], check=False, env=quiet, stdout=subprocess.DEVNULL).returncode:
            return False
    return True


def main() -> int:
    """Install what is missing, or say what it is. Only a run that may leave nothing out fails for it."""
    absent = missing()
    if absent and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing for the tests: {' '.join(absent)}", flush=True)
        install(absent)
        is_installed.cache_clear()
        absent = missing()
    if absent:
        print(f"Missing for the tests: {' '.join(absent)}; install with: apt-get install {' '.join(absent)}")
        print("Without them the tests marked with needs(…) of these names are left out; they are listed at the end.")
    return 1 if absent and os.environ.get("CI") else 0


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*packages): uses these Debian packages of deploy/test-packages.txt")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        absent = [package for package in mark.args if not is_installed(package)]
        if absent:
            pytest.skip(f"needs apt-get install {' '.join(absent)}")


if __name__ == "__main__":
    sys.exit(main())
