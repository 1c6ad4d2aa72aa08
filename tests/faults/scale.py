"""How long the tests of faults go on: a few seconds in `make test`, as long as it takes in `make soak`."""

import os
from typing import Final

SOAK: Final = bool(os.environ.get("SOAK"))
ROUNDS: Final = int(os.environ.get("ROUNDS", "1"))


def scaled(short: int, long: int) -> int:
    """Return how often or how many: `short` as a rule, `long` in the long form."""
    return long if SOAK else short
