"""The pipeline's stack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from troposphere import AWSObject, GetAtt, Output, Ref, Sub, codepipeline

from pipegen.compile.artifact_store import BoundArtifactStore
from pipegen.compile.artifact_stores import ArtifactStores, account_regions, key_parameters, pipeline_role_name, role_of
from pipegen.compile.assembly import assemble
from pipegen.compile.bound_action import BoundAction, commands_log
from pipegen.compile.conditions import BoundLocatedRule, bind_rules, stage_conditions
from pipegen.compile.configuration import as_texts, replaced
from pipegen.compile.declarations import declarations
from pipegen.compile.roles import role
from pipegen.compile.triggers import event_role, rule, schedule_rule
from pipegen.definition import Definition
from pipegen.errors import InvalidDefinition, Path, Problem
from pipegen.graph.wiring import WiredRule
from pipegen.iam.grant import Grant, ServiceRole
from pipegen.model.environment import Environment
from pipegen.stacks.exports import exported, outputs_of
from pipegen.stacks.stack import Stack
from pipegen.values.create import create
from pipegen.values.shape import arn_or_name
from pipegen.values.value import Value, arn

_ROLE = "PipelineRole"
_PIPELINE = "Pipeline"


def pipeline_stack(
    definition: Definition, stores: ArtifactStores, actions: Sequence[BoundAction], wired_rules: Sequence[WiredRule]
) -> Stack:
    """Return the stack of the pipeline. Raises InvalidDefinition."""
    rules = bind_rules(definition, wired_rules)
    if problems := [*_replaced(actions, rules)]:
        raise InvalidDefinition(problems)
    return assemble(
        definition,
        name=definition.pipeline_stack,
        description=definition.description or f"Pipeline {definition.pipeline_name}, with its build projects and roles",
        resources=_resources(definition, stores, actions, rules),
        outputs=dict(_outputs(definition.pipeline_stack, _role_arn(definition), stores.own, _here(actions))),
        optional={
            **(definition.foundation.parameters if definition.foundation else {}),
            **key_parameters(stores.inputs),
        },
        environment=definition.placement.home,
        inputs=stores.inputs,
    )


def _here(actions: Sequence[BoundAction]) -> list[BoundAction]:
    """Return the actions whose resources are in the pipeline's account and region."""
    return [each for each in actions if each.located.environment is None]


def _replaced(actions: Sequence[BoundAction], rules: Sequence[BoundLocatedRule]) -> Iterator[Problem]:
    for action in actions:
        yield from replaced(action.bound.configuration, action.located.action.extra_configuration, action.located.path)
    for each in rules:
        yield from replaced(each.bound.configuration, each.located.rule.extra_configuration, each.located.path)


def _resources(
    definition: Definition,
    stores: ArtifactStores,
    actions: Sequence[BoundAction],
    rules: Sequence[BoundLocatedRule],
) -> Iterator[tuple[AWSObject, Path]]:
    """Yield every resource with its path in the definition, in the order that is easiest to read."""
    here = _here(actions)
    for resource in stores.own.resources:
        yield resource, ("artifacts",)
    for action in here:
        for resource in action.bound.resources:
            yield resource, action.located.path
        for service_role in action.bound.roles:
            yield role(service_role, definition), action.located.path
    writes = [*(each.writes_log for each in here), *(bool(each.bound.commands) for each in rules)]
    logs = list(commands_log(definition, writes))
    for group in logs:
        yield group, ("pipeline", "commands_log_retention_days")
    if definition.pipeline.role is None:
        yield _pipeline_role(definition, [*_grants(definition, stores, actions), *_rule_grants(rules)]), ("pipeline",)
    pipeline = _pipeline(definition, stores, actions, rules)
    if logs:  # otherwise CodePipeline may create the log group first, without retention
        pipeline.DependsOn = [str(group.title) for group in logs]
    yield pipeline, ("pipeline",)
    yield from _trigger_resources(definition, actions)
    if definition.pipeline.notifications:
        from pipegen.compile.notifications import notification_resources

        yield from notification_resources(definition, _PIPELINE)


def _grants(definition: Definition, stores: ArtifactStores, actions: Sequence[BoundAction]) -> Iterator[Grant]:
    """Yield the permissions to use the artifact stores and to run the actions, or to assume the roles with which they
    run."""
    for store in (stores.own, *stores.further.values()):
        yield from store.grants()
    for action in _here(actions):
        yield from action.bound.grants
    roles = dict.fromkeys(role_of(definition, environment) for environment in _away(actions))
    if roles:
        because = "runs actions in other accounts and regions"
        yield Grant(actions=("sts:AssumeRole",), resources=[*roles], because=because)


def _away(actions: Sequence[BoundAction]) -> list[Environment]:
    return account_regions([each.located.environment for each in actions if each.located.environment is not None])


def _rule_grants(rules: Sequence[BoundLocatedRule]) -> list[Grant]:
    return [grant for rule in rules for grant in rule.bound.grants]


def _trigger_resources(definition: Definition, actions: Sequence[BoundAction]) -> Iterator[tuple[AWSObject, Path]]:
    triggers = [(action, action.bound.trigger) for action in actions if action.bound.trigger is not None]
    schedules = definition.pipeline.schedules
    if not triggers and not schedules:
        return
    target = arn("codepipeline", Ref(_PIPELINE))
    if definition.foundation is None and definition.pipeline.event_role is None:
        rules = {action.located.action.name: action.located.environment is not None for action, _ in triggers}
        yield role(event_role(definition, rules, target), definition), ("pipeline",)
    for action, trigger in triggers:
        environment = action.located.environment
        account = environment.account if environment else None
        trigger = replace(trigger, pattern=_in_pipeline(definition, environment, trigger.pattern))
        yield rule(definition, action.located.action.name, trigger, target, account), action.located.path
    for index, schedule in enumerate(schedules):
        yield schedule_rule(definition, schedule, target), ("pipeline", "schedules", index)


