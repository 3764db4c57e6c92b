"""Bind wired actions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from troposphere import AWSObject

from pipegen.compile.artifact_store import BoundArtifactStore
from pipegen.definition import Definition
from pipegen.frozen import frozen
from pipegen.graph.wiring import WiredAction
from pipegen.model.log_group import commands_log_name, log_group
from pipegen.pipeline.binding import Bound, Context
from pipegen.pipeline.located import LocatedAction
from pipegen.pipeline.requirement import BundleFiles, Request
from pipegen.values.value import ACCOUNT, REGION


@frozen
class BoundAction:
    """A bound action with its location and the names of its artifacts."""

    located: LocatedAction
    bound: Bound
    inputs: Sequence[str]
    outputs: Sequence[str]

    @property
    def writes_log(self) -> bool:
        """Whether the action writes to the log group of CodePipeline's own builds."""
        return bool(self.bound.commands)


def commands_log(definition: Definition, writes: Iterable[bool]) -> Iterator[AWSObject]:
    """Yield the log group for the output of commands, if an action or rule writes it; CodePipeline determines its name.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html"""
    if any(writes):
        days = definition.pipeline.commands_log_retention_days
        yield log_group("CommandsLogs", commands_log_name(definition.pipeline_name), days, "CloudWatch encrypts logs")


def bind_action(wired: WiredAction, definition: Definition, store: BoundArtifactStore) -> BoundAction:
    """Bind an action. store: the artifact store of its region."""
    action, environment = wired.located.action, wired.located.environment
    is_away = environment is not None
    context = Context(
        definition=definition.name,
        pipeline=definition.pipeline_name,
        inputs=wired.inputs,
        requests=_with_values(wired.requests, definition),
        bucket_arn=store.bucket_arn,
        key_arn=store.key_arn,
        encryption_key=definition.encryption_key,
        has_trigger=action.name in {trigger.source for trigger in definition.pipeline.triggers},
        build_log_group=definition.foundation.log_group if definition.foundation and not is_away else None,
        account=ACCOUNT if environment is None else environment.account or ACCOUNT,
        region=REGION if environment is None else environment.region or REGION,
        is_away=is_away,
        has_registry=bool(definition.services) and not is_away,
    )
    return BoundAction(
        located=wired.located,
        bound=action.bind(context),
        inputs=list(dict.fromkeys(each.artifact for each in wired.inputs)),
        outputs=[action.artifact_name(name) for name in wired.outputs],
    )


def _with_values(requests: Mapping[str, Sequence[Request]], definition: Definition) -> Mapping[str, Sequence[Request]]:
    """Return requests whose files have the values of the readers' environments: a build writes them in another one."""
    return {output: [_with_values_of(each, definition) for each in several] for output, several in requests.items()}


def _with_values_of(request: Request, definition: Definition) -> Request:
    resolution = definition.resolution(request.environment) if request.environment else None
    if resolution is None or not isinstance(request.requires, BundleFiles):
        return request
    task_definition, appspec = map(resolution.written, (request.requires.task_definition, request.requires.appspec))
    return replace(request, requires=replace(request.requires, task_definition=task_definition, appspec=appspec))
