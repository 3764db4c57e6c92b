"""The value of a variable of the run.
https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-VariableCheck.html"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pipegen.errors import Problem, Severity, quoted
from pipegen.fields.aws import ConfigurationKey
from pipegen.fields.gaps import is_known
from pipegen.frozen import frozen
from pipegen.pipeline.rule import BoundRule, Rule, RuleContext
from pipegen.values.value import Value

_PLAIN_VALUE = re.compile(r"[\w ./:@,+=#-]*")
_PART = r"(?:\\[.dw/-]|\[(?:a-z|A-Z|0-9|[\w./:@+ ])+-?\]|[\w/:@, +*?{}=-])"
_PLAIN_PATTERN = re.compile(rf"\^(?:{_PART}*|\((?:{_PART}|\|)*\))\$")
"""Regular expressions that only match texts without quotes, backslashes and line breaks."""

_USE_MATCHES = "use operator: MATCHES for a regular expression"


@frozen(kw_only=True)
class VariableRule(Rule):
    """The value of a variable of an action or of the pipeline.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-VariableCheck.html"""

    kind: Literal["variable"] = "variable"
    variable: Annotated[Value, ConfigurationKey("Variable")]
    """The variable, as `#{namespace.variable}`."""
    value: Annotated[Value, ConfigurationKey("Value")]
    """The value that the variable is compared with."""
    operator: Annotated[Literal["EQ", "NE", "CONTAINS", "MATCHES"], ConfigurationKey("Operator")] = "EQ"
    """How they are compared: EQ (equal), NE (not equal), CONTAINS, or MATCHES, for which `value` is a Java regular
    expression. Default: EQ."""

    provider: ClassVar[str] = "VariableCheck"
    may_skip: ClassVar[bool] = True

    def problems(self) -> Iterator[Problem]:
        if isinstance(self.variable, str) and "#{" not in self.variable:
            text = f"variable must be a reference to a variable, got {quoted(self.variable)}"
            yield Problem("rule-variable", ("variable",), text, "write #{namespace.variable}")
        if is_known(self.value):
            yield from (
                self._expression_problems(self.value) if self.operator == "MATCHES" else self._text_problems(self.value)
            )

    def _expression_problems(self, value: str) -> Iterator[Problem]:
        from pipegen.syntax import regexes

        text = f"value must be a regular expression with operator {self.operator}, got {quoted(value)}"
        if fault := regexes.fault(value):
            yield Problem(
                "rule-variable", ("value",), f"{text}: {fault}", "correct it, or escape the character with \\"
            )
        elif re.search(r"^/\^?.*/[a-z]*$", value):
            yield Problem("rule-variable", ("value",), text, "remove the / around it", severity="warning")
        elif re.search(r"/\*|^\w[\w-]*\*$", value):
            fix = f"write .* for any characters: {re.sub(r'[*]+', '.*', value)}"
            yield Problem("rule-variable", ("value",), f"{text}, a glob pattern", fix, severity="warning")

    def _text_problems(self, value: str) -> Iterator[Problem]:
        from pipegen.syntax import regexes

        text = f"value must be a text with operator {self.operator}, got {quoted(value)}"
        if regexes.looks_like_regex(value):
            severity: Severity = "error" if value.startswith("^") else "warning"
            yield Problem("rule-variable", ("value",), f"{text}, a regular expression", _USE_MATCHES, severity)
        elif re.search(r"\w/\*+$|^\*+\w|^\w+\*$", value):
            fix = f"{_USE_MATCHES}: {re.sub(r'[*]+', '.*', value)}"
            yield Problem("rule-variable", ("value",), f"{text}, a glob pattern", fix, severity="warning")

    def passes(self, text: str) -> bool | None:
        if self.operator != "MATCHES" or not is_known(self.value):
            return None
        from pipegen.syntax import regexes

        return None if regexes.fault(self.value) else regexes.finds(self.value, text)

    @property
    def required_text(self) -> tuple[str, str] | None:
        if self.operator != "EQ" or not isinstance(self.variable, str) or not is_known(self.value):
            return None
        return self.variable, self.value

    @property
    def checked_variable(self) -> str | None:
        if not isinstance(self.variable, str) or not isinstance(self.value, str):
            return None
        plain = _PLAIN_VALUE if self.operator == "EQ" else _PLAIN_PATTERN if self.operator == "MATCHES" else None
        return self.variable if plain is not None and plain.fullmatch(self.value) else None

    def bind(self, context: RuleContext) -> BoundRule:
        return BoundRule(configuration={"Variable": self.variable, "Value": self.value, "Operator": self.operator})
