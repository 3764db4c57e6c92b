"""The tutorial, followed to the letter: its files are written, its commands run in one shell, and they print what it
shows. `UPDATE_DOCS=1 pytest tests/documentation/test_tutorial.py` writes what they print into the page."""

from __future__ import annotations

import os
import re
import socket
import sys
import sysconfig
import time
from pathlib import Path

import pytest

from tests.documentation.pages import DOCS
from tests.examples import ROOT
from tests.support.cloud import own_environment
from tests.support.shell import Shell, start_shell

pytestmark = pytest.mark.slow

PAGE = DOCS / "tutorial.md"
STEP = re.compile(r"(?:`(?P<file>[\w.]+)`:\n\n)?```(?P<language>console|yaml)\n(?P<text>.*?)```\n", re.DOTALL)
COMMAND = re.compile(r"^\$ (?P<command>(?:.*\\\n)*.*)\n(?P<output>(?:(?!\$ ).*\n)*)", re.MULTILINE)
PORT = "5005"


def test_following_the_tutorial_prints_what_it_shows(tmp_path: Path) -> None:
    (tmp_path / "pipegen").symlink_to(ROOT)
    text = PAGE.read_text()
    with start_shell(tmp_path, environment(tmp_path)) as shell:
        followed = STEP.sub(lambda step: follow(step, shell, tmp_path / "delivery"), text)
    if "UPDATE_DOCS" in os.environ:
        PAGE.write_text(followed)
    assert followed == PAGE.read_text()


def follow(step: re.Match[str], shell: Shell, directory: Path) -> str:
    """Do what a block shows; returns the block with what its commands print."""
    if step["language"] == "yaml":
        assert step["file"], f"no file is named before:\n{step['text']}"
        (directory / step["file"]).write_text(step["text"])
        return step[0]
    printed = COMMAND.sub(lambda each: f"$ {each['command']}\n{output_of(each['command'], shell)}", step["text"])
    return step[0].replace(step["text"], printed)


def output_of(command: str, shell: Shell) -> str:
    printed, code = shell.run(real(command))
    if command.endswith("&"):
        wait_for_server()
    reported = printed.startswith("orders.yaml:") or command.endswith("--check")
    assert (code != 0) == reported, f"{command}\n{printed}"
    return printed


def real(command: str) -> str:
    """A command as the test runs it: on a port that no other test uses."""
    return command.replace("/scripts/cloud", f"/scripts/cloud {FREE_PORT}").replace(PORT, FREE_PORT)


def free_port() -> str:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return str(server.getsockname()[1])


FREE_PORT = free_port()


def wait_for_server() -> None:
    """A reader takes longer to type the next command than the server to start."""
    for _ in range(300):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", int(FREE_PORT))) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the server does not start")


def environment(home: Path) -> dict[str, str]:
    """A shell in which pip finds what it installs in the packages of the running Python, and asks no index."""
    installed = sysconfig.get_path("purelib")
    return own_environment() | {
        "HOME": str(home),
        "PATH": f"{os.environ['PATH']}{os.pathsep}{Path(sys.executable).parent}",
        "PYTHONPATH": installed,
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it as the value of the setting that the option turns off
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
