"""Checks of stages and actions: their number, order and names.
https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipegen.definition import Definition
from pipegen.errors import Path, Problem, quoted
from pipegen.graph.outline import Outline
from pipegen.pipeline.located import LocatedAction
from pipegen.syntax.names import identifier, logical_id


def counts(definition: Definition) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""
    total = sum(len(stage.actions) for stage in definition.pipeline.stages)
    if total > 1000:
        text = f"a pipeline must have at most 1,000 actions, got {total:,}"
        yield Problem("action-count", ("pipeline", "stages"), text, "split the pipeline")


def sources_first(written: Outline) -> Iterator[Problem]:
    for located in written.actions:
        category = located.action.action_type.category
        if located.stage_index == 0 and category != "Source":
            text = f"{located.words} is in the first stage, which can only contain sources"
            yield Problem("source-first", located.path, text, "move it to a later stage")
        if located.stage_index > 0 and category == "Source":
            text = f"{located.words} is a source outside of the first stage"
            yield Problem("source-first", located.path, text, "move it to the first stage")


def unique_names(written: Outline) -> Iterator[Problem]:
    stages: dict[str, int] = {}
    for index, stage in enumerate(written.definition.pipeline.stages):
        if stages.setdefault(stage.name, index) != index:
            path: Path = ("pipeline", "stages", index, "name")
            yield Problem(
                "duplicate-name", path, f"the pipeline has two stages named {quoted(stage.name)}", "rename one of them"
            )
    for located in _repeated(written.actions):
        text = f"{located.stage} has two actions named {quoted(located.name)}"
        yield Problem("duplicate-name", (*located.path, "name"), text, "rename one of them")


def _repeated(actions: Sequence[LocatedAction]) -> Iterator[LocatedAction]:
    """Yield the actions with the name of an earlier action of their stage."""
    seen: dict[tuple[int, str], int] = {}
    for located in actions:
        if seen.setdefault((located.stage_index, located.name), located.index) != located.index:
            yield located


def unique_belongings(lowered: Outline) -> Iterator[Problem]:
    """Find name conflicts of projects, artifacts and variables, which are named after the action but not its stage, and
    resources that two actions write to."""
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
            text = f"{located.stage} has two actions named {quoted(located.name)}"
            yield Problem("duplicate-name", (*located.path, "name"), text, "rename one of them")
        elif located.path in repeated:
            continue
        elif action.makes() or action.own_variables() or action.action_type.provider == "CodeBuild":
            for key in {identifier(action.name), logical_id(action.name)}:
                if owners.setdefault(key, located.words) != located.words:
                    text = f"the resources of {located.words} and {owners[key]} would have the same names"
                    yield Problem(
                        "duplicate-name",
                        (*located.path, "name"),
                        text,
                        "rename one of them; only letters and digits distinguish names",
                    )
                    break


def _unique_namespaces(actions: Sequence[LocatedAction]) -> Iterator[Problem]:
    taken: dict[str, str] = {"codepipeline": "CodePipeline", "variables": "the pipeline's variables"}
    for located in actions:
        namespace = located.action.variable_namespace
        if namespace is not None and taken.setdefault(namespace, located.words) != located.words:
            text = f"{located.words} uses the namespace {quoted(namespace)} of {taken[namespace]}"
            yield Problem("duplicate-namespace", (*located.path, "namespace"), text, "choose another namespace")


def _unique_outputs(actions: Sequence[LocatedAction]) -> Iterator[Problem]:
    """Find artifacts and other resources that two actions write to."""
    owners: dict[str, LocatedAction] = {}
    for located in actions:
        where = "" if located.environment is None else f" of {located.environment.account}"
        artifacts = [f"the artifact {located.action.artifact_name(output.name)}" for output in located.action.makes()]
        for thing in (*artifacts, *(f"{each}{where}" for each in located.action.owned())):
            other = owners.get(thing)
            if other is not None and not (thing in artifacts and _are_named_alike(other, located)):
                text = f"{located.words} and {other.words} would both write {thing}"
                text = text if other.path != located.path else f"{located.words} would write {thing} twice"
                yield Problem("duplicate-owner", (*located.path, "name"), text, "use different ones")
            owners[thing] = located
        if f"the artifact {located.action.namespace}" in owners:
            text = f"namespace {quoted(located.action.namespace)} is also the name of an artifact"
            yield Problem("duplicate-namespace", (*located.path, "namespace"), text, "choose another namespace")


def _are_named_alike(one: LocatedAction, other: LocatedAction) -> bool:
    """Return whether two actions have artifacts of one name because their own names are equal, which `unique_names`
    reports."""
    return one.path != other.path and identifier(one.action.name) == identifier(other.action.name)


def execution_mode(written: Outline) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html"""
    deploys = [each.words for each in written.actions if each.action.deploys]
    if written.definition.pipeline.execution_mode == "PARALLEL" and deploys:
        text = f"execution_mode is PARALLEL, so parallel runs would interfere in {deploys[0]}"
        fix = "use QUEUED, or SUPERSEDED"
        yield Problem("execution-mode", ("pipeline", "execution_mode"), text, fix)


def loops(written: Outline) -> Iterator[Problem]:
    """Find actions that start their own pipeline."""
    for located in written.actions:
        is_here = located.environment is None
        if is_here and located.action.started_pipeline == written.definition.pipeline_name:
            text = f"{located.words} starts its own pipeline, {written.definition.pipeline_name}, so that it never ends"
            yield Problem("action-loop", (*located.path, "pipeline"), text, "start another pipeline")
