"""The parameters of blueprints, and the arguments that they accept."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Literal, TypeGuard

from pipegen.errors import Path, one_line, quoted
from pipegen.fields.constraints import Between
from pipegen.fields.model import Model
from pipegen.fields.scalars import AmbiguousNumber, text_of_number
from pipegen.fields.words import is_expression
from pipegen.frozen import frozen
from pipegen.values.data import Data

ParameterType = Literal["string", "integer", "number", "boolean", "list", "mapping", "value", "values"]


def _is_number(data: Any) -> TypeGuard[float]:
    return isinstance(data, int | float) and not isinstance(data, bool) and math.isfinite(data)


def _is_reference(data: Any) -> bool:
    return isinstance(data, dict) and is_expression(data)


_TYPES: Mapping[ParameterType, tuple[str, Callable[[Any], bool]]] = {
    "string": ("a string", lambda data: isinstance(data, str)),
    "integer": ("an integer", lambda data: isinstance(data, int) and not isinstance(data, bool)),
    "number": ("a number", _is_number),
    "boolean": ("true or false", lambda data: isinstance(data, bool)),
    "list": ("a list", lambda data: isinstance(data, list)),
    "mapping": ("a mapping", lambda data: isinstance(data, dict) and not is_expression(data)),
    "value": ("a string or a CloudFormation expression", lambda data: isinstance(data, str) or _is_reference(data)),
    "values": ("a list or a CloudFormation expression", lambda data: isinstance(data, list) or _is_reference(data)),
}


_TEXTS = ("string", "value")


@frozen(kw_only=True)
class BlueprintParameter(Model):
    """A parameter of a blueprint."""

    type: ParameterType = "string"
    """The type of the argument. A `value` is a string or a CloudFormation expression, `values` are a list or such an
    expression. Default: string."""
    description: str = ""
    """The description that `pipegen blueprints NAME` shows."""
    default: Data = None
    """The value if a definition does not set the argument."""
    required: bool | None = None
    """Whether definitions must set the argument. Default: true if there is no `default`. A parameter that is not
    required and does not have a default is undefined."""
    fixed: bool = False
    """Whether the parameter always has its default and cannot be set. A blueprint that extends another one removes an
    inherited parameter in this way. Default: false."""
    allowed_values: Sequence[Data] = ()
    """The values that the argument can have. Default: all values of the type."""
    pattern: str | None = None
    """A regular expression that must match the whole string, or each item of a list. The syntax is Rust's, which
    matches in linear time: https://docs.rs/regex/latest/regex/#syntax"""
    pattern_description: str = ""
    """What matches the pattern, in words that complete "must be", such as "3 to 20 lower-case letters". Messages,
    editors, `pipegen init` and `pipegen blueprints NAME` show it in place of the pattern."""
    minimum: float | None = None
    """The minimum of a number."""
    maximum: float | None = None
    """The maximum of a number."""

    @property
    def is_scalar(self) -> bool:
        """Whether the argument can differ between environments, as a mapping of their names to values."""
        return self.type not in ("list", "mapping", "values")

    def problems(self) -> Iterator[tuple[Path, str, str]]:
        """Contradictions in the parameter: the path in it, the message and the fix."""
        for index, value in enumerate(self.allowed_values):
            if not _TYPES[self.type][1](self.as_text(value)):
                text = f"allowed_values[{index}] must be {_TYPES[self.type][0]}, got {_shown(value)}"
                yield ("allowed_values", index), text, "correct the value or the type"
        if self.pattern is not None:
            try:
                _matcher(self.pattern)
            except ValueError as error:
                yield ("pattern",), one_line(error), "see https://docs.rs/regex/latest/regex/#syntax"
        elif self.pattern_description:
            yield ("pattern_description",), "pattern_description has no effect without pattern", "add a pattern"

    def faults(self, data: Any) -> Iterator[tuple[Path, str, str]]:
        """The faults of an argument: the path of the item in it, the message and the fix."""
        if isinstance(data, AmbiguousNumber) and self.type in _TEXTS:
            text = f"must be a string, got {data.text}, which YAML reads as the number {float(data)!r}"
            yield (), text, f'put it in quotes: "{data.text}"'
            return
        data, (expected, fits) = self.as_text(data), _TYPES[self.type]
        if not fits(data):
            in_quotes = isinstance(data, bool) and self.type in _TEXTS
            yield (), f"must be {expected}, got {_shown(data)}", "put it in quotes" if in_quotes else ""
        elif self.allowed_values and data not in map(self.as_text, self.allowed_values):
            yield (), f"must be one of {', '.join(map(str, self.allowed_values))}, got {_shown(data)}", ""
        elif self.pattern is not None and not _is_number(data):
            for path, item in _unfit(self.pattern, data):
                yield path, f"{self.demanded_pattern}, got {_shown(item)}", ""
        elif _is_number(data) and not (bounds := Between(self.minimum, self.maximum)).admits(data):
            yield (), f"must {bounds.demand}, got {_shown(data)}", ""

    @property
    def demanded_pattern(self) -> str:
        """What a string must be or match, as messages demand it."""
        words = one_line(self.pattern_description)
        return f"must be {words}" if words else f"must match {self.pattern}"

    def as_text(self, data: Any) -> Any:
        """An argument as expressions see it: a number as text if the type is a string."""
        return text_of_number(data) if self.type in _TEXTS else data


@cache
def _matcher(pattern: str) -> Callable[[str], bool]:
    """Return a function that tests whether a pattern matches a whole string. Raises ValueError."""
    from pydantic_core import SchemaError, SchemaValidator, core_schema

    try:
        validator = SchemaValidator(core_schema.str_schema(pattern=f"^(?:{pattern})$", regex_engine="rust-regex"))
    except SchemaError as error:
        reason = one_line(str(error).splitlines()[-1], 120).removeprefix("error: ")
        raise ValueError(f"pattern must be a regular expression: {reason}") from None
    return lambda text: bool(validator.isinstance_python(text))


def _unfit(pattern: str, data: Any) -> Iterator[tuple[Path, Any]]:
    """Find the strings that do not match: the data itself, or items of a list, with their paths."""
    matches = _matcher(pattern)
    leaves: list[tuple[Path, Any]] = []
    if isinstance(data, list):
        leaves = [((index,), item) for index, item in enumerate(data)]
    elif isinstance(data, str):
        leaves = [((), data)]
    yield from (each for each in leaves if not (isinstance(each[1], str) and matches(each[1])))


def _shown(data: Any) -> str:
    if isinstance(data, dict):
        return "an expression" if is_expression(data) else "a mapping"
    if isinstance(data, list | tuple):
        return "a list"
    if data is None or isinstance(data, bool):
        return {None: "nothing", True: "true", False: "false"}[data]
    return quoted(data, 60)
