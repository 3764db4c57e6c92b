"""Checks of artifacts: their producers, order, contents and number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipegen.errors import Problem, did_you_mean, quoted
from pipegen.fields.model import step
from pipegen.graph.wiring import WiredAction, Wiring
from pipegen.pipeline.artifact import DeploymentBundle, Files, ImageDefinitions, SourceTree
from pipegen.pipeline.binding import Wired
from pipegen.pipeline.located import LocatedAction
from pipegen.pipeline.requirement import BundleFiles, ImageDefinitionsFile, ImageDetailFile


def artifacts(wiring: Wiring) -> Iterator[Problem]:
    yield from wiring.problems
    yield from _counts(wiring)
    yield from _read_twice(wiring)
    yield from _conflicting_files(wiring.actions)
    yield from _whole_sources(wiring.actions)
    yield from _without_images(wiring.actions)
    yield from _fixed_images(wiring.actions)
    yield from _bypassed_builds(wiring.actions)
    yield from _misspelt_outputs(wiring.actions)


def _counts(wiring: Wiring) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-action-artifacts.html"""
    for each in wiring.actions:
        located, kind = each.located, each.located.action.action_type
        read = [wired.artifact for wired in each.inputs]
        shared = 0 if kind.distinct_inputs else len(read) - len(set(read))
        for verb, field_name, number, (low, high) in (
            ("reads", "extra_inputs", len(each.reads) - shared, kind.inputs),
            ("produces", "outputs", len(each.outputs), kind.outputs),
        ):
            if not low <= number <= high:
                text = f"{located.words} {verb} {number} {'artifact' if number == 1 else 'artifacts'}"
                yield Problem(
                    "artifact-count", (*located.path, field_name), text, f"{kind.provider} allows {low} to {high}"
                )
    for wired_rule in wiring.rules:
        rule, reads = wired_rule.located, wired_rule.reads
        low, high = rule.rule.input_count
        if not low <= len(reads) <= high:
            text = f"{rule.words} reads {len(reads)} artifacts"
            path = (*rule.path, reads[-1].path[0])
            yield Problem("artifact-count", path, text, f"{rule.rule.provider} allows {low} to {high}")


def _read_twice(wiring: Wiring) -> Iterator[Problem]:
    for each in wiring.readers():
        reader = each.located
        read = [wired.artifact for wired in each.inputs] if reader.distinct_inputs else []
        for artifact in dict.fromkeys(name for name in read if read.count(name) > 1):
            text = f"{reader.words} reads {artifact} more than once"
            yield Problem("artifact-duplicate", (*reader.path, each.reads[-1].path[0]), text, "remove the duplicate")


def _conflicting_files(actions: Sequence[WiredAction]) -> Iterator[Problem]:
    """Find readers of one file that require different contents."""
    asked: dict[tuple[str, str], tuple[Any, str]] = {}
    for each in actions:
        located = each.located
        for wired in each.inputs:
            for file, content in wired.requires.decides(wired.reader, wired.contents).items():
                first, who = asked.setdefault((wired.artifact, file), (content, located.words))
                if first != content:
                    text = f"{located.words} and {who} need different contents of {file}"
                    fix = "set a different file_name in one of them"
                    yield Problem("artifact-conflict", (*located.path, "containers"), text, fix)
    yield from _left_out([each for each in actions if not each.located.added], asked)


def _left_out(actions: Sequence[WiredAction], asked: Mapping[tuple[str, str], tuple[Any, str]]) -> Iterator[Problem]:
    """Find readers of a file for images that the deployment which defines its contents does not have."""
    for each in actions:
        located = each.located
        for wired in each.inputs:
            made = wired.contents.containers if isinstance(wired.contents, ImageDefinitions) else ()
            for file, needed in wired.requires.relies_on().items():
                wanted, who = asked.get((wired.artifact, file), (made, ""))
                missing = [name for name in needed if name in made and name not in wanted]
                if missing:
                    text = f"{located.words} reads {', '.join(missing)} in {file}, but {who} excludes it"
                    fix = f"add it to the containers of {who}, or read the file of another deploy"
                    yield Problem("artifact-conflict", (*located.path, "parameters"), text, fix)


def _whole_sources(actions: Sequence[WiredAction]) -> Iterator[Problem]:
    """Find large sources as inputs of actions with a size limit. A source that no other action reads is assumed to
    contain only these files: https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html,
    https://docs.aws.amazon.com/codepipeline/latest/userguide/tutorials-ecs-ecr-codedeploy.html"""
    others = {wired.artifact for each in actions if _input_limit(each) is None for wired in each.inputs}
    for each in actions:
        located, most = each.located, _input_limit(each)
        sources = [wired.artifact for wired in each.inputs if isinstance(wired.contents, SourceTree)]
        sources = [artifact for artifact in sources if artifact in others]
        for artifact in dict.fromkeys(sources if most is not None else ()):
            text = f"{located.words} reads the whole source {artifact}, but the limit is {most} MB, compressed"
            fix = "keep the repository small, or pass only the files through an output of a codebuild action"
            yield Problem("artifact-size", located.path, text, fix, severity="warning")


