"""Processes end when they must and live again when they should, whatever was killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lra_portal.quickstart.processes import Command, Trace, end_groups, read_traces, start_of, trace_of
from lra_portal.quickstart.supervisor import Supervisor

SLEEPER = "import time; print('up', flush=True); time.sleep(60)"
WITH_CHILD = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def eventually(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def tended(supervisor: Supervisor) -> Supervisor:
    supervisor.tend()
    return supervisor


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    made = Supervisor(tmp_path / "processes.json", said.append)
    yield made
    made.kill()


def command(folder: Path, program: str, name: str = "sleeper") -> Command:
    words = (sys.executable, "-c", program)
    return Command(name, words, {"PATH": os.environ["PATH"]}, folder, folder / f"{name}.log")


def test_a_child_that_dies_is_started_again_and_said_so(
    supervisor: Supervisor, said: list[str], tmp_path: Path
) -> None:
    supervisor.start(command(tmp_path, SLEEPER))
    first = supervisor.children["sleeper"].process.pid
    os.kill(first, signal.SIGKILL)
    eventually(lambda: tended(supervisor).children["sleeper"].process.pid != first)
    assert said == [f"sleeper was ended by signal 9; it starts again at once (see {tmp_path / 'sleeper.log'})"]


def test_the_pause_grows_with_every_early_death(supervisor: Supervisor, said: list[str], tmp_path: Path) -> None:
    supervisor.start(command(tmp_path, "raise SystemExit(3)"))
    eventually(lambda: len(tended(supervisor).children) == 1 and len(said) >= 3)
    assert [line.partition(" again ")[2].partition(" (")[0] for line in said[:3]] == ["at once", "in 1 s", "in 2 s"]
    assert "exit code 3" in said[0]


def test_stopping_ends_what_a_child_started_too(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(command(tmp_path, WITH_CHILD))
    leader = supervisor.children["sleeper"].process.pid
    eventually(lambda: Path(f"/proc/{leader}/task/{leader}/children").read_text().split())
    grandchild = int(Path(f"/proc/{leader}/task/{leader}/children").read_text().split()[0])
    supervisor.stop()
    assert not start_of(leader)
    assert not start_of(grandchild)
    assert not supervisor.traces.exists()


def test_who_does_not_listen_is_killed(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(command(tmp_path, STUBBORN))
    eventually(lambda: "up" in (tmp_path / "sleeper.log").read_text())
    supervisor.stop(patience=0.1)
    assert supervisor.children == {}


def test_the_next_run_ends_what_a_killed_one_left(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(command(tmp_path, SLEEPER))
    child = supervisor.children["sleeper"]
    traces = read_traces(supervisor.traces)
    assert traces == [child.trace]
    later = Supervisor(supervisor.traces)
    assert later.end_leftovers() == ["sleeper"]
    assert child.process.wait() == -signal.SIGTERM


def test_a_reused_process_number_is_left_alone(tmp_path: Path) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", SLEEPER], start_new_session=True, stdout=subprocess.DEVNULL)
    try:
        mine = trace_of("web", stranger.pid)
        assert end_groups([Trace("web", stranger.pid, str(int(mine.started) - 1))]) == []
        assert start_of(stranger.pid) == mine.started
    finally:
        stranger.kill()
        stranger.wait()


def test_a_torn_note_of_processes_is_no_obstacle(tmp_path: Path) -> None:
    note = tmp_path / "processes.json"
    note.write_text('[{"name": "web", "num')
    assert read_traces(note) == []


def test_children_end_with_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    program = (
        "import time; from pathlib import Path\n"
        "from lra_portal.quickstart.processes import Command, launch\n"
        f"folder = Path({str(tmp_path)!r})\n"
        f"command = Command('child', ({sys.executable!r}, '-c', {SLEEPER!r}), {{}}, folder, folder / 'child.log')\n"
        "print(launch(command).pid, flush=True); time.sleep(60)"
    )
    boss = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert boss.stdout is not None
    child = int(boss.stdout.readline())
    eventually(lambda: "up" in (tmp_path / "child.log").read_text())
    boss.kill()
    boss.wait()
    boss.stdout.close()
    eventually(lambda: not start_of(child))


STOPPABLE = (
    "import time\nfrom lra_portal.quickstart.stopping import Stopped, StopWatch\nwatch = StopWatch()\n"
    "try:\n    watch.install(); print('up', flush=True)\n"
    "    while True:\n        watch.check(); time.sleep(0.05)\n"
    "except Stopped:\n    print('stopped', flush=True)\n"
)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_even_where_the_shell_had_it_ignore_interrupts(number: signal.Signals) -> None:
    ignoring = f"import os, signal; signal.signal(signal.SIGINT, signal.SIG_IGN); os.execv({sys.executable!r}, ["
    ignoring += f"{sys.executable!r}, '-c', {STOPPABLE!r}])"
    process = subprocess.Popen([sys.executable, "-c", ignoring], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    process.send_signal(number)
    assert process.communicate(timeout=60)[0] == "stopped\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_notices_what_was_sent_to_make_alone(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "stoppable.py").write_text(STOPPABLE)
    (tmp_path / "Makefile").write_text(f"run:\n\t@{sys.executable} stoppable.py > out\n")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    # A run in the background has SIGINT ignored, and make would never hear it.
    command = ["env", "--default-signal=INT", "make", "run"]
    make = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL)
    out = tmp_path / "out"
    eventually(lambda: out.exists() and "up" in out.read_text())
    make.send_signal(number)
    make.wait(timeout=60)
    eventually(lambda: "stopped" in out.read_text())
