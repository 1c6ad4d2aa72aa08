"""Entry points of the worker; the work is in its neighbours."""

from celery import shared_task

from applications.worker import (
    advance,
    batch_looking,
    batch_tasks,
    batches,
    campaigns,
    contracts,
    deadlines,
    holders,
    keeping,
    pages,
)


@shared_task(name="applications.sweep")
def sweep() -> None:
    """Look at every deadline of applications."""
    deadlines.sweep()
    pages.render_waiting()


@shared_task(name="applications.render_pages")
def render_pages() -> None:
    """Draw the pages of what was handed in."""
    pages.render_waiting()


@shared_task(name="applications.remind_holders")
def remind_holders() -> None:
    """Tell holders what waits for them and what ends."""
    holders.remind()


@shared_task(name="applications.end_retention")
def end_retention() -> None:
    """Destroy what has been kept long enough."""
    keeping.end()


@shared_task(name="applications.follow_contracts")
def follow_contracts() -> None:
    """Do what follows from contracts that moved or ended."""
    contracts.follow()


@shared_task(name="applications.write_advance_notices")
def write_advance_notices() -> None:
    """Tell subscribers of coming versions, and ask those who have to agree anew."""
    advance.write()


@shared_task(name="applications.read_batches")
def read_batches() -> None:
    """Check or file the files of applications that wait."""
    batches.work_on_all()


@shared_task(name="applications.work_on_batch_tasks")
def work_on_batch_tasks() -> None:
    """Carry out what the office asked for many lines of a file, and look up what is found about lines."""
    batch_tasks.work_on_all()
    batch_looking.look_at_waiting()


@shared_task(name="applications.write_offers")
def write_offers() -> None:
    """Make the offers of campaigns at their rate, and follow what became of them."""
    campaigns.go_on()
