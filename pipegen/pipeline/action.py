"""The contract of an action: what a kind says of itself, and what `bind` returns.

A kind is one frozen dataclass in `pipegen/actions/`. It never reaches for anything: it is asked what it reads and
makes, and for problems; `bind` turns what it knows (`Context`) into what it needs (`Bound`). Binding twice gives
equal values.
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
from pipegen.values.value import Value

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

HIGHEST_ORDER = 999
"""https://docs.aws.amazon.com/codepipeline/latest/userguide/action-requirements.html"""


@frozen
class DeployedService(Model):
    """A service that is part of the definition, as the actions that deploy to it refer to it."""

    key: str
    """The key of the service in `services`, unique in the definition."""

    named_by: ClassVar[str] = "key"
    declared_in: ClassVar[str] = "services"


INPUT_ARTIFACTS = Property("AWS::CodePipeline::Pipeline.ActionDeclaration.InputArtifacts")
"""Marks the fields that name an action's artifacts."""


@frozen(kw_only=True)
class ActionType(Model):
    """CodePipeline's ActionTypeId, and how many artifacts the provider takes and makes. Unless its inputs are
    `distinct_inputs`, one artifact may serve several of its inputs. input_megabytes: the most that an input may have,
    where that is little enough to matter.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html"""

    category: str
    provider: str
    owner: str = "AWS"
    version: str = "1"
    inputs: tuple[int, int] = (0, 0)
    outputs: tuple[int, int] = (0, 0)
    distinct_inputs: bool = True
    input_megabytes: int | None = None


@frozen(kw_only=True)
class Wired:
    """An input that found its artifact: the artifact's name in the pipeline, and what its producer holds. `reader` is
    the name under which the producer writes for this reader what it `requires`."""

    artifact: str
    contents: Contents
    reader: str
    requires: Requirement


@frozen(kw_only=True)
class Context:
    """What an action knows when it is bound."""

    definition: str
    pipeline: str = ""
    inputs: Sequence[Wired] = ()
    requests: Mapping[str, Sequence[Request]] = field(default_factory=dict)
    """Per output name, what its readers require; an output that nobody reads is absent."""
    bucket_arn: Value = ""
    key_arn: Value | None = None
    has_trigger: bool = False
    """Whether one of the pipeline's triggers is about it."""
    build_log_group: Value | None = None
    """The group that all builds write their logs to, each to streams of its own; without one, each has its group."""
    has_registry: bool = False
    """Whether repositories to create are in a stack of their own, which is deployed before."""


@frozen(kw_only=True)
class EventTrigger:
    """An EventBridge pattern whose events start the pipeline, with the revision that the event is about.

    revision_type: of StartPipelineExecution. revision_path: where the event has it.
    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_SourceRevisionOverride.html
    """

    pattern: Mapping[str, Any]
    description: str
    revision_type: Literal["COMMIT_ID", "IMAGE_DIGEST", "S3_OBJECT_VERSION_ID"]
    revision_path: str


@frozen(kw_only=True)
class Bound:
    """What an action needs: its configuration, permissions for the pipeline's role, resources of its own."""

    configuration: Mapping[str, Value | int | bool] = field(default_factory=dict)
    grants: Sequence[Grant] = ()
    resources: Sequence[AWSObject] = ()
    roles: Sequence[ServiceRole] = ()
    trigger: EventTrigger | None = None
    timeout_minutes: int | None = None
    outputs: Mapping[str, Value] = field(default_factory=dict)
    """Outputs for the stack, such as the URI of a repository that it creates."""
    commands: Sequence[Value] = ()
    """Those of CodePipeline's Commands action; a property of the action, not of its configuration."""


@frozen(kw_only=True)
class Target:
    """An ECS service that an action deploys to, and who must be in control of its deployments for that. group: the
    deployment group that is made for it."""

    cluster: Value
    service: Value
    controller: Literal["ECS", "CODE_DEPLOY"]
    path: Path = ()
    group: Any = None


@frozen(kw_only=True)
class Preparation:
    """What one action leaves in the account for a later one, such as a change set. names: what identifies it, from the
    widest. path: the field of the action with the last of them."""

    words: str
    names: Sequence[Value]
    path: Path


