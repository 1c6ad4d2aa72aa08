"""`make demo` for real: six processes, every demo target system, judged by software that is not ours."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
FILES = {
    "root.pem", "chain.pem", "root-crl.der", "certificate.pem", "crl-before.der", "crl-after.der",
    "ocsp-good.der", "ocsp-revoked.der", "timeline.json",
}  # fmt: skip
PROGRAM = (
    "import sys; from pathlib import Path; from lra_portal.quickstart.demo import Demo, run_demo\n"
    "sys.exit(run_demo(Demo(Path(sys.argv[1]), 'lra_demo_of_tests', 6)))"
)


@pytest.mark.processes
def test_the_whole_path_is_walked_and_verified_for_every_target_system(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert {folder.name for folder in (tmp_path / "demo").iterdir()} == {
        "member-client",
        "e-contract",
        "monitored-device",
        "remote-access",
    }
    assert {file.name for file in (tmp_path / "demo" / "member-client").iterdir()} == FILES
    handed_over = tmp_path / "demo" / "e-contract"
    assert {file.name for file in handed_over.iterdir()} == FILES | {"certificate.p12", "pin.txt"}
    assert (handed_over / "pin.txt").stat().st_mode & 0o077 == 0
    assert not (tmp_path / "demo-portal").exists(), "keys and mail of the demo are gone"
    states = json.loads((handed_over / "timeline.json").read_text())
    assert all({"state", "at", "actor", "role"} <= row.keys() for row in states)
    said = [row["state"] for row in states]
    order = [
        "application submitted",
        "application examining",
        "application approved",
        "order issued",
        "certificate downloaded",
        "certificate accepted",
        "certificate revoked",
        "revocationrequest notified",
    ]
    assert [state for state in said if state in order] == order
    deciders = {row["state"]: row["actor"] for row in states}
    assert deciders["application examining"] != deciders["application approved"]
