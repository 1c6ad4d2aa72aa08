"""What the files of the project may and may not hold."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from lra_portal.messages import APPS
from tests.clauses import clause_ids

BASE = Path(__file__).resolve().parents[2]
LOCKS = ("requirements/lock.txt", "requirements/bootstrap.txt")
LONGEST_FILE, LONGEST_FUNCTION = 400, 50


def sources() -> list[Path]:
    return [path for app in APPS for path in sorted((BASE / app).rglob("*.py")) if "migrations" not in path.parts]


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(BASE)}:{node.name}", node


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_host_and_pins_every_package_by_hash(name: str) -> None:
    text = (BASE / name).read_text()
    assert not re.search(r"://|index-url|find-links|trusted-host", text)
    pinned = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert pinned
    assert all("==" in line and line.endswith("\\") for line in pinned)


def test_no_file_is_longer_than_a_reader_likes() -> None:
    long = {str(path.relative_to(BASE)): len(path.read_text().splitlines()) for path in sources()}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    lengths = {name: (node.end_lineno or 0) - node.lineno + 1 for name, node in functions()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_every_clause_has_an_article_and_one_sentence() -> None:

    clauses = tomllib.loads((BASE / "tests/clauses.toml").read_text())
    assert list(clauses) == clause_ids()
    for clause in clauses.values():
        assert clause["article"]
        assert clause["says"].endswith(".")
        assert clause["says"].count(". ") == 0


def test_ci_runs_the_checks_and_the_tests_and_nothing_else() -> None:
    commands = (BASE / ".ci/run").read_text().splitlines()[3:]
    assert commands == ["make check", "make test"]
