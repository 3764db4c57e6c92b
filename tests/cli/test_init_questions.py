"""The questions of `pipegen init`, answered on a real terminal whose screen is read."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from pipegen.loading.yaml.parsing import nodes_of
from tests.small_fleet import write_fleet
from tests.support.command import run
from tests.support.terminal import BACK, CLEAR, DOWN, END_OF_INPUT, ENTER, INTERRUPT, SPACE, UP, Terminal, terminal

pytestmark = pytest.mark.slow
PIPEGEN = Path(sys.executable).parent / "pipegen"
PLAIN = """\
summary: A pipeline without a service
parameters:
  title: {description: Its name}
definition:
  name: "{{ title }}"
  pipeline:
    stages:
      - {name: Source, actions: [{kind: s3, name: App, bucket: sources, key: app.zip}]}
      - {name: Build, actions: [{kind: codebuild, name: Test, commands: [make]}]}
"""
Begin = Callable[..., AbstractContextManager[Terminal]]


@pytest.fixture
def begin(tmp_path: Path) -> Begin:
    """`pipegen init` in an empty repository, on a terminal."""
    (tmp_path / ".git").mkdir()

    @contextmanager
    def begin(*arguments: str, columns: int = 80, rows: int = 24, **environment: str) -> Iterator[Terminal]:
        command = [str(PIPEGEN), "init", *arguments]
        with terminal(command, tmp_path, columns=columns, rows=rows, environment=environment) as made:
            yield made

    return begin


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(write_fleet(tmp_path))
    return tmp_path


def arguments(file: Path) -> Mapping[str, object]:
    given: Mapping[str, object] = nodes_of(file).data["with"]
    return given


def resumed(screen: str) -> list[str]:
    """The command that a screen ends with, as words."""
    return shlex.split(screen.partition("To go on with these answers:\n")[2].replace("\\\n", ""))


def test_answers_are_checked_when_given_and_make_a_definition_without_errors(begin: Begin, tmp_path: Path) -> None:
    with begin() as screen:
        screen.wait_for("Blueprint", "Web service on Fargate with its own load balancer, deployed blue/green")
        screen.type("rolling")
        screen.answer("> ecs-rolling")
        screen.answer("service:", "Orders")
        screen.wait_for("error: must be 2 to 32 lower-case letters or digits")
        screen.answer("service: Orders", "orders")
        screen.answer("repository:", "https://github.com/acme/orders.git")
        screen.wait_for("error: repository must be owner/name", "without .git")
        screen.answer("repository: https", "acme/orders")
        screen.wait_for("Set any of 23 optional parameters?")
        screen.type("port", SPACE)
        screen.wait_for("[x] port")
        screen.type(ENTER)
        screen.answer("port: 8080", "80800")
        screen.wait_for("error: must be between 1 and 65,535, got 80800")
        screen.answer("port: 80800", "3000")
        screen.wait_at("> Write orders.yaml")
        assert not (tmp_path / "orders.yaml").exists()
        screen.type(ENTER)
        assert screen.wait() == 0
    given = {"service": "orders", "repository": "acme/orders", "port": 3000}
    assert arguments(tmp_path / "orders.yaml") == given
    checked = run("validate", tmp_path / "orders.yaml")
    assert (checked.exit_code, "error" in checked.stderr, "warning" in checked.stderr) == (0, False, False)


def test_one_can_go_back_to_a_question_and_to_the_blueprints_and_keeps_the_answers(begin: Begin) -> None:
    with begin() as screen:
        screen.wait_for("Blueprint")
        screen.type("worker", ENTER)
        screen.answer("service:", "orders")
        screen.answer("repository:", "acme/orders")
        screen.wait_for("Set any")
        screen.type(BACK)
        screen.wait_at("repository: acme/orders")
        screen.type(BACK)
        screen.wait_at("service: orders")
        screen.type(BACK)
        screen.wait_for("Blueprint")
        screen.type("monorepo", ENTER)
        screen.wait_at("directory:")  # the next question without an answer
        screen.type(BACK)
        screen.answer("repository: acme/orders")
        screen.wait_at("directory:")


def test_an_answer_that_needs_another_one_is_reported_and_may_be_kept_until_the_review(
    begin: Begin, tmp_path: Path
) -> None:
    options = ("--blueprint", "ecs-rolling", "--set", "service=a1", "--set", "repository=acme/a")
    with begin(*options) as screen:
        screen.wait_for("Set any")
        screen.type("cpu", SPACE, CLEAR, "memory", SPACE)
        screen.wait_for("[x] memory")
        screen.type(ENTER)
        screen.answer("cpu: 512", "4096")
        screen.wait_for(
            "error: memory must be 8192 to 30720 in steps of 1024 MiB with cpu 4096", "press Enter again to keep it"
        )
        screen.answer("cpu: 4096")
        screen.answer("memory: 1024")
        screen.wait_for("Review the answers", "error: ", "Set other parameters")
        assert "Write a1.yaml" not in screen.text
        screen.type("memory")
        screen.answer("> memory")
        screen.answer("memory: 1024", "8192")
        screen.answer("> Write a1.yaml")
        assert screen.wait() == 0
    assert arguments(tmp_path / "a1.yaml") == {"service": "a1", "repository": "acme/a", "cpu": 4096, "memory": 8192}


def test_with_codecommit_a_repository_without_owner_can_be_given_first(begin: Begin, tmp_path: Path) -> None:
    with begin("--blueprint", "ecs-rolling", "--set", "service=orders") as screen:
        screen.answer("repository:", "orders")
        screen.wait_for("press Enter again to keep it")
        screen.answer("repository: orders")
        screen.wait_for("Set any")
        screen.type("provider", SPACE)
        screen.wait_for("[x] provider")
        screen.type(ENTER)
        screen.answer("> github", "codecommit")
        screen.answer("> Write orders.yaml")
        assert screen.wait() == 0
        assert "error: " not in screen.everything.partition("provider: codecommit")[2]
        assert "ConnectionArn" not in screen.everything


@pytest.mark.parametrize("key", [INTERRUPT, END_OF_INPUT])
def test_an_interruption_shows_the_command_that_goes_on_with_the_answers(
    begin: Begin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    with begin("--blueprint", "ecs-rolling", "--pre-commit") as screen:
        screen.answer("service:", "orders")
        screen.answer("repository:", "acme/orders")
        screen.wait_for("Set any")
        screen.type("test_commands", SPACE)
        screen.wait_for("[x] test_commands")
        screen.type(ENTER)
        screen.answer("test_commands: []", '[npm ci, "npm run test: all"]')
        screen.wait_for("Review")
        screen.type(key)
        assert screen.wait() == 130
        assert "pipegen: interrupted; nothing was written" in screen.text
        words = resumed(screen.everything)
    assert [path.name for path in tmp_path.iterdir()] == [".git"]
    monkeypatch.chdir(tmp_path)
    result = run(*words[1:], "--no-input")
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / ".pre-commit-config.yaml").is_file()
    expected = {
        "service": "orders",
        "repository": "acme/orders",
        "test_commands": ["npm ci", "npm run test: all"],
    }
    assert arguments(tmp_path / "orders.yaml") == expected


def test_an_error_while_writing_shows_it_too(begin: Begin, tmp_path: Path) -> None:
    (tmp_path / "services").write_text("a file, not a directory")
    options = ("--set", "service=orders", "--set", "repository=acme/orders")
    with begin("services/orders.yaml", "--blueprint", "ecs-rolling", *options) as screen:
        screen.wait_for("Set any")
        screen.type(ENTER)
        screen.answer("> Write services/orders.yaml")
        assert screen.wait() == 1
        assert "services" in screen.text
        assert resumed(screen.everything)[1:] == [
            "init",
            "services/orders.yaml",
            "--blueprint",
            "ecs-rolling",
            *options,
        ]


def test_existing_files_are_replaced_only_after_a_question(begin: Begin, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian\n")
    options = ("--blueprint", "ecs-rolling", "--set", "service=a1", "--set", "repository=acme/a")
    with begin(*options, "--set", "language=node") as screen:
        screen.wait_for("Set any")
        screen.type(ENTER)
        screen.answer("> Write a1.yaml")
        screen.wait_for("Existing files: Dockerfile", "Replace them")
        screen.type(ENTER)
        screen.answer("> Write a1.yaml")
        screen.wait_for("Existing files: Dockerfile")
        screen.type("keep", ENTER)
        assert screen.wait() == 0
    assert (tmp_path / "Dockerfile").read_text() == "FROM debian\n"
    assert (tmp_path / ".dockerignore").is_file()
    with begin("a1.yaml", *options) as screen:
        screen.wait_for("a1.yaml exists. Replace it?")
        screen.type(ENTER)
        assert screen.wait() == 1
        assert "a1.yaml already exists, and nothing was written" in screen.text
    with begin("a1.yaml", *options) as screen:
        screen.wait_for("a1.yaml exists. Replace it?")
        screen.type("yes", ENTER)
        screen.wait_for("Set any")
        screen.type(ENTER)
        screen.answer("> Write a1.yaml")
        assert screen.wait() == 0
    assert "language" not in arguments(tmp_path / "a1.yaml")


@pytest.mark.parametrize("columns", [80, 200])
def test_a_long_list_scrolls_and_shows_what_the_pointed_choice_is_for(begin: Begin, columns: int) -> None:
    options = ("--blueprint", "ecs-rolling", "--set", "service=a1", "--set", "repository=acme/a")
    with begin(*options, columns=columns, rows=14) as screen:
        screen.wait_for("Set any", "branch", "1 of 23")
        assert "alarms" not in screen.text
        screen.type(UP)  # around the end
        screen.wait_for("23 of 23", "> [ ] approval_minutes", "The minutes to wait for the approval")
        assert "branch" not in screen.text
        screen.type(DOWN)
        screen.wait_for("1 of 23", "> [ ] branch", "The branch that is deployed")


def test_what_is_drawn_follows_the_size_of_the_terminal(begin: Begin) -> None:
    whole = "Web service on Fargate with its own load balancer, tested, built with a cache, deployed rolling"
    with begin() as screen:
        screen.wait_for("ecs-rolling", "Ctrl-C: stop")
        assert whole not in screen.text
        assert "…" in screen.text
        screen.resize(200, 40)
        screen.wait_for(whole)
        screen.resize(60, 20)
        screen.wait_until_gone(whole)
        screen.wait_for("ecs-rolling", "…")
        screen.type("rolling", ENTER)
        screen.wait_at("service:")


def test_colours_are_those_of_the_terminal_and_none_with_no_color(begin: Begin) -> None:
    for environment, colours in (({}, {"default", "red"}), ({"NO_COLOR": "1"}, {"default"})):
        with begin("--blueprint", "ecs-rolling", **environment) as screen:
            screen.answer("service:", "UPPER")
            screen.wait_for("error: ", "Ctrl-C: stop")
            cells = [cell for row in screen.screen.buffer.values() for cell in row.values()]
            assert {cell.fg for cell in cells} == colours
            assert {cell.bg for cell in cells} == {"default"}


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"CI": "true"}])
def test_nothing_is_asked_on_a_dumb_terminal_or_in_ci(begin: Begin, environment: dict[str, str]) -> None:
    with begin("--blueprint", "ecs-rolling", **environment) as screen:
        assert screen.wait() == 2
        assert "arguments are missing; give --set service=" in screen.everything.replace("\n", "")


def test_nothing_is_asked_without_a_terminal(tmp_path: Path) -> None:
    command = [str(PIPEGEN), "init", "--blueprint", "ecs-rolling"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, input="orders\n")
    assert (result.returncode, "arguments are missing" in result.stderr) == (2, True)


def test_a_file_is_asked_for_if_no_argument_names_it(begin: Begin, tmp_path: Path) -> None:
    (tmp_path / "platform" / "plain").mkdir(parents=True)
    (tmp_path / "platform" / "plain" / "blueprint.yaml").write_text(PLAIN)
    with begin("--blueprint", "./platform/plain") as screen:
        screen.answer("title:", "a-name")
        screen.answer("file:", "a.txt")
        screen.wait_for("error: a.txt must end in .yaml")
        screen.answer("file: a.txt", "a.yaml")
        screen.answer("> Write a.yaml")
        assert screen.wait() == 0
    assert arguments(tmp_path / "a.yaml") == {"title": "a-name"}


def test_every_type_of_parameter_can_be_answered_in_a_fleet(begin: Begin, fleet: Path) -> None:
    (fleet / "platform" / "bad").mkdir()
    (fleet / "platform" / "bad" / "blueprint.yaml").write_text("summary: 3\n")
    with begin() as screen:
        screen.wait_for("Blueprint", "platform/bad/blueprint.yaml:1:1")
        screen.type("web a", ENTER)
        screen.answer("service:", "cart")
        screen.wait_for("Set any of 8 optional parameters?")
        screen.type("\x01")
        for name in ("approve", "size", "commands", "labels", "topic"):
            screen.type(CLEAR, name, SPACE)
        screen.wait_for("[x] topic")
        screen.type(ENTER)
        screen.wait_at("> true")
        screen.type(DOWN, ENTER)
        screen.answer("> small", "large")
        screen.answer("commands: []", "make")
        screen.wait_for('error: must be a list, got "make"; such as [one, two]')
        screen.answer("commands: make", "[make test]")
        screen.answer("labels:", "{A: one}")
        screen.answer("topic:", "!Ref TopicArn")
        screen.wait_for("Review the answers", "!Ref TopicArn")
        screen.type(UP, UP, UP)
        screen.wait_for("labels")
        screen.type("Write", ENTER)
        assert screen.wait() == 0, screen.everything
    assert arguments(fleet / "services" / "cart.yaml") == {
        "service": "cart",
        "approve": False,
        "size": "large",
        "commands": ["make test"],
        "labels": {"A": "one"},
        "topic": {"Ref": "TopicArn"},
    }
