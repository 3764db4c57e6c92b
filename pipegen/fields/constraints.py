"""Constraints on the values of a field, as markers in its annotation: `Annotated[int, Between(1, 5)]`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sized
from functools import cache
from typing import Any, Protocol

from pipegen.errors import Path, last_of
from pipegen.fields.base import INVALID, Json, Reading, Schemas, Type
from pipegen.fields.gaps import DYNAMIC, GAP, VARIABLE, could_match, with_gaps
from pipegen.fields.refined import RefinedType
from pipegen.fields.scalars import TextType
from pipegen.fields.words import function_of, shown
from pipegen.frozen import frozen


class Constraint(Protocol):
    """A constraint on values.

    code: of its problems. demand: what a value must do, such as "be between 1 and 5".
    """

    @property
    def code(self) -> str: ...

    @property
    def demand(self) -> str: ...

    def admits(self, value: Any) -> bool:
        """Whether a value meets the constraint, or a text with gaps can become a value that does."""
        ...

    def schema(self) -> Json:
        """The JSON Schema keywords of the constraint."""
        ...


def unmet(constraint: Constraint, value: Any) -> str:
    """The fault of a value that does not meet a constraint."""
    if isinstance(constraint, Length):
        actual = str(len(value))
    else:
        actual = shown(re.sub(GAP, "…", value) if isinstance(value, str) else value)
    return f"must {constraint.demand}, got {actual}"


@frozen
class ConstrainedType(RefinedType):
    """A type whose values must meet a constraint.

    is_literal: whether strings are literal, so that `#{…}` and `{{resolve:…}}` are ordinary characters and not gaps.
    """

    constraint: Constraint
    is_literal: bool

    def check(self, value: Any, path: Path, reading: Reading) -> None:
        wrong = next((each for each in reading.possible(value) if not self._admits(each)), INVALID)
        if hasattr(value, "data") and not _counts_items(self.constraint):
            reading.expressions.append(path)
        if wrong is not INVALID:
            origin = "" if wrong is value else f" from {function_of(value)}"
            reading.add(self.constraint.code, path, f"{last_of(path)} {unmet(self.constraint, wrong)}{origin}")

    def _admits(self, value: Any) -> bool:
        is_open = isinstance(value, str) and not self.is_literal
        return self.constraint.admits(with_gaps(value) if is_open else value)

    def schema(self, schemas: Schemas) -> Json:
        own = self.constraint.schema()
        if not self.is_literal:
            own = opened(own, self.constraint.demand)
        return _narrowed(self.inner.schema(schemas), own)


def _counts_items(constraint: Constraint) -> bool:
    """Whether a constraint is for the number of items, which is unknown for a list that an expression returns."""
    return isinstance(constraint, Length) and constraint.counts_items


@frozen
class ExpressionsType:
    """A type whose expressions meet another constraint than its literals. inner: the type of literals."""

    inner: Type
    expressions: Type

    @property
    def expected(self) -> str:
        return self.inner.expected

    def fits(self, data: Any) -> bool:
        return self.inner.fits(data)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        return (self.expressions if function_of(data) else self.inner).read(data, path, reading)

    def schema(self, schemas: Schemas) -> Json:
        return self.inner.schema(schemas)


_OPEN = rf"|{VARIABLE.pattern}|{DYNAMIC.pattern}"
"""The alternative in a schema's pattern for texts with gaps."""
KEYWORDS = {
    "array": ("minItems", "maxItems"),
    "integer": ("minimum", "maximum", "not", "enum"),
    "number": ("minimum", "maximum", "enum"),
    "object": ("minProperties", "maxProperties"),
    "string": ("minLength", "maxLength", "pattern", "patternErrorMessage"),
}
"""The keywords that constrain each type. They are written beside the type, as editors would otherwise apply them to
expressions too."""


def opened(own: Json, demand: str = "") -> Json:
    """The keywords of a constraint, relaxed for texts with gaps."""
    if "maxLength" in own:  # it limits the text as written, before gaps are filled
        lengths = f"{own.pop('minLength', 0)},{own.pop('maxLength')}"
        own |= {"pattern": rf"^[\s\S]{{{lengths}}}$", "patternErrorMessage": f"must {demand}"}
    return own | {"pattern": own["pattern"] + _OPEN} if "pattern" in own else own


def _narrowed(described: Json, own: Json) -> Json:
    """A schema with the keywords added to the types that they apply to."""
    if "anyOf" in described:
        return {**described, "anyOf": [_narrowed(each, own) for each in described["anyOf"]]}
    fitting = {key: value for key, value in own.items() if key in KEYWORDS.get(described.get("type", ""), ())}
    return {"allOf": [described, fitting]} if fitting.keys() & described.keys() else {**described, **fitting}


def _is_literal(kind: Any) -> bool:
    """Whether strings of a type are literal, without gaps."""
    return isinstance(kind, TextType) or (hasattr(kind, "inner") and _is_literal(kind.inner))