@frozen(kw_only=True)
class StackUpdate:
    """A stack that an action creates or updates, with the capabilities that it acknowledges and the names of the
    parameters that it gives. template: its path in an artifact."""

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
    """What a deployment through CodeDeploy is made of, for those who start one outside the pipeline.

    task_definition, appspec: data with placeholders, or the path of a file in the source. images: for every container
    that the deployment brings an image for, the text that stands for it in the task definition.
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
    """The name of the action, unique in its stage: what the console shows, and what others use to refer to its outputs.
    If several stages have an action of this name, others refer to them as `Stage.Action`, and the projects, artifacts
    and variables of all but the first are named `Stage-Action`."""
    _: KW_ONLY
    run_order: Annotated[int, Between(1, HIGHEST_ORDER), Property("RunOrder")] | None = None
    """The position in the stage; actions with equal numbers run in parallel. Default: after every action written before
    it in the stage, and before those written after it; sources run in parallel.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-requirements.html"""
    namespace: Annotated[str, names.NAMESPACE, Property("Namespace")] | None = None
    """The namespace of the output variables, as in `#{namespace.variable}`. Default: the name of the action."""
    extra_configuration: Annotated[Mapping[str, Setting], Property("Configuration")] = field(default_factory=dict)
    """Further configuration keys of the provider, which pipegen does not set itself. CodePipeline takes texts; numbers,
    true and false are converted."""

    variables: ClassVar[tuple[str, ...]] = ()
    """The output variables that the provider documents; kinds that make their own add to `own_variables`."""

    after_deployment: ClassVar[bool] = False
    """Whether it is about a deployment, and has to run after it."""

    takes_triggers: ClassVar[bool] = False
    """Whether the pipeline's triggers can be about it."""

    @property
    def action_type(self) -> ActionType:
        raise NotImplementedError

    def reads(self) -> Sequence[Input]:
        """What it reads, in the order in which the provider expects it."""
        return ()

    def makes(self) -> Sequence[Output]:
        """What it can hand on."""
        return ()

    @property
    def waits_minutes(self) -> int:
        """How long it may wait for a person."""
        return 0

    def variable(self, name: Never) -> str:
        """The text that CodePipeline replaces with an output variable of the action, such as `#{App.CommitId}`.

        A kind with output variables overrides it to say which names there are; the body is `variable_of`.
        """
        return variable_of(self, name)

    def own_variables(self) -> AbstractSet[str]:
        """The output variables of this very action."""
        return frozenset(self.variables)

    def plain_variables(self) -> AbstractSet[str]:
        """Those of its output variables whose values have no quotes, backslashes or line breaks, whoever writes them:
        CodePipeline inserts them into JSON as they are."""
        return frozenset()

    def owned(self) -> Sequence[str]:
        """What no other action of the pipeline may write to, in words."""
        return ()

    def pushes(self) -> Sequence[Pushed]:
        """The repositories that it pushes to."""
        return ()

    def exposes(self) -> Iterator[ExposedValue]:
        """Values that stay where everybody who may see what the action makes can read them."""
        yield from ()

    def prepares(self) -> Sequence[Preparation]:
        """What it leaves for later actions."""
        return ()

    def expects(self) -> Sequence[Preparation]:
        """What earlier actions must have left for it."""
        return ()

    @property
    def updated_stack(self) -> StackUpdate | None:
        """The stack that it creates or updates from a template."""
        return None

    @property
    def deleted_stack(self) -> Value | None:
        """The stack that it deletes."""
        return None

    def scripts(self) -> Iterator[tuple[Path, str]]:
        """The commands of the user's that it runs in a build, each with its place."""
        yield from ()

    def deploys_to(self) -> Sequence[Target]:
        """The ECS services that it deploys to, as far as they are known."""
        return ()

    def manual_deployment(self, definition: str) -> ManualDeployment | None:
        """How its deployment is started outside the pipeline, if CodeDeploy does it; `definition` is the name."""
        return None

    @property
    def service_key(self) -> Value | None:
        """The key of the definition's service that it deploys to, where it leaves everything else to the service."""
        return None

    @property
    def deploys(self) -> bool:
        return self.action_type.category == "Deploy" or bool(self.deploys_to())

    @property
    def may_deploy(self) -> bool:
        """Whether it may well deploy something in a way that cannot be known, such as by commands of a build."""
        return False

    def problems(self) -> Iterator[Problem]:
        """What is wrong with its own fields; paths start at the action."""
        yield from ()

    def trigger_problems(self) -> Iterator[Problem]:
        """What of its own fields does not go with a trigger; paths start at the action."""
        yield from ()

    def foundation_problems(self) -> Iterator[Problem]:
        """What of its own fields has no effect where there is a foundation; paths start at the action."""
        yield from ()

    def bind(self, context: Context) -> Bound:
        """What it needs, given what is wired to it."""
        raise NotImplementedError

    @property
    def variable_namespace(self) -> str | None:
        """The namespace of its output variables, if it has any."""
        return (self.namespace or self.name.replace(".", "-")) if self.own_variables() else None

    def artifact_name(self, output: str) -> str:
        """The name that CodePipeline knows an output by; it is part of a shell variable's name."""
        return identifier(shorten(f"{identifier(self.name)}_{output}", 100))

    def reference(self, output: str = "") -> Artifact[Any]:
        """How others name an output of this action; without a name, the only one it has."""
        return Artifact(f"{self.name}.{output}" if output else self.name)


def variable_of(action: Action, name: str) -> str:
    """The text that CodePipeline replaces with an output variable of an action. Raises ValueError if the action has no
    variable of that name."""
    known = action.own_variables()
    if name not in known:
        near = closest(name, known) or ", ".join(sorted(known))
        raise ValueError(
            f"{action.name} has no variable {quoted(name)}; {f'there is {near}' if near else 'it has none'}"
        )
    return f"#{{{action.variable_namespace}.{name}}}"
