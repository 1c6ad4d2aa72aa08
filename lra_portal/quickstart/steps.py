"""Say what is being done and how long it took, one line per step."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

WIDTH = 58


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print a step's title at its start and the seconds it took at its end."""
    print(f"  {title} ".ljust(WIDTH, "."), end=" ", flush=True)
    start = time.monotonic()
    try:
        yield
    except BaseException:
        print("stopped", flush=True)
        raise
    print(f"{time.monotonic() - start:5.1f} s", flush=True)


def tell(line: str) -> None:
    """Print one line with the time of day, for what happens while the portal runs."""
    print(f"[{time.strftime('%H:%M:%S')}] {line}", flush=True)


def complain(line: str) -> None:
    """Print what went wrong and what to do about it."""
    print(line, file=sys.stderr, flush=True)