def _pipeline_role(definition: Definition, grants: Iterable[Grant]) -> AWSObject:
    """Return the role of the pipeline. Its trust policy has no condition, since CodePipeline does not document any.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html"""
    service_role = ServiceRole(
        logical_id=_ROLE,
        service="codepipeline.amazonaws.com",
        grants=tuple(grants),
        name=pipeline_role_name(definition),
    )
    return role(service_role, definition)


def _role_arn(definition: Definition) -> Value:
    """Return the ARN of the pipeline's role, created or existing."""
    existing = definition.pipeline.role
    return GetAtt(_ROLE, "Arn") if existing is None else arn_or_name(existing, "iam", "role/", region="")


def _pipeline(
    definition: Definition,
    stores: ArtifactStores,
    actions: Sequence[BoundAction],
    rules: Sequence[BoundLocatedRule],
) -> codepipeline.Pipeline:
    pipeline, home = definition.pipeline, definition.placement.home
    stages = [
        create(
            codepipeline.Stages,
            Name=stage.name,
            Actions=[_action(definition, action) for action in actions if action.located.stage_index == index],
            **stage_conditions(index, stage, rules),
        )
        for index, stage in enumerate(pipeline.stages)
    ]
    optional: dict[str, Any] = {"RestartExecutionOnUpdate": True} if pipeline.restart_on_update else {}
    return create(
        codepipeline.Pipeline,
        _PIPELINE,
        Name=definition.pipeline_name,
        PipelineType="V2",
        ExecutionMode=pipeline.execution_mode,
        RoleArn=_role_arn(definition),
        **stores.properties(home.region if home else None),
        Stages=stages,
        **declarations(pipeline, [each.located for each in actions]),
        **optional,
    )


def _action(definition: Definition, bound: BoundAction) -> codepipeline.Actions:
    action = bound.located.action
    kind, environment = action.action_type, bound.located.environment
    configuration = as_texts(bound.bound.configuration, action.extra_configuration)
    optional: dict[str, Any] = {
        "Configuration": _in_pipeline(definition, environment, configuration),
        "InputArtifacts": [create(codepipeline.InputArtifacts, Name=name) for name in bound.inputs],
        "Commands": _in_pipeline(definition, environment, list(bound.bound.commands)),
        "EnvironmentVariables": [
            create(codepipeline.EnvironmentVariable, Name=name, Type=form, Value=value)
            for name, form, value in _in_pipeline(definition, environment, bound.bound.environment)
        ],
        "OutputArtifacts": [_output(bound, name) for name in bound.outputs],
        "OutputVariables": list(bound.bound.output_variables),
        "Namespace": action.variable_namespace,
        "TimeoutInMinutes": bound.bound.timeout_minutes,
        **_where(definition, environment),
    }
    return create(
        codepipeline.Actions,
        Name=bound.located.name,
        ActionTypeId=create(
            codepipeline.ActionTypeId,
            Category=kind.category,
            Owner=kind.owner,
            Provider=kind.provider,
            Version=kind.version,
        ),
        RunOrder=bound.located.run_order,
        **{name: value for name, value in optional.items() if value},
    )


def _in_pipeline(definition: Definition, environment: Environment | None, value: Any) -> Any:
    """Return a value of an action as the stack of the pipeline contains it: with the values of the environment in which
    the action runs."""
    resolution = definition.resolution(environment) if environment else None
    return resolution.written(value) if resolution else value


def _output(bound: BoundAction, name: str) -> codepipeline.OutputArtifacts:
    files = {bound.located.action.artifact_name(output): each for output, each in bound.bound.output_files.items()}
    optional = {"Files": list(files[name])} if name in files else {}
    return create(codepipeline.OutputArtifacts, Name=name, **optional)


def _where(definition: Definition, environment: Environment | None) -> dict[str, Any]:
    """Return the properties of an action that runs in another account or region than the pipeline."""
    home = definition.placement.home
    if environment is None or home is None:
        return {}
    region = environment.region if environment.region != home.region else None
    return {"RoleArn": role_of(definition, environment), "Region": region}


def _outputs(
    stack: str, role: Value, store: BoundArtifactStore, actions: Sequence[BoundAction]
) -> Iterator[tuple[str, Output]]:
    console = (
        "https://${AWS::Region}.console.aws.amazon.com/codesuite/codepipeline/pipelines/${Pipeline}/view"
        "?region=${AWS::Region}"
    )
    yield "PipelineName", exported(stack, "PipelineName", Ref(_PIPELINE))
    yield "PipelineArn", exported(stack, "PipelineArn", arn("codepipeline", Ref(_PIPELINE)))
    yield "PipelineRoleArn", exported(stack, "PipelineRoleArn", role)
    yield "PipelineUrl", create(Output, "PipelineUrl", Value=Sub(console))
    if not store.shared:  # the foundation's stack has this output
        yield "ArtifactBucketName", exported(stack, "ArtifactBucketName", store.bucket)
    for action in actions:
        for resource in action.bound.resources:
            if resource.resource_type == "AWS::ECR::Repository":
                yield from outputs_of(stack, resource)
        for name, value in action.bound.outputs.items():
            yield name, create(Output, name, Value=value)
