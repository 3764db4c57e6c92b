"""The base class of actions: the properties and methods that an action kind overrides.

A kind is one frozen dataclass in `pipegen/actions/`. It declares its inputs and outputs (`reads`, `makes`) and checks
its fields (`problems`). `bind` derives the resources and permissions (`Bound`) from the surrounding pipeline
(`Context`). It has no side effects: binding twice returns equal values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Never

from troposphere import AWSObject

from pipegen.errors import Path, Problem, quoted
from pipegen.facts import closest
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Between
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant, ServiceRole
from pipegen.model.repository import Pushed
from pipegen.pipeline.artifact import Artifact, Contents, Output
from pipegen.pipeline.requirement import Input, Request, Requirement
from pipegen.pipeline.setting import Setting
from pipegen.syntax import names
from pipegen.syntax.names import identifier, shorten
from pipegen.values.data import Data
from pipegen.values.number import IntegerValue
from pipegen.values.value import ACCOUNT, REGION, Value

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

HIGHEST_ORDER = 999
"""https://docs.aws.amazon.com/codepipeline/latest/userguide/action-requirements.html"""


@frozen
class DeployedService(Model):
    """A service of the definition, as actions refer to it."""

    key: str
    """The key of the service in `services`, unique in the definition."""

    named_by: ClassVar[str] = "key"
    declared_in: ClassVar[str] = "services"


INPUT_ARTIFACTS = Property("AWS::CodePipeline::Pipeline.ActionDeclaration.InputArtifacts")
"""Marker of the fields that refer to the input artifacts of an action."""


@frozen
class ActionType(Model):
    """CodePipeline's ActionTypeId, and the limits of the provider.

    inputs, outputs: the smallest and largest number of artifacts. distinct_inputs: whether each input requires another
    artifact. input_megabytes: the largest size of an input, if it is small enough to matter.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html"""

    category: str
    provider: str
    _: KW_ONLY
    owner: str = "AWS"
    version: str = "1"
    inputs: tuple[int, int] = (0, 0)
    outputs: tuple[int, int] = (0, 0)
    distinct_inputs: bool = True
    input_megabytes: int | None = None


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


@frozen(kw_only=True)
class Target:
    """An ECS service that an action deploys to, and the deployment controller that it requires. group: the deployment
    group that the stack creates for it."""

    cluster: Value
    service: Value
    controller: Literal["ECS", "CODE_DEPLOY"]
    path: Path = ()
    group: Any = None


@frozen(kw_only=True)
class Preparation:
    """A resource that one action creates for a later one, such as a change set.

    names: the names that identify it, such as stack and change set. path: the field of the action with the last name.
    """

    words: str
    names: Sequence[Value]
    path: Path


@frozen(kw_only=True)
class StackUpdate:
    """A stack that an action creates or updates, with the capabilities that it acknowledges and the names of the
    parameters that it sets. template: the path of the template in an artifact."""

    name: Value
    template: str
    capabilities: Sequence[str]
    parameters: Sequence[str]


@frozen(kw_only=True)
class ExposedValue:
    """A value that an action exposes. path: the field that exposes it. origin: the field that has the value."""

    path: Path
    origin: Path
    value: Any


@frozen(kw_only=True)
class ManualDeployment:
    """The parts of a deployment through CodeDeploy that is started manually.

    task_definition, appspec: data with placeholders, or the path of a file in the source. images: the placeholder in
    the task definition for the image of each container that the deployment updates.
    """

    application: Value
    deployment_group: Value
    task_definition: str | Mapping[str, Data]
    appspec: str | Mapping[str, Data]
    images: Mapping[str, str]


