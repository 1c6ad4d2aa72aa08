"""Which clause of the terms is held by which tests: `make clauses`, and a check that every mark names a real clause."""

import contextlib
import io
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import pytest

FILE = Path(__file__).with_name("clauses.toml")


def clause_ids() -> list[str]:
    """Return the ids of all clauses, in the order of the file."""
    return list(tomllib.loads(FILE.read_text()))


@dataclass
class Holders:
    """A plugin of pytest that collects the tests of each clause and stops at a mark that names none."""

    of: dict[str, list[str]] = field(default_factory=lambda: {key: [] for key in clause_ids()})
    unknown: list[str] = field(default_factory=list)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            node = item.nodeid.split("[")[0]
            for name in {name for mark in item.iter_markers("clause") for name in mark.args}:
                if name not in self.of:
                    self.unknown.append(f"{node} names {name}, which is no clause of tests/clauses.toml")
                elif node not in self.of[name]:
                    self.of[name].append(node)
        if self.unknown:
            raise pytest.UsageError("\n".join(self.unknown))


def main() -> int:
    """Print one line per clause and the count; return 1 where tests can't be collected or a mark is wrong."""
    holders, said = Holders(), io.StringIO()
    with contextlib.redirect_stdout(said):
        code = pytest.main(["--collect-only", "-qq", "--no-header", "tests"], plugins=[holders])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        print("\n".join([said.getvalue(), *holders.unknown]), file=sys.stderr)
        return 1
    for name, nodes in holders.of.items():
        print(f"{name} {' '.join(sorted(nodes)) or '-'}")
    covered = sum(1 for nodes in holders.of.values() if nodes)
    print(f"{covered} of {len(holders.of)} clauses covered")
    return 0


if __name__ == "__main__":
    sys.exit(main())
