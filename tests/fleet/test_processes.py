"""A fleet's rendering as processes: killed, interrupted, twice at a time, on a terminal."""

from __future__ import annotations

import json
import os
import pty
import random
import signal
import subprocess
import sys
import time
from multiprocessing import active_children
from pathlib import Path

import pytest

from pipegen.fleet import workers
from tests.fleets import FleetDirectory, fleet

pytestmark = pytest.mark.slow

__all__ = ["fleet"]
COMMAND = str(Path(sys.executable).parent / "pipegen")
SERVICES = 60
KILLS = 50


def interruptible() -> None:
    """Whoever runs the tests in the background has it ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(fleet: FleetDirectory, *options: str) -> subprocess.Popen[bytes]:
    command = [COMMAND, "render", str(fleet.root), "-o", str(fleet.out), "--jobs", "2", *options]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=interruptible,
    )


def enlarge(fleet: FleetDirectory, services: int = SERVICES) -> None:
    for number in range(services):
        fleet.user(f"many-{number:02}")


def members(group: int) -> list[int]:
    """The processes of a group that are alive."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == group and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def test_killed_at_any_moment_every_file_is_whole_and_the_next_render_repairs_all(
    fleet: FleetDirectory, tmp_path: Path
) -> None:
    enlarge(fleet, 14)
    texts: list[dict[str, str]] = []
    for message in ("One", "Two"):
        fleet.blueprint(message)
        made = fleet.elsewhere(tmp_path / message)
        made.render()
        texts.append(made.files())
    chance = random.Random(0)
    begin = time.monotonic()
    assert b"0 failed" in start(fleet).communicate()[1]
    whole = time.monotonic() - begin
    for kill in range(KILLS):
        fleet.blueprint(("One", "Two")[kill % 2])
        process = start(fleet)
        time.sleep(chance.uniform(0.3, 1) * whole)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        for path, text in fleet.files().items():
            if not path.startswith(".pipegen-"):
                assert text in (texts[0][path], texts[1][path]), path
        assert fleet.manifest["version"] == 2
    fleet.render()
    assert fleet.files() == texts[(KILLS - 1) % 2]


def test_what_a_killed_render_left_is_cleaned_up_but_not_what_a_living_one_holds(fleet: FleetDirectory) -> None:
    left = fleet.out / ".pipegen-left"
    left.mkdir(parents=True)
    (left / "lock").touch()
    (left / "0").write_text("half")
    held = fleet.out / ".pipegen-held"
    held.mkdir()
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import fcntl, sys\nf = open(sys.argv[1], 'w')\nfcntl.flock(f, fcntl.LOCK_EX)\nprint(flush=True)\ninput()",
            held / "lock",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    fleet.render()
    assert (left.exists(), held.exists()) == (False, True)
    holder.communicate(b"\n")
    fleet.render()
    assert not held.exists()


def test_interrupted_it_leaves_quietly_with_all_its_processes(fleet: FleetDirectory) -> None:
    enlarge(fleet)
    process = start(fleet)
    while len(list(fleet.out.glob(".pipegen-*/*"))) < 4:
        assert process.poll() is None
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert errors.decode().splitlines() == [
        "pipegen: interrupted; every file is whole, and the next render goes on from here"
    ]
    assert members(process.pid) == []
    assert not list(fleet.out.glob(".pipegen-*"))


def test_workers_do_not_outlive_the_process_that_forked_them(fleet: FleetDirectory) -> None:
    enlarge(fleet)
    process = start(fleet)
    while len(members(process.pid)) < 3:
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.communicate()
    until = time.monotonic() + 20
    while members(process.pid):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_worker_that_dies_fails_what_it_did_and_no_more(fleet: FleetDirectory) -> None:
    enlarge(fleet)
    process = start(fleet)
    while len(members(process.pid)) < 3:
        assert process.poll() is None
        time.sleep(0.001)
    os.kill(max(members(process.pid)), signal.SIGKILL)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.decode().count(": the process that rendered it died") == 1
    assert len(fleet.manifest["definitions"]) == SERVICES + 2
    fleet.render()
    assert len(fleet.manifest["definitions"]) == SERVICES + 3


def double(task: int) -> int:
    """A task; two of them kill the process that does them, and one takes long."""
    if task == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    if task == 23:
        os._exit(0)
    if task == 99:
        time.sleep(30)
    if task == -1:
        raise ZeroDivisionError("a bug")
    time.sleep(0.002)
    return task * 2


@pytest.mark.parametrize("jobs", [2, 3, 5])
def test_of_processes_that_die_only_their_own_tasks_are_lost(jobs: int) -> None:
    results = list(workers.run(range(40), double, lambda task: -task, jobs))
    assert results == [-task if task in (7, 23) else task * 2 for task in range(40)]


def test_processes_end_at_once_when_nobody_wants_their_results() -> None:
    results = workers.run([0, 1, 99, 99, 99], double, abs, 2)
    assert [next(results), next(results)] == [0, 2]
    begin = time.monotonic()
    results.close()  # type: ignore[attr-defined]
    assert time.monotonic() - begin < 10
    assert active_children() == []


IDLE = """
import time
from pipegen.fleet import workers
try:
    for each in workers.run([0, 0, 30], lambda task: time.sleep(task), print, 2):
        print("done", flush=True)
except KeyboardInterrupt:
    pass
"""


def test_an_idle_process_is_interrupted_quietly() -> None:
    command = [sys.executable, "-c", IDLE]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdout=pipe, stderr=pipe, start_new_session=True, preexec_fn=interruptible)
    assert process.stdout is not None
    assert [process.stdout.readline(), process.stdout.readline()] == [b"done\n", b"done\n"]
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=20) == (b"", b"")


def test_a_bug_in_a_process_is_raised_with_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        list(workers.run([0, 1, -1, 2], double, abs, 2))
    assert "in double" in str(caught.value.__cause__)


def test_two_renders_into_one_directory_both_end_well(fleet: FleetDirectory, tmp_path: Path) -> None:
    enlarge(fleet)
    fresh = fleet.elsewhere(tmp_path / "fresh")
    fresh.render()
    both = [start(fleet), start(fleet)]
    for process in both:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    assert fleet.files() == fresh.files()


def test_a_terminal_gets_a_bar_and_a_table_and_a_pipe_gets_neither(fleet: FleetDirectory) -> None:
    ours, theirs = pty.openpty()
    command = [COMMAND, "render", str(fleet.root), "-o", str(fleet.out)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, env=os.environ | {"TERM": "xterm"})
    os.close(theirs)
    assert process.stdout is not None
    shown = b""
    try:
        while chunk := os.read(ours, 4096):
            shown += chunk
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    written, _ = process.communicate()
    assert process.returncode == 0
    assert b"Rendering" in shown
    assert b"3/3" in shown
    assert b"definitions" in shown
    assert b"\x1b" not in written
    json.loads((fleet.out / "manifest.json").read_text())
