"""What the values of a field must be beyond their type, as marks in its annotation: `Annotated[int, Between(1, 5)]`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sized
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from pipegen.errors import Path, last_of
from pipegen.fields.base import INVALID, Json, Reading, Schemas, Type
from pipegen.fields.gaps import DYNAMIC, GAP, VARIABLE, could_match, with_gaps
from pipegen.fields.refined import RefinedType
from pipegen.fields.scalars import TextType
from pipegen.fields.words import function_of, shown
from pipegen.frozen import frozen


class Constraint(Protocol):
    """code: of its problems. demand: what a value must do, such as "be between 1 and 5"."""

    code: str

    @property
    def demand(self) -> str: ...

    def admits(self, value: Any) -> bool:
        """Whether a value is as it must be; a text with gaps is admitted where it can become such a value."""
        ...

    def schema(self) -> Json:
        """The keywords that say so."""
        ...


def unmet(constraint: Constraint, value: Any) -> str:
    """What is wrong with a value that a constraint does not admit."""
    if isinstance(constraint, Length):
        given = str(len(value))
    else:
        given = shown(re.sub(GAP, "…", value) if isinstance(value, str) else value)
    return f"must {constraint.demand}, got {given}"


@frozen
class ConstrainedType(RefinedType):
    """A type whose values must also meet a constraint.

    Only expressions and the texts beside them may be completed later: `#{…}` and `{{resolve:…}}` in a field that takes
    plain text are characters like others.
    """

    constraint: Constraint
    is_literal: bool

    def check(self, value: Any, path: Path, reading: Reading) -> None:
        wrong = next((each for each in reading.possible(value) if not self._admits(each)), INVALID)
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


_OPEN = rf"|{VARIABLE.pattern}|{DYNAMIC.pattern}"
"""In the pattern of a schema: a text that is completed later."""
KEYWORDS = {
    "array": ("minItems", "maxItems"),
    "integer": ("minimum", "maximum", "not", "enum"),
    "number": ("minimum", "maximum", "enum"),
    "object": ("minProperties", "maxProperties"),
    "string": ("minLength", "maxLength", "pattern", "patternErrorMessage"),
}
"""What may be said of a type. A keyword stands beside its type, as editors would apply it to expressions too."""


def opened(own: Json, demand: str = "") -> Json:
    """The keywords of a constraint that texts with gaps need not meet."""
    if "maxLength" in own:  # of the text that is written, and not of what becomes of it
        lengths = f"{own.pop('minLength', 0)},{own.pop('maxLength')}"
        own |= {"pattern": rf"^[\s\S]{{{lengths}}}$", "patternErrorMessage": f"must {demand}"}
    return own | {"pattern": own["pattern"] + _OPEN} if "pattern" in own else own


def _narrowed(described: Json, own: Json) -> Json:
    """A schema whose values also meet the keywords for their types."""
    if "anyOf" in described:
        return {**described, "anyOf": [_narrowed(each, own) for each in described["anyOf"]]}
    fitting = {key: value for key, value in own.items() if key in KEYWORDS.get(described.get("type", ""), ())}
    return {"allOf": [described, fitting]} if fitting.keys() & described.keys() else {**described, **fitting}


def _is_literal(kind: Any) -> bool:
    """Whether a type takes plain text, which nothing completes later."""
    return isinstance(kind, TextType) or (hasattr(kind, "inner") and _is_literal(kind.inner))


class _Marker:
    """Marks a field with a constraint."""

    __slots__ = ()

    def type_of(self, resolve: Callable[[Any], Type], plain: Any) -> Type:
        constraint: Any = self
        inner = resolve(plain)
        return ConstrainedType(inner, constraint, _is_literal(inner))


@frozen
class Between(_Marker):
    """A number from `low` to `high`, both included; None leaves an end open. or_zero: or the number 0."""

    low: float | None = None
    high: float | None = None
    or_zero: bool = False
    code: str = "out-of-range"

    @property
    def demand(self) -> str:
        if self.low is None or self.high is None:
            return f"be {self.high:,} or less" if self.low is None else f"be {self.low:,} or more"
        return f"be {'0 or ' if self.or_zero else ''}between {self.low:,} and {self.high:,}"

    def admits(self, value: Any) -> bool:
        number = _number(value)
        if number is None or (self.or_zero and number == 0):
            return True
        return (self.low is None or number >= self.low) and (self.high is None or number <= self.high)

    def schema(self) -> Json:
        ends = {"minimum": 0 if self.or_zero else self.low, "maximum": self.high}
        gap = {"not": {"exclusiveMinimum": 0, "exclusiveMaximum": self.low}} if self.or_zero else {}
        return {name: end for name, end in ends.items() if end is not None} | gap


def _number(value: Any) -> float | None:
    """A number, also as an expression's text; None for what only the deployment knows."""
    try:
        return float(value)
    except ValueError:
        return None


@frozen
class OneOf(_Marker):
    """One of several numbers."""

    values: tuple[int, ...]
    code: str = "wrong-value"

    @property
    def demand(self) -> str:
        return f"be one of {', '.join(map(str, self.values))}"

    def admits(self, value: Any) -> bool:
        return value in self.values

    def schema(self) -> Json:
        return {"enum": list(self.values)}


@frozen
class Length(_Marker):
    """A text of `low` to `high` characters, or a list or mapping of so many items."""

    low: int = 0
    high: int | None = None
    noun: str = "characters"
    code: str = "wrong-length"

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
        """Whether the length is known only later: of a text with gaps, or of a list that an expression yields."""
        return self.noun != "characters" or re.search(GAP, text) is not None

    def schema(self) -> Json:
        nouns = ("Length",) if self.noun == "characters" else ("Items", "Properties")
        ends = {f"{end}{noun}": number for noun in nouns for end, number in (("min", self.low), ("max", self.high))}
        return {name: number for name, number in ends.items() if number}


@dataclass(frozen=True)
class Matches(_Marker):
    """A text that a regular expression matches as a whole.

    words: what such a text is. source: where AWS documents it.
    """

    expression: str
    words: str
    source: str = ""
    code: str = "wrong-form"

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(self.expression)

    @property
    def demand(self) -> str:
        return f"be {self.words}"

    def matches(self, text: str) -> bool:
        return self._pattern.fullmatch(text) is not None

    def admits(self, value: Any) -> bool:
        return not isinstance(value, str) or could_match(value, self.matches)

    def schema(self) -> Json:
        # Language servers of JSON and YAML show the message.
        return {"pattern": rf"^(?:{self.expression})$", "patternErrorMessage": f"must be {self.words}"}


ONE_LINE = Matches(r"[^\n]*", "one line")
RELATIVE_PATH = Matches(
    r"(?=.*\S)(?!/)(?!\.(?:/+\.?)*$)(?!(?:.*/)?\.\.(?:/|$))[^\x00\n]+",
    "a relative path without ..",
)
"""Of a file in a source tree or an artifact."""
