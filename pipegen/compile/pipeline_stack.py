"""The pipeline's stack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from troposphere import AWSObject, GetAtt, Output, Ref, Sub, codepipeline

from pipegen.compile.artifact_store import BoundArtifactStore, bind_store
from pipegen.compile.assembly import assemble
from pipegen.compile.conditions import BoundLocatedRule, bind_rules, stage_conditions
from pipegen.compile.configuration import as_texts, replaced
from pipegen.compile.declarations import declarations
from pipegen.compile.roles import role
from pipegen.compile.triggers import event_role, rule
from pipegen.definition import Definition
from pipegen.errors import InvalidDefinition, Path, Problem
from pipegen.frozen import frozen
from pipegen.graph.wiring import WiredAction, Wiring
from pipegen.iam.grant import Grant, ServiceRole
from pipegen.model.log_group import commands_log_name, log_group
from pipegen.pipeline.action import Bound, Context
from pipegen.pipeline.pipeline import LocatedAction
from pipegen.stacks.stack import Stack
from pipegen.values.value import Value, arn

_ROLE = "PipelineRole"
_PIPELINE = "Pipeline"


@frozen
class _BoundAction:
    """A bound action with its location and the names of its artifacts."""

    located: LocatedAction
    bound: Bound
    inputs: Sequence[str]
    outputs: Sequence[str]


def pipeline_stack(definition: Definition, wiring: Wiring) -> Stack:
    """Return the stack of the pipeline. Raises InvalidDefinition."""
    store = bind_store(definition)
    actions = [_bind(wired, definition, store) for wired in wiring.actions]
    rules = bind_rules(definition, wiring.rules)
    if problems := [*_replaced(actions, rules)]:
        raise InvalidDefinition(problems)
    return assemble(
        definition,
        name=definition.pipeline_stack,
        description=definition.description or f"The pipeline {definition.pipeline_name}",
        resources=_resources(definition, store, actions, rules),
        outputs={name: Output(name, Value=value) for name, value in _outputs(store, actions).items()},
        optional=definition.foundation.parameters if definition.foundation else {},
    )


def _replaced(actions: Sequence[_BoundAction], rules: Sequence[BoundLocatedRule]) -> Iterator[Problem]:
    for action in actions:
        yield from replaced(action.bound.configuration, action.located.action.extra_configuration, action.located.path)
    for each in rules:
        yield from replaced(each.bound.configuration, each.located.rule.extra_configuration, each.located.path)


def _bind(wired: WiredAction, definition: Definition, store: BoundArtifactStore) -> _BoundAction:
    action = wired.located.action
    context = Context(
        definition=definition.name,
        pipeline=definition.pipeline_name,
        inputs=wired.inputs,
        requests=wired.requests,
        bucket_arn=store.bucket_arn,
        key_arn=store.key_arn,
        encryption_key=definition.encryption_key,
        has_trigger=action.name in {trigger.source for trigger in definition.pipeline.triggers},
        build_log_group=definition.foundation.log_group if definition.foundation else None,
        has_registry=bool(definition.services),
    )
    return _BoundAction(
        located=wired.located,
        bound=action.bind(context),
        inputs=list(dict.fromkeys(each.artifact for each in wired.inputs)),
        outputs=[action.artifact_name(name) for name in wired.outputs],
    )


def _resources(
    definition: Definition,
    store: BoundArtifactStore,
    actions: Sequence[_BoundAction],
    rules: Sequence[BoundLocatedRule],
) -> Iterator[tuple[AWSObject, Path]]:
    """Yield every resource with its path in the definition, in the order that is easiest to read."""
    for resource in store.resources:
        yield resource, ("artifacts",)
    for action in actions:
        for resource in action.bound.resources:
            yield resource, action.located.path
        for wanted in action.bound.roles:
            yield role(wanted, definition), action.located.path
    logs = list(_commands_log(definition, actions, rules))
    for group in logs:
        yield group, ("pipeline", "commands_log_retention_days")
    grants = [grant for action in actions for grant in action.bound.grants]
    grants += [grant for rule in rules for grant in rule.bound.grants]
    yield _pipeline_role(definition, [*store.grants(), *grants]), ("pipeline",)
    pipeline = _pipeline(definition, store, actions, rules)
    if logs:  # otherwise CodePipeline may create the log group first, without retention
        pipeline.DependsOn = [str(group.title) for group in logs]
    yield pipeline, ("pipeline",)
    yield from _trigger_resources(definition, actions)


def _commands_log(
    definition: Definition, actions: Sequence[_BoundAction], rules: Sequence[BoundLocatedRule]
) -> Iterator[AWSObject]:
    """Yield the log group for the output of commands; CodePipeline determines its name.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html"""
    if any([*(each.bound.commands for each in actions), *(each.bound.commands for each in rules)]):
        days = definition.pipeline.commands_log_retention_days
        yield log_group("CommandsLogs", commands_log_name(definition.pipeline_name), days, "CloudWatch encrypts logs")


def _trigger_resources(definition: Definition, actions: Sequence[_BoundAction]) -> Iterator[tuple[AWSObject, Path]]:
    triggers = {action.located.action.name: action for action in actions if action.bound.trigger is not None}
    if not triggers:
        return
    target = arn("codepipeline", Ref(_PIPELINE))
    described = {name: action.bound.trigger for name, action in triggers.items() if action.bound.trigger}
    if definition.foundation is None:
        yield role(event_role(definition, described, target), definition), ("pipeline",)
    for name, trigger in described.items():
        yield rule(definition, name, trigger, target), triggers[name].located.path


def _pipeline_role(definition: Definition, grants: Iterable[Grant]) -> AWSObject:
    """Return the role of the pipeline. Its trust policy has no condition, since CodePipeline does not document any.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html"""
    wanted = ServiceRole(logical_id=_ROLE, service="codepipeline.amazonaws.com", grants=tuple(grants))
    return role(wanted, definition)


def _pipeline(
    definition: Definition,
    store: BoundArtifactStore,
    actions: Sequence[_BoundAction],
    rules: Sequence[BoundLocatedRule],
) -> codepipeline.Pipeline:
    pipeline = definition.pipeline
    stages = [
        codepipeline.Stages(
            Name=stage.name,
            Actions=[_action(action) for action in actions if action.located.stage_index == index],
            **stage_conditions(index, stage, rules),
        )
        for index, stage in enumerate(pipeline.stages)
    ]
    optional: dict[str, Any] = {"RestartExecutionOnUpdate": True} if pipeline.restart_on_update else {}
    return codepipeline.Pipeline(
        _PIPELINE,
        Name=definition.pipeline_name,
        PipelineType="V2",
        ExecutionMode=pipeline.execution_mode,
        RoleArn=GetAtt(_ROLE, "Arn"),
        ArtifactStore=store.artifact_store(),
        Stages=stages,
        **declarations(pipeline, [each.located for each in actions]),
        **optional,
    )


def _action(bound: _BoundAction) -> codepipeline.Actions:
    action = bound.located.action
    kind = action.action_type
    optional: dict[str, Any] = {
        "Configuration": as_texts(bound.bound.configuration, action.extra_configuration),
        "InputArtifacts": [codepipeline.InputArtifacts(Name=name) for name in bound.inputs],
        "Commands": list(bound.bound.commands),
        "OutputArtifacts": [codepipeline.OutputArtifacts(Name=name) for name in bound.outputs],
        "Namespace": action.variable_namespace,
        "TimeoutInMinutes": bound.bound.timeout_minutes,
    }
    return codepipeline.Actions(
        Name=bound.located.name,
        ActionTypeId=codepipeline.ActionTypeId(
            Category=kind.category, Owner=kind.owner, Provider=kind.provider, Version=kind.version
        ),
        RunOrder=bound.located.run_order,
        **{name: value for name, value in optional.items() if value},
    )


def _outputs(store: BoundArtifactStore, actions: Sequence[_BoundAction]) -> Mapping[str, Value]:
    console = (
        "https://${AWS::Region}.console.aws.amazon.com/codesuite/codepipeline/pipelines/${Pipeline}/view"
        "?region=${AWS::Region}"
    )
    found: dict[str, Value] = {"PipelineName": Ref(_PIPELINE), "PipelineUrl": Sub(console)}
    if not store.shared:  # the foundation's stack has this output
        found["ArtifactBucketName"] = store.bucket
    for action in actions:
        found.update(action.bound.outputs)
    return found
