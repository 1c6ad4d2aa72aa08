"""An HSM for tests: SoftHSM, with one token in a folder of the test's own."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from certificates.worker import hsm

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
LABEL = "lra-test"
PIN = "2468-token"


@dataclass(frozen=True)
class SoftHsm:
    """The token; `remove` pulls it out and `put_back` plugs it in again."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to work with this token."""
        return {
            "SOFTHSM2_CONF": str(self.folder / "softhsm2.conf"),
            "HSM_MODULE": MODULE,
            "HSM_TOKEN": LABEL,
            "HSM_PIN": PIN,
        }

    def remove(self) -> None:
        (self.folder / "tokens").rename(self.folder / "away")
        (self.folder / "tokens").mkdir()

    def put_back(self) -> None:
        (self.folder / "tokens").rmdir()
        (self.folder / "away").rename(self.folder / "tokens")


@pytest.fixture
def softhsm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftHsm:
    """A fresh token that this process's settings name."""
    hsm._token.cache_clear()
    made = SoftHsm(tmp_path / "hsm")
    (made.folder / "tokens").mkdir(parents=True)
    (made.folder / "softhsm2.conf").write_text(f"directories.tokendir = {made.folder / 'tokens'}\nlog.level = ERROR\n")
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
        if name.startswith("HSM_"):
            monkeypatch.setattr(settings, name, value)
    words = ["--init-token", "--free", "--label", LABEL, "--pin", PIN, "--so-pin", "13579-officer"]
    subprocess.run(["softhsm2-util", *words], check=True, capture_output=True, env=dict(os.environ))
    return made
