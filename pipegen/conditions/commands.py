"""Shell commands that must succeed, without a project.
https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-Commands.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Literal

from pipegen.codebuild.commands import command_problems
from pipegen.errors import Path, Problem
from pipegen.fields.aws import Property
from pipegen.fields.constraints import ONE_LINE, Length
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant, grant_problems
from pipegen.model.log_group import commands_log_grant
from pipegen.pipeline.rule import BoundRule, BuildRule, RuleContext


@frozen(kw_only=True)
class CommandsRule(BuildRule):
    """Commands in CodePipeline's smallest Linux build, for at most 55 minutes, with the role of the pipeline. The rule
    accepts at most 10 artifacts. https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-Commands.html"""

    kind: Literal["commands"] = "commands"
    commands: Annotated[
        Sequence[Annotated[str, Length(1, 1000), ONE_LINE]], Length(1, 50, "commands"), Property("Commands")
    ]
    """The commands, one line each, which may use `#{namespace.variable}`. The rule succeeds if all of them do.
    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_RuleDeclaration.html"""
    grants: Sequence[Grant] = ()
    """Additional permissions for the commands. The role of the pipeline has them in all stages."""

    provider: ClassVar[str] = "Commands"
    input_count: ClassVar[tuple[int, int]] = (1, 10)

    def scripts(self) -> Iterator[tuple[Path, str]]:
        yield from ((("commands", index), command) for index, command in enumerate(self.commands))

    def problems(self) -> Iterator[Problem]:
        yield from command_problems("commands", self.commands, (), has_docker=False, is_own_image=False)
        yield from grant_problems(self.grants)

    def bind(self, context: RuleContext) -> BoundRule:
        write = commands_log_grant(context.pipeline_name)
        return BoundRule(grants=(write, *self.grants), commands=self.commands)
