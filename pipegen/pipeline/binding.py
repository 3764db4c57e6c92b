"""What the compiler passes to an action, and what the action returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, Literal

from troposphere import AWSObject

from pipegen.frozen import frozen
from pipegen.iam.grant import Grant, ServiceRole
from pipegen.pipeline.artifact import Contents
from pipegen.pipeline.requirement import Request, Requirement
from pipegen.values.number import IntegerValue
from pipegen.values.value import ACCOUNT, REGION, Value


@frozen(kw_only=True)
class Wired:
    """An input with its artifact: the name of the artifact in the pipeline, and its contents. `reader`: the name in the
    names of the files that the producer writes for this requirement."""

    artifact: str
    contents: Contents
    reader: str
    requires: Requirement


@frozen(kw_only=True)
class Context:
    """The input of `Action.bind`."""

    definition: str
    pipeline: str = ""
    inputs: Sequence[Wired] = ()
    requests: Mapping[str, Sequence[Request]] = field(default_factory=dict)
    """The requirements of the readers of each output, by its name. Outputs without readers are missing."""
    bucket_arn: Value = ""
    key_arn: Value | None = None
    encryption_key: Value | None = None
    """The default key of resources, from the definition. `key_arn` is that of the artifact store."""
    has_trigger: bool = False
    """Whether a trigger of the pipeline refers to the action."""
    build_log_group: Value | None = None
    """The log group that all builds share, each with separate streams. Default: each build has its own log group."""
    account: Value = ACCOUNT
    """The account of the action, as the stacks of any account refer to it."""
    region: Value = REGION
    """The region of the action, as the stacks of any account refer to it."""
    is_away: bool = False
    """Whether the action runs in another account or region, so that the pipeline refers to its resources by name."""
    has_registry: bool = False
    """Whether created repositories are in a separate stack, which is deployed before."""


@frozen(kw_only=True)
class EventTrigger:
    """An EventBridge pattern whose events start the pipeline with a source revision.

    revision_type: the type for StartPipelineExecution. revision_path: the path of the revision in the event.
    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_SourceRevisionOverride.html
    """

    pattern: Mapping[str, Any]
    description: str
    revision_type: Literal["COMMIT_ID", "IMAGE_DIGEST", "S3_OBJECT_VERSION_ID"]
    revision_path: str


@frozen(kw_only=True)
class Bound:
    """The result of `Action.bind`: the configuration, permissions for the pipeline's role, and resources."""

    configuration: Mapping[str, Value | int | bool] = field(default_factory=dict)
    grants: Sequence[Grant] = ()
    resources: Sequence[AWSObject] = ()
    roles: Sequence[ServiceRole] = ()
    trigger: EventTrigger | None = None
    timeout_minutes: IntegerValue | None = None
    outputs: Mapping[str, Value] = field(default_factory=dict)
    """Outputs for the stack, such as the URI of a repository that it creates."""
    commands: Sequence[Value] = ()
    """The commands of CodePipeline's Commands action, which are not part of its configuration."""
    environment: Sequence[tuple[str, str, Value]] = ()
    """The environment variables of these commands, each with its name, type and value."""
    output_variables: Sequence[str] = ()
    """The variables of these commands that are output variables of the action."""
    output_files: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The files in the artifacts of these commands, by the names of the outputs."""
