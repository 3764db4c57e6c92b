"""What Python code does with a rendered definition: look at its stacks, write them, print how to deploy them."""

from __future__ import annotations

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
    [loaded] = load(CANARY)
    return render(loaded.definition, source=CANARY.name)


def test_a_rendering_has_the_stacks_in_the_order_of_deployment() -> None:
    names = [stack.name for stack in canary().stacks]
    assert names == ["parcel-desk-registry", "parcel-desk-worker", "parcel-desk-web", "parcel-desk-pipeline"]


def test_a_rendering_has_the_warnings() -> None:
    release = Approval("Release", timeout_minutes=86_400)
    assert render(ORDERS).problems == []
    made = render(Definition("orders", SOURCE, Stage("Release", release)))
    assert {problem.severity for problem in made.problems} <= {"warning", "note"}


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
    with pytest.raises(InvalidDefinition) as refused:
        render(wrong)
    lines = str(refused.value).splitlines()
    assert len(lines) == 2
    assert all("test_api.py:" in line for line in lines)


def test_problems_are_in_the_order_of_their_lines() -> None:
    release = Approval("Release", timeout_minutes=1)
    source = CodeCommit("App", repository="not a name", branch="main")
    wrong = Definition("orders", Stage("Source", source), Stage("Release", release), tags={"aws:team": "x"})
    with pytest.raises(InvalidDefinition) as refused:
        render(wrong)
    for problems in (refused.value.problems, check(wrong)):
        fields = [str(problem.path[-1]) for problem in problems]
        assert fields == ["timeout_minutes", "repository", "aws:team"]


@pytest.mark.parametrize("example", EXAMPLES[:4], ids=lambda example: example.name)
def test_a_template_that_does_not_change_is_written_as_it_was(example: Example) -> None:
    [loaded] = load(example.yaml)
    for stack in render(loaded.definition).stacks:
        assert template_text(stack.template) == stack.text


def test_a_changed_template_is_written_with_the_change() -> None:
    [stack] = render(ORDERS).stacks
    stack.template.add_output(Output("Team", Value="delivery"))
    assert "  Team:\n    Value: delivery\n" in template_text(stack.template)
