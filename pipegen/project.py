"""A CodeBuild project, as every kind of build needs it: environment, cache, network, logs, role.

The kinds that build add a buildspec. Sources: https://docs.aws.amazon.com/codebuild/latest/userguide/
(build-env-ref-available, build-env-ref-compute-types, build-caching, vpc-support, setting-up-service-role).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from troposphere import AWSHelperFn, AWSObject, GetAtt, Ref, codebuild, logs

from pipegen import names
from pipegen.accepted import accepted
from pipegen.action import Action, Bound, Context
from pipegen.artifact import Anything, Contents, GitClone, Input, Reference, Tree
from pipegen.errors import Problem
from pipegen.grant import Grant, ServiceRole, key_use, objects_of
from pipegen.model import Keyed, Model
from pipegen.values import Value, arn, concat, is_literal

IMAGES = {
    "amd64": ("LINUX_CONTAINER", "aws/codebuild/amazonlinux-x86_64-standard:6.0"),
    "arm64": ("ARM_CONTAINER", "aws/codebuild/amazonlinux-aarch64-standard:3.0"),
}
"""CodeBuild's environment type and newest curated Amazon Linux image of each platform, as of 2026-10.
https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-available.html"""

COMPUTE_TYPES = tuple(f"BUILD_GENERAL1_{size}" for size in ("SMALL", "MEDIUM", "LARGE", "XLARGE", "2XLARGE"))
RETENTION_DAYS = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)
LOCAL_MODES = {
    "docker-layer": "LOCAL_DOCKER_LAYER_CACHE",
    "source": "LOCAL_SOURCE_CACHE",
    "custom": "LOCAL_CUSTOM_CACHE",
}


@dataclass(frozen=True, slots=True)
class ParameterStore(Model):
    """An environment variable's value, taken from Systems Manager Parameter Store when the build starts: its name."""

    parameter_store: Value


@dataclass(frozen=True, slots=True)
class SecretsManager(Model):
    """An environment variable's value, taken from Secrets Manager when the build starts.

    A reference as CodeBuild takes it: `name-or-arn[:json-key[:version-stage[:version-id]]]`. The secret itself never
    reaches the template. https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
    """

    secrets_manager: Value


