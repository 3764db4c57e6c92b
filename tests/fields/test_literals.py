"""Fields whose numbers and texts cannot be expressions, each with the reason.

True or false, and one of several words, cannot be expressions either: they decide what a stack contains and which
checks apply. A section or an argument for each environment can set them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipegen.definition import Definition
from pipegen.fields.containers import KindType, ModelType
from pipegen.fields.scalars import NumberType, TextType, WholeType
from pipegen.pipeline.foundation import Foundation
from pipegen.reading import TYPES
from pipegen.values.number import NumberValueType
from pipegen.values.value import ExpressionType

REASONS: Mapping[str, str] = {
    "a name to which other fields, stacks, permissions or messages refer": """
        *.name *.namespace *.runs_in *.pipelines *.stack_name Definition.role_path Foundation.role_path
        FoundationReference.role_path EcsService.environment Environment.account Environment.region Environment.profile
        Environment.parameters CodeDeploy.deployment_group
        Trigger.source ConnectService.port_name MountPoint.source_volume
        VolumeFrom.source_container ContainerDependency.container ProxyConfiguration.container_name
        DeployedImage.container EcsDeploy.containers EcsRollout.containers CloudFormation.stack_outputs FileValue.key
        FromEnvironment.from_environment SourceRevision.source *.output_variables Grant.actions Grant.because
        SharedListener.container LoadBalancer.container ServiceDiscovery.container""",
    "a port by which load balancers, security groups and an AppSpec refer to a container": """
        Container.ports PortMapping.container_port PortMapping.container_port_range SharedListener.port
        LoadBalancer.port ServiceDiscovery.port TargetHealthCheck.port""",
    "the order of the actions, which decides what each of them gets": "*.run_order",
    "a part of a script, a buildspec or an AppSpec, which are texts": """
        *.runtime_versions *.commands DockerBuild.before DockerBuild.commit_length Cache.paths CodeBuild.buildspec
        CodeBuild.exported_variables Image.container Image.context Image.dockerfile Image.target Image.tags
        BuildOutput.files BuildOutput.base_directory Report.files Report.base_directory EcsRollout.poll_seconds
        AppSpec.container AppSpec.port DeployedImage.placeholder""",
    "a file in an artifact, which another action writes": """
        EcsDeploy.file_name EcsRollout.file_name RecordImages.file_name File.file CloudFormation.output_file
        ArtifactFile.path FileValue.path ActionOutput.files Commands.output_files""",
    "the type of an action, by which its artifacts are checked": "GenericAction.provider GenericAction.version",
    "a part of a template in which CloudFormation does not allow functions": """
        Definition.description Definition.mappings Foundation.mappings StackResource.Type StackResource.Condition
        StackResource.DependsOn StackOutput.Description StackOutput.Condition Parameter.Type Parameter.Default
        Parameter.Description Parameter.AllowedValues Parameter.AllowedPattern Parameter.ConstraintDescription
        Parameter.MinLength Parameter.MaxLength Parameter.MinValue Parameter.MaxValue""",
}
"""The fields as `Model.field`, and as `*.field` if the reason is the same for all models."""


def test_every_field_that_takes_no_expression_has_a_reason() -> None:
    known = {name for names in REASONS.values() for name in names.split()}
    found = {(model, field) for model, field in literals()}
    missing = {f"{model}.{field}" for model, field in found if not {f"{model}.{field}", f"*.{field}"} & known}
    assert not missing, "accept expressions, or add a reason"
    stale = known - {f"{model}.{field}" for model, field in found} - {f"*.{field}" for _, field in found}
    assert not stale


def literals() -> Iterator[tuple[str, str]]:
    """The models and fields that take a number or a text, but no expression."""
    for kind in models():
        for key in kind.names:
            parts = [*inside(kind.type(key))]
            takes_expression = any(isinstance(part, ExpressionType | NumberValueType) for part in parts)
            if any(isinstance(part, NumberType | TextType | WholeType) for part in parts) and not takes_expression:
                yield kind.model.__name__, key


def models() -> list[ModelType]:
    """Every model that a definition or a foundation can contain."""
    found: dict[Any, ModelType] = {}
    waiting: list[Any] = [TYPES.of(Definition), TYPES.of(Foundation)]
    while waiting:
        for part in inside(waiting.pop()):
            if isinstance(part, KindType):
                waiting += map(part.resolve, part.kinds.values())
            elif isinstance(part, ModelType) and part.model not in found:
                found[part.model] = part
                waiting += map(part.type, part.names)
    return [*found.values()]


def inside(kind: Any) -> Iterator[Any]:
    """A type, and the types that it wraps, up to models."""
    yield kind
    if isinstance(kind, KindType | ModelType | NumberValueType):
        return
    for each in (
        *(getattr(kind, name) for name in ("inner", "item") if hasattr(kind, name)),
        *getattr(kind, "members", ()),
    ):
        yield from inside(each)
