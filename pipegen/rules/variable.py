"""The value of a variable of the run.
https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-VariableCheck.html"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pipegen.errors import Problem, one_line
from pipegen.fields.aws import ConfigurationKey
from pipegen.rule import BoundRule, Rule, RuleContext
from pipegen.values import Value

_PLAIN_VALUE = re.compile(r"[\w ./:@,+=#-]*")
_PART = r"(?:\\[.dw/-]|\[(?:a-z|A-Z|0-9|[\w./:@+ ])+-?\]|[\w/:@, +*?{}=-])"
_PLAIN_PATTERN = re.compile(rf"\^(?:{_PART}*|\((?:{_PART}|\|)*\))\$")
"""Regular expressions of which one sees that nothing they match has quotes, backslashes or line breaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableRule(Rule):
    """The value of a variable of an action or of the pipeline.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-VariableCheck.html"""

    kind: Literal["variable"] = "variable"
    variable: Annotated[Value, ConfigurationKey("Variable")]
    """The variable, as `#{namespace.variable}`."""
    value: Annotated[Value, ConfigurationKey("Value")]
    """What the variable is compared with."""
    operator: Annotated[Literal["EQ", "NE", "CONTAINS", "MATCHES"], ConfigurationKey("Operator")] = "EQ"
    """How they are compared: EQ (equal), NE (not equal), CONTAINS, or MATCHES, for which `value` is a Java regular
    expression. Default: EQ."""

    provider: ClassVar[str] = "VariableCheck"
    may_skip: ClassVar[bool] = True

    def problems(self) -> Iterator[Problem]:
        if isinstance(self.variable, str) and "#{" not in self.variable:
            text = f"{one_line(repr(self.variable), 80)} names no variable"
            yield Problem("rule-variable", ("variable",), text, "write it as #{namespace.variable}")

    @property
    def checked_variable(self) -> str | None:
        if not isinstance(self.variable, str) or not isinstance(self.value, str):
            return None
        plain = _PLAIN_VALUE if self.operator == "EQ" else _PLAIN_PATTERN if self.operator == "MATCHES" else None
        return self.variable if plain is not None and plain.fullmatch(self.value) else None

    def bind(self, context: RuleContext) -> BoundRule:
        return BoundRule(configuration={"Variable": self.variable, "Value": self.value, "Operator": self.operator})
