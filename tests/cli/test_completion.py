"""Completion, by the Tab key in real shells."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipegen.cli import COMMANDS
from pipegen.loading.blueprints.catalog import catalog
from tests.small_fleet import write_fleet
from tests.support.command import run
from tests.support.terminal import CLEAR, ENTER, Terminal, terminal

pytestmark = pytest.mark.slow
SHELLS = {
    "bash": ["bash", "--noprofile", "--norc", "-i"],
    "zsh": ["zsh", "-f", "-i"],
}
START = {
    "bash": 'PS1="$ "; bind "set enable-bracketed-paste off"; eval "$(pipegen completion bash)"',
    "zsh": 'PS1="$ "; unsetopt prompt_sp; autoload -Uz compinit; compinit -u -d dump; eval "$(pipegen completion zsh)"',
}
BIN = str(Path(sys.executable).parent)


@pytest.fixture(scope="module", params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """A shell with completion in the directory of a fleet. Never skipped in CI, where everything is installed."""
    name = str(request.param)
    if shutil.which(name) is None:
        assert "CI" not in os.environ, f"{name} is not installed"
        pytest.skip(f"{name} is not installed")
    root = write_fleet(tmp_path_factory.mktemp(name))
    (root / "python.py").write_text("raise SystemExit('executed')\nimport pipegen\n")
    (root / "broken.yaml").write_text("pipeline: [\n")
    environment = {"PATH": f"{BIN}:{os.environ['PATH']}", "HISTFILE": "/dev/null"}
    with terminal(SHELLS[name], root, columns=200, rows=40, environment=environment) as made:
        made.type(START[name], ENTER, "clear", ENTER)
        made.wait_until_gone("PS1")
        made.wait_at("$")
        yield made


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("pipegen ini", "pipegen init "),
        ("pipegen init --bluep", "pipegen init --blueprint "),
        ("pipegen init --blueprint ecs-roll", "pipegen init --blueprint ecs-rolling "),
        ("pipegen blueprints ecs-sha", "pipegen blueprints ecs-shared-listener "),
        ("pipegen init --blueprint web --set si", "pipegen init --blueprint web --set size="),
        ("pipegen init --blueprint web --set size=la", "pipegen init --blueprint web --set size=large "),
        ("pipegen init --blueprint web --set approve=f", "pipegen init --blueprint web --set approve=false "),
        ("pipegen init --blueprint ./platform/web --set ser", "pipegen init --blueprint ./platform/web --set service="),
        ("pipegen explain services", "pipegen explain services/"),
        ("pipegen explain out-of", "pipegen explain out-of-range "),
        ("pipegen validate --severity ecs-ro", "pipegen validate --severity ecs-roles="),
        ("pipegen validate services/o", "pipegen validate services/orders.yaml "),
        ("pipegen redeploy services/orders.yaml --action Prod", "Production/Deploy "),
        ("pipegen redeploy --region eu-nor", "pipegen redeploy --region eu-north-1 "),
        ("pipegen taskdef services/orders.yaml --parameter Top", "--parameter TopicArn="),
        ("pipegen explain unknown-ke", "pipegen explain unknown-key "),
        ("pipegen validate --severity task-si", "pipegen validate --severity task-size="),
        ("pipegen render --severity task-size=ig", "pipegen render --severity task-size=ignore "),
        ("pipegen completion z", "pipegen completion zsh "),
    ],
)
def test_a_word_is_completed(shell: Terminal, line: str, completed: str) -> None:
    shell.type(CLEAR, line, "\t", "x")  # the letter shows where the completed word ends
    shell.wait_for(f"{completed}x")


def test_several_words_are_shown_with_what_they_are_for(shell: Terminal) -> None:
    shell.type(CLEAR, "pipegen init --blueprint ", "\t\t")
    shell.wait_for(*catalog(None), "web")
    shell.type(CLEAR, "pipegen init --blueprint web --set port=1 --set ", "\t\t")
    shell.wait_for("service=", "cluster=", "offered=")


def test_commands_are_completed(shell: Terminal) -> None:
    shell.type(CLEAR, "pipegen ", "\t\t")
    shell.wait_for(*COMMANDS)


def test_definitions_are_files_that_have_one_and_nothing_is_executed(shell: Terminal) -> None:
    shell.type(CLEAR, "pipegen validate ", "\t\t")
    shell.wait_for("broken.yaml", "python.py", "services/", "platform/")
    assert "pipegen.yaml" not in shell.text
    shell.type(CLEAR, "clear", ENTER)
    shell.type(CLEAR, "pipegen redeploy python.py --action ", "\t", "x")
    shell.wait_for("--action ")
    assert "executed" not in shell.text


def test_what_cannot_be_read_offers_nothing_and_says_nothing(shell: Terminal) -> None:
    shell.type(CLEAR, "pipegen redeploy broken.yaml --action Dep", "\t", "x")
    shell.wait_for("--action Depx")
    shell.type(CLEAR, "pipegen init --blueprint absent --set serv", "\t", "x")
    shell.wait_for("--set serv")
    assert "bug in pipegen" not in shell.text


@pytest.mark.parametrize("shell_name", SHELLS)
def test_the_script_is_one_that_the_shell_can_read(shell_name: str) -> None:
    result = run("completion", shell_name)
    assert result.exit_code == 0
    if shutil.which(shell_name) is not None:
        checked = subprocess.run([shell_name, "-n"], input=result.stdout, capture_output=True, text=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, "")
    assert run("completion", "tcsh").exit_code == 2
