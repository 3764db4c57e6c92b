"""The contract of a rule: what a kind of rule says of itself, and what `bind` returns.

A rule is to a condition what an action is to a stage. A kind is one frozen dataclass in `pipegen/conditions/`.
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
from pipegen.pipeline.action import Wired
from pipegen.pipeline.artifact import Contents, Reference
from pipegen.pipeline.requirement import AnyArtifact, AnyTree, Input
from pipegen.pipeline.setting import Setting
from pipegen.syntax import names
from pipegen.values.value import Value


@frozen(kw_only=True)
class RuleContext:
    """What a rule knows when it is bound."""

    pipeline_name: str
    inputs: Sequence[Wired] = ()


@frozen(kw_only=True)
class BoundRule:
    """What a rule needs: its configuration, permissions for the pipeline's role, and commands where it has some."""

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
    """Further configuration keys of the provider, which pipegen does not set itself. CodePipeline takes texts; numbers,
    true and false are converted."""

    provider: ClassVar[str] = ""
    input_count: ClassVar[tuple[int, int]] = (0, 0)
    """How many artifacts the provider takes."""
    may_skip: ClassVar[bool] = False
    """Whether its verdict can make a run skip the stage: CodePipeline lets those alone that look at the run itself."""

    @property
    def checked_variable(self) -> str | None:
        """The `#{namespace.variable}` that it lets pass only without quotes, backslashes and line breaks."""
        return None

    @property
    def required_text(self) -> tuple[str, str] | None:
        """The `#{namespace.variable}` that has to equal a text for the rule to succeed, and the text."""
        return None

    def passes(self, text: str) -> bool | None:
        """Whether it succeeds when its variable has a text; None where that is not known."""
        return None

    def scripts(self) -> Iterator[tuple[Path, str]]:
        """The commands that it runs, each with its place."""
        yield from ()

    def reads(self) -> Sequence[Input]:
        """What it reads, in the order in which the provider expects it."""
        return ()

    def problems(self) -> Iterator[Problem]:
        """What is wrong with its own fields; paths start at the rule."""
        yield from ()

    def bind(self, context: RuleContext) -> BoundRule:
        """What it needs, given what is wired to it."""
        raise NotImplementedError


@frozen(kw_only=True)
class BuildRule(Rule):
    """The fields of rules that run commands on files."""

    input: Annotated[Reference[Contents], Property("InputArtifacts")] | None = None
    """The artifact whose files the commands start in. Default: the only source tree."""
    extra_inputs: Annotated[Sequence[Reference[Contents]], Property("InputArtifacts")] = ()
    """Further artifacts, in the directories `$CODEBUILD_SRC_DIR_<artifact>`."""

    def reads(self) -> Sequence[Input]:
        requires = AnyTree() if self.input is None else AnyArtifact()
        extra = (
            Input(path=("extra_inputs", index), requires=AnyArtifact(), artifact=artifact)
            for index, artifact in enumerate(self.extra_inputs)
        )
        return (Input(path=("input",), requires=requires, artifact=self.input), *extra)
