"""CodeBuild projects of all build actions: environment, cache, network, logs, role.

The kinds of build actions add a buildspec. Sources: https://docs.aws.amazon.com/codebuild/latest/userguide/
(build-env-ref-available, build-env-ref-compute-types, build-caching, vpc-support, setting-up-service-role).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Annotated, Any, ClassVar, Literal

from troposphere import AWSObject, GetAtt, Ref, codebuild

from pipegen.codebuild.cache import Cache, cache_grants, cache_problems, project_cache
from pipegen.codebuild.commands import command_problems, has_own_image
from pipegen.codebuild.curated import IMAGES, machine_problems
from pipegen.codebuild.environment import (
    Variables,
    action_environment_problems,
    action_variables,
    environment_grants,
    environment_problems,
    typed,
)
from pipegen.codebuild.runs import run_configuration, start_grant
from pipegen.codebuild.vpc import vpc_config, vpc_grants
from pipegen.errors import Problem
from pipegen.fields.aws import ConfigurationKey, Property
from pipegen.fields.constraints import Between
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant, ServiceRole, grant_problems, key_use, objects_of
from pipegen.model.encryption import EncryptionKey, encrypt
from pipegen.model.image_pulls import pull_grants, repositories_of, sources_of
from pipegen.model.log_group import RetentionDays, log_grant, log_group
from pipegen.model.network import Vpc
from pipegen.pipeline.action import INPUT_ARTIFACTS, Action
from pipegen.pipeline.artifact import Contents, GitClone, Reference
from pipegen.pipeline.binding import Bound, Context
from pipegen.pipeline.requirement import AnyArtifact, AnyTree, Input, Requirement
from pipegen.references.kinds import KEY, ROLE, ROLE_NAME
from pipegen.references.mark import Refers
from pipegen.syntax import names
from pipegen.values.create import create
from pipegen.values.number import IntegerValue, known
from pipegen.values.shape import arn_or_name
from pipegen.values.value import Text, Value, arn

LIMIT_MINUTES, TEST_LIMIT_MINUTES = 2160, 480
"""The longest build: CodeBuild allows 36 hours, and CodePipeline waits as long for actions of category Build, but only
8 hours for those of category Test.
https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html
https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""

DEFAULT_RETENTION = 90

ComputeType = Literal[
    "BUILD_GENERAL1_SMALL",
    "BUILD_GENERAL1_MEDIUM",
    "BUILD_GENERAL1_LARGE",
    "BUILD_GENERAL1_XLARGE",
    "BUILD_GENERAL1_2XLARGE",
]


