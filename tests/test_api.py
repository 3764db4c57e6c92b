"""What Python code does with a rendered definition: look at its stacks, write them, print how to deploy them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from troposphere import Output

from pipegen import (
    Approval,
    CodeBuild,
    CodeCommit,
    Definition,
    Foundation,
    InvalidDefinition,
    OutputFailed,
    Rendering,
    Stage,
    check,
    load,
    render,
    template_text,
)
from tests.examples import EXAMPLES, ROOT, Example
from tests.support.command import run

SOURCE = Stage("Source", CodeCommit("App", repository="orders", branch="main"))
ORDERS = Definition("orders", SOURCE, Stage("Test", CodeBuild("Unit", commands=["make"])))
CANARY = ROOT / "examples" / "service_canary.yaml"


def canary() -> Rendering:
    [definition] = load(CANARY)
    return render(definition)


def test_a_rendering_has_the_stacks_in_the_order_of_deployment() -> None:
    names = [stack.name for stack in canary().stacks]
    assert names == ["parcel-desk-registry", "parcel-desk-worker", "parcel-desk-web", "parcel-desk-pipeline"]


def test_a_rendering_has_the_warnings() -> None:
    release = Approval("Release", timeout_minutes=86_400)
    assert render(ORDERS).problems == []
    rendering = render(Definition("orders", SOURCE, Stage("Release", release)))
    assert {problem.severity for problem in rendering.problems} <= {"warning", "note"}


def test_files_are_those_of_the_command(tmp_path: Path) -> None:
    written = canary().write(tmp_path / "python")
    assert run("render", CANARY, "-o", tmp_path / "command").exit_code == 0
    assert [path.name for path in written] == [f"{stack.name}.yaml" for stack in canary().stacks]
    for path in written:
        assert path.read_text() == (tmp_path / "command" / path.name).read_text()


def test_commands_are_those_of_the_command(tmp_path: Path) -> None:
    shown = run("render", CANARY, "-o", tmp_path)
    assert canary().commands(tmp_path) in shown.stderr
    assert "--stack-name parcel-desk-web" in canary().commands()


def test_a_foundation_is_rendered_too(tmp_path: Path) -> None:
    [path] = render(Foundation("shared"), format="json").write(tmp_path)
    assert path.name == "shared.json"


def test_a_change_that_would_harm_a_running_stack_is_not_written(tmp_path: Path) -> None:
    [path, *_] = canary().write(tmp_path)
    service = tmp_path / "parcel-desk-web.yaml"
    other = (
        service.read_text()
        .replace("Protocol: HTTP", "Protocol: HTTPS")
        .replace("TargetType: ip", "TargetType: instance")
    )
    service.write_text(other)
    path.write_text("# changed")
    with pytest.raises(InvalidDefinition, match=r"\[fixed-property\]"):
        canary().write(tmp_path)
    assert path.read_text() == "# changed"
    canary().write(tmp_path, accept_unsafe=True)
    assert service.read_text() != other


def test_a_directory_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputFailed):
        render(ORDERS).write(tmp_path / "file")


def test_all_problems_are_one_error() -> None:
    wrong = Definition(
        "orders",
        Stage("Source", CodeCommit("App", repository="not a name", branch="main")),
        Stage("Release", Approval("Release", timeout_minutes=1)),
    )
    with pytest.raises(InvalidDefinition) as raised:
        render(wrong)
    lines = str(raised.value).splitlines()
    assert len(lines) == 2
    assert all("test_api.py:" in line for line in lines)


def test_problems_are_in_the_order_of_their_lines() -> None:
    release = Approval("Release", timeout_minutes=1)
    source = CodeCommit("App", repository="not a name", branch="main")
    wrong = Definition("orders", Stage("Source", source), Stage("Release", release), tags={"aws:team": "x"})
    with pytest.raises(InvalidDefinition) as raised:
        render(wrong)
    for problems in (raised.value.problems, check(wrong)):
        fields = [str(problem.path[-1]) for problem in problems]
        assert fields == ["timeout_minutes", "repository", "aws:team"]


@pytest.mark.parametrize("example", EXAMPLES[:4], ids=lambda example: example.name)
def test_a_template_that_does_not_change_is_written_as_it_was(example: Example) -> None:
    [definition] = load(example.yaml)
    for stack in render(definition).stacks:
        assert template_text(stack.template, source=example.yaml.name) == stack.text


def test_a_changed_template_is_written_with_the_change() -> None:
    [stack] = render(ORDERS).stacks
    stack.template.add_output(Output("Team", Value="delivery"))
    assert "  Team:\n    Value: delivery\n" in template_text(stack.template)


WARNED = """\
name: orders
pipeline:
  stages:
    - {name: Source, actions: [{kind: codecommit, name: App, repository: orders, branch: main}]}
    - {name: Release, actions: [{kind: approval, name: Release}, {kind: approval, name: release}]}
