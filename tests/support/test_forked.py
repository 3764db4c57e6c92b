"""A forked command is a process like that of the installed one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import Pipegen
from tests.examples import EXAMPLES
from tests.support.forked import forked


def show() -> int:
    """The command under test: everything that a process is given."""
    if sys.argv[1:] == ["die"]:
        os.kill(os.getpid(), signal.SIGTERM)
    print(sys.argv, sys.stdin.read(), sorted(os.environ), Path.cwd())
    print("to the other", file=sys.stderr)
    if sys.argv[1:] == ["raise"]:
        raise ValueError("raised")
    return 7


@pytest.fixture(scope="module")
def shown() -> Iterator[Path]:
    with forked("show", "tests.support.test_forked:show") as program:
        yield program


def run(program: Path, *arguments: str | bytes, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, *arguments], cwd=cwd, env={"A": "1"}, input="given", capture_output=True, text=True, check=False
    )


def test_arguments_streams_directory_environment_and_exit_are_those_of_the_caller(shown: Path, tmp_path: Path) -> None:
    ran = run(shown, "a b", b"\xff", cwd=tmp_path)
    assert ran.returncode == 7
    # LC_CTYPE is set by Python itself where the environment says nothing of a locale.
    variables = sorted({"A", *({"LC_CTYPE"} if "LC_CTYPE" in ran.stdout else ())})
    assert ran.stdout == f"{[str(shown), 'a b', os.fsdecode(bytes([255]))]} given {variables} {tmp_path}\n"
    assert ran.stderr == "to the other\n"


def test_what_it_raises_or_dies_of_is_its_exit(shown: Path, tmp_path: Path) -> None:
    raised = run(shown, "raise", cwd=tmp_path)
    assert (raised.returncode, raised.stderr.splitlines()[-1]) == (1, "ValueError: raised")
    assert run(shown, "die", cwd=tmp_path).returncode == 128 + signal.SIGTERM


def test_calls_at_the_same_time_do_not_meet(shown: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: run(shown, str(number), cwd=tmp_path), range(24)))
    assert [f"'{number}'] given" in each.stdout for number, each in enumerate(found)] == [True] * 24


def test_nothing_is_left_at_the_end(tmp_path: Path) -> None:
    with forked("show", "tests.support.test_forked:show") as program:
        assert run(program, cwd=tmp_path).returncode == 7
    assert not program.parent.exists()


def test_what_cannot_be_imported_is_reported() -> None:
    with pytest.raises(RuntimeError, match="nothing_of_the_kind"), forked("x", "nothing_of_the_kind:main"):
        pass


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [("render", EXAMPLES[0].yaml), ("rendr",), ("validate", "nothing.yaml"), ("--help",), ("--version",)],
    ids=lambda arguments: arguments[0],
)
def test_pipegen_says_the_same_as_the_installed_command(
    arguments: tuple[str | Path, ...], pipegen: Pipegen, installed: Pipegen
) -> None:
    here, there = pipegen(*arguments), installed(*arguments)
    assert (here.returncode, here.stdout, here.stderr) == (there.returncode, there.stdout, there.stderr)