@frozen(kw_only=True)
class BuildAction(Action):
    """The common fields of actions that run builds of CodeBuild.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html"""

    aws_type: ClassVar[str] = "AWS::CodeBuild::Project"

    input: Annotated[Reference[Contents], INPUT_ARTIFACTS] | None = None
    """The artifact in whose directory the build starts. Default: the only source tree."""
    extra_inputs: Annotated[Sequence[Reference[Contents]], INPUT_ARTIFACTS] = ()
    """Additional artifacts, at most four, in the directories `$CODEBUILD_SRC_DIR_<artifact>`."""
    environment: Annotated[Variables, Property("Environment.EnvironmentVariables")] = field(default_factory=dict)
    """Environment variables of the project."""
    action_environment: Annotated[Variables, ConfigurationKey("EnvironmentVariables")] = field(default_factory=dict)
    """Environment variables of this action, which take precedence over those of the project. Plain values may use
    `#{namespace.variable}`. All together have at most 1,000 characters of JSON:
    https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""
    platform: Annotated[Literal["amd64", "arm64"], Property("Environment.Type")] = "amd64"
    """The platform of the build image and of the build host. Default: amd64."""
    image: Annotated[Value, Property("Environment.Image")] | None = None
    """The build image. Default: AWS's newest Amazon Linux image of the platform.
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-available.html"""
    compute_type: Annotated[ComputeType, Property("Environment.ComputeType")] = "BUILD_GENERAL1_SMALL"
    """The compute type. Default: BUILD_GENERAL1_SMALL.
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-compute-types.html"""
    cache: Annotated[Cache, Property("Cache")] = field(default_factory=Cache)
    """Files that a build caches for later builds. Default: none."""
    vpc: Annotated[Vpc, Property("VpcConfig")] | None = None
    """The network of the build. Default: a network of CodeBuild with access to the internet.
    https://docs.aws.amazon.com/codebuild/latest/userguide/vpc-support.html"""
    timeout_minutes: Annotated[IntegerValue, Between(5, LIMIT_MINUTES), Property("TimeoutInMinutes")] | None = None
    """Minutes after which a build is stopped; at most 480 in an action of the category Test. Default: 60.
    https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html
    https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""
    queued_timeout_minutes: Annotated[IntegerValue, Between(5, 480), Property("QueuedTimeoutInMinutes")] = 480
    """Minutes after which a build in the queue times out. Default: 480.
    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html"""
    runtime_versions: Mapping[str, Text] = field(default_factory=dict)
    """Versions of the runtimes in the build image, such as `nodejs: "22"`.
    https://docs.aws.amazon.com/codebuild/latest/userguide/runtime-versions.html"""
    grants: Sequence[Grant] = ()
    """Additional permissions for the commands."""
    role: Annotated[Value, Refers(ROLE_NAME, ROLE), Property("ServiceRole")] | None = None
    """The name or ARN of an existing role with which builds run. It needs the permissions that pipegen gives to a role
    that the stack creates. Default: a role that the stack creates."""
    decrypt_keys: Sequence[Annotated[Value, Refers(KEY)]] = ()
    """ARNs of the customer managed KMS keys that encrypt the parameters and secrets of the environment."""
    log_retention_days: RetentionDays = DEFAULT_RETENTION
    """Days for which CloudWatch Logs keeps the log of the build; 0 keeps it forever. Default: 90. With a foundation,
    set it in the foundation. CloudWatch supports these numbers:
    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""
    encryption_key: Annotated[EncryptionKey, Property("AWS::Logs::LogGroup.KmsKeyId")] | None = None
    """The ARN of the KMS key that encrypts the log of the build. Default: the `encryption_key` of the definition. The
    artifact store's key encrypts what the build writes. With a foundation, set it in the foundation."""
    concurrent_build_limit: Annotated[IntegerValue, Between(1, 1000), Property("ConcurrentBuildLimit")] | None = None
    """The number of builds of the project that can run at the same time. Default: the limit of the account.
    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html"""

    def reads(self) -> Sequence[Input]:
        extra = (
            Input(path=("extra_inputs", index), requires=AnyArtifact(), artifact=artifact)
            for index, artifact in enumerate(self.extra_inputs)
        )
        return (Input(path=("input",), requires=self.requires(), artifact=self.input), *extra)

    def requires(self) -> Requirement:
        """The requirement of `input`: any artifact if it is set, otherwise a source tree."""
        return AnyTree() if self.input is None else AnyArtifact()

    def problems(self) -> Iterator[Problem]:
        yield from machine_problems(self.image, self.platform, self.runtime_versions)
        yield from _limit_problems(self)
        reserved = self.reserved_variables()
        yield from command_problems(
            *self.script,
            {*self.environment, *self.action_environment, *reserved},
            has_docker=self.runs_docker,
            is_own_image=has_own_image(self.image),
        )
        parts = {
            "environment": environment_problems(self.environment, reserved),
            "action_environment": action_environment_problems(self.environment, self.action_environment, reserved),
            "cache": cache_problems(
                self.cache,
                in_vpc=self.vpc is not None,
                compute=self.compute_type,
                runs_docker=self.runs_docker,
                buildspec=self.buildspec_file,
            ),
        }
        for field_name, problems in parts.items():
            for problem in problems:
                yield problem.under(field_name)
        yield from grant_problems(self.grants)
        for name in ("grants", "decrypt_keys"):
            if self.role is not None and getattr(self, name):
                text = f"{name} cannot be added to the existing role of the build"
                yield Problem("build-role", (name,), text, f"remove {name} and change that role, or remove role")

    def foundation_problems(self) -> Iterator[Problem]:
        if self.log_retention_days != DEFAULT_RETENTION:
            text = "log_retention_days has no effect, because the foundation sets the retention of build logs"
            yield Problem(
                "foundation-retention", ("log_retention_days",), text, "remove it, or set it in the foundation"
            )
        if self.encryption_key is not None:
            text = "encryption_key has no effect, because the foundation sets the key of build logs"
            yield Problem("foundation-retention", ("encryption_key",), text, "remove it, or set it in the foundation")

    @property
    def minutes(self) -> int:
        """The timeout of a build."""
        timeout = known(self.timeout_minutes)
        return self.default_minutes if timeout is None else timeout

    @property
    def default_minutes(self) -> int:
        """The default of `timeout_minutes`."""
        return 60

    @property
    def runs_docker(self) -> bool:
        """Whether the build runs the Docker daemon, which requires privileged mode."""
        return False

    @property
    def buildspec_file(self) -> str | None:
        """The path of the buildspec file in the source, if there is one."""
        return None

    @property
    def script(self) -> tuple[str, Sequence[str]]:
        """The commands that the build runs, with the name of their field."""
        return "", ()

    def reserved_variables(self) -> frozenset[str]:
        """The names of variables that the build's own script uses."""
        return frozenset()

    @property
    def artifact_role(self) -> tuple[str, Value | None] | None:
        return None if self.role is None else ("role", self.role)

    def project_name(self, context: Context) -> str:
        """The name of the project."""
        return names.shorten(names.hyphenated(f"{context.definition}-{self.name}", "_"), names.PROJECT_LIMIT)

    def bind_project(
        self,
        context: Context,
        *,
        buildspec: str,
        variables: Mapping[str, Value] | None = None,
        grants: Sequence[Grant] = (),
    ) -> Bound:
        """Create the project with a buildspec, its log group and role, and the pipeline's permissions to run it."""
        project = _Project(self, context)
        own = (*project.grants(), *grants, *self.grants)
        return Bound(
            configuration=project.configuration(),
            grants=(start_grant(project.arn),),
            resources=project.resources(buildspec, variables or {}),
            roles=(project.role(own),) if self.role is None else (),
        )


