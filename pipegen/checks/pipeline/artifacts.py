"""Artifacts: made, made earlier, holding what their reader needs, and not too many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipegen.errors import Problem, quoted
from pipegen.fields.model import step
from pipegen.graph.wiring import WiredAction, Wiring
from pipegen.pipeline.action import Wired
from pipegen.pipeline.artifact import DeploymentBundle, Files, ImageDefinitions, SourceTree
from pipegen.pipeline.pipeline import LocatedAction
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
            ("makes", "outputs", len(each.outputs), kind.outputs),
        ):
            if not low <= number <= high:
                text = f"{located.words} {verb} {number} artifacts"
                yield Problem(
                    "artifact-count", (*located.path, field_name), text, f"{kind.provider} takes {low} to {high}"
                )
    for wired_rule in wiring.rules:
        rule, reads = wired_rule.located, wired_rule.reads
        low, high = rule.rule.input_count
        if not low <= len(reads) <= high:
            text = f"{rule.words} reads {len(reads)} artifacts"
            path = (*rule.path, reads[-1].path[0])
            yield Problem("artifact-count", path, text, f"{rule.rule.provider} takes {low} to {high}")


def _read_twice(wiring: Wiring) -> Iterator[Problem]:
    for each in wiring.readers():
        reader = each.located
        read = [wired.artifact for wired in each.inputs] if reader.distinct_inputs else []
        for artifact in dict.fromkeys(name for name in read if read.count(name) > 1):
            text = f"{reader.words} reads {artifact} more than once"
            yield Problem("artifact-duplicate", (*reader.path, each.reads[-1].path[0]), text, "name it once")


def _conflicting_files(actions: Sequence[WiredAction]) -> Iterator[Problem]:
    """Two readers of one file that want different things in it."""
    asked: dict[tuple[str, str], tuple[Any, str]] = {}
    for each in actions:
        located = each.located
        for wired in each.inputs:
            for file, content in wired.requires.decides(wired.reader, wired.contents).items():
                first, who = asked.setdefault((wired.artifact, file), (content, located.words))
                if first != content:
                    text = f"{located.words} and {who} want different things in {file}"
                    fix = "give one of them a file_name of its own"
                    yield Problem("artifact-conflict", (*located.path, "containers"), text, fix)
    yield from _left_out([each for each in actions if not each.located.added], asked)


def _left_out(actions: Sequence[WiredAction], asked: Mapping[tuple[str, str], tuple[Any, str]]) -> Iterator[Problem]:
    """Readers that count on what those who decide about a file do not want in it."""
    for each in actions:
        located = each.located
        for wired in each.inputs:
            made = wired.contents.containers if isinstance(wired.contents, ImageDefinitions) else ()
            for file, needed in wired.requires.relies_on().items():
                wanted, who = asked.get((wired.artifact, file), (made, ""))
                missing = [name for name in needed if name in made and name not in wanted]
                if missing:
                    text = f"{located.words} reads {', '.join(missing)} in {file}, which {who} leaves out"
                    fix = f"add it to the containers of {who}, or name the file of another deploy"
                    yield Problem("artifact-conflict", (*located.path, "parameters"), text, fix)


def _whole_sources(actions: Sequence[WiredAction]) -> Iterator[Problem]:
    """A source that nothing else reads has these files and no application:
    https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html,
    https://docs.aws.amazon.com/codepipeline/latest/userguide/tutorials-ecs-ecr-codedeploy.html"""
    others = {wired.artifact for each in actions if _most(each) is None for wired in each.inputs}
    for each in actions:
        located, most = each.located, _most(each)
        sources = [wired.artifact for wired in each.inputs if isinstance(wired.contents, SourceTree)]
        sources = [artifact for artifact in sources if artifact in others]
        for artifact in dict.fromkeys(sources if most is not None else ()):
            text = f"{located.words} reads the whole source {artifact}, and takes {most} MB of it, compressed"
            fix = "keep the repository small, or hand on only the files from a codebuild action's output"
            yield Problem("artifact-size", located.path, text, fix, severity="warning")


