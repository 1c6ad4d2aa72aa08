"""What must hold of the evidence after every fault, at every time (G5)."""

from __future__ import annotations

from collections.abc import Iterator

from audit.exporting import export
from audit.models import SealKey
from audit.verifier import Keys, Verifier


def breaches() -> Iterator[str]:
    """Yield one line for everything that does not hold."""
    trusted = SealKey.objects.values_list("fingerprint", flat=True)
    for finding in Verifier(Keys(trusted)).read(export(details=True)).findings:
        yield f"G5: {finding}"
