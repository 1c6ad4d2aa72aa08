"""Benchmarks: each runs by `python -m benchmarks.NAME` in a database of its own and ends with one JSON line."""
