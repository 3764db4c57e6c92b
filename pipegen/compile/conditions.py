"""Bind the rules of stage conditions, and return the conditions as properties of stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from troposphere import codepipeline

from pipegen.compile.configuration import as_texts
from pipegen.definition import Definition
from pipegen.frozen import frozen
from pipegen.graph.wiring import WiredRule
from pipegen.pipeline.condition import BeforeEntry, OnFailure, OnSuccess
from pipegen.pipeline.located import LocatedRule
from pipegen.pipeline.rule import BoundRule, RuleContext
from pipegen.pipeline.stage import Stage
from pipegen.values.create import create


@frozen
class BoundLocatedRule:
    """A bound rule with its location and the names of its input artifacts."""

    located: LocatedRule
    bound: BoundRule
    inputs: Sequence[str]


def bind_rules(definition: Definition, rules: Sequence[WiredRule]) -> list[BoundLocatedRule]:
    return [_bind(wired, definition) for wired in rules]


def _bind(wired: WiredRule, definition: Definition) -> BoundLocatedRule:
    context = RuleContext(pipeline_name=definition.pipeline_name, inputs=wired.inputs)
    return BoundLocatedRule(wired.located, wired.located.rule.bind(context), [each.artifact for each in wired.inputs])


def stage_conditions(stage_index: int, stage: Stage, rules: Sequence[BoundLocatedRule]) -> dict[str, Any]:
    """Return the properties of a stage that declare its conditions."""
    declarations: dict[str, list[codepipeline.RuleDeclaration]] = {}
    for rule in rules:
        if rule.located.stage_index == stage_index:
            declarations.setdefault(rule.located.when, []).append(_declaration(rule))
    return {
        _PROPERTIES[when]: _CLASSES[type(condition)](**_conditions(condition, declarations.get(when, ())))
        for when, condition in stage.conditions()
    }


_PROPERTIES = {"before_entry": "BeforeEntry", "on_success": "OnSuccess", "on_failure": "OnFailure"}
_CLASSES: Mapping[type, Any] = {
    BeforeEntry: codepipeline.BeforeEntryConditions,
    OnSuccess: codepipeline.SuccessConditions,
    OnFailure: codepipeline.FailureConditions,
}


def _conditions(
    condition: BeforeEntry | OnSuccess | OnFailure, rules: Sequence[codepipeline.RuleDeclaration]
) -> dict[str, Any]:
    if rules or not isinstance(condition, OnFailure):
        return {"Conditions": [create(codepipeline.Condition, Result=condition.result, Rules=list(rules))]}
    properties: dict[str, Any] = {"Result": condition.result}
    if condition.result == "RETRY":
        mode = condition.retry_mode or "FAILED_ACTIONS"
        properties["RetryConfiguration"] = create(codepipeline.RetryConfiguration, RetryMode=mode)
    return properties


def _declaration(rule: BoundLocatedRule) -> codepipeline.RuleDeclaration:
    optional: dict[str, Any] = {
        "Configuration": as_texts(rule.bound.configuration, rule.located.rule.extra_configuration),
        "Commands": list(rule.bound.commands),
        "InputArtifacts": [create(codepipeline.InputArtifacts, Name=name) for name in rule.inputs],
    }
    return create(
        codepipeline.RuleDeclaration,
        Name=rule.located.rule.name,
        RuleTypeId=create(
            codepipeline.RuleTypeId, Category="Rule", Owner="AWS", Provider=rule.located.rule.provider, Version="1"
        ),
        **{name: value for name, value in optional.items() if value},
    )
