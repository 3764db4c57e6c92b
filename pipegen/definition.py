"""The definition of a delivery."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pipegen.errors import Path
from pipegen.fields.aws import Property
from pipegen.fields.model import NOTHING, Model, by_name, step, walk
from pipegen.frozen import frozen
from pipegen.model.encryption import EncryptionKey
from pipegen.model.environment import Environment, Environments
from pipegen.model.registry import Registry
from pipegen.model.resolution import Resolution
from pipegen.model.stack_settings import Parameter, Parameters, declare
from pipegen.model.template_sections import Conditions, Mappings, Table
from pipegen.pipeline.artifact_store import ArtifactStore
from pipegen.pipeline.foundation import Foundation, FoundationReference
from pipegen.pipeline.pipeline import Pipeline
from pipegen.pipeline.stage import Stage
from pipegen.references.arn_parts import ACCOUNT_ONLY
from pipegen.references.kinds import POLICY
from pipegen.references.mark import Refers
from pipegen.syntax import names
from pipegen.values.data import Data
from pipegen.values.expression import Expression
from pipegen.values.value import Tags, Value

if TYPE_CHECKING:
    # Not at run time: most definitions have no services, and the reader of data resolves the name.
    from pipegen.services.service import EcsService


@frozen
class Definition(Model):
    """A delivery, from the source to running services, and the settings that its stacks have in common."""

    aws_type: ClassVar[str] = "AWS::IAM::Role"

    name: Annotated[str, names.STACK]
    """The name of the definition. Its stacks, projects and rules are named after it, so it is unique in an account and
    region."""
    pipeline: Pipeline
    """The pipeline."""
    services: Mapping[Annotated[str, names.STACK], EcsService] = field(default_factory=dict)
    """The ECS services that it deploys to, by key, each in a stack named `<definition>-<key>`. The actions of the
    pipeline refer to them by their keys."""
    description: str = ""
    """The description of the stacks, at most 1,024 bytes.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""
    parameters: Parameters = field(default_factory=dict)
    """The parameters of the stacks, by name. Each stack gets those that it uses."""
    conditions: Conditions = field(default_factory=dict)
    """Conditions over parameters, by name, for `!If` and for overrides. Each stack gets those that it uses.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html"""
    mappings: Mappings = field(default_factory=dict)
    """Mappings for `!FindInMap`, by name: a text or a list of texts by a first and a second key. Each stack gets those
    that it uses. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/mappings-section-structure.html"""
    tags: Tags = field(default_factory=dict)
    """Tags for all resources that support them."""
    artifacts: ArtifactStore = field(default_factory=ArtifactStore)
    """The artifact bucket and its encryption. What it sets takes precedence over the foundation. Default: a bucket that
    the stack creates, or the foundation's."""
    foundation: FoundationReference | None = None
    """The stack whose bucket, key, event role and build log group the pipeline shares with others. Default: the
    pipeline has its own."""
    environments: Mapping[Annotated[str, names.DEPLOYMENT_ENVIRONMENT], Environment] = field(default_factory=dict)
    """The environments of the pipeline, its services and its actions, by name. Each needs an account and a region.
    Their parameters are the values that the printed commands set. Default: everything is in the account and region of
    the credentials in use."""
    pipelines: str | None = None
    """The environment in which the pipeline runs, with its artifacts and the repositories of its images. Required with
    `environments`."""
    permissions_boundary: (
        Annotated[Value, Refers(POLICY, near=ACCOUNT_ONLY), Property("PermissionsBoundary")] | None
    ) = None
    """The ARN of a policy that is the permissions boundary of every role."""
    role_path: Annotated[str, names.ROLE_PATH, Property("Path")] = "/"
    """The path of every role."""
    registry: Registry = field(default_factory=Registry)
    """The stack of the repositories and recorded images, which a definition with services has: its name, further
    resources and outputs."""
    encryption_key: EncryptionKey | None = None
    """The ARN of a customer managed KMS key, whose policy must allow the services to use it. It encrypts the log
    groups, repositories, functions, build projects and artifacts of the stacks, unless these have their own. Default:
    the keys that AWS manages.
    https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html"""
    overrides: Mapping[str, Mapping[str, Data]] = field(default_factory=dict)
    """Properties by logical id, merged into the pipeline's template after everything else. Services have their own
    overrides."""

    def __init__(
        self,
        name: str,
        *stage: Stage,
        pipeline: Pipeline | None = None,
        services: Sequence[EcsService] | Mapping[str, EcsService] = (),
        description: str = "",
        parameters: Sequence[Parameter] | Mapping[str, Parameter] = (),
        conditions: Mapping[str, Expression] = NOTHING,
        mappings: Mapping[str, Table] = NOTHING,
        tags: Mapping[str, Value] = NOTHING,
        artifacts: ArtifactStore | None = None,
        foundation: Foundation | FoundationReference | None = None,
        environments: Mapping[str, Environment] = NOTHING,
        pipelines: str | None = None,
        permissions_boundary: Value | None = None,
        role_path: str = "/",
        registry: Registry | None = None,
        encryption_key: Value | None = None,
        overrides: Mapping[str, Mapping[str, Any]] = NOTHING,
    ) -> None:
        if stage and pipeline is not None:
            raise TypeError("Definition() takes stages or pipeline=, not both: give the stages to Pipeline(...)")
        self._fill(
            name=name,
            pipeline=Pipeline(*stage) if pipeline is None else pipeline,
            services=by_name(services or {}),
            description=description,
            parameters=by_name(parameters or {}),
            conditions=conditions,
            mappings=mappings,
            tags=tags,
            artifacts=ArtifactStore() if artifacts is None else artifacts,
            foundation=foundation.reference() if isinstance(foundation, Foundation) else foundation,
            environments=environments,
            pipelines=pipelines,
            permissions_boundary=permissions_boundary,
            role_path=role_path,
            registry=Registry() if registry is None else registry,
            encryption_key=encryption_key,
            overrides=overrides,
        )
        declare(self, "parameters", "services")

    @property
    def pipeline_name(self) -> str:
        return self.pipeline.name or self.name

    @property
    def placement(self) -> Environments:
        """The environments, and the one in which the pipeline runs."""
        home = self.environments.get(self.pipelines) if self.pipelines is not None else None
        return Environments(self.environments, home)

    def resolution(self, environment: Environment, *, in_pipeline: bool = True) -> Resolution | None:
        """What expressions of an environment are in the stack of the pipeline, or those of the pipeline in a stack of
        the environment. None if the environment of the pipeline is unknown."""
        home = self.placement.home
        if home is None:
            return None
        of, stack = (environment, home) if in_pipeline else (home, environment)
        return Resolution(of, stack, parameters=self.parameters, conditions=self.conditions)

    @property
    def shared_stores(self) -> FoundationReference | None:
        """The foundation whose artifact stores the pipeline uses in all regions, if it does not have its own."""
        own, shared = self.artifacts, self.foundation
        if shared is None or not shared.several_accounts:
            return None
        has_own = own.bucket is not None or own.key_arn is not None or own.create_key
        has_key = shared.has_key or self.encryption_key is None
        return shared if has_key and not has_own else None

    @property
    def pipeline_stack(self) -> str:
        """The name of the pipeline's stack."""
        return self.pipeline.stack_name or f"{self.name}-pipeline"

    def service_stack(self, key: str) -> str:
        """The name of a service's stack."""
        return self.services[key].stack_name or f"{self.name}-{key}"

    @property
    def registry_stack(self) -> str:
        """The name of the stack of the repositories and recorded images."""
        return self.registry.stack_name or f"{self.name}-registry"


def path_of_text(definition: Definition, path: Path, text: str) -> Path:
    """Return the first path at or below `path` whose text contains `text`. Default: `path`."""
    return next((inner for inner, each in texts_below(definition, path) if text in each), path)


def texts_below(definition: Definition, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the texts at or below `path`, with their paths. Paths of texts in expressions lead into the long forms of
    these."""
    here: Any = definition
    for part in path:
        here = step(here, part)
        if here is None:
            return  # an override added it
    for inner, leaf in walk(here, path):
        inside = walk(leaf.to_dict(), inner) if isinstance(leaf, Expression) else [(inner, leaf)]
        yield from ((each, text) for each, text in inside if isinstance(text, str))
