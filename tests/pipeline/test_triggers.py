"""Triggers and variables: what starts a pipeline, and with what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from pipegen import InvalidDefinition, render
from pipegen.loading.definition import read
from tests.templates import SOURCE, action, definition, resources

MAIN = {"branches": {"includes": ["main"]}}


def governed(source: Mapping[str, Any] = SOURCE, **fields: Any) -> dict[str, Any]:
    """A definition whose pipeline has these fields too."""
    data = definition(source)
    data["pipeline"] |= fields
    return data


def triggers(*given: Mapping[str, Any]) -> Any:
    return resources(governed(triggers=[{"source": "App", **each} for each in given]))["Pipeline"]["Triggers"]


def test_a_push_filter_has_branches_with_file_paths_or_tags() -> None:
    push = [
        {
            "branches": {"includes": ["main", {"Ref": "ConnectionArn"}], "excludes": ["tmp/*"]},
            "file_paths": {"excludes": ["**/*.md"]},
        },
        {"tags": {"includes": ["v*"]}},
    ]
    [trigger] = triggers({"push": push})
    assert trigger == {
        "ProviderType": "CodeStarSourceConnection",
        "GitConfiguration": {
            "SourceActionName": "App",
            "Push": [
                {
                    "Branches": {"Includes": ["main", {"Ref": "ConnectionArn"}], "Excludes": ["tmp/*"]},
                    "FilePaths": {"Excludes": ["**/*.md"]},
                },
                {"Tags": {"Includes": ["v*"]}},
            ],
        },
    }


@pytest.mark.parametrize(
    ("given", "events"),
    [
        ({}, ["OPEN", "UPDATED"]),
        ({"events": ["CLOSED"]}, ["CLOSED"]),
        ({"events": ["UPDATED", "OPEN", "CLOSED"]}, ["UPDATED", "OPEN", "CLOSED"]),
    ],
    ids=["default", "closed", "all"],
)
def test_a_closed_pull_request_starts_nothing_unless_it_is_asked_for(given: dict[str, Any], events: list[str]) -> None:
    [trigger] = triggers({"pull_request": [MAIN | given]})
    assert trigger["GitConfiguration"]["PullRequest"] == [{"Events": events, "Branches": {"Includes": ["main"]}}]


@pytest.mark.parametrize(
    ("source", "with_trigger", "detects"),
    [
        ({}, False, "true"),
        ({"detect_changes": True}, False, "true"),
        ({"detect_changes": False}, False, "false"),
        ({}, True, "false"),
        ({"detect_changes": False}, True, "false"),
    ],
)
def test_a_trigger_takes_the_place_of_the_detection_of_changes(
    source: dict[str, Any], with_trigger: bool, detects: str
) -> None:
    given = [{"source": "App", "push": [MAIN]}] if with_trigger else []
    data = governed(SOURCE | source, triggers=given)
    assert action(data, "App")["Configuration"]["DetectChanges"] == detects


def test_only_the_source_of_the_trigger_is_left_without_detection() -> None:
    data = governed(triggers=[{"source": "Lib", "push": [MAIN]}])
    lib = SOURCE | {"name": "Lib", "repository": "acme/lib"}
    data["pipeline"]["stages"][0]["actions"].append(lib)
    data["pipeline"]["stages"][1]["actions"][0] = data["pipeline"]["stages"][1]["actions"][0] | {"input": "App"}
    found = [action(data, name)["Configuration"]["DetectChanges"] for name in ("App", "Lib")]
    assert found == ["true", "false"]


def test_without_triggers_and_variables_the_pipeline_has_none() -> None:
    assert not {"Triggers", "Variables"} & set(resources(definition())["Pipeline"])


def test_variables_are_declared_and_used() -> None:
    data = governed(variables={"LEVEL": {"default": "all", "description": "which tests"}, "ticket@1": {}})
    build = data["pipeline"]["stages"][1]["actions"][0]
    data["pipeline"]["stages"][1]["actions"][0] = build | {"action_environment": {"LEVEL": "#{variables.LEVEL}"}}
    checked = {"kind": "variable", "name": "Known", "variable": "#{variables.LEVEL}", "operator": "MATCHES"}
    data["pipeline"]["stages"][1]["before_entry"] = {"result": "FAIL", "rules": [checked | {"value": "^[a-z]+$"}]}
    assert resources(data)["Pipeline"]["Variables"] == [
        {"Name": "LEVEL", "DefaultValue": "all", "Description": "which tests"},
        {"Name": "ticket@1"},
    ]
    assert "#{variables.LEVEL}" in action(data, "Image")["Configuration"]["EnvironmentVariables"]


GUARDS = {
    "variable": {"kind": "variable", "name": "G", "variable": "#{App.BranchName}", "value": "main"},
    "lambda": {"kind": "lambda", "name": "G", "function": "decide"},
    "alarm": {"kind": "alarm", "name": "G", "alarm": "errors"},
}


@pytest.mark.parametrize(("guard", "warned"), [("", True), ("variable", False), ("lambda", False), ("alarm", True)])
def test_pull_requests_are_warned_of_unless_a_rule_can_keep_them_from_deployment(guard: str, warned: bool) -> None:
    data = governed(triggers=[{"source": "App", "pull_request": [MAIN]}])
    if guard:
        data["pipeline"]["stages"][2]["before_entry"] = {"result": "FAIL", "rules": [GUARDS[guard]]}
    codes = [problem.code for problem in render(read(data)).problems]
    assert codes == (["trigger-pull-request"] if warned else [])


EARLIER = {
    "build fails": (1, "before_entry", "FAIL", False),
    "build is skipped": (1, "before_entry", "SKIP", True),
    "source fails in the end": (0, "on_success", "FAIL", False),
    "the deploy fails in the end": (2, "on_success", "FAIL", True),
}


@pytest.mark.parametrize(("stage", "when", "result", "warned"), EARLIER.values(), ids=EARLIER.keys())
def test_a_rule_of_an_earlier_stage_keeps_them_out_if_it_ends_the_run(
    stage: int, when: str, result: str, warned: bool
) -> None:
    data = governed(triggers=[{"source": "App", "pull_request": [MAIN]}])
    data["pipeline"]["stages"][stage][when] = {"result": result, "rules": [GUARDS["variable"]]}
    codes = [problem.code for problem in render(read(data)).problems]
    assert codes == (["trigger-pull-request"] if warned else [])


def test_pushes_are_not_warned_of() -> None:
    assert render(read(governed(triggers=[{"source": "App", "push": [MAIN]}]))).problems == []


def test_compiling_rejects_a_trigger_of_nothing_too() -> None:
    with pytest.raises(InvalidDefinition, match='unknown source "Nothing"'):
        render(read(governed(triggers=[{"source": "Nothing", "push": [MAIN]}])))


@pytest.mark.parametrize("event", ["push", "pull_request"])
def test_file_paths_without_branches_are_those_of_every_branch(event: str) -> None:
    data = governed(triggers=[{"source": "App", event: [{"file_paths": {"includes": ["app/**"]}}]}])
    assert [each.code for each in render(read(data)).problems if each.severity == "error"] == []
    [trigger] = resources(data)["Pipeline"]["Triggers"]
    [found] = trigger["GitConfiguration"]["Push" if event == "push" else "PullRequest"]
    assert found["Branches"] == {"Includes": ["**"]}
    assert found["FilePaths"] == {"Includes": ["app/**"]}
