"""Each process finds what it needs among the apps that its settings name, before it is started somewhere."""

import subprocess
import sys
from pathlib import Path

import pytest

BASE = Path(__file__).resolve().parents[2]
TASKS = (
    "import django; django.setup(); from django.conf import settings; [__import__(n) for n in settings.CELERY_IMPORTS]"
)
PROGRAMS = {
    "lra_portal.settings.worker": TASKS,
    "lra_portal.settings.signer": TASKS,
    "lra_portal.settings.portal": "import django; django.setup(); import lra_portal.urls",
}


@pytest.mark.parametrize("settings", PROGRAMS)
def test_everything_that_a_process_does_can_be_loaded_under_its_own_settings(settings: str) -> None:
    environment = {"DJANGO_SETTINGS_MODULE": settings, "SECRET_KEY": "tests-only", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAMS[settings]],
        cwd=BASE,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
