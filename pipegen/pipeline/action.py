"""The base class of actions: the properties and methods that an action kind overrides.

A kind is one frozen dataclass in `pipegen/actions/`. It declares its inputs and outputs (`reads`, `makes`) and checks
its fields (`problems`). `bind` derives the resources and permissions (`Bound`) from the surrounding pipeline
(`Context`). It has no side effects: binding twice returns equal values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Never

from pipegen.errors import Path, Problem, quoted
from pipegen.facts import closest
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Between
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.model.repository import Pushed
from pipegen.pipeline.artifact import Artifact, Output
from pipegen.pipeline.binding import Bound, Context
from pipegen.pipeline.effects import ExposedValue, ManualDeployment, Preparation, StackUpdate, Target
from pipegen.pipeline.requirement import Input
from pipegen.pipeline.setting import Setting
from pipegen.syntax import names
from pipegen.syntax.names import identifier, shorten
from pipegen.values.value import Value

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
    def artifact_role(self) -> tuple[str, Value | None] | None:
        """The existing role that reads and writes the artifacts of the action besides the role that CodePipeline uses:
        the field that sets it, and the role if it is known."""
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
