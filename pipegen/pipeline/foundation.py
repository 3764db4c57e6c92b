"""Foundations: resources that all pipelines of an account and region share, in a stack that is deployed before them.

The names of the resources are derived from the name of the foundation, so that pipelines can refer to them by name, by
export or by parameter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, field, replace
from typing import Annotated, ClassVar, Literal

from troposphere import ImportValue, Ref

from pipegen.errors import Problem
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Between, Length
from pipegen.fields.distinct import Distinct
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.model.encryption import EncryptionKey
from pipegen.model.environment import Environment, environment_problems, unknown_environment
from pipegen.model.log_group import RetentionDays
from pipegen.model.stack_contents import StackOutputs, StackResources, convert_contents
from pipegen.model.stack_settings import Parameter, Parameters, declare
from pipegen.model.template_sections import Conditions, Mappings
from pipegen.pipeline.artifact_store import KEPT_DAYS
from pipegen.pipeline.events import FAILED, Event
from pipegen.references.arn_parts import ACCOUNT_ONLY, REGION_ONLY
from pipegen.references.kinds import KEY, POLICY
from pipegen.references.mark import Refers
from pipegen.syntax import names
from pipegen.values.number import IntegerValue, known
from pipegen.values.value import ACCOUNT, REGION, Tags, Value, arn, concat

ReferencedBy = Literal["export", "parameter", "name"]

BUCKET, KEY_ARN, EVENT_ROLE = "ArtifactBucket", "ArtifactKeyArn", "EventRoleArn"
TOPIC, LOG_GROUP = "NotificationTopicArn", "BuildLogGroup"
"""The outputs of a foundation, exported as `<name>-<output>`."""
EXPORTED: Mapping[str, str] = {
    BUCKET: "AWS::S3::Bucket",
    KEY_ARN: "AWS::KMS::Key.Arn",
    EVENT_ROLE: "AWS::IAM::Role.Arn",
    TOPIC: "AWS::SNS::Topic",
    LOG_GROUP: "AWS::Logs::LogGroup",
}
"""The resource type, and the attribute if any, that each output refers to."""

PARAMETERS: Mapping[str, Parameter] = {
    each.name: each
    for each in (
        Parameter(
            "FoundationBucket",
            description="The foundation's artifact bucket, its output ArtifactBucket",
            allowed_pattern=names.BUCKET.expression,
            constraint_description="the name of a bucket",
        ),
        Parameter(
            "FoundationKeyArn",
            description="The foundation's key, its output ArtifactKeyArn",
            allowed_pattern="arn:.+:key/.+",
            constraint_description="the ARN of a KMS key",
        ),
        Parameter(
            "FoundationEventRoleArn",
            description="The role that starts pipelines, the foundation's output EventRoleArn",
            allowed_pattern="arn:.+:role/.+",
            constraint_description="the ARN of a role",
        ),
        Parameter(
            "FoundationTopicArn",
            description="The foundation's topic, its output NotificationTopicArn",
            allowed_pattern="arn:.+:sns:.+",
            constraint_description="the ARN of a topic",
        ),
        Parameter(
            "FoundationLogGroup",
            description="The log group of all builds, the foundation's output BuildLogGroup",
            allowed_pattern=r"[.\-_/#A-Za-z0-9]{1,512}",
            constraint_description="the name of a log group",
        ),
    )
}
"""The parameters of the template of a pipeline that refers to its foundation by parameter."""


def export_name(name: str, output: str) -> str:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html"""
    return f"{name}-{output}"


def bucket_name(name: str) -> Value:
    """The name of the bucket. It contains the account and region because bucket names are globally unique."""
    return concat(f"{name}-", ACCOUNT, "-", REGION)


def event_role_name(name: str) -> Value:
    """The name of the role. It contains the region because the roles of an account exist in all regions."""
    return concat(f"{name}-events-", REGION)


def stack_in(stack_name: str, region: str | None, home: Environment) -> str:
    """The name of the stack with the artifact store of a region. home: the environment of the pipelines."""
    return stack_name if region == home.region else f"{stack_name}-{region}"


def reader_path(role_path: str, name: str) -> str:
    """The path of the roles in other accounts that use the artifact stores."""
    return f"{role_path}{name}/"


def topic_name(name: str) -> str:
    return f"{name}-notifications"


def log_group_name(name: str) -> str:
    return f"/{name}/builds"


