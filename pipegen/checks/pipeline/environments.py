"""Checks of environments: what CodePipeline allows in other accounts and regions than the pipeline's.
https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-create-cross-account.html
https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-create-cross-region.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipegen.definition import Definition
from pipegen.errors import Path, Problem
from pipegen.facts import partition_of
from pipegen.graph.outline import Outline
from pipegen.graph.wiring import WiredAction, Wiring
from pipegen.model.environment import environment_problems, unknown_environment
from pipegen.pipeline.artifact import GitClone
from pipegen.pipeline.located import LocatedAction


def declared(definition: Definition) -> Iterator[Problem]:
    """Find environments that are incomplete, and the environment of the pipeline if it is missing."""
    yield from environment_problems(definition.environments, definition.pipelines)


def used(written: Outline) -> Iterator[Problem]:
    """Find names of environments that do not exist, and environments that the pipeline cannot reach."""
    definition = written.definition
    for path, name in _names(written):
        if name is not None and name not in definition.environments:
            yield unknown_environment(definition.environments, path, name)
        elif name is not None:
            yield from _unreachable(definition, path, name)
    for located in written.actions:
        yield from _elsewhere(definition, located)
    yield from _without_key(written)


def _names(written: Outline) -> Iterator[tuple[Path, str | None]]:
    yield ("pipelines",), written.definition.pipelines
    for key, service in written.definition.services.items():
        yield ("services", key, "environment"), service.environment
    for located in written.actions:
        yield (*located.path, "runs_in"), located.action.runs_in


def _unreachable(definition: Definition, path: Path, name: str) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html (roles are assumed within a partition)"""
    home = definition.placement.home
    here, there = (partition_of(each.region or "") if each else "" for each in (home, definition.environments[name]))
    if here and there and here != there:
        text = f"the environment {name} is in the partition {there}, which a pipeline in {here} cannot reach"
        yield Problem("environment-partition", path, text, f"use a separate definition for the partition {there}")


def _elsewhere(definition: Definition, located: LocatedAction) -> Iterator[Problem]:
    """Find actions that CodePipeline does not run in the account or region that they are in."""
    action, home, environment = located.action, definition.placement.home, located.environment
    if environment is None or home is None:
        return
    path, is_source = (*located.path, "runs_in"), action.action_type.category == "Source"
    if not action.takes_role:
        kind = getattr(action, "kind", "this kind")
        text = f"an action of the kind {kind} cannot run in another account or region than the pipeline"
        yield Problem("environment-action", path, text, "remove runs_in")
    elif is_source and environment.region != home.region:
        text = f"a source must be in the region of the pipeline, {home.region}, got {environment.region}"
        yield Problem("environment-source", path, text, "copy the source to that region, or move the pipeline")
    elif is_source and any(isinstance(each.contents, GitClone) for each in action.makes()):
        text = "a source in another account cannot be cloned by builds, which use its repository with their own roles"
        yield Problem("environment-source", path, text, "remove clone: full")


def _without_key(written: Outline) -> Iterator[Problem]:
    """The key that S3 manages cannot be used from other accounts."""
    definition, home = written.definition, written.definition.placement.home
    store = definition.artifacts
    if (
        home is None
        or home.account is None
        or store.create_key
        or store.key_arn is not None
        or (definition.shared_stores is not None and definition.shared_stores.has_key)
        or definition.encryption_key is not None
    ):
        return
    for located in written.actions:
        environment = located.environment
        if environment is not None and environment.account not in (None, home.account):
            text = f"{located.words} runs in another account, {environment.account}, "
            text += "which requires a customer managed key for the artifacts"
            fix = "add artifacts: {create_key: true}, or its key_arn"
            yield Problem("environment-key", located.path, text, fix)
            return


def passed(wiring: Wiring) -> Iterator[Problem]:
    """Find artifacts that pass between two accounts neither of which is the pipeline's."""
    for each in [each for each in wiring.actions if not each.located.added]:
        for read, wired in zip(each.reads, each.inputs, strict=False):
            producer = _producer(wiring.actions, wired.artifact)
            if producer is None or each.located.environment is None or producer.environment is None:
                continue
            here, there = each.located.environment, producer.environment
            if here.account != there.account:
                text = f"{each.located.words} in the account {here.account} cannot read an artifact of "
                text += f"{producer.words} in the account {there.account}"
                fix = "run one of them in the pipeline's account"
                yield Problem("environment-artifact", (*each.located.path, read.path[0]), text, fix)


def _producer(actions: Sequence[WiredAction], artifact: str) -> LocatedAction | None:
    for each in actions:
        if artifact in map(each.located.action.artifact_name, each.outputs):
            return each.located
    return None