@frozen
class Action(Model):
    """An action of a stage.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-requirements.html"""

    aws_type: ClassVar[str] = "AWS::CodePipeline::Pipeline.ActionDeclaration"

    name: Annotated[str, names.ACTION, Property("Name")]
    """The name of the action, unique in its stage. The console shows it, and other actions use it to refer to outputs.
    If several stages have an action of this name, references are `Stage.Action`, and the projects, artifacts and
    variables of all but the first are named `Stage-Action`."""
    _: KW_ONLY
    run_order: Annotated[int, Between(1, HIGHEST_ORDER), Property("RunOrder")] | None = None
    """The position in the stage; actions with equal numbers run in parallel. Default: after the actions that precede it
    in the stage, and before those that follow; sources run in parallel.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-requirements.html"""
    namespace: Annotated[str, names.NAMESPACE, Property("Namespace")] | None = None
    """The namespace of the output variables, as in `#{namespace.variable}`. Default: the name of the action."""
    runs_in: str | None = None
    """The environment of the definition in which the action runs, with its resources and permissions. Default: the
    environment of the service that it deploys to, or the pipeline's.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-create-cross-account.html"""
    extra_configuration: Annotated[Mapping[str, Setting], Property("Configuration")] = field(default_factory=dict)
    """Additional configuration keys of the provider, which pipegen does not set. Numbers, true and false are converted
    to text."""

    variables: ClassVar[tuple[str, ...]] = ()
    """The output variables that the provider documents. Kinds with other variables override `own_variables`."""

    after_deployment: ClassVar[bool] = False
    """Whether the action must run after a deployment."""

    takes_triggers: ClassVar[bool] = False
    """Whether triggers of the pipeline can refer to the action."""

    @property
    def action_type(self) -> ActionType:
        raise NotImplementedError

    def reads(self) -> Sequence[Input]:
        """The inputs, in the order that the provider expects."""
        return ()

    def makes(self) -> Sequence[Output]:
        """The outputs that the action can create."""
        return ()

    @property
    def takes_role(self) -> bool:
        """Whether the action can run with a role in another account, or in another region."""
        return True

    @property
    def waits_minutes(self) -> int:
        """How long the action may wait for a person."""
        return 0

    def variable(self, name: Never) -> str:
        """The text that CodePipeline replaces with an output variable of the action, such as `#{App.CommitId}`.

        Kinds with output variables override the type of `name`, and return `variable_of(self, name)`.
        """
        return variable_of(self, name)

    def own_variables(self) -> AbstractSet[str]:
        """The output variables of this action."""
        return frozenset(self.variables)

    def plain_variables(self) -> AbstractSet[str]:
        """The output variables whose values never contain quotes, backslashes or line breaks, which CodePipeline would
        insert into JSON without escaping."""
        return frozenset()

    def owned(self) -> Sequence[str]:
        """Descriptions of the resources that no other action of the pipeline may write to."""
        return ()

    def pushes(self) -> Sequence[Pushed]:
        """The repositories that the action pushes to."""
        return ()

    def exposes(self) -> Iterator[ExposedValue]:
        """Values that are readable for everyone with access to the action's output."""
        yield from ()

    def prepares(self) -> Sequence[Preparation]:
        """The resources that the action creates for later actions."""
        return ()

    def expects(self) -> Sequence[Preparation]:
        """The resources that earlier actions must have created for it."""
        return ()

    @property
    def updated_stack(self) -> StackUpdate | None:
        """The stack that the action creates or updates from a template."""
        return None

    @property
    def deleted_stack(self) -> Value | None:
        """The stack that the action deletes."""
        return None

    @property
    def started_pipeline(self) -> Value | None:
        """The name of the pipeline that the action starts."""
        return None

    def scripts(self) -> Iterator[tuple[Path, str]]:
        """The commands of the definition that the action runs, each with its path."""
        yield from ()

    def deploys_to(self) -> Sequence[Target]:
        """The ECS services that the action deploys to, as far as they are known."""
        return ()

    def manual_deployment(self, definition: str) -> ManualDeployment | None:
        """The parts for starting the action's CodeDeploy deployment manually. `definition`: the name of the
        definition."""
        return None

    @property
    def service_key(self) -> Value | None:
        """The key of the definition's service that the action deploys to, if the service sets everything else."""
        return None

    @property
    def deploys(self) -> bool:
        return self.action_type.category == "Deploy" or bool(self.deploys_to())

    @property
    def may_deploy(self) -> bool:
        """Whether the action probably deploys something that is not known, such as with the commands of a build."""
        return False

    def problems(self) -> Iterator[Problem]:
        """Check the fields. Paths start at the action."""
        yield from ()

    def trigger_problems(self) -> Iterator[Problem]:
        """Report fields that cannot be combined with a trigger. Paths start at the action."""
        yield from ()

    def foundation_problems(self) -> Iterator[Problem]:
        """Report fields that have no effect in a definition with a foundation. Paths start at the action."""
        yield from ()

    def bind(self, context: Context) -> Bound:
        """Create the configuration, permissions and resources for the artifacts that are wired to the action."""
        raise NotImplementedError

    @property
    def variable_namespace(self) -> str | None:
        """The namespace of the output variables, if there are any."""
        return (self.namespace or self.name.replace(".", "-")) if self.own_variables() else None

    def artifact_name(self, output: str) -> str:
        """The name of an output in CodePipeline. It is part of the name of a shell variable."""
        return identifier(shorten(f"{identifier(self.name)}_{output}", 100))

    def reference(self, output: str = "") -> Artifact[Any]:
        """A reference to an output of this action. Without a name: the only output."""
        return Artifact(f"{self.name}.{output}" if output else self.name)


def variable_of(action: Action, name: str) -> str:
    """The text that CodePipeline replaces with an output variable of an action. Raises ValueError if the action has no
    variable with this name."""
    known = action.own_variables()
    if name not in known:
        near = closest(name, known) or ", ".join(sorted(known))
        raise ValueError(
            f"{action.name} has no variable {quoted(name)}; {f'there is {near}' if near else 'it has none'}"
        )
    return f"#{{{action.variable_namespace}.{name}}}"