@frozen
class _Project:
    """The resources of one build action."""

    build: BuildAction
    context: Context

    @property
    def name(self) -> str:
        return self.build.project_name(self.context)

    @property
    def arn(self) -> Value:
        return arn("codebuild", "project/", self.name)

    def logical_id(self, noun: str) -> str:
        return names.logical_id(self.build.name, noun)

    def configuration(self) -> dict[str, Value | int | bool]:
        project = self.name if self.context.is_away else Ref(self.logical_id("Project"))
        return run_configuration(project, self.build.action_environment, self.context)

    @property
    def role_arn(self) -> Value:
        existing = self.build.role
        if existing is None:
            return GetAtt(self.logical_id("ProjectRole"), "Arn")
        return arn_or_name(existing, "iam", "role/", region="")

    def role(self, grants: Sequence[Grant]) -> ServiceRole:
        return ServiceRole(
            logical_id=self.logical_id("ProjectRole"),
            service="codebuild.amazonaws.com",
            grants=grants,
            source_arn=self.arn,
        )

    def grants(self) -> Iterator[Grant]:
        """https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html"""
        shared = self.context.build_log_group
        yield log_grant(f"/aws/codebuild/{self.name}") if shared is None else log_grant(shared, self.name)
        bucket = self.context.bucket_arn
        objects = ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject")
        yield Grant(actions=objects, resources=(objects_of(bucket),), because="reads inputs and writes outputs")
        yield Grant(
            actions=("s3:GetBucketAcl", "s3:GetBucketLocation"),
            resources=(bucket,),
            because="checks the owner and region of the bucket",
        )
        if self.context.key_arn is not None:
            yield key_use(self.context.key_arn)
        for wired in self.context.inputs:
            if isinstance(wired.contents, GitClone):
                yield from wired.contents.reader_grants
        yield from environment_grants({**self.build.environment, **self.build.action_environment})
        yield from _image_grants(self.build.image)
        if self.build.decrypt_keys:
            yield Grant(
                actions=("kms:Decrypt",),
                resources=self.build.decrypt_keys,
                because="decrypts parameters and secrets",
            )
        yield from cache_grants(self.build.cache)
        if self.build.vpc is not None:
            yield from vpc_grants(self.build.vpc)

    def resources(self, buildspec: str, variables: Mapping[str, Value]) -> tuple[AWSObject, ...]:
        project = self._project(buildspec, variables)
        if self.context.build_log_group is not None:
            return (project,)
        group = log_group(
            self.logical_id("LogGroup"),
            f"/aws/codebuild/{self.name}",
            self.build.log_retention_days,
            "CloudWatch Logs encrypts with its own key; build logs contain no secrets",
        )
        return (encrypt(group, self.build.encryption_key), project)

    def _project(self, buildspec: str, variables: Mapping[str, Value]) -> codebuild.Project:
        build = self.build
        optional: dict[str, Any] = {
            "Cache": project_cache(build.cache),
            "ConcurrentBuildLimit": build.concurrent_build_limit,
            "EncryptionKey": self.context.key_arn,
            "VpcConfig": vpc_config(build.vpc) if build.vpc is not None else None,
        }
        return create(
            codebuild.Project,
            self.logical_id("Project"),
            Name=self.name,
            ServiceRole=self.role_arn,
            Source=create(codebuild.Source, Type="CODEPIPELINE", BuildSpec=buildspec),
            Artifacts=create(codebuild.Artifacts, Type="CODEPIPELINE"),
            Environment=self._environment(variables),
            LogsConfig=create(codebuild.LogsConfig, CloudWatchLogs=self._logs()),
            TimeoutInMinutes=build.minutes if build.timeout_minutes is None else build.timeout_minutes,
            QueuedTimeoutInMinutes=build.queued_timeout_minutes,
            **{name: value for name, value in optional.items() if value is not None},
        )

    def _logs(self) -> codebuild.CloudWatchLogs:
        """The name of a stream is that of the build, with `StreamName` and a slash as prefix if it is set.
        https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CloudWatchLogsConfig.html"""
        shared = self.context.build_log_group
        if shared is None:
            return create(codebuild.CloudWatchLogs, Status="ENABLED", GroupName=Ref(self.logical_id("LogGroup")))
        return create(codebuild.CloudWatchLogs, Status="ENABLED", GroupName=shared, StreamName=self.name)

    def _environment(self, variables: Mapping[str, Value]) -> codebuild.Environment:
        environment_type, curated = IMAGES[self.build.platform]
        image = self.build.image or curated
        environment = [
            create(codebuild.EnvironmentVariable, Name=name, Type=kind, Value=value)
            for name, kind, value in typed({**variables, **self.build.environment})
        ]
        optional: dict[str, Any] = {"EnvironmentVariables": environment} if environment else {}
        if credentials := _pull_credentials(image):
            optional["ImagePullCredentialsType"] = credentials
        return create(
            codebuild.Environment,
            Type=environment_type,
            Image=image,
            ComputeType=self.build.compute_type,
            PrivilegedMode=self.build.runs_docker,
            **optional,
        )


