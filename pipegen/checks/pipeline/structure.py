"""Stages and actions: how many, in what order, under which names.
https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipegen.definition import Definition
from pipegen.errors import Path, Problem
from pipegen.graph.outline import Outline
from pipegen.pipeline.pipeline import LocatedAction
from pipegen.syntax.names import identifier, logical_id


def counts(definition: Definition) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""
    total = sum(len(stage.actions) for stage in definition.pipeline.stages)
    if total > 1000:
        text = f"a pipeline of {total:,} actions"
        yield Problem("action-count", ("pipeline", "stages"), text, "CodePipeline takes 1,000: split it")


def sources_first(written: Outline) -> Iterator[Problem]:
    for located in written.actions:
        category = located.action.action_type.category
        if located.stage_index == 0 and category != "Source":
            text = f"{located.words} is no source, but in the first stage"
            yield Problem("source-first", located.path, text, "move it to a later stage")
        if located.stage_index > 0 and category == "Source":
            text = f"{located.words} is a source, but not in the first stage"
            yield Problem("source-first", located.path, text, "move it to the first stage")


def unique_names(written: Outline) -> Iterator[Problem]:
    stages: dict[str, int] = {}
    for index, stage in enumerate(written.definition.pipeline.stages):
        if stages.setdefault(stage.name, index) != index:
            path: Path = ("pipeline", "stages", index, "name")
            yield Problem("duplicate-name", path, f"there is a stage {stage.name} already", "rename one")
    for located in _repeated(written.actions):
        text = f"{located.stage} has an action {located.name} already"
        yield Problem("duplicate-name", (*located.path, "name"), text, "rename one")


def _repeated(actions: Sequence[LocatedAction]) -> Iterator[LocatedAction]:
    """The actions that have the name of an earlier one of their stage."""
    seen: dict[tuple[int, str], int] = {}
    for located in actions:
        if seen.setdefault((located.stage_index, located.name), located.index) != located.index:
            yield located


def unique_belongings(lowered: Outline) -> Iterator[Problem]:
    """Projects, artifacts and variables are named after the action, not after its stage; and some things have only one
    action that writes to them."""
    yield from _unique_owners(lowered)
    yield from _unique_namespaces(lowered.actions)
    yield from _unique_outputs(lowered.actions)


def _unique_owners(lowered: Outline) -> Iterator[Problem]:
    repeated = {located.path for located in _repeated([each for each in lowered.actions if not each.added])}
    written = {located.words for located in lowered.actions if not located.added}
    owners: dict[str, str] = {}
    for located in lowered.actions:
        action = located.action
        if located.added and located.words in written:
            text = f"{located.stage} has an action {located.name} already"
            yield Problem("duplicate-name", (*located.path, "name"), text, "rename one")
        elif located.path in repeated:
            continue
        elif action.makes() or action.own_variables() or action.action_type.provider == "CodeBuild":
            for key in {identifier(action.name), logical_id(action.name)}:
                if owners.setdefault(key, located.words) != located.words:
                    text = f"{located.words} and {owners[key]} would own things of the same name"
                    yield Problem(
                        "duplicate-name", (*located.path, "name"), text, "give one a name with other letters or digits"
                    )
                    break


def _unique_namespaces(actions: Sequence[LocatedAction]) -> Iterator[Problem]:
    taken: dict[str, str] = {"codepipeline": "CodePipeline itself", "variables": "the pipeline's variables"}
    for located in actions:
        namespace = located.action.variable_namespace
        if namespace is not None and taken.setdefault(namespace, located.words) != located.words:
            text = f"the namespace {namespace} belongs to {taken[namespace]}"
            yield Problem("duplicate-namespace", (*located.path, "namespace"), text, "choose another namespace")


def _unique_outputs(actions: Sequence[LocatedAction]) -> Iterator[Problem]:
    """Artifacts, and what an action says that it alone writes to."""
    owners: dict[str, LocatedAction] = {}
    for located in actions:
        artifacts = [f"the artifact {located.action.artifact_name(output.name)}" for output in located.action.makes()]
        for thing in (*artifacts, *located.action.owned()):
            other = owners.get(thing)
            if other is not None and not (thing in artifacts and _are_named_alike(other, located)):
                who = other.words if other.path != located.path else "the same action"
                text = f"{located.words} and {who} would both write {thing}"
                yield Problem("duplicate-owner", (*located.path, "name"), text, "give each its own")
            owners[thing] = located
        if f"the artifact {located.action.namespace}" in owners:
            text = f"the namespace {located.action.namespace} is the name of an artifact"
            yield Problem("duplicate-namespace", (*located.path, "namespace"), text, "choose another namespace")


def _are_named_alike(one: LocatedAction, other: LocatedAction) -> bool:
    """Whether two actions make artifacts of the same names because of their own, which `unique_names` reports."""
    return one.path != other.path and identifier(one.action.name) == identifier(other.action.name)


def execution_mode(written: Outline) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html"""
    deploys = [each.words for each in written.actions if each.action.deploys]
    if written.definition.pipeline.execution_mode == "PARALLEL" and deploys:
        text = f"runs side by side would race in {deploys[0]}"
        fix = "use QUEUED, or SUPERSEDED"
        yield Problem("execution-mode", ("pipeline", "execution_mode"), text, fix)
