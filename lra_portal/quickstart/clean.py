"""`make clean`: stop what runs and remove what the commands made, also outside the checkout."""

import shutil

from lra_portal.quickstart import run
from lra_portal.quickstart.demo import Demo
from lra_portal.quickstart.portal import CHECKOUT
from lra_portal.quickstart.processes import end_process
from lra_portal.quickstart.steps import complain
from lra_portal.quickstart.supervisor import Supervisor
from lra_portal.services import clean as clean_services

PATIENCE = 40.0
"""Seconds that a running portal may take to stop."""


def clean() -> int:
    """Remove `var` and the services' data; return the exit code of the command."""
    for folder in (run.FOLDER, Demo().folder):
        if not end_process(folder / "supervisor.json", PATIENCE):
            complain(f"The process noted in {folder / 'supervisor.json'} does not stop.")
            return 1
        Supervisor(folder / "processes.json").end_leftovers()
    if not clean_services():
        complain("Something still uses the database, such as tests or a benchmark: stop it first.")
        return 1
    if (CHECKOUT / "var").is_dir():
        shutil.rmtree(CHECKOUT / "var")
    return 0
