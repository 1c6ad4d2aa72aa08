"""With CI=true a test that is skipped, deselected or expected to fail fails the run: green means all of it ran."""

import os

import pytest

LEFT_OUT: list[str] = []


def is_strict() -> bool:
    """Say whether this run must leave nothing out."""
    return os.environ.get("CI", "").lower() in {"1", "true"}


def pytest_deselected(items: list[pytest.Item]) -> None:
    LEFT_OUT.extend(f"deselected: {item.nodeid}" for item in items)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if hasattr(report, "wasxfail"):
        LEFT_OUT.append(f"expected to fail: {report.nodeid}")
    elif report.skipped:
        LEFT_OUT.append(f"skipped: {report.nodeid}")


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.skipped:
        LEFT_OUT.append(f"skipped: {report.nodeid}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    if LEFT_OUT and is_strict() and not hasattr(session.config, "workerinput"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if LEFT_OUT and is_strict():
        terminalreporter.section("left out, which CI=true does not allow", red=True)
        for line in LEFT_OUT:
            terminalreporter.line(line)
