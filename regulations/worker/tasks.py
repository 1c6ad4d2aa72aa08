"""Entry points of the worker; the work is in `reading`."""

from celery import shared_task

from regulations.worker import reading


@shared_task(name="regulations.read_contract_files")
def read_contract_files() -> None:
    """Check or load the files of contracts that wait."""
    reading.read_waiting()
