"""Custom names of stacks: everything that refers to a stack follows."""

from __future__ import annotations

from pathlib import Path

from pipegen import Foundation, render
from pipegen.deploy.migration import migration_problems
from tests.compile.test_contents import DEFINITION, of_text

NAMED = (
    DEFINITION.replace("    cluster: main\n", "    stack_name: company-web\n    cluster: main\n")
    .replace("registry: {", "registry: {stack_name: company-images, ")
    .replace("pipeline:\n", "pipeline:\n  stack_name: company-delivery\n")
)


def test_stacks_files_commands_and_exports_have_the_names_that_are_set(tmp_path: Path) -> None:
    rendering = render(of_text(NAMED), format="json")
    names = ["company-images", "company-web", "company-delivery"]
    assert [each.name for each in rendering.stacks] == names
    assert [path.name for path in rendering.write(tmp_path)] == [f"{name}.json" for name in names]
    commands = rendering.commands(tmp_path)
    assert all(f"--stack-name {name}" in commands for name in names)
    assert "shop-web" not in commands
    exports = {
        output["Export"]["Name"]
        for each in rendering.stacks
        for output in each.document["Outputs"].values()
        if "Export" in output and isinstance(output["Export"]["Name"], str)
    }
    assert {"company-web-ServiceArn", "company-delivery-PipelineArn"} <= exports
    assert {name for name in exports if not name.startswith("company-")} == set()


def test_the_pipeline_imports_the_roles_under_the_name_of_the_stack() -> None:
    pipeline = render(of_text(NAMED), format="json").stacks[-1]
    assert '"company-web-TaskRoleArn"' in pipeline.text
    assert '"shop-web-TaskRoleArn"' not in pipeline.text


def test_the_service_keeps_its_name() -> None:
    [web] = [each for each in render(of_text(NAMED)).stacks if each.name == "company-web"]
    assert web.document["Resources"]["Service"]["Properties"]["ServiceName"] == "shop-web"


def test_a_foundation_can_have_a_stack_of_another_name_and_keeps_its_exports() -> None:
    [stack] = render(Foundation("delivery", stack_name="company-foundation")).stacks
    assert stack.name == "company-foundation"
    assert stack.document["Outputs"]["ArtifactBucket"]["Export"]["Name"] == "delivery-ArtifactBucket"


def test_a_running_stack_cannot_be_renamed() -> None:
    problems = [*migration_problems(of_text(DEFINITION), of_text(NAMED))]
    assert [(each.code, each.path) for each in problems] == [
        ("migration", ("pipeline", "stack_name")),
        ("migration", ("registry", "stack_name")),
        ("migration", ("services", "web", "stack_name")),
    ]
    assert "set stack_name: shop-web" in problems[-1].message