@frozen
class FoundationReference(Model):
    """The foundation that a pipeline uses, and how the pipeline's template refers to it."""

    name: Annotated[str, names.FOUNDATION] = "foundation"
    """The name of the foundation."""
    _: KW_ONLY
    referenced_by: ReferencedBy = "export"
    """`export` imports the foundation's exports, which CloudFormation does not delete as long as they are imported.
    `parameter` declares parameters such as FoundationBucket, which every deployment sets. `name` uses the names of the
    resources, without a dependency between the stacks."""
    has_key: bool = False
    """Whether the foundation creates a key. If it does and this is false, the pipeline encrypts its artifacts with the
    account's key for S3. With `referenced_by: name`, set `key_arn` too."""
    key_arn: Annotated[Value, Refers(KEY, near=REGION_ONLY)] | None = None
    """The ARN of the foundation's key. Only with `referenced_by: name`: a policy cannot refer to a key by name."""
    has_topic: bool = True
    """Whether the foundation has a topic, to which notifications of the kind `topic` are sent by default. Default:
    true."""
    role_path: Annotated[str, names.ROLE_PATH] = "/"
    """The path of the foundation's roles. Only used with `referenced_by: name` and `several_accounts`."""
    several_accounts: bool = False
    """Whether the foundation has `pipelines`, and so artifact stores for pipelines whose actions run in several
    accounts or regions. If false, such a pipeline has its own stores."""
    stack_name: Annotated[str, names.STACK_NAME] | None = None
    """The name of the foundation's stack. Only used with `several_accounts`. Default: the name of the foundation."""

    @property
    def bucket(self) -> Value:
        return self._value(BUCKET, "FoundationBucket", bucket_name(self.name))

    @property
    def key(self) -> Value | None:
        """The ARN of the foundation's key, if it has one."""
        if self.referenced_by == "name":
            return self.key_arn
        return self._value(KEY_ARN, "FoundationKeyArn", "") if self.has_key else None

    def bucket_in(self, account: str | None, region: str | None) -> str:
        """The name of the bucket in a region. account: that of the pipelines."""
        return f"{self.name}-{account}-{region}"

    def stack_in(self, region: str | None, home: Environment) -> str:
        """The name of the stack in a region. home: the environment of the pipelines."""
        return stack_in(self.stack_name or self.name, region, home)

    @property
    def reader_path(self) -> str:
        """The path of the roles in other accounts that use the artifact stores, which the policies of these name."""
        return reader_path(self.role_path, self.name)

    @property
    def event_role_arn(self) -> Value:
        role = arn("iam", "role", self.role_path, event_role_name(self.name), region="")
        return self._value(EVENT_ROLE, "FoundationEventRoleArn", role)

    @property
    def topic(self) -> Value:
        """The ARN of the topic."""
        return self._value(TOPIC, "FoundationTopicArn", arn("sns", topic_name(self.name)))

    @property
    def log_group(self) -> Value:
        return self._value(LOG_GROUP, "FoundationLogGroup", log_group_name(self.name))

    def _value(self, output: str, parameter: str, name: Value) -> Value:
        if self.referenced_by == "export":
            return ImportValue(export_name(self.name, output))
        return Ref(parameter) if self.referenced_by == "parameter" else name

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """The parameters that a template may need. Only those that it refers to are declared."""
        return PARAMETERS if self.referenced_by == "parameter" else {}

    def problems(self) -> Iterator[Problem]:
        if self.referenced_by == "name" and self.has_key and self.key_arn is None:
            text = "key_arn is missing; has_key requires it with referenced_by name"
            fix = "add key_arn, or use referenced_by: export or parameter"
            yield Problem("foundation-reference", ("has_key",), text, fix)
        if self.referenced_by != "name" and self.key_arn is not None:
            text = f"key_arn requires referenced_by name, got {self.referenced_by}"
            fix = f"remove key_arn; the template gets it by {self.referenced_by}"
            yield Problem("foundation-reference", ("key_arn",), text, fix)


