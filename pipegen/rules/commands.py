"""Shell commands that must succeed, without a project.
https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-Commands.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from pipegen.errors import Problem
from pipegen.grant import Grant
from pipegen.log_group import commands_log_grant
from pipegen.rule import BoundRule, BuildRule, RuleContext

_COMMANDS, _LENGTH = 50, 1000
"""https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_RuleDeclaration.html"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandsRule(BuildRule):
    """Commands in the smallest Linux build there is, for 55 minutes at most, with the pipeline's role.

    commands: 1 to 50 of one line each, which may use `#{namespace.variable}`. grants: further permissions for them;
    the pipeline's role has them everywhere. At most 10 artifacts.
    """

    kind: Literal["commands"] = "commands"
    commands: Sequence[str]
    grants: Sequence[Grant] = ()

    provider: ClassVar[str] = "Commands"
    input_count: ClassVar[tuple[int, int]] = (1, 10)

    def problems(self) -> Iterator[Problem]:
        if not 1 <= len(self.commands) <= _COMMANDS:
            fix = f"1 to {_COMMANDS}: move the others into a script in the source"
            yield Problem("rule-commands", ("commands",), f"{len(self.commands)} commands", fix)
        for index, command in enumerate(self.commands):
            if not 1 <= len(command) <= _LENGTH:
                text = f"a command of {len(command):,} characters"
                yield Problem("rule-commands", ("commands", index), text, f"1 to {_LENGTH:,}")
            elif "\n" in command:
                fix = "CodePipeline takes one line each: make several of it"
                yield Problem("rule-commands", ("commands", index), "a command of several lines", fix)
        for index, grant in enumerate(self.grants):
            for problem in grant.problems():
                yield problem.under("grants", index)

    def bind(self, context: RuleContext) -> BoundRule:
        write = commands_log_grant(context.pipeline_name)
        return BoundRule(grants=(write, *self.grants), commands=self.commands)
