"""The import contracts hold, and each of them would be seen to break."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lra_portal.messages import APPS

BASE = Path(__file__).resolve().parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")

PLANTED = [
    ("audit/guards.py", "import vault.services", "Imports go downwards"),
    ("vault/services.py", "import accounts.models", "Imports go downwards"),
    ("certificates/models.py", "import revocation.models", "Imports go downwards"),
    ("repository/urls.py", "import support_desk.models", "Imports go downwards"),
    ("support_desk/models.py", "import repository.urls", "Imports go downwards"),
    ("accounts/services.py", "import lra_portal.settings.base", "Imports go downwards"),
    ("applications/urls.py", "import certificates.worker.tasks", "never reaches signing code"),
    (
        "certificates/services/orders.py",
        "def later():\n    import certificates.worker.tasks",
        "never reaches signing code",
    ),
    ("revocation/responder/app.py", "import revocation.forms", "The responder holds no form"),
    ("revocation/responder/app.py", "import revocation.worker.tasks", "The responder holds no form"),
    ("repository/urls.py", "import revocation.worker.tasks", "The repository serves stored bytes"),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([LINTER, "--no-cache"], check=False, cwd=folder, capture_output=True, text=True)


def copied_tree(target: Path) -> Path:
    for app in APPS:
        shutil.copytree(BASE / app, target / app, ignore=shutil.ignore_patterns("__pycache__", "migrations"))
    shutil.copy(BASE / "pyproject.toml", target)
    return target


def broken_contracts(output: str) -> list[str]:
    return [line.removesuffix("BROKEN").strip() for line in output.splitlines() if line.endswith("BROKEN")]


def test_every_import_contract_holds() -> None:
    done = lint(BASE)
    assert done.returncode == 0, done.stdout + done.stderr


def ensure_module(folder: Path, place: str) -> Path:
    """Return a module's file, made with its packages where the project has none of that name."""
    path = folder / place
    if not path.exists() and not path.with_suffix("").is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    for parent in list(path.relative_to(folder).parents)[:-1]:
        (folder / parent / "__init__.py").touch()
    return path


@pytest.mark.parametrize(("place", "line", "contract"), PLANTED)
def test_a_planted_import_breaks_its_contract(tmp_path: Path, place: str, line: str, contract: str) -> None:
    folder = copied_tree(tmp_path)
    path = ensure_module(folder, place)
    path.write_text(f"{path.read_text()}\n\n{line}\n")
    ensure_module(folder, line.rsplit(maxsplit=1)[-1].replace(".", "/") + ".py")
    done = lint(folder)
    assert done.returncode == 1, done.stdout
    assert any(contract in name for name in broken_contracts(done.stdout)), done.stdout
