"""Fixtures of all tests. The parts lie in tests/harness."""

pytest_plugins = ["tests.harness.nothing_skipped"]
