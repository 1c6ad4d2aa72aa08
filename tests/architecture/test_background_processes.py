"""Every background process starts with its own settings: none needs a package that only pages have."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lra_portal.quickstart.portal import SETTINGS

CHECKOUT = Path(__file__).parents[2]
PROGRAM = """
import importlib, django
from django.conf import settings
django.setup()
for module in settings.CELERY_IMPORTS:
    importlib.import_module(module)
"""


@pytest.mark.parametrize("process", ["signer", "worker"])
def test_the_tasks_of_a_process_are_found_with_its_settings_alone(process: str) -> None:
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "DJANGO_SETTINGS_MODULE": SETTINGS[process]}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