def _fixed_images(actions: Sequence[WiredAction]) -> Iterator[Problem]:
    """Find containers with a pinned image in a task definition, although the build pushes an image that no action
    deploys."""
    wired = [(each, wired) for each in actions for wired in each.inputs]
    if not any(isinstance(required.requires, BundleFiles) for _, required in wired):
        return
    makers = {made: each for each in actions for made in _artifacts(each)}
    brought = {
        (makers[each.artifact].located.path, name)
        for _, each in wired
        for name in _brought(each, makers[each.artifact])
    }
    for each, bundle in wired:
        required = bundle.requires
        definition = required.task_definition if isinstance(required, BundleFiles) and required.placeholders else None
        if not isinstance(definition, Mapping) or each.located.fields:
            continue  # a file, without images, or of a service: these are reported elsewhere
        maker = makers[bundle.artifact].located
        for index, container in enumerate(definition["containerDefinitions"]):
            name, image = container["name"], container["image"]
            built = any(pushed.container == name for pushed in maker.action.pushes())
            if built and (maker.path, name) not in brought and not str(image).startswith("<"):
                text = f"the container {quoted(name)} runs {quoted(image)}, and no action deploys the image "
                text += f"that {maker.words} builds for it"
                fix = "remove image, so that the deployment sets it, or remove the container from the build"
                path = (*each.located.path, "task_definition", "containers", index, "image")
                yield Problem("deploy-images", path, text, fix, severity="warning")


def _artifacts(wired: WiredAction) -> Iterator[str]:
    yield from (wired.located.action.artifact_name(output.name) for output in wired.located.action.makes())


def _brought(wired: Wired, maker: WiredAction) -> Iterator[str]:
    """Yield the containers whose images a reader takes from a build."""
    if isinstance(wired.requires, ImageDetailFile):
        yield wired.requires.container
    elif isinstance(wired.requires, ImageDefinitionsFile):
        yield from wired.requires.containers or [str(pushed.container) for pushed in maker.located.action.pushes()]


def _bypassed_builds(actions: Sequence[WiredAction]) -> Iterator[Problem]:
    """Find image definitions that come from a source although the pipeline builds images."""
    for each in actions:
        for read, wired in zip(each.reads, each.inputs, strict=False):
            if not isinstance(wired.requires, ImageDefinitionsFile) or not _may_lack(wired):
                continue
            earlier = [by.located for by in actions if by.located.order < each.located.order]
            builds = [by for by in earlier if by.action.pushes() or _lists(by, wired)]
            if builds:
                file = wired.requires.file
                text = f"{each.located.words} reads {file} in {wired.artifact}, not what {builds[0].words} writes"
                fix = f"set input: {builds[0].reference} to deploy the images of the build"
                yield Problem("artifact-contents", (*each.located.path, *read.path), text, fix, severity="warning")


def _misspelt_outputs(actions: Sequence[WiredAction]) -> Iterator[Problem]:
    """Find keys of stack outputs that differ only in case from outputs of the action that writes the file. Other
    outputs are unknown."""
    makers = {each.located.action.artifact_name(name): each.located for each in actions for name in each.outputs}
    for each in actions:
        for read, wired in zip(each.reads, each.inputs, strict=False):
            if read.path[0] != "parameter_overrides":
                continue
            key = getattr(step(getattr(each.located.action, "parameter_overrides", None), read.path[1]), "key", None)
            maker = makers.get(wired.artifact)
            known = maker.action.own_variables() if key is not None and maker is not None else frozenset()
            near = next((name for name in known if name.lower() == str(key).lower()), key)
            if key != near:
                path = (*each.located.path, *read.path[:-1], "key")
                text = f"key is {quoted(key)}, but the output in {wired.artifact} is {near}"
                yield Problem("output-key", path, text, did_you_mean(near), "warning")


def _lists(by: LocatedAction, wired: Wired) -> bool:
    """Return whether an action produces an artifact that lists the files that are read from another one."""
    contents = [output.contents for output in by.action.makes()]
    return any(isinstance(each, Files) and all(map(each.lists, wired.requires.files)) for each in contents)


def _may_lack(wired: Wired) -> bool:
    """Return whether it is unknown if an artifact contains the file."""
    contents, files = wired.contents, wired.requires.files
    is_listed = isinstance(contents, Files) and all(map(contents.lists, files))
    return isinstance(contents, SourceTree | Files) and not is_listed


def _input_limit(wired: WiredAction) -> int | None:
    return wired.located.action.action_type.input_megabytes


def _without_images(actions: Sequence[WiredAction]) -> Iterator[Problem]:
    """Find deployments that set no image, while the build copies the task definition without setting one."""
    for each in actions:
        located = each.located
        for wired in each.inputs:
            required, contents = wired.requires, wired.contents
            if not isinstance(required, BundleFiles) or not isinstance(contents, DeploymentBundle):
                continue
            if not required.placeholders and isinstance(required.task_definition, str):
                text = f"{located.words} deploys none of the images of the build"
                fix = "list the containers with images from the build under images"
                yield Problem("deploy-images", (*located.path, "images"), text, fix)
