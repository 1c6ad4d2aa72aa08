"""Every background process starts with its own settings: none needs a package that only pages have."""

import os
import subprocess
import sys
from pathlib import Path

from lra_portal.celery import app
from lra_portal.quickstart.portal import SETTINGS

CHECKOUT = Path(__file__).parents[2]
PROGRAM = """
import importlib, django
from django.conf import settings
django.setup()
for module in settings.CELERY_IMPORTS:
    importlib.import_module(module)
from lra_portal.celery import app
print(*app.tasks)
"""
QUEUES = {"work": "worker", "signing": "signer", "publishing": "signer"}


def tasks_of(process: str) -> set[str]:
    """The names of all tasks that a process knows by its own settings."""
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "DJANGO_SETTINGS_MODULE": SETTINGS[process]}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_every_task_of_the_clock_is_known_to_the_process_that_serves_its_queue() -> None:
    known = {process: tasks_of(process) for process in set(QUEUES.values())}
    routes = app.conf.task_routes
    for name, entry in app.conf.beat_schedule.items():
        task = entry["task"]
        route = routes.get(task) or routes[f"{task.split('.')[0]}.*"]
        assert task in known[QUEUES[route["queue"]]], name
