"""A CodeBuild project that runs a team's own commands, or the buildspec file in their source.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Literal

from pipegen import names
from pipegen.action import ActionType, Bound, Context
from pipegen.artifact import Artifact, Files, Output
from pipegen.builds.buildspec import ArtifactFiles, Buildspec
from pipegen.builds.deploying import looks_like_deployment
from pipegen.builds.environment import ParameterStore, SecretsManager
from pipegen.builds.project import BuildAction, uses_git
from pipegen.errors import Problem, one_line
from pipegen.files import is_relative
from pipegen.grant import Grant
from pipegen.model import Model
from pipegen.values import arn

ReportFormat = Literal[
    "JUNITXML",
    "CUCUMBERJSON",
    "NUNITXML",
    "NUNIT3XML",
    "TESTNGXML",
    "VISUALSTUDIOTRX",
    "CLOVERXML",
    "COBERTURAXML",
    "JACOCOXML",
    "SIMPLECOV",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Model):
    """A test or coverage report. files: patterns, relative to `base_directory`.
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#reports-buildspec-file"""

    files: Sequence[str]
    format: ReportFormat = "JUNITXML"
    base_directory: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOutput(Model):
    """An artifact that the build hands on under `name`: file patterns, relative to `base_directory`."""

    name: str
    files: Sequence[str]
    base_directory: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeBuild(BuildAction):
    """Any commands in a CodeBuild project.

    commands: run in bash one after the other, as they are; the first that fails ends the build. Or buildspec: the path
        of a buildspec file in the source, or the ARN of one in a bucket of the same region, which then says itself what
        it writes and reports.
    category: whether the pipeline shows it as Build or as Test.
    outputs: artifacts that it hands on, at most 5. reports: at most 5, by name.
    exported_variables: variables of the build that later actions may use as `#{namespace.variable}`.
    docker: let the commands use docker (privileged mode).
    """

    kind: Literal["codebuild"] = "codebuild"
    commands: Sequence[str] = ()
    buildspec: str | None = None
    category: Literal["Build", "Test"] = "Build"
    outputs: Sequence[BuildOutput] = ()
    reports: Mapping[str, Report] = field(default_factory=dict)
    exported_variables: Sequence[str] = ()
    docker: bool = False

    @property
    def action_type(self) -> ActionType:
        return ActionType(category=self.category, provider="CodeBuild", inputs=(1, 5), outputs=(0, 5))

    @property
    def runs_docker(self) -> bool:
        return self.docker

    @property
    def buildspec_file(self) -> str | None:
        return self.buildspec

    def output(self, name: str) -> Artifact[Files]:
        return self.reference(name)

    def makes(self) -> Sequence[Output]:
        # A buildspec file of the user's writes all of its artifacts, whoever reads them.
        always = self.buildspec is not None
        return [Output(name=output.name, holds=Files(files=output.files), always=always) for output in self.outputs]

    def own_variables(self) -> AbstractSet[str]:
        return frozenset(self.exported_variables)

    @property
    def seems_to_deploy(self) -> bool:
        return self.category == "Build" and looks_like_deployment(self.name, self.commands, self.grants)

    def problems(self) -> Iterator[Problem]:
        yield from BuildAction.problems(self)
        if bool(self.commands) == (self.buildspec is not None):
            text = "a build runs either commands or a buildspec file"
            yield Problem("build-commands", ("commands",), text, "give one of commands and buildspec")
        if self.buildspec is not None:
            yield from self._buildspec_problems(self.buildspec)
        yield from self._output_problems()
        yield from self._report_problems()
        yield from self._export_problems()

    def _output_problems(self) -> Iterator[Problem]:
        for index, output in enumerate(self.outputs):
            if not names.OUTPUT.matches(output.name):
                text = f"{output.name!r} is no output name"
                yield Problem("output-name", ("outputs", index, "name"), text, names.OUTPUT.words)
            if output.name in [other.name for other in self.outputs[:index]]:
                text = f"there is an output {output.name} already"
                yield Problem("duplicate-name", ("outputs", index, "name"), text, "rename one")
            if not output.files:
                yield Problem("output-files", ("outputs", index, "files"), "no files are listed", "list some, or **/*")

    def _report_problems(self) -> Iterator[Problem]:
        for name, report in self.reports.items():
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", name) or not report.files:
                text = f"{name!r} is no report: a name of letters, digits, _ or -, and files"
                yield Problem("build-report", ("reports", name), text, "such as unit: {files: ['*.xml']}")
        if len(self.reports) > 5:
            text = f"{len(self.reports)} reports"
            yield Problem("build-limit", ("reports",), text, "CodeBuild takes 5 at most for one build")

    def _export_problems(self) -> Iterator[Problem]:
        for index, name in enumerate(self.exported_variables):
            value = self.environment.get(name) or self.action_environment.get(name)
            if isinstance(value, ParameterStore | SecretsManager):
                text = f"{name} is a secret; what is exported is shown in the console and may end up in messages"
                yield Problem("export-secret", ("exported_variables", index), text, "do not export it")
            if not names.ENVIRONMENT.matches(name) or name.startswith("AWS_"):
                text = f"{name!r} cannot be exported"
                fix = f"{names.ENVIRONMENT.words}; AWS_ may not be exported"
                yield Problem("environment-name", ("exported_variables", index), text, fix)

    def _buildspec_problems(self, buildspec: str) -> Iterator[Problem]:
        is_file = is_relative(buildspec) and "://" not in buildspec
        if not (_OBJECT.fullmatch(buildspec) if buildspec.startswith("arn:") else is_file):
            text = f"buildspec is {one_line(repr(buildspec), 80)}, neither a path nor the ARN of an object in S3"
            fix = "give a relative path, such as ci/buildspec.yml, or an ARN such as arn:aws:s3:::bucket/buildspec.yml"
            yield Problem("file-name", ("buildspec",), text, fix)
        for field_name in ("reports", "runtime_versions"):
            if getattr(self, field_name):
                text = f"{field_name} belongs into the buildspec file {buildspec}"
                yield Problem("build-commands", (field_name,), text, "move it there, or use commands instead")

    def bind(self, context: Context) -> Bound:
        reports = self._report_grants(context) if self.reports else ()
        text = self.buildspec or self._text(context)
        return self.bind_project(context, buildspec=text, grants=(*reports, *_buildspec_grants(text)))

    def _text(self, context: Context) -> str:
        wanted = [output for output in self.outputs if output.name in context.requests]
        return Buildspec(
            commands=self.commands,
            runtime_versions=self.runtime_versions,
            exported=self.exported_variables,
            reports={name: _report(report) for name, report in self.reports.items()},
            artifacts=[
                ArtifactFiles(
                    name=self.artifact_name(output.name), files=output.files, base_directory=output.base_directory
                )
                for output in wanted
            ],
            cache_paths=self.cache.paths,
            uses_git=uses_git(context.inputs, self.commands),
        ).text()

    def _report_grants(self, context: Context) -> tuple[Grant, ...]:
        """https://docs.aws.amazon.com/codebuild/latest/userguide/test-permissions.html"""
        actions = ("BatchPutCodeCoverages", "BatchPutTestCases", "CreateReport", "CreateReportGroup", "UpdateReport")
        groups = [arn("codebuild", "report-group/", self.project_name(context), f"-{name}") for name in self.reports]
        return (
            Grant(
                actions=[f"codebuild:{action}" for action in actions],
                resources=groups,
                because="writes its test reports",
            ),
        )


_OBJECT = re.compile(r"(?P<bucket>arn:aws[a-z-]*:s3:::[a-z0-9.-]+)/.+")


def _buildspec_grants(buildspec: str) -> Iterator[Grant]:
    """A buildspec file in a bucket is read with the project's role.
    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectSource.html (buildspec)"""
    if found := _OBJECT.fullmatch(buildspec):
        actions = ("s3:GetObject", "s3:GetObjectVersion")
        yield Grant(actions=actions, resources=(buildspec,), because="reads its buildspec file")
        yield Grant(
            actions=("s3:GetBucketLocation",), resources=(found["bucket"],), because="finds the bucket of that file"
        )


def _report(report: Report) -> dict[str, Any]:
    found: dict[str, Any] = {"files": report.files, "file-format": report.format}
    if report.base_directory is not None:
        found["base-directory"] = report.base_directory
    return found