class InExpressions:
    """Marks a field whose expressions meet this constraint instead of the one before it, because some literals have
    another form in the template."""

    def __init__(self, constraint: Constraint) -> None:
        self.constraint = constraint

    def type_of(self, resolve: Callable[[Any], Type], plain: Any) -> Type:
        literals: Any = resolve(plain)
        return ExpressionsType(literals, ConstrainedType(literals.inner, self.constraint, literals.is_literal))


class _Marker:
    """A constraint as a marker of a field."""

    __slots__ = ()

    def type_of(self, resolve: Callable[[Any], Type], plain: Any) -> Type:
        constraint: Any = self
        inner = resolve(plain)
        return ConstrainedType(inner, constraint, _is_literal(inner))


@frozen
class Between(_Marker):
    """A number from `low` to `high`, inclusive; None: no limit. or_zero: also the number 0."""

    low: float | None = None
    high: float | None = None
    or_zero: bool = False
    code: str = "out-of-range"

    @property
    def demand(self) -> str:
        if self.low is None:
            return "be any number" if self.high is None else f"be {_plain(self.high)} or less"
        if self.high is None:
            return f"be {_plain(self.low)} or more"
        return f"be {'0 or ' if self.or_zero else ''}between {_plain(self.low)} and {_plain(self.high)}"

    def admits(self, value: Any) -> bool:
        number = _number(value)
        if number is None or (self.or_zero and number == 0):
            return True
        return (self.low is None or number >= self.low) and (self.high is None or number <= self.high)

    def schema(self) -> Json:
        ends = {"minimum": 0 if self.or_zero else self.low, "maximum": self.high}
        gap = {"not": {"exclusiveMinimum": 0, "exclusiveMaximum": self.low}} if self.or_zero else {}
        return {name: end for name, end in ends.items() if end is not None} | gap


def _plain(number: float) -> str:
    """A bound as messages show it: 65,535 and 0.5, without the decimal point of a whole number."""
    return f"{number:,.15g}"


def _number(value: Any) -> float | None:
    """The number that a value or the text of an expression is; None if it is known only at deployment."""
    try:
        return float(value)
    except ValueError:
        return None


@frozen
class OneOf(_Marker):
    """One of a set of numbers."""

    values: tuple[int, ...]
    code: str = "wrong-value"

    @property
    def demand(self) -> str:
        return f"be one of {', '.join(map(str, self.values))}"

    def admits(self, value: Any) -> bool:
        number = _number(value)
        return number is None or number in self.values

    def schema(self) -> Json:
        return {"enum": list(self.values)}


@frozen
class Length(_Marker):
    """A string of `low` to `high` characters, or a list or mapping of `low` to `high` items."""

    low: int = 0
    high: int | None = None
    noun: str = "characters"
    code: str = "wrong-length"

    @property
    def counts_items(self) -> bool:
        return self.noun != "characters"

    @property
    def demand(self) -> str:
        if self.high is None:
            return f"have {self.low:,} or more {self.noun}"
        number = f"{self.low:,} to {self.high:,}" if self.low else f"at most {self.high:,}"
        return f"have {number} {self.noun}"

    def admits(self, value: Any) -> bool:
        if not isinstance(value, Sized) or (isinstance(value, str) and self._is_open(value)):
            return True
        return self.low <= len(value) and (self.high is None or len(value) <= self.high)

    def _is_open(self, text: str) -> bool:
        """Whether the length is unknown: of a text with gaps, or of a list that an expression returns."""
        return self.counts_items or re.search(GAP, text) is not None

    def schema(self) -> Json:
        nouns = ("Items", "Properties") if self.counts_items else ("Length",)
        ends = {f"{end}{noun}": number for noun in nouns for end, number in (("min", self.low), ("max", self.high))}
        return {name: number for name, number in ends.items() if number}


@frozen
class Matches(_Marker):
    """A string that a regular expression matches as a whole.

    words: a description of matching strings. source: the URL of the AWS documentation.
    """

    expression: str
    words: str
    source: str = ""
    code: str = "wrong-form"

    @property
    def demand(self) -> str:
        return f"be {self.words}"

    def matches(self, text: str) -> bool:
        return _pattern(self.expression).fullmatch(text) is not None

    def admits(self, value: Any) -> bool:
        return not isinstance(value, str) or could_match(value, self.matches)

    def schema(self) -> Json:
        # Language servers of JSON and YAML show the message.
        return {"pattern": rf"^(?:{self.expression})$", "patternErrorMessage": f"must be {self.words}"}


@cache
def _pattern(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


ONE_LINE = Matches(r"[^\n]*", "one line")
RELATIVE_PATH = Matches(
    r"(?=.*\S)(?!/)(?!\.(?:/+\.?)*$)(?!(?:.*/)?\.\.(?:/|$))[^\x00\n]+",
    "a relative path without ..",
)
"""The path of a file in a source tree or an artifact."""
