"""Types of scalars."""

from __future__ import annotations

import difflib
import math
from typing import Any

from pipegen.errors import LIMIT_NUMBER, Path, did_you_mean, last_of, quoted
from pipegen.fields.base import Json, Reading, Schemas, Type, Unreadable, alternatives
from pipegen.frozen import frozen


def is_encodable(text: str) -> bool:
    """Whether a string can be encoded: Python strings can contain lone surrogates, which cannot."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@frozen
class TextType:
    """A literal string. minimum: the minimum length."""

    minimum: int = 0
    expected: str = "a string"

    def fits(self, data: Any) -> bool:
        return isinstance(data, str)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        if not isinstance(data, str) or len(data) < self.minimum:
            return reading.wrong_type(path, self.expected, data)
        if not is_encodable(data):
            return reading.unreadable(path, Unreadable("contains a lone surrogate, which cannot be encoded"), data)
        return data if type(data) is str else str.__str__(data)

    def schema(self, _schemas: Schemas) -> Json:
        return {"type": "string"} | ({"minLength": self.minimum} if self.minimum else {})


@frozen
class WholeType:
    """An integer of at most 18 digits."""

    expected: str = "an integer"

    def fits(self, data: Any) -> bool:
        return isinstance(data, int) and not isinstance(data, bool)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        if not self.fits(data):
            return reading.wrong_type(path, self.expected, data)
        if abs(data) >= LIMIT_NUMBER:
            return reading.add("wrong-type", path, f"{last_of(path)} must have at most 18 digits")
        return data

    def schema(self, _schemas: Schemas) -> Json:
        return {"type": "integer"}


@frozen
class NumberType:
    """A finite number."""

    expected: str = "a number"

    def fits(self, data: Any) -> bool:
        return isinstance(data, int | float) and not isinstance(data, bool)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        if not self.fits(data) or not math.isfinite(data) or abs(data) >= LIMIT_NUMBER:
            return reading.wrong_type(path, self.expected, data)
        return float(data)

    def schema(self, _schemas: Schemas) -> Json:
        return {"type": "number"}


@frozen
class FlagType:
    """True or false."""

    expected: str = "true or false"

    def fits(self, data: Any) -> bool:
        return isinstance(data, bool)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        return data if isinstance(data, bool) else reading.wrong_type(path, self.expected, data)

    def schema(self, _schemas: Schemas) -> Json:
        return {"type": "boolean"}


_FEW = 10
"""A message lists more values only if none of them is similar."""


@frozen
class ChoiceType:
    """One of several strings."""

    choices: tuple[str, ...]

    @property
    def expected(self) -> str:
        *others, last = map(quoted, self.choices)
        return f"{', '.join(others)} or {last}" if others else last

    def fits(self, data: Any) -> bool:
        return isinstance(data, str)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        if isinstance(data, str) and data in self.choices:
            return data
        if len(self.choices) <= _FEW:
            return reading.wrong_value(path, data, self.expected)
        whole = [each for each in self.choices if str(data).endswith(each)]  # with a prefix, such as an AWS service's
        near = whole or difflib.get_close_matches(str(data), self.choices, n=1)
        fix = did_you_mean(*near[:1]) or f"use {self.expected}"
        return reading.wrong_value(path, data, f"one of {len(self.choices)} values", fix)

    def schema(self, _schemas: Schemas) -> Json:
        if len(self.choices) == 1:
            return {"const": self.choices[0], "type": "string"}
        return {"enum": list(self.choices), "type": "string"}


@frozen
class NothingType:
    """The value null."""

    expected: str = "nothing"

    def fits(self, data: Any) -> bool:
        return data is None

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        return None if data is None else reading.wrong_type(path, self.expected, data)

    def schema(self, _schemas: Schemas) -> Json:
        return {"type": "null"}


@frozen
class AnyType:
    """Any value."""

    expected: str = "data"

    def fits(self, _data: Any) -> bool:
        return True

    def read(self, data: Any, _path: Path, _reading: Reading) -> Any:
        return data

    def schema(self, _schemas: Schemas) -> Json:
        return {}


class Tagged(dict[str, Any]):
    """An expression that was written as a short tag, and is therefore not intended as a mapping."""


class AmbiguousNumber(float):
    """A number whose text in the file differs from its usual form, such as 3.10 for 3.1. Where a string is expected, it
    is ambiguous which of the two is intended."""

    __slots__ = ("text",)
    text: str

    @classmethod
    def number(cls, number: float, text: str) -> AmbiguousNumber:
        created = cls(number)
        created.text = text
        return created


@frozen
class NumberAsTextType:
    """A string that can be written as a number in files: `PORT: 8080`. True and false are rejected, because programs
    differ in how they write them."""

    inner: Type

    @property
    def expected(self) -> str:
        return self.inner.expected

    def fits(self, data: Any) -> bool:
        return self.inner.fits(text_of_number(data))

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        if isinstance(data, AmbiguousNumber):
            text = f"{last_of(path)} must be a string, got {data.text}, which YAML reads as the number {float(data)!r}"
            return reading.add("wrong-type", path, text, f'put it in quotes: "{data.text}"')
        return self.inner.read(text_of_number(data), path, reading)

    def schema(self, schemas: Schemas) -> Json:
        number = {"type": "number", "exclusiveMinimum": -LIMIT_NUMBER, "exclusiveMaximum": LIMIT_NUMBER}
        return alternatives(self.inner.schema(schemas), number)


def text_of_number(data: Any) -> Any:
    """The text of a number; other values as they are."""
    is_number = isinstance(data, int | float) and not isinstance(data, bool) and abs(data) < LIMIT_NUMBER
    return repr(data) if is_number else data
