"""Actions of one name in several stages."""

from __future__ import annotations

from typing import Any

from pipegen import render
from pipegen.errors import InvalidDefinition
from pipegen.loading.definition import read
from tests.templates import definition, resources

DIST: dict[str, Any] = {"name": "Dist", "files": ["dist/**/*"]}


def stage_data(stage: str, **fields: Any) -> dict[str, Any]:
    action = {"kind": "codebuild", "name": "Make", "commands": ["make"], "input": "App", **fields}
    return {"name": stage, "actions": [action]}


def staged(*stages: dict[str, Any]) -> dict[str, Any]:
    data = definition()
    data["pipeline"]["stages"][1:] = stages
    return data


def problems(data: dict[str, Any]) -> list[tuple[str, str]]:
    try:
        render(read(data))
    except InvalidDefinition as error:
        return [(problem.code, problem.fix) for problem in error.problems if problem.severity == "error"]
    return []


def test_two_stages_may_have_actions_of_one_name() -> None:
    found = resources(staged(stage_data("Build"), stage_data("Verify")))
    projects = {name: each["Name"] for name, each in found.items() if name.endswith("Project")}
    assert projects == {"MakeProject": "app-Make", "VerifyMakeProject": "app-Verify-Make"}
    stages = found["Pipeline"]["Stages"][1:]
    assert [stage["Actions"][0]["Name"] for stage in stages] == ["Make", "Make"]
    assert [stage["Actions"][0]["Configuration"]["ProjectName"]["Ref"] for stage in stages] == [*projects]


def test_a_second_action_of_the_name_moves_nothing_of_the_first() -> None:
    alone, both = (
        resources(staged(stage_data("Build"), *more))
        for more in ([stage_data("Other", name="X")], [stage_data("Other")])
    )
    assert alone["MakeProject"] == both["MakeProject"]


def test_their_outputs_are_named_with_their_stages() -> None:
    build, verify = stage_data("Build", outputs=[DIST]), stage_data("Verify", outputs=[DIST])
    for reference, artifact in (
        ("Build.Make", "Make_Dist"),
        ("Verify.Make", "Verify_Make_Dist"),
        ("Verify.Make.Dist", "Verify_Make_Dist"),
    ):
        last = {"kind": "codebuild", "name": "Use", "commands": ["ls"], "input": reference}
        data = staged(build, verify, {"name": "Use", "actions": [last]})
        [action] = resources(data)["Pipeline"]["Stages"][3]["Actions"]
        assert action["InputArtifacts"] == [{"Name": artifact}]


def test_the_name_by_itself_is_ambiguous_and_the_message_has_the_fix() -> None:
    last = {"kind": "codebuild", "name": "Use", "commands": ["ls"], "input": "Make"}
    data = staged(
        stage_data("Build", outputs=[DIST]), stage_data("Verify", outputs=[DIST]), {"name": "Use", "actions": [last]}
    )
    assert problems(data) == [("artifact-ambiguous", "write Build.Make.Dist")]


def test_their_variables_need_a_namespace() -> None:
    exported = {"exported_variables": ["VERSION"]}
    look = {"name": "Look", "actions": [{"kind": "approval", "name": "Look", "message": "#{Make.VERSION}"}]}
    data = staged(stage_data("Build", **exported), stage_data("Verify", **exported), look)
    assert problems(data) == [("unknown-variable", "set a namespace in the action")]
    data = staged(stage_data("Build", **exported), stage_data("Verify", namespace="Verified", **exported), look)
    assert problems(data) == []


def test_one_stage_has_no_two_actions_of_one_name() -> None:
    stage = stage_data("Build")
    stage["actions"] *= 2
    assert [code for code, _ in problems(staged(stage, stage_data("Verify", name="Other")))] == ["duplicate-name"]