def _fixed_images(actions: Sequence[WiredAction]) -> Iterator[Problem]:
    """A container of a task definition with an image of its own, although the build makes one that nobody brings."""
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
            continue  # a file, without any image, or of a service: those are reported elsewhere
        maker = makers[bundle.artifact].located
        for index, container in enumerate(definition["containerDefinitions"]):
            name, image = container["name"], container["image"]
            built = any(pushed.container == name for pushed in maker.action.pushes())
            if built and (maker.path, name) not in brought and not str(image).startswith("<"):
                text = f"the container {quoted(name)} runs {quoted(image)}, and no action deploys the image "
                text += f"that {maker.words} builds for it"
                fix = "leave out image, so that the deployment brings it, or take the container off the build"
                path = (*each.located.path, "task_definition", "containers", index, "image")
                yield Problem("deploy-images", path, text, fix, severity="warning")


def _artifacts(wired: WiredAction) -> Iterator[str]:
    yield from (wired.located.action.artifact_name(output.name) for output in wired.located.action.makes())


def _brought(wired: Wired, maker: WiredAction) -> Iterator[str]:
    """The containers whose images a reader takes from a build."""
    if isinstance(wired.requires, ImageDetailFile):
        yield wired.requires.container
    elif isinstance(wired.requires, ImageDefinitionsFile):
        yield from wired.requires.containers or [str(pushed.container) for pushed in maker.located.action.pushes()]


def _bypassed_builds(actions: Sequence[WiredAction]) -> Iterator[Problem]:
    """Image definitions of a source, in a pipeline that builds images and writes them itself."""
    for each in actions:
        for read, wired in zip(each.reads, each.inputs, strict=False):
            if not isinstance(wired.requires, ImageDefinitionsFile) or not _may_lack(wired):
                continue
            earlier = [by.located for by in actions if by.located.order < each.located.order]
            builds = [by for by in earlier if by.action.pushes() or _lists(by, wired)]
            if builds:
                file = wired.requires.file
                text = f"{each.located.words} reads {file} in {wired.artifact}, not what {builds[0].words} writes"
                fix = f"name the build, {builds[0].reference}, if its images are to be deployed"
                yield Problem("artifact-contents", (*each.located.path, *read.path), text, fix, severity="warning")


def _misspelt_outputs(actions: Sequence[WiredAction]) -> Iterator[Problem]:
    """Keys in files with the outputs of a stack, in another case than where the action that writes it names them. Its
    other outputs are not known."""
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
                text = f"key is {quoted(key)}, and {wired.artifact} has the output {near} of its stack"
                yield Problem("output-key", path, text, f"did you mean {near}?", "warning")


def _lists(by: LocatedAction, wired: Wired) -> bool:
    """Whether an action makes an artifact that names the files which are read from another."""
    made = [output.contents for output in by.action.makes()]
    return any(isinstance(each, Files) and all(map(each.lists, wired.requires.files)) for each in made)


def _may_lack(wired: Wired) -> bool:
    """Whether an artifact has the file only perhaps."""
    contents, files = wired.contents, wired.requires.files
    is_listed = isinstance(contents, Files) and all(map(contents.lists, files))
    return isinstance(contents, SourceTree | Files) and not is_listed


def _most(wired: WiredAction) -> int | None:
    return wired.located.action.action_type.input_megabytes


def _without_images(actions: Sequence[WiredAction]) -> Iterator[Problem]:
    """A build that copies a task definition fills in no image where the deployment brings none."""
    for each in actions:
        located = each.located
        for wired in each.inputs:
            required, contents = wired.requires, wired.contents
            if not isinstance(required, BundleFiles) or not isinstance(contents, DeploymentBundle):
                continue
            if not required.placeholders and isinstance(required.task_definition, str):
                text = f"{located.words} brings no image of those that the build makes"
                fix = "list the containers that get theirs from the build under images"
                yield Problem("deploy-images", (*located.path, "images"), text, fix)