_LONGEST_APPROVAL = 60
"""Days. https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""


@frozen
class Foundation(Model):
    """A stack that all pipelines of an account and region share: the artifact bucket, the role that starts pipelines,
    the log group of all builds, and a topic for failed pipelines."""

    aws_type: ClassVar[str] = "AWS::IAM::Role"

    name: Annotated[str, names.FOUNDATION] = "foundation"
    """The name of the foundation. Its stack, resources and exports are named after it."""
    _: KW_ONLY
    create_key: bool = False
    """Whether the stack creates a KMS key for artifacts and notifications, rotated yearly. AWS charges a monthly fee
    for it. Default: the key that S3 manages."""
    expire_days: Annotated[IntegerValue, Between(1), Property("AWS::S3::Bucket.Rule.ExpirationInDays")] = KEPT_DAYS
    """Days after which the bucket deletes artifacts. A run needs its artifacts until its last approval, which may take
    60 days, and as long as a stage can be rolled back to it."""
    log_retention_days: RetentionDays = 90
    """Days for which CloudWatch keeps the builds' logs; 0 keeps them forever.
    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""
    notifications: bool = True
    """Whether the stack has a topic, and a rule that sends it the `events` of all pipelines of the account and
    region."""
    emails: Annotated[Sequence[Annotated[Value, names.EMAIL]], Property("AWS::SNS::Topic.Subscription.Endpoint")] = ()
    """Email addresses that receive the notifications. Each owner must confirm the subscription."""
    events: Annotated[Sequence[Event], Length(1, None, "events"), Distinct("event")] = FAILED
    """The events of all pipelines that are sent to the topic, named as in `notifications` of a pipeline. Default:
    failed runs. https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html"""
    parameters: Parameters = field(default_factory=dict)
    """The parameters of the stack, by name."""
    conditions: Conditions = field(default_factory=dict)
    """The conditions of the stack, by name."""
    mappings: Mappings = field(default_factory=dict)
    """The mappings of the stack, by name."""
    tags: Tags = field(default_factory=dict)
    """Tags for all resources that support them."""
    permissions_boundary: (
        Annotated[Value, Refers(POLICY, near=ACCOUNT_ONLY), Property("PermissionsBoundary")] | None
    ) = None
    """The ARN of a policy that is the permissions boundary of the roles."""
    role_path: Annotated[str, names.ROLE_PATH, Property("Path")] = "/"
    """The path of the roles."""
    environments: Mapping[Annotated[str, names.DEPLOYMENT_ENVIRONMENT], Environment] = field(default_factory=dict)
    """The environments that pipelines run in and deploy to, by name. Each needs an account and a region. The account of
    the pipelines gets an artifact store in each of the regions, which roles of the other accounts may use. In a fleet
    that sets `pipelines`, these are its environments. Default: pipelines and their actions are in one account and
    region."""
    pipelines: str | None = None
    """The environment of the pipelines. Required with `environments`."""
    stack_name: Annotated[str, names.STACK_NAME] | None = None
    """The name of the stack. Default: the name of the foundation."""
    resources: StackResources = field(default_factory=dict)
    """Resources that the stack contains too, by logical ID."""
    outputs: StackOutputs = field(default_factory=dict)
    """Outputs that the stack has too, by name. Other stacks import those that have an export."""
    encryption_key: EncryptionKey | None = None
    """The ARN of an existing KMS key, whose policy must allow the services to use it. It encrypts the log group and,
    without `create_key`, the bucket and the topic. Default: the keys that AWS manages."""

    def __post_init__(self) -> None:
        convert_contents(self)
        self._freeze()
        declare(self, "parameters")

    @property
    def home(self) -> Environment | None:
        """The environment of the pipelines, if it is set."""
        return self.environments.get(self.pipelines) if self.pipelines is not None else None

    @property
    def has_key(self) -> bool:
        """Whether artifacts are encrypted with a customer managed key."""
        return self.create_key or self.encryption_key is not None

    def reference(self, by: ReferencedBy = "export", *, key_arn: Value | None = None) -> FoundationReference:
        """Create the reference for a pipeline. key_arn: the ARN of its key, for `name`, if it has one."""
        several = self.pipelines is not None
        reference = FoundationReference(
            self.name,
            referenced_by=by,
            has_key=self.has_key,
            has_topic=self.notifications,
            role_path=self.role_path if several or by == "name" else "/",
            several_accounts=several,
            stack_name=self.stack_name if several else None,
        )
        if by != "name":
            return reference
        return replace(reference, key_arn=self.encryption_key if key_arn is None and not self.create_key else key_arn)

    def problems(self) -> Iterator[Problem]:
        yield from environment_problems(self.environments, self.pipelines)
        if self.pipelines is not None and self.pipelines not in self.environments:
            yield unknown_environment(self.environments, ("pipelines",), self.pipelines)
        days = known(self.expire_days)
        if days is not None and 1 <= days < _LONGEST_APPROVAL:
            text = f"expire_days is {days}, but an approval may take {_LONGEST_APPROVAL} days"
            fix = f"raise expire_days to {_LONGEST_APPROVAL} or more, or to {KEPT_DAYS} if stages are rolled back"
            yield Problem("artifact-expiry", ("expire_days",), text, fix, severity="warning")
        if self.emails and not self.notifications:
            text = "emails requires notifications: true"
            yield Problem("foundation-email", ("emails",), text, "remove emails, or set notifications: true")
        if self.events != FAILED and not self.notifications:
            text = "events requires notifications: true"
            yield Problem("foundation-email", ("events",), text, "remove events, or set notifications: true")
