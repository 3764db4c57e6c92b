"""The arguments of the model: names, stages, actions, images and rules by position, everything else by name."""

from __future__ import annotations

import inspect
from dataclasses import MISSING, fields, replace
from typing import Any

import pytest

from pipegen import Approval, CodeCommit, Definition, DockerBuild, Image, InvalidDefinition, Pipeline, Stage, check
from pipegen.conditions import AlarmRule, BeforeEntry, OnFailure, OnSuccess
from pipegen.ecs import Container, TaskDefinition

APP = CodeCommit("App", repository="app", branch="main")
RELEASE = Approval("Release")
STAGES = (Stage("Source", APP), Stage("Release", RELEASE))

WRITTEN_OUT: dict[Any, str] = {
    BeforeEntry: "rules",
    Definition: "pipeline",
    OnFailure: "rules",
    OnSuccess: "rules",
    Pipeline: "stages",
    Stage: "actions",
    TaskDefinition: "containers",
}
"""Classes whose `__init__` is written out, with the field that positional arguments go to."""


@pytest.mark.parametrize("model", WRITTEN_OUT, ids=lambda model: model.__name__)
def test_an_init_that_is_written_out_takes_every_field(model: Any) -> None:
    taken = inspect.signature(model).parameters
    names = {name for name, each in taken.items() if each.kind is not each.VAR_POSITIONAL}
    assert names == {each.name for each in fields(model)}
    for each in fields(model):
        if each.name != WRITTEN_OUT[model] and each.default is not MISSING:
            assert taken[each.name].default == each.default, each.name


@pytest.mark.parametrize("model", WRITTEN_OUT, ids=lambda model: model.__name__)
def test_only_names_and_results_are_taken_by_position(model: Any) -> None:
    kinds = [each for each in inspect.signature(model).parameters.values() if each.kind is each.POSITIONAL_OR_KEYWORD]
    assert [each.name for each in kinds] in ([], ["name"], ["result"])


def test_positional_arguments_are_those_of_the_fields() -> None:
    assert Stage("Source", APP) == Stage(name="Source", actions=[APP])
    assert Pipeline(*STAGES) == Pipeline(stages=STAGES)
    web = Container("web", cpu=256)
    assert TaskDefinition(web, cpu=512) == TaskDefinition(containers=[web], cpu=512)
    assert Definition("orders", *STAGES) == Definition("orders", pipeline=Pipeline(*STAGES))
    rule = AlarmRule("Healthy", alarm="errors")
    assert (
        BeforeEntry("FAIL", rule).rules == OnSuccess("FAIL", rule).rules == OnFailure("ROLLBACK", rule).rules == (rule,)
    )


def test_a_copy_keeps_what_was_given_by_position() -> None:
    stage = replace(STAGES[1], name="Look")
    assert (stage.name, stage.actions) == ("Look", (RELEASE,))
    assert replace(Definition("orders", *STAGES), name="parcels") == Definition("parcels", *STAGES)


def test_one_image_is_a_list_of_one() -> None:
    one, listed = DockerBuild("Image", Image("app", "orders")), DockerBuild("Image", [Image("app", "orders")])
    assert one.makes() == listed.makes()
    assert one.detail("app") == listed.detail("app")


def test_a_problem_of_one_image_names_the_line_that_created_it() -> None:
    image = Image("app", "orders", context="/")  # here
    [problem] = check(Definition("orders", STAGES[0], Stage("Build", DockerBuild("Image", image))))
    line = test_a_problem_of_one_image_names_the_line_that_created_it.__code__.co_firstlineno + 1
    assert problem.location.endswith(f"test_arguments.py:{line}")


def test_stages_and_a_pipeline_are_not_given_together() -> None:
    with pytest.raises(TypeError, match=r"takes stages or pipeline=, not both"):
        Definition("orders", *STAGES, pipeline=Pipeline())


def test_a_list_in_place_of_its_items_is_reported_with_the_fix() -> None:
    with pytest.raises(
        InvalidDefinition, match=r"stages\[0\] must be Stage\(...\), got a list; put \* before the list"
    ):
        raise InvalidDefinition(check(Definition("orders", [*STAGES])))  # type: ignore[arg-type]
    with pytest.raises(
        InvalidDefinition, match=r"actions\[0\] must be an action of some kind, got a list; put \* before the list"
    ):
        raise InvalidDefinition(check(Definition("orders", STAGES[0], Stage("Release", [RELEASE]))))  # type: ignore[arg-type]


def test_something_else_than_an_image_is_reported() -> None:
    build: Any = DockerBuild("Image", {"container": "app"})  # type: ignore[arg-type]
    with pytest.raises(InvalidDefinition, match=r"images must be Image\(...\) or a list of them, got a mapping"):
        raise InvalidDefinition(check(Definition("orders", STAGES[0], Stage("Build", build))))


@pytest.mark.parametrize("stage", [Stage("Release", [RELEASE]), Stage("Release", actions=RELEASE)])  # type: ignore[arg-type]
def test_a_list_or_an_action_in_the_wrong_argument_is_reported(stage: Stage) -> None:
    with pytest.raises(
        InvalidDefinition, match=r"test_arguments\.py:\d+: error: pipeline\.stages\[1\]\.actions.* must be a.*, got a"
    ):
        raise InvalidDefinition(check(Definition("orders", STAGES[0], stage)))
