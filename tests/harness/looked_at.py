"""Documents that the tests hand in again and again are inspected and drawn once by each process of the run.

A document is looked into by programs of their own (`applications.inspection`, `applications.worker.drawing`), whose
answer depends on its bytes alone. Most tests hand in the same blank page; the programs' start took a fifth of the
run. What was refused or could not be drawn is asked again each time, and so is what a test calls directly.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from applications.rules import uploads
from applications.worker import pages


def remembering(work: Callable[..., Any], key: Callable[..., Any]) -> Callable[..., Any]:
    """Return `work`, which is done once for the same `key` of its arguments."""
    known: dict[Any, Any] = {}

    def remembered(*arguments: Any, **named: Any) -> Any:
        of = key(*arguments, **named)
        if of not in known:
            known[of] = work(*arguments, **named)
        return known[of]

    return remembered


@pytest.fixture(scope="session", autouse=True)
def _looked_at_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uploads, "inspected", remembering(uploads.inspected, lambda data, **_names: data))
        patch.setattr(pages, "drawn", remembering(pages.drawn, lambda data, media_type: (data, media_type)))
        yield
