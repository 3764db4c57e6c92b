"""The contract of a rule: what a kind of rule says of itself, and what `bind` returns.

Conditions contain rules as stages contain actions. A kind is one frozen dataclass in `pipegen/conditions/`.
https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, field
from typing import Annotated, ClassVar

from pipegen.errors import Path, Problem
from pipegen.fields.aws import Property
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.pipeline.artifact import Contents, Reference
from pipegen.pipeline.binding import Wired
from pipegen.pipeline.requirement import AnyArtifact, AnyTree, Input
from pipegen.pipeline.setting import Setting
from pipegen.syntax import names
from pipegen.values.value import Value


@frozen(kw_only=True)
class RuleContext:
    """The input of `Rule.bind`."""

    pipeline_name: str
    inputs: Sequence[Wired] = ()


@frozen(kw_only=True)
class BoundRule:
    """The result of `Rule.bind`: the configuration, permissions for the pipeline's role, and commands if it has
    some."""

    configuration: Mapping[str, Value | int | bool] = field(default_factory=dict)
    grants: Sequence[Grant] = ()
    commands: Sequence[str] = ()


@frozen
class Rule(Model):
    """A rule of a condition.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference.html"""

    aws_type: ClassVar[str] = "AWS::CodePipeline::Pipeline.RuleDeclaration"

    name: Annotated[str, names.RULE, Property("Name")]
    """The name of the rule, unique in its condition: what the console shows."""
    _: KW_ONLY
    extra_configuration: Annotated[Mapping[str, Setting], Property("Configuration")] = field(default_factory=dict)
    """Additional configuration keys of the provider, which pipegen does not set. Numbers, true and false are converted
    to text."""

    provider: ClassVar[str] = ""
    input_count: ClassVar[tuple[int, int]] = (0, 0)
    """The smallest and largest number of artifacts that the provider accepts."""
    may_skip: ClassVar[bool] = False
    """Whether CodePipeline supports the rule in a condition that skips its stage."""

    @property
    def checked_variable(self) -> str | None:
        """The `#{namespace.variable}` of which the rule rejects values with quotes, backslashes or line breaks."""
        return None

    @property
    def required_text(self) -> tuple[str, str] | None:
        """The `#{namespace.variable}` and the text that it must equal for the rule to succeed."""
        return None

    def passes(self, text: str) -> bool | None:
        """Whether the rule succeeds if its variable has this text; None if that is not known."""
        return None

    def scripts(self) -> Iterator[tuple[Path, str]]:
        """The commands that the rule runs, each with its path."""
        yield from ()

    def reads(self) -> Sequence[Input]:
        """The inputs, in the order that the provider expects."""
        return ()

    def problems(self) -> Iterator[Problem]:
        """Check the fields. Paths start at the rule."""
        yield from ()

    def bind(self, context: RuleContext) -> BoundRule:
        """Create the configuration and permissions for the artifacts that are wired to the rule."""
        raise NotImplementedError


@frozen(kw_only=True)
class BuildRule(Rule):
    """The fields of rules that run commands on files."""

    input: Annotated[Reference[Contents], Property("InputArtifacts")] | None = None
    """The artifact in whose directory the commands start. Default: the only source tree."""
    extra_inputs: Annotated[Sequence[Reference[Contents]], Property("InputArtifacts")] = ()
    """Additional artifacts, in the directories `$CODEBUILD_SRC_DIR_<artifact>`."""

    def reads(self) -> Sequence[Input]:
        requires = AnyTree() if self.input is None else AnyArtifact()
        extra = (
            Input(path=("extra_inputs", index), requires=AnyArtifact(), artifact=artifact)
            for index, artifact in enumerate(self.extra_inputs)
        )
        return (Input(path=("input",), requires=requires, artifact=self.input), *extra)
