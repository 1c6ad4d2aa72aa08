"""Run every benchmark after the other; each is a process of its own."""

import subprocess
import sys
from pathlib import Path

OURS = {"__init__", "__main__", "bench", "orders", "population", "publisher", "responder", "revoked", "signer"}


def main() -> int:
    """Return 0 when every benchmark ran to its end."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in OURS)
    codes = [subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode for name in names]
    return max(codes, default=0)


if __name__ == "__main__":
    sys.exit(main())
