"""CodeBuild actions: a project that runs commands or a buildspec file.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import MISSING, field, fields
from typing import Annotated, Any, Literal

from pipegen.codebuild.buildspec import ArtifactFiles, Buildspec
from pipegen.codebuild.commands import has_own_image, unset_exports, uses_git
from pipegen.codebuild.deploying import looks_like_deployment
from pipegen.codebuild.environment import ParameterStore, SecretsManager, action_environment_problems
from pipegen.codebuild.inline_buildspec import inline_problems, is_inline
from pipegen.codebuild.outputs import BuildOutput, Report
from pipegen.codebuild.project import BuildAction
from pipegen.codebuild.runs import bind_existing
from pipegen.errors import Path, Problem, quoted
from pipegen.fields.aws import ConfigurationKey, Property
from pipegen.fields.constraints import Length, Matches
from pipegen.fields.gaps import is_known
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.pipeline.action import ActionType, variable_of
from pipegen.pipeline.artifact import Artifact, Files, Output
from pipegen.pipeline.binding import Bound, Context
from pipegen.references.kinds import PROJECT
from pipegen.references.mark import Refers
from pipegen.syntax import names
from pipegen.syntax.paths import is_relative
from pipegen.values.value import Value, arn

_EXPORTED = Matches(
    rf"(?!AWS_){names.ENVIRONMENT.expression}",
    "a letter or _, then letters, digits or _; AWS_ and CODEBUILD_ are reserved",
    names.ENVIRONMENT.source,
)

_REPORT = Matches(
    r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}",
    "1 to 100 letters, digits, or _ - (not first: _ -)",
    "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#reports-buildspec-file",
)


@frozen(kw_only=True)
class CodeBuild(BuildAction):
    """A CodeBuild project that runs commands, or a buildspec file.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html"""

    kind: Literal["codebuild"] = "codebuild"
    project: Annotated[Value, Refers(PROJECT), ConfigurationKey("ProjectName")] | None = None
    """The name of an existing project in the pipeline's account and region, with its settings, role and buildspec. The
    action only sets inputs, outputs and variables. The role needs access to the artifact bucket and its key. With
    `runs_in`, the project is in that account and region, and `role` is its role, which the policies of a created bucket
    and key allow to use them. Default: a project that the stack creates."""
    commands: Sequence[str] = ()
    """Commands that run in bash, one after another. The build stops at the first failure. Set either `commands` or
    `buildspec`."""
    buildspec: Annotated[str, Property("Source.BuildSpec")] | None = None
    """The path of a buildspec file in the source, or the ARN of one in a bucket in the same region. The file sets its
    artifacts, reports and runtime versions:
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html"""
    category: Annotated[Literal["Build", "Test"], Property("AWS::CodePipeline::Pipeline.ActionTypeId.Category")] = (
        "Build"
    )
    """Whether the pipeline shows the action as Build or as Test. Default: Build."""
    outputs: Sequence[BuildOutput] = ()
    """The artifacts that the build creates, at most 5."""
    reports: Annotated[Mapping[Annotated[str, _REPORT], Report], Length(0, 5, "reports")] = field(default_factory=dict)
    """Test and coverage reports by name.
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#reports-buildspec-file"""
    exported_variables: Sequence[Annotated[str, _EXPORTED]] = ()
    """Environment variables of the build that later actions may use as `#{namespace.variable}`.
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.exported-variables"""
    docker: Annotated[bool, Property("Environment.PrivilegedMode")] = False
    """Whether the commands can use Docker. The build then runs in privileged mode. Default: false."""

    @property
    def action_type(self) -> ActionType:
        return ActionType(category=self.category, provider="CodeBuild", inputs=(1, 5), outputs=(0, 5))

    @property
    def script(self) -> tuple[str, Sequence[str]]:
        return "commands", self.commands

    @property
    def runs_docker(self) -> bool:
        return self.docker

    @property
    def buildspec_file(self) -> str | None:
        return self.buildspec

    @property
    def artifact_role(self) -> tuple[str, Value | None] | None:
        if self.role is not None:
            return ("role", self.role)
        return ("project", None) if self.project is not None else None

    def output(self, name: str) -> Artifact[Files]:
        return self.reference(name)

    def makes(self) -> Sequence[Output]:
        # A buildspec file creates all of its artifacts, whether they are read or not.
        always = self.buildspec is not None or self.project is not None
        return [Output(name=output.name, contents=Files(files=output.files), always=always) for output in self.outputs]

    def variable(self, name: str) -> str:
        return variable_of(self, name)

    def own_variables(self) -> AbstractSet[str]:
        return frozenset(self.exported_variables)

    def scripts(self) -> Iterator[tuple[Path, str]]:
        yield from ((("commands", index), command) for index, command in enumerate(self.commands))

    @property
    def may_deploy(self) -> bool:
        return self.category == "Build" and looks_like_deployment(self.name, self.commands, self.grants)

    def problems(self) -> Iterator[Problem]:
        if self.project is not None:
            yield from self._project_problems(self.project)
            return
        yield from BuildAction.problems(self)
        if bool(self.commands) == (self.buildspec is not None):
            text = "commands and buildspec cannot both be set" if self.commands else "commands is missing"
            fix = "remove one of them" if self.commands else "add commands or buildspec"
            yield Problem("build-commands", ("commands",), text, fix)
        if self.buildspec is not None:
            yield from self._buildspec_problems(self.buildspec)
        yield from self._output_problems()
        yield from self._export_problems()

    def _project_problems(self, project: Value) -> Iterator[Problem]:
        for each in fields(self):
            default = each.default_factory() if each.default_factory is not MISSING else each.default
            if each.name == "role" and self.runs_in is not None:
                continue  # in another account, the policies of the artifact store name the role of the project
            if each.name not in _OF_ACTION and getattr(self, each.name) != default:
                text = f"{each.name} cannot be set with project, which has its own settings"
                yield Problem("build-project", (each.name,), text, f"remove {each.name}, or remove project")
        for problem in action_environment_problems({}, self.action_environment, frozenset()):
            yield problem.under("action_environment")
        yield from self._output_problems()

    def _output_problems(self) -> Iterator[Problem]:
        for index, output in enumerate(self.outputs):
            if output.name in [other.name for other in self.outputs[:index]]:
                text = f"two outputs are named {quoted(output.name)}"
                yield Problem("duplicate-name", ("outputs", index, "name"), text, "rename one of them")
            for position, pattern in enumerate(output.files):
                if pattern.startswith("/"):
                    text = f"files must be relative to base_directory, got {quoted(pattern, 60)}"
                    fix = "remove the slash, or set base_directory"
                    yield Problem("file-name", ("outputs", index, "files", position), text, fix, "warning")

    def _export_problems(self) -> Iterator[Problem]:
        for index, name in enumerate(self.exported_variables):
            value = self.environment.get(name) or self.action_environment.get(name)
            if isinstance(value, ParameterStore | SecretsManager):
                text = f"{name} is a secret, but exported variables are shown in the console"
                yield Problem("export-secret", ("exported_variables", index), text, "do not export it")
        if self.commands and not has_own_image(self.image):
            known = {*self.environment, *self.action_environment}
            yield from unset_exports(self.exported_variables, self.commands, known)

    def _buildspec_problems(self, buildspec: str) -> Iterator[Problem]:
        if is_inline(buildspec):
            known = {*self.environment, *self.action_environment}
            is_own = has_own_image(self.image)
            yield from inline_problems(buildspec, known, has_docker=self.docker, is_own_image=is_own)
            return
        if not is_known(buildspec):
            return
        is_file = is_relative(buildspec) and "://" not in buildspec
        if not (_OBJECT.fullmatch(buildspec) if buildspec.startswith("arn:") else is_file):
            text = f"buildspec must be a relative path or the ARN of an S3 object, got {quoted(buildspec)}"
            fix = "use a path such as ci/buildspec.yml, or an ARN such as arn:aws:s3:::bucket/buildspec.yml"
            yield Problem("file-name", ("buildspec",), text, fix)
        for field_name in ("reports", "runtime_versions"):
            if getattr(self, field_name):
                text = f"{field_name} cannot be set with buildspec; the file {buildspec} sets it"
                yield Problem("build-commands", (field_name,), text, "move it to the file, or use commands")

    def bind(self, context: Context) -> Bound:
        if self.project is not None:
            return bind_existing(self.project, self.action_environment, context)
        reports = self._report_grants(context) if self.reports else ()
        text = self.buildspec or self._text(context)
        return self.bind_project(context, buildspec=text, grants=(*reports, *_buildspec_grants(text)))

    def _text(self, context: Context) -> str:
        read = [output for output in self.outputs if output.name in context.requests]
        return Buildspec(
            commands=self.commands,
            runtime_versions=self.runtime_versions,
            exported=self.exported_variables,
            reports={name: _report(report) for name, report in self.reports.items()},
            artifacts=[
                ArtifactFiles(
                    name=self.artifact_name(output.name), files=output.files, base_directory=output.base_directory
                )
                for output in read
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
                because="writes test reports",
            ),
        )


_OF_ACTION = {
    *("action_environment", "category", "exported_variables", "extra_configuration", "extra_inputs"),
    *("input", "kind", "name", "namespace", "outputs", "project", "run_order", "runs_in"),
}
"""The fields of the action that are not about its project."""

_OBJECT = re.compile(r"(?P<bucket>arn:aws[a-z-]*:s3:::[a-z0-9.-]+)/.+")


def _buildspec_grants(buildspec: str) -> Iterator[Grant]:
    """Allow the project's role to read a buildspec file in a bucket.
    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectSource.html (buildspec)"""
    if match := _OBJECT.fullmatch(buildspec):
        actions = ("s3:GetObject", "s3:GetObjectVersion")
        yield Grant(actions=actions, resources=(buildspec,), because="reads the buildspec file")
        yield Grant(
            actions=("s3:GetBucketLocation",),
            resources=(match["bucket"],),
            because="locates the bucket of the buildspec file",
        )


def _report(report: Report) -> dict[str, Any]:
    section: dict[str, Any] = {"files": report.files, "file-format": report.format}
    if report.base_directory is not None:
        section["base-directory"] = report.base_directory
    return section
