"""Artifacts: made, made earlier, holding what their reader needs, and not too many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipegen.artifact import DeploymentBundle, SourceTree
from pipegen.errors import Problem
from pipegen.pipeline import Pipeline
from pipegen.wiring import Wiring


def artifacts(pipeline: Pipeline, links: Wiring) -> Iterator[Problem]:
    yield from links.problems
    yield from _counts(pipeline, links)
    yield from _read_twice(pipeline, links)
    yield from _conflicting_files(pipeline, links)
    yield from _whole_sources(pipeline, links)
    yield from _without_images(pipeline, links)


def _counts(pipeline: Pipeline, links: Wiring) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-action-artifacts.html"""
    for located in pipeline.located():
        action = located.action
        wired = [each.artifact for each in links.inputs.get(located.path, ())]
        shared = 0 if located.distinct_inputs else len(wired) - len(set(wired))
        for verb, field_name, number, (low, high) in (
            ("reads", "extra_inputs", len(links.reads[located.path]) - shared, action.action_type.inputs),
            ("makes", "outputs", len(links.made_by(located)), action.action_type.outputs),
        ):
            if not low <= number <= high:
                text = f"{located.words} {verb} {number} artifacts"
                fix = f"{action.action_type.provider} takes {low} to {high}"
                yield Problem("artifact-count", (*located.path, field_name), text, fix)
    for each in pipeline.rules():
        low, high = each.rule.input_count
        reads = links.reads[each.path]
        if not low <= len(reads) <= high:
            text = f"{each.words} reads {len(reads)} artifacts"
            path = (*each.path, reads[-1].path[0])
            yield Problem("artifact-count", path, text, f"{each.rule.provider} takes {low} to {high}")


def _read_twice(pipeline: Pipeline, links: Wiring) -> Iterator[Problem]:
    for reader in pipeline.readers():
        read = [wired.artifact for wired in links.inputs.get(reader.path, ())] if reader.distinct_inputs else []
        for artifact in dict.fromkeys(each for each in read if read.count(each) > 1):
            text = f"{reader.words} reads {artifact} more than once"
            path = (*reader.path, links.reads[reader.path][-1].path[0])
            yield Problem("artifact-duplicate", path, text, "name it once")


def _conflicting_files(pipeline: Pipeline, links: Wiring) -> Iterator[Problem]:
    """Two readers of one file that want different things in it."""
    asked: dict[tuple[str, str], tuple[object, str]] = {}
    for located in pipeline.located():
        for wired in links.inputs.get(located.path, ()):
            for file, content in wired.wish.wants(wired.reader).items():
                first, who = asked.setdefault((wired.artifact, file), (content, located.words))
                if first != content:
                    text = f"{located.words} and {who} want different things in {file}"
                    fix = "give one of them a file_name of its own"
                    yield Problem("artifact-conflict", (*located.path, "containers"), text, fix)
    yield from _left_out(pipeline, links, asked)


def _left_out(
    pipeline: Pipeline, links: Wiring, asked: Mapping[tuple[str, str], tuple[object, str]]
) -> Iterator[Problem]:
    """Readers that count on what those who decide about a file do not want in it."""
    for located in pipeline.located():
        for wired in links.inputs.get(located.path, ()):
            for file, needed in wired.wish.counts_on().items():
                wanted, who = asked.get((wired.artifact, file), ((), ""))
                missing = [each for each in needed if isinstance(wanted, tuple) and wanted and each not in wanted]
                if missing:
                    text = f"{located.words} reads {', '.join(missing)} in {file}, which {who} leaves out"
                    fix = f"add it to the containers of {who}, or name the file of another deploy"
                    yield Problem("artifact-conflict", (*located.path, "parameters"), text, fix)


def _whole_sources(pipeline: Pipeline, links: Wiring) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""
    for located in pipeline.located():
        most = located.action.action_type.input_megabytes
        sources = [each for each in links.inputs.get(located.path, ()) if isinstance(each.contents, SourceTree)]
        for artifact in dict.fromkeys(each.artifact for each in sources if most is not None):
            text = f"{located.words} reads the whole source {artifact}, and takes {most} MB of it, compressed"
            fix = "keep the repository small, or hand on only the files from a codebuild action's output"
            yield Problem("artifact-size", located.path, text, fix, severity="warning")


def _without_images(pipeline: Pipeline, links: Wiring) -> Iterator[Problem]:
    """A build that copies a task definition fills in no image where the deployment brings none."""
    for located in pipeline.located():
        for wired in links.inputs.get(located.path, ()):
            wish, holds = wired.wish, wired.contents
            if isinstance(wish, DeploymentBundle) and isinstance(holds, DeploymentBundle) and not wish.placeholders:
                text = f"{located.words} brings no image of those that the build makes"
                fix = "list the containers that get theirs from the build under images"
                if isinstance(wish.task_definition, str):
                    yield Problem("deploy-images", (*located.path, "images"), text, fix)
