"""Wait until a portal that was just started answers, helping its first certificate along."""

import time
import urllib.error
import urllib.request

from celery import Celery

from lra_portal.quickstart.portal import PROCESSES, Portal, StepFailedError
from lra_portal.quickstart.stopping import StopWatch
from lra_portal.quickstart.supervisor import Supervisor

WITHIN = 90.0
"""Seconds that all processes together may take."""


def await_answers(portal: Portal, supervisor: Supervisor, watch: StopWatch) -> None:
    """Wait until the portal and the responder answer.

    The responder is ready once the publisher has certified its key; that is nudged here, so that nobody waits
    for the next sweep. Raises StepFailedError with the end of the log of a process that does not come up.
    """
    waiting = {"web": f"{portal.status_url}/healthz", "responder": f"{portal.responder_url}healthz"}
    start = time.monotonic()
    nudges = 0
    with Celery(broker=portal.services.broker_url(portal.broker)) as broker:
        while waiting:
            watch.check()
            for process in PROCESSES:
                if supervisor.has_failed(process):
                    raise StepFailedError(failure_of(portal, process))
            waiting = {name: url for name, url in waiting.items() if not _answers(url)}
            waited = time.monotonic() - start
            if waiting and waited > WITHIN:
                raise StepFailedError(failure_of(portal, next(iter(waiting))))
            if waited > nudges + 1:
                nudges += 1
                broker.send_task("revocation.sweep", queue="publishing", ignore_result=True)
            time.sleep(0.1)


def _answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


def failure_of(portal: Portal, process: str) -> str:
    """Return the end of a process's log under a line that says which it is."""
    log = portal.logs / f"{process}.log"
    lines = log.read_text(errors="replace").splitlines()[-20:] if log.is_file() else []
    return "\n".join([f"{process} does not run; the end of {log}:", *lines])
