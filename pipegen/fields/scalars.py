"""Types of single values."""

from __future__ import annotations

import math
from typing import Any

from pipegen.errors import LIMIT_NUMBER, Path, last_of
from pipegen.fields.base import Json, Reading, Schemas, Type, alternatives
from pipegen.frozen import frozen


def is_encodable(text: str) -> bool:
    """Whether a text can be written; Python can hold halves of characters, which cannot."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@frozen
class TextType:
    """A literal text. minimum: of its length."""

    minimum: int = 0
    expected: str = "text"

    def fits(self, data: Any) -> bool:
        return isinstance(data, str)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        if not isinstance(data, str) or len(data) < self.minimum:
            return reading.wrong_type(path, self.expected, data)
        if not is_encodable(data):
            return reading.unreadable(path, "has half a character, which cannot be written", data)
        return data if type(data) is str else str.__str__(data)

    def schema(self, _schemas: Schemas) -> Json:
        return {"type": "string"} | ({"minLength": self.minimum} if self.minimum else {})


@frozen
class WholeType:
    """A whole number, of 18 digits at most."""

    expected: str = "a whole number"

    def fits(self, data: Any) -> bool:
        return isinstance(data, int) and not isinstance(data, bool)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        if not self.fits(data):
            return reading.wrong_type(path, self.expected, data)
        if abs(data) >= LIMIT_NUMBER:
            return reading.add("wrong-type", path, f"{last_of(path)}: is a number of more than 18 digits")
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


@frozen
class ChoiceType:
    """One of a few texts."""

    choices: tuple[str, ...]

    @property
    def expected(self) -> str:
        *others, last = map(repr, self.choices)
        return f"{', '.join(others)} or {last}" if others else last

    def fits(self, data: Any) -> bool:
        return isinstance(data, str)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        if isinstance(data, str) and data in self.choices:
            return data
        return reading.wrong_value(path, data, self.expected)

    def schema(self, _schemas: Schemas) -> Json:
        if len(self.choices) == 1:
            return {"const": self.choices[0], "type": "string"}
        return {"enum": list(self.choices), "type": "string"}


@frozen
class NothingType:
    """The absence of a value."""

    expected: str = "nothing"

    def fits(self, data: Any) -> bool:
        return data is None

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        return None if data is None else reading.wrong_type(path, self.expected, data)

    def schema(self, _schemas: Schemas) -> Json:
        return {"type": "null"}


@frozen
class AnyType:
    """Whatever it is."""

    expected: str = "data"

    def fits(self, _data: Any) -> bool:
        return True

    def read(self, data: Any, _path: Path, _reading: Reading) -> Any:
        return data

    def schema(self, _schemas: Schemas) -> Json:
        return {}


class Tagged(dict[str, Any]):
    """An expression that was written as a short tag, which no mapping of its form can be meant by."""


class AmbiguousNumber(float):
    """A number that was written in another way than Python would, such as 3.10 for 3.1; as a text it is ambiguous."""

    __slots__ = ("text",)
    text: str

    @classmethod
    def number(cls, number: float, text: str) -> AmbiguousNumber:
        made = cls(number)
        made.text = text
        return made


@frozen
class NumberAsTextType:
    """A type of texts where a number stands for its text: `PORT: 8080`. True and false do not, for programs spell them
    in several ways."""

    inner: Type

    @property
    def expected(self) -> str:
        return self.inner.expected

    def fits(self, data: Any) -> bool:
        return self.inner.fits(text_of_number(data))

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        if isinstance(data, AmbiguousNumber):
            text = f"{last_of(path)}: {data.text} is read as the number {float(data)!r}"
            return reading.add("wrong-type", path, text, f'put it in quotes: "{data.text}"')
        return self.inner.read(text_of_number(data), path, reading)

    def schema(self, schemas: Schemas) -> Json:
        number = {"type": "number", "exclusiveMinimum": -LIMIT_NUMBER, "exclusiveMaximum": LIMIT_NUMBER}
        return alternatives(self.inner.schema(schemas), number)


def text_of_number(data: Any) -> Any:
    """A number as text; anything else as it is."""
    is_number = isinstance(data, int | float) and not isinstance(data, bool) and abs(data) < LIMIT_NUMBER
    return repr(data) if is_number else data
