"""The value of a variable of the run.
https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-VariableCheck.html"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from pipegen.errors import Problem, one_line
from pipegen.rule import BoundRule, Rule, RuleContext
from pipegen.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableRule(Rule):
    """A variable that must have some value.

    variable: `#{namespace.variable}`, an action's or the pipeline's own. value: what it is compared with.
    operator: EQ, NE, CONTAINS, or MATCHES, for which `value` is a Java regular expression.
        https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-VariableCheck.html
    """

    kind: Literal["variable"] = "variable"
    variable: Value
    value: Value
    operator: Literal["EQ", "NE", "CONTAINS", "MATCHES"] = "EQ"

    provider: ClassVar[str] = "VariableCheck"
    may_skip: ClassVar[bool] = True

    def problems(self) -> Iterator[Problem]:
        if isinstance(self.variable, str) and "#{" not in self.variable:
            text = f"{one_line(repr(self.variable), 80)} names no variable"
            yield Problem("rule-variable", ("variable",), text, "write it as #{namespace.variable}")

    def bind(self, context: RuleContext) -> BoundRule:
        return BoundRule(configuration={"Variable": self.variable, "Value": self.value, "Operator": self.operator})
