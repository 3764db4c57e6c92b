"""Support stacks of a pipeline whose actions run in several accounts or regions.

One in each region of the pipeline's account has the artifact store of the region. One in every other account and region
has what the pipeline needs there: the role of the actions, their resources, and the recorded images of services.
https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-create-cross-account.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from troposphere import AWSObject, Export, GetAtt, Output

from pipegen.compile.artifact_store import KEY, OtherAccounts, artifact_bucket, artifact_key
from pipegen.compile.artifact_stores import (
    KEY_ARN,
    account_regions,
    action_role_name,
    bucket_name,
    creates_key,
    existing_key,
    key_export,
    key_output,
    key_parameters,
    pipeline_role_arn,
    reader_path,
    role_arn_in,
    store_seen_from,
    support_name,
)
from pipegen.compile.assembly import assemble
from pipegen.compile.bound_action import BoundAction, commands_log
from pipegen.compile.roles import role
from pipegen.compile.triggers import event_bus, forwarding
from pipegen.definition import Definition
from pipegen.errors import Path
from pipegen.frozen import frozen
from pipegen.iam.grant import ServiceRole, TrustedRole
from pipegen.model.environment import Environment
from pipegen.pipeline.binding import EventTrigger
from pipegen.services.images import recorded
from pipegen.services.named_service import NamedService
from pipegen.stacks.immutable import recorded_image
from pipegen.stacks.stack import Stack
from pipegen.syntax import names
from pipegen.values.create import create
from pipegen.values.shape import arn_or_name
from pipegen.values.value import Value

_ROLE = "ActionRole"
_READER = "codebuild.amazonaws.com"
"""The service whose roles read and write artifacts, as the role of the actions does."""


@frozen(kw_only=True)
class _Target:
    """An account and region, and what the pipeline has there."""

    environment: Environment
    actions: Sequence[BoundAction] = ()
    services: Sequence[NamedService] = ()

    @property
    def triggers(self) -> Mapping[str, EventTrigger]:
        """The triggers of sources, by the names of the sources."""
        triggers = {each.located.action.name: each.bound.trigger for each in self.actions}
        return {name: trigger for name, trigger in triggers.items() if trigger is not None}

    def existing_roles(self) -> Iterator[Value]:
        """Yield the existing roles that read artifacts."""
        for action in self.actions:
            if (found := action.located.action.artifact_role) is not None and found[1] is not None:
                yield arn_or_name(found[1], "iam", "role/", region="", account=self.environment.account or "")

    def roles(self, definition: Definition) -> Iterator[tuple[ServiceRole, Path]]:
        """Yield the roles of resources, with fixed names: those that read artifacts are named in policies."""
        for action in self.actions:
            for each in action.bound.roles:
                name = f"{definition.name}-{each.logical_id}-{self.environment.region}"
                path = reader_path(definition) if each.service == _READER else None
                yield replace(each, name=names.shorten(name, names.ROLE_LIMIT), path=path), action.located.path


def support_stacks(
    definition: Definition, actions: Sequence[BoundAction], services: Sequence[NamedService]
) -> list[Stack]:
    """Return the support stacks, those of the pipeline's account first: the others use their keys. The list is empty if
    everything is in one account and region."""
    home, targets = definition.placement.home, list(_targets(actions, services))
    if home is None or not targets:
        return []
    regions = dict.fromkeys([home.region, *(each.environment.region for each in targets)])
    own = [_at(targets, replace(home, region=region, parameters=home.parameters)) for region in regions]
    others = [each for each in targets if each.environment.account != home.account]
    stacks = [
        _stack(definition, each, others if each.environment.account == home.account else []) for each in [*own, *others]
    ]
    return [each for each in stacks if each.template.resources]  # the foundation may have the stores


def _targets(actions: Sequence[BoundAction], services: Sequence[NamedService]) -> Iterator[_Target]:
    away = [each.located.environment for each in actions] + [each.environment for each in services]
    for environment in account_regions([each for each in away if each is not None]):
        here = environment.account_and_region
        yield _Target(
            environment=environment,
            actions=[each for each in actions if (at := each.located.environment) and at.account_and_region == here],
            services=[each for each in services if each.environment and each.environment.account_and_region == here],
        )


def _at(targets: Sequence[_Target], environment: Environment) -> _Target:
    same = (each for each in targets if each.environment.account_and_region == environment.account_and_region)
    return next(same, _Target(environment=environment))


def _stack(definition: Definition, target: _Target, readers: Sequence[_Target]) -> Stack:
    """Return a support stack. readers: the targets in other accounts, of which those in the region use its store."""
    home, environment = definition.placement.home, target.environment
    assert home is not None
    has_store = environment.account == home.account and definition.shared_stores is None
    same_region = [each for each in readers if each.environment.region == environment.region]
    store = _store(definition, environment, _other_accounts(definition, same_region)) if has_store else []
    sending = list(dict.fromkeys(each.environment.account or "" for each in same_region if each.triggers))
    kept = [each for named in target.services for each in recorded(named)]
    return assemble(
        definition,
        name=support_name(definition, environment.account, environment.region),
        description=f"Resources of the pipeline {definition.pipeline_name} for actions in {environment.account}, "
        f"{environment.region}",
        resources=chain(
            ((each, ("artifacts",)) for each in store),
            ((each, ("pipeline",)) for each in (event_bus(definition, sending) if sending else ())),
            _records(target),
            _action_resources(definition, target) if environment.account_and_region != home.account_and_region else (),
        ),
        outputs=dict(_outputs(definition, target, has_key=any(each.title == KEY for each in store))),
        optional=key_parameters([KEY_ARN]),
        immutable={str(each.title): recorded_image() for each in kept},
        environment=environment,
        inputs={KEY_ARN: key_output(definition, home, environment.region)},
    )


def _store(definition: Definition, environment: Environment, others: OtherAccounts) -> list[AWSObject]:
    home, own, region = definition.placement.home, definition.artifacts, environment.region or ""
    assert home is not None
    resources: list[AWSObject] = []
    if creates_key(definition, region):
        resources.append(artifact_key(f"Artifacts of the pipeline {definition.pipeline_name}", others))
    key_arn: Value | None = GetAtt(KEY, "Arn") if resources else existing_key(definition, region)
    if own.bucket is None or region != home.region:
        name = bucket_name(definition, home, region)
        resources += artifact_bucket(key_arn, own.expire_days, name=name, others=others)
    return resources


def _other_accounts(definition: Definition, readers: Sequence[_Target]) -> OtherAccounts:
    roles: list[Value] = []
    for target in readers:
        named = [action_role_name(definition, target.environment)] if target.actions else []
        named += [str(each.name) for each, _ in target.roles(definition) if each.service == _READER]
        roles += [role_arn_in(definition, target.environment, name) for name in named]
        roles += target.existing_roles()
    return OtherAccounts([*dict.fromkeys(each.environment.account or "" for each in readers)], roles)


def _records(target: _Target) -> Iterator[tuple[AWSObject, Path]]:
    for named in target.services:
        for each in recorded(named):
            yield each, ("services", named.key)


def _action_resources(definition: Definition, target: _Target) -> Iterator[tuple[AWSObject, Path]]:
    for action in target.actions:
        for resource in action.bound.resources:
            yield resource, action.located.path
    for service_role, path in target.roles(definition):
        yield role(service_role, definition), path
    for each in forwarding(definition, target.triggers) if target.triggers else ():
        yield (role(each, definition) if isinstance(each, ServiceRole) else each), ("pipeline",)
    for group in commands_log(definition, [action.writes_log for action in target.actions]):
        yield group, ("pipeline", "commands_log_retention_days")
    if target.actions:
        yield _action_role(definition, target), ("pipeline",)


def _action_role(definition: Definition, target: _Target) -> AWSObject:
    """Return the role with which the pipeline runs the actions of a target. Only the pipeline's role assumes it."""
    home, environment = definition.placement.home, target.environment
    assert home is not None
    resolution, pipeline = definition.resolution(environment, in_pipeline=False), pipeline_role_arn(definition, home)
    if resolution is not None:
        pipeline = resolution.written(pipeline)
    grants = [grant for action in target.actions for grant in action.bound.grants]
    service_role = ServiceRole(
        logical_id=_ROLE,
        service="",
        name=action_role_name(definition, environment),
        path=reader_path(definition),
        trusted=TrustedRole(home.account or "", pipeline),
        grants=[*store_seen_from(definition, environment).grants(), *grants],
    )
    return role(service_role, definition)


def _outputs(definition: Definition, target: _Target, *, has_key: bool) -> Iterator[tuple[str, Output]]:
    outputs: dict[str, Any] = {name: value for action in target.actions for name, value in action.bound.outputs.items()}
    for name, value in outputs.items():
        yield name, create(Output, name, Value=value)
    if has_key:
        yield KEY_ARN, create(Output, KEY_ARN, Value=GetAtt(KEY, "Arn"), Export=Export(key_export(definition)))