def _pull_credentials(image: Value) -> str | None:
    """Images in ECR are pulled with the project's role. CodeBuild's own images must be pulled with CodeBuild's
    credentials, the default, which are also used for public images.
    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectEnvironment.html"""
    sources = sources_of(image)
    if sources == {"ecr"}:
        return "SERVICE_ROLE"
    return None if isinstance(image, str) else "CODEBUILD"


def _image_grants(image: Value | None) -> Iterator[Grant]:
    if image is not None:
        yield from pull_grants([*repositories_of(image)], "pulls the build image")


def _limit_problems(build: BuildAction) -> Iterator[Problem]:
    is_test = build.action_type.category == "Test"
    timeout = known(build.timeout_minutes)
    if is_test and timeout and TEST_LIMIT_MINUTES < timeout <= LIMIT_MINUTES:
        text = f"timeout_minutes must be at most {TEST_LIMIT_MINUTES} with category Test, got {timeout}"
        fix = "lower timeout_minutes, or use category: Build"
        yield Problem("build-limit", ("timeout_minutes",), text, fix)
    if build.action_environment:
        variables = action_variables(build.action_environment)
        length = len(variables) if isinstance(variables, str) else len(str(variables.to_dict()))
        if length > 1000:
            text = f"action_environment must have at most 1,000 characters of JSON, got {length:,}"
            yield Problem("configuration-length", ("action_environment",), text, "move variables to environment")
