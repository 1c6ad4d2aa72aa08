"""`make clean`: stop what runs and remove what the commands made, also outside the checkout."""

import shutil

from lra_portal.quickstart.portal import CHECKOUT
from lra_portal.quickstart.run import FOLDER
from lra_portal.quickstart.steps import complain
from lra_portal.quickstart.supervisor import Supervisor
from lra_portal.services import clean as clean_services


def clean() -> int:
    """Remove `var` and the services' data; return the exit code of the command."""
    Supervisor(FOLDER / "processes.json").end_leftovers()
    if not clean_services():
        complain("Something still uses the database (make run, make demo or tests): stop it first.")
        return 1
    if (CHECKOUT / "var").is_dir():
        shutil.rmtree(CHECKOUT / "var")
    return 0