"""


def loaded(directory: Path, text: str) -> Definition:
    (directory / "orders.yaml").write_text(text)
    [definition] = load(directory / "orders.yaml")
    return definition


def test_a_file_is_loaded_rendered_and_written_as_the_command_does(tmp_path: Path) -> None:
    definition = loaded(tmp_path, WARNED)
    assert (definition.name, [stage.name for stage in definition.pipeline.stages]) == ("orders", ["Source", "Release"])
    [path] = render(definition).write(tmp_path / "library")
    assert run("render", tmp_path / "orders.yaml", "-o", tmp_path / "command").exit_code == 0
    assert path.read_bytes() == (tmp_path / "command" / path.name).read_bytes()


@pytest.mark.parametrize("example", EXAMPLES[:2], ids=lambda example: example.name)
def test_a_python_file_is_loaded_rendered_and_written_as_the_command_does(example: Example, tmp_path: Path) -> None:
    [definition] = load(example.python)
    paths = render(definition).write(tmp_path / "library")
    assert run("render", example.python, "-o", tmp_path / "command").exit_code == 0
    for path in paths:
        assert path.read_bytes() == (tmp_path / "command" / path.name).read_bytes()


def test_problems_of_a_loaded_definition_have_their_locations_in_the_file(tmp_path: Path) -> None:
    definition = loaded(tmp_path, WARNED.replace("branch: main", "branch: refs/heads/main"))
    shown = [str(problem) for problem in check(definition)]
    assert shown
    assert all(line.startswith(f"{tmp_path}/orders.yaml:4:") for line in shown)
    with pytest.raises(InvalidDefinition) as raised:
        render(definition)
    assert [*map(str, raised.value.problems)] == shown
    assert run("validate", "--no-lint", tmp_path / "orders.yaml").stderr.startswith("\n".join(shown))


def test_problems_of_a_changed_copy_name_the_code_that_changed_it(tmp_path: Path) -> None:
    changed = replace(loaded(tmp_path, WARNED), name="not a name")
    assert [problem.location.partition(":")[0] for problem in check(changed)] == ["tests/test_api.py"]


def test_problems_of_a_loaded_python_file_name_the_variable(tmp_path: Path) -> None:
    text = (ROOT / "examples" / "rolling.py").read_text()
    (tmp_path / "rolling.py").write_text(text.replace("deployment_timeout=20", "deployment_timeout=0"))
    [definition] = load(tmp_path / "rolling.py")
    [problem] = check(definition)
    assert problem.subject.endswith(".deployment_timeout")
    assert str(problem) in run("validate", "--no-lint", tmp_path / "rolling.py").stderr


def test_the_values_of_an_environment_are_loaded(tmp_path: Path) -> None:
    accounts = {"staging": "111122223333", "production": "444455556666"}
    environments = [f"  {name}: {{account: '{each}', region: eu-west-1}}\n" for name, each in accounts.items()]
    (tmp_path / "pipegen.yaml").write_text("environments:\n" + "".join(environments))
    file = tmp_path / "orders.yaml"
    file.write_text(
        "blueprint: ecs-native\nwith:\n  service: orders\n  repository: acme/orders\n  port: 80\n"
        "  check_path: /ready\n  alarms: [a]\n  cpu: {staging: 256, production: 512}\n"
    )
    tasks = {name: load(file, environment=name)[0].services["app"].task_definition for name in accounts}
    assert {name: task.cpu for name, task in tasks.items()} == {"staging": 256, "production": 512}
    assert load(file) == load(file, environment="staging")
    with pytest.raises(ValueError, match=r"has no environment 'test'; there are staging, production$"):
        load(file, environment="test")