EnvironmentValue = Annotated[
    str | AWSHelperFn | ParameterStore | SecretsManager, Keyed(ParameterStore, SecretsManager, otherwise=Value)
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vpc(Model):
    """A network for the build: private subnets with a way out through NAT. At most 16 subnets, 5 security groups."""

    vpc_id: Value
    subnets: Sequence[Value]
    security_groups: Sequence[Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache(Model):
    """What a build keeps for the next one.

    local: on the build host, best effort: any of docker-layer, source, custom.
    s3: `bucket/prefix`, shared between hosts. Either local or s3.
    paths: what the custom and the s3 cache hold, such as `/root/.npm/**/*`.
    """

    local: Sequence[Literal["docker-layer", "source", "custom"]] = ()
    s3: Value | None = None
    paths: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildAction(Action):
    """What every kind that builds with CodeBuild has in common.

    input: the source that the build starts from; found where there is but one.
    extra_inputs: further artifacts, at `$CODEBUILD_SRC_DIR_<artifact>`; at most four.
    environment: variables of the project. action_environment: variables of this action alone, which win, and whose
        plain values may use `#{namespace.variable}`; 1,000 characters of JSON at most.
    platform: chooses the build image and machine. image: another image than AWS's newest of that platform.
    compute: a CodeBuild compute type. timeout_minutes: 5 to 2160; queued_timeout_minutes: 5 to 480.
    runtime_versions: for the install phase, such as `nodejs: "22"`; what the image offers.
    grants: further permissions for what the commands do. decrypt_keys: KMS keys of its parameters and secrets.
    log_retention_days: how long CloudWatch keeps the build's log.
    concurrent_builds: at most so many at a time.
    """

    input: Reference[Contents] | None = None
    extra_inputs: Sequence[Reference[Contents]] = ()
    environment: Mapping[str, EnvironmentValue] = field(default_factory=dict)
    action_environment: Mapping[str, EnvironmentValue] = field(default_factory=dict)
    platform: Literal["amd64", "arm64"] = "amd64"
    image: Value | None = None
    compute: str = "BUILD_GENERAL1_SMALL"
    cache: Cache = field(default_factory=Cache)
    vpc: Vpc | None = None
    timeout_minutes: int = 60
    queued_timeout_minutes: int = 480
    runtime_versions: Mapping[str, str] = field(default_factory=dict)
    grants: Sequence[Grant] = ()
    decrypt_keys: Sequence[Value] = ()
    log_retention_days: int = 90
    concurrent_builds: int | None = None

    def reads(self) -> Sequence[Input]:
        extra = (
            Input(field="extra_inputs", wish=Anything(), artifact=artifact, index=index)
            for index, artifact in enumerate(self.extra_inputs)
        )
        return (Input(field="input", wish=self.input_wish(), artifact=self.input), *extra)

    def input_wish(self) -> Contents:
        """What it builds from: found by itself only a source tree, said on purpose any artifact."""
        return Tree() if self.input is None else Anything()

    def problems(self) -> Iterator[Problem]:
        yield from _environment_problems(self)
        yield from _machine_problems(self)
        yield from _cache_problems(self)
        yield from _limit_problems(self)
        for index, grant in enumerate(self.grants):
            for problem in grant.problems():
                yield problem.under("grants", index)

    @property
    def runs_docker(self) -> bool:
        """Whether it runs the docker daemon, for which CodeBuild wants privileged mode."""
        return False

    def reserved_variables(self) -> frozenset[str]:
        """Names that its own script uses."""
        return frozenset()

    def project_name(self, context: Context) -> str:
        """The project's name in CodeBuild."""
        return names.shorten(names.file_safe(f"{context.definition}-{self.name}"), names.PROJECT_LIMIT)

    def bind_project(
        self,
        context: Context,
        *,
        buildspec: str,
        variables: Mapping[str, Value] | None = None,
        grants: Sequence[Grant] = (),
    ) -> Bound:
        """The project with that buildspec, its log group and role, and what the pipeline needs to run it."""
        project = _Project(self, context)
        own = (*project.grants(), *grants, *self.grants)
        return Bound(
            configuration=project.configuration(),
            grants=(project.start_grant(),),
            resources=project.resources(buildspec, variables or {}),
            roles=(project.role(own),),
        )


@dataclass(frozen=True, slots=True)
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
        found: dict[str, Value | int | bool] = {"ProjectName": Ref(self.logical_id("Project"))}
        if len(self.context.inputs) > 1:
            found["PrimarySource"] = self.context.inputs[0].artifact
        if self.build.action_environment:
            found["EnvironmentVariables"] = action_variables(self.build.action_environment)
        return found

    def start_grant(self) -> Grant:
        """https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html"""
        return Grant(actions=("codebuild:BatchGetBuilds", "codebuild:StartBuild"), resources=(self.arn,))

    def role(self, grants: Sequence[Grant]) -> ServiceRole:
        return ServiceRole(
            logical_id=self.logical_id("ProjectRole"),
            service="codebuild.amazonaws.com",
            grants=grants,
            source_arn=self.arn,
        )

    def grants(self) -> Iterator[Grant]:
        """https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html"""
        log_group = arn("logs", "log-group:/aws/codebuild/", self.name, ":*")
        yield Grant(actions=("logs:CreateLogStream", "logs:PutLogEvents"), resources=(log_group,))
        bucket = self.context.bucket_arn
        objects = ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject")
        yield Grant(actions=objects, resources=(objects_of(bucket),))
        yield Grant(actions=("s3:GetBucketAcl", "s3:GetBucketLocation"), resources=(bucket,))
        if self.context.key_arn is not None:
            yield key_use(self.context.key_arn)
        for wired in self.context.inputs:
            if isinstance(wired.contents, GitClone):
                yield from wired.contents.reader_grants
        yield from _environment_grants(self.build)
        yield from _cache_grants(self.build.cache)
        if self.build.vpc is not None:
            yield from _vpc_grants(self.build.vpc)

    def resources(self, buildspec: str, variables: Mapping[str, Value]) -> tuple[AWSObject, ...]:
        log_group = logs.LogGroup(
            self.logical_id("LogGroup"),
            LogGroupName=f"/aws/codebuild/{self.name}",
            RetentionInDays=self.build.log_retention_days,
            Metadata=accepted(CKV_AWS_158="CloudWatch Logs encrypts with a key of its own; build logs hold no secrets"),
            DeletionPolicy="Delete",
            UpdateReplacePolicy="Delete",
        )
        return (log_group, self._project(buildspec, variables))

    def _project(self, buildspec: str, variables: Mapping[str, Value]) -> codebuild.Project:
        build = self.build
        group = codebuild.CloudWatchLogs(Status="ENABLED", GroupName=Ref(self.logical_id("LogGroup")))
        optional: dict[str, Any] = {
            "Cache": _cache(build.cache),
            "ConcurrentBuildLimit": build.concurrent_builds,
            "EncryptionKey": self.context.key_arn,
            "VpcConfig": _vpc(build.vpc),
        }
        return codebuild.Project(
            self.logical_id("Project"),
            Name=self.name,
            ServiceRole=GetAtt(self.logical_id("ProjectRole"), "Arn"),
            Source=codebuild.Source(Type="CODEPIPELINE", BuildSpec=buildspec),
            Artifacts=codebuild.Artifacts(Type="CODEPIPELINE"),
            Environment=self._environment(variables),
            LogsConfig=codebuild.LogsConfig(CloudWatchLogs=group),
            TimeoutInMinutes=build.timeout_minutes,
            QueuedTimeoutInMinutes=build.queued_timeout_minutes,
            **{name: value for name, value in optional.items() if value is not None},
        )

    def _environment(self, variables: Mapping[str, Value]) -> codebuild.Environment:
        environment_type, curated = IMAGES[self.build.platform]
        image = self.build.image or curated
        given = [
            codebuild.EnvironmentVariable(Name=name, Type=kind, Value=value)
            for name, kind, value in _typed({**variables, **self.build.environment})
        ]
        optional: dict[str, Any] = {"EnvironmentVariables": given} if given else {}
        if _own_image(image):
            optional["ImagePullCredentialsType"] = "SERVICE_ROLE"
        return codebuild.Environment(
            Type=environment_type,
            Image=image,
            ComputeType=self.build.compute,
            PrivilegedMode=self.build.runs_docker,
            **optional,
        )


def _own_image(image: Value) -> bool:
    """An image of one's own ECR is pulled with the project's role, AWS's and public ones with CodeBuild's.
    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectEnvironment.html"""
    return not is_literal(image) or ".dkr.ecr." in str(image)


def _typed(environment: Mapping[str, EnvironmentValue]) -> Iterator[tuple[str, str, Value]]:
    for name, value in environment.items():
        if isinstance(value, ParameterStore):
            yield name, "PARAMETER_STORE", value.parameter_store
        elif isinstance(value, SecretsManager):
            yield name, "SECRETS_MANAGER", value.secrets_manager
        else:
            yield name, "PLAINTEXT", value


def action_variables(environment: Mapping[str, EnvironmentValue]) -> Value:
    """The JSON text of an action's EnvironmentVariables; expressions stand between literal parts.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html"""
    parts: list[Value] = ["["]
    for name, kind, value in _typed(environment):
        comma = "," if len(parts) > 1 else ""
        head = f'{comma}{{"name":{json.dumps(name)},"type":"{kind}","value":'
        parts += [head + json.dumps(value) + "}"] if isinstance(value, str) else [head + '"', value, '"}']
    return concat(*parts, "]")


def _environment_grants(build: BuildAction) -> Iterator[Grant]:
    for _, kind, value in (*_typed(build.environment), *_typed(build.action_environment)):
        if kind == "PARAMETER_STORE":
            yield Grant(actions=("ssm:GetParameters",), resources=(_parameter_arn(value),))
        elif kind == "SECRETS_MANAGER":
            yield Grant(actions=("secretsmanager:GetSecretValue",), resources=(_secret_arn(value),))
    if build.decrypt_keys:
        yield Grant(actions=("kms:Decrypt",), resources=build.decrypt_keys)
    image = build.image
    if isinstance(image, str) and ".dkr.ecr." in image:
        from pipegen.repository import LOGIN, PULL, Repository

        uri = image.split("@")[0].rsplit(":", 1)[0]
        yield LOGIN
        yield Grant(actions=PULL, resources=(Repository(name=uri).arn,))


def _parameter_arn(name: Value) -> Value:
    if isinstance(name, str):
        return name if name.startswith("arn:") else arn("ssm", "parameter/", name.removeprefix("/"))
    return arn("ssm", "parameter/", name)


def _secret_arn(reference: Value) -> Value:
    """The ARN behind a reference; Secrets Manager ends every ARN in six characters of its own.
    https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html"""
    if not isinstance(reference, str):
        return reference
    if reference.startswith("arn:"):
        return ":".join(reference.split(":")[:7])
    return arn("secretsmanager", "secret:", reference.split(":")[0], "-??????")


def _cache(cache: Cache) -> codebuild.ProjectCache | None:
    if cache.s3 is not None:
        return codebuild.ProjectCache(Type="S3", Location=cache.s3)
    if cache.local:
        return codebuild.ProjectCache(Type="LOCAL", Modes=[LOCAL_MODES[mode] for mode in cache.local])
    return None


def _cache_grants(cache: Cache) -> Iterator[Grant]:
    if cache.s3 is None:
        return
    objects = concat("arn:", Ref("AWS::Partition"), ":s3:::", cache.s3, "/*")
    yield Grant(actions=("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"), resources=(objects,))


def _vpc(vpc: Vpc | None) -> codebuild.VpcConfig | None:
    if vpc is None:
        return None
    return codebuild.VpcConfig(VpcId=vpc.vpc_id, Subnets=list(vpc.subnets), SecurityGroupIds=list(vpc.security_groups))


def _vpc_grants(vpc: Vpc) -> Iterator[Grant]:
    """https://docs.aws.amazon.com/codebuild/latest/userguide/auth-and-access-control-iam-identity-based-access-control.html
    (customer-managed-policies-example-create-vpc-network-interface)"""
    yield Grant(
        actions=(
            "ec2:CreateNetworkInterface",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeDhcpOptions",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
        ),
        resources=("*",),
        because="CodeBuild makes network interfaces whose ids are not known before, and describes take no resource",
    )
    subnets = [arn("ec2", "subnet/", subnet) for subnet in vpc.subnets]
    yield Grant(
        actions=("ec2:CreateNetworkInterfacePermission",),
        resources=(arn("ec2", "network-interface/*"),),
        conditions={
            "StringEquals": {"ec2:AuthorizedService": "codebuild.amazonaws.com"},
            "ArnEquals": {"ec2:Subnet": subnets},
        },
    )


def _environment_problems(build: BuildAction) -> Iterator[Problem]:
    reserved = build.reserved_variables()
    for place in ("environment", "action_environment"):
        for name in getattr(build, place):
            if not names.ENVIRONMENT.matches(name):
                text = f"{name!r} is no environment variable name"
                yield Problem("environment-name", (place, name), text, names.ENVIRONMENT.words)
            elif name in reserved:
                text = f"{name} is set by the build's own script"
                yield Problem("environment-reserved", (place, name), text, "choose another name")


def _machine_problems(build: BuildAction) -> Iterator[Problem]:
    if build.compute not in COMPUTE_TYPES:
        fix = f"one of {', '.join(COMPUTE_TYPES)}"
        yield Problem("build-compute", ("compute",), f"{build.compute!r} is no compute type of a container build", fix)
    image = build.image if isinstance(build.image, str) else ""
    for platform, words in (("amd64", ("x86_64", "amd64")), ("arm64", ("aarch64", "arm64"))):
        if platform != build.platform and any(word in image for word in words):
            text = f"image {image!r} is built for {platform}, but the platform is {build.platform}"
            yield Problem("build-platform", ("image",), text, f"say platform: {platform}, or leave the image out")
    if build.log_retention_days not in RETENTION_DAYS:
        fix = f"one of {', '.join(map(str, RETENTION_DAYS))}"
        text = f"CloudWatch Logs knows no retention of {build.log_retention_days} days"
        yield Problem("build-retention", ("log_retention_days",), text, fix)


def _cache_problems(build: BuildAction) -> Iterator[Problem]:
    cache = build.cache
    if cache.local and cache.s3 is not None:
        yield Problem("build-cache", ("cache",), "a build caches either locally or in S3", "keep one of local and s3")
    if cache.local and build.vpc is not None:
        yield Problem("build-cache", ("cache", "local"), "CodeBuild has no local cache in a VPC", "use s3 instead")
    if cache.local and build.compute.endswith("2XLARGE"):
        text = f"CodeBuild has no local cache on {build.compute}"
        yield Problem("build-cache", ("cache", "local"), text, "use s3 or a smaller compute type")
    if "docker-layer" in cache.local and not build.runs_docker:
        text = "a cache of docker layers is for builds of images"
        yield Problem("build-cache", ("cache", "local"), text, "use custom and paths")
    if (cache.s3 is not None or "custom" in cache.local) and not cache.paths:
        yield Problem("build-cache", ("cache",), "the cache is told of no paths", "list what to keep under paths")
    if cache.paths and cache.s3 is None and "custom" not in cache.local:
        yield Problem("build-cache", ("cache", "paths"), "no cache keeps these paths", "add s3, or custom to local")


def _limit_problems(build: BuildAction) -> Iterator[Problem]:
    ranges = {"timeout_minutes": (5, 2160), "queued_timeout_minutes": (5, 480), "concurrent_builds": (1, 10**6)}
    for name, (low, high) in ranges.items():
        value: Any = getattr(build, name)
        if value is not None and not low <= value <= high:
            yield Problem("build-limit", (name,), f"{name} is {value}", f"{low} to {high}")
    if build.vpc is not None:
        for name, count, most in (
            ("subnets", len(build.vpc.subnets), 16),
            ("security_groups", len(build.vpc.security_groups), 5),
        ):
            if not 1 <= count <= most:
                yield Problem("build-limit", ("vpc", name), f"{count} {name}", f"1 to {most}")
    if build.action_environment:
        text = action_variables(build.action_environment)
        length = len(text) if isinstance(text, str) else len(str(text.to_dict()))
        if length > 1000:
            text = f"the action's environment is {length} characters of JSON"
            yield Problem("configuration-length", ("action_environment",), text, "1,000 at most: use environment")
