"""The last of a service's five steps: tell a worker that a row waits.

The row is the truth. A broker that is gone costs a log line: the sweep finds the row.
"""

import structlog
from celery import current_app
from django.db import transaction

log = structlog.get_logger(__name__)


def nudge(task_name: str, *arguments: str) -> None:
    """Ask, once the transaction has committed, for task `task_name` to run soon. Never raises."""
    transaction.on_commit(lambda: _send(task_name, arguments), robust=True)


def _send(task_name: str, arguments: tuple[str, ...]) -> None:
    try:
        current_app.send_task(task_name, args=arguments, retry=False, ignore_result=True)
    except Exception as error:  # noqa: BLE001 — whatever the broker's client raises, the sweep covers it
        log.warning("nudge lost", task=task_name, reason=type(error).__name__)
