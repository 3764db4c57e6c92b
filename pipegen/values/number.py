"""The types of fields whose values are numbers or CloudFormation expressions.

CloudFormation converts between the text that an expression returns and the number that a property has, so `!Ref` of a
parameter of the type String or Number is a number where a number is expected.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, TypeVar

from pipegen.errors import Path, last_of, quoted
from pipegen.fields.base import INVALID, Json, Reading, Schemas, Type, alternatives
from pipegen.fields.gaps import GAP
from pipegen.fields.scalars import NumberType, WholeType, text_of_number
from pipegen.fields.words import function_of, tag_of
from pipegen.frozen import frozen
from pipegen.values.expression import Expression
from pipegen.values.functions import from_data, list_function
from pipegen.values.value import ExpressionType, Value

N = TypeVar("N", int, float)

_FUNCTIONS = "one of !Ref !Sub !GetAtt !ImportValue !Join !Select !If !FindInMap that returns one"
_NUMERIC = ("String", "Number", "AWS::SSM::Parameter::Value<String>")
"""The types of parameters that can contain a number."""


@frozen
class NumberValueType:
    """A number, or an expression that returns one. literal: the type of numbers."""

    literal: WholeType | NumberType
    pattern: str

    @property
    def expected(self) -> str:
        return self.literal.expected

    def fits(self, data: Any) -> bool:
        return self.literal.fits(data) or _EXPRESSION.fits(data)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        if not _EXPRESSION.fits(data):
            return self.literal.read(data, path, reading)
        if name := list_function(data):
            text = f"{last_of(path)} must be {self.expected}, got {tag_of(name)}, which returns a list"
            return reading.add("wrong-type", path, text, "use one of its items with !Select")
        value = _EXPRESSION.read(_with_texts(data), path, reading)
        if value is INVALID:
            return value
        reading.expressions.append(path)
        for text, fix in self._faults(value, reading):
            return reading.add("wrong-type", path, f"{last_of(path)} must be {self.expected}, got {text}", fix)
        return self._resolved(value, reading)

    def _resolved(self, value: Expression, reading: Reading) -> Any:
        """The only possible number of an expression; the expression if there are several or none."""
        text = reading.resolved(value)
        if isinstance(text, str) and re.fullmatch(self.pattern, text):
            return int(text) if isinstance(self.literal, WholeType) else float(text)
        return value

    def _faults(self, value: Any, reading: Reading) -> Iterator[tuple[str, str]]:
        """The first fault of an expression that cannot return a number."""
        kind = _parameter_type(value, reading.declared)
        if kind and kind not in _NUMERIC and "List" not in kind:  # lists are reported by the type of expressions
            yield f"!Ref {value.data['Ref']}, a parameter of the type {kind}", "use a parameter of the type Number"
            return
        for text in reading.possible(value):
            if not re.search(GAP, text) and not re.fullmatch(self.pattern, text):
                yield f"{quoted(text, 60)} from {function_of(value)}", "correct the value of the expression"
                return

    def schema(self, schemas: Schemas) -> Json:
        return alternatives(self.literal.schema(schemas), _EXPRESSION.schema(schemas))


def _with_texts(data: Any) -> Any:
    """An expression whose numbers in `!If` are texts, as CloudFormation treats them."""
    form = data.data if isinstance(data, Expression) else data
    branches = form.get("Fn::If") if isinstance(form, Mapping) else None
    if not isinstance(branches, list | tuple):
        return data
    return {"Fn::If": [*branches[:1], *(_text_of_branch(each) for each in branches[1:])]}


def _text_of_branch(branch: Any) -> Any:
    return text_of_number(branch) if isinstance(branch, int | float) else _with_texts(branch)


def _parameter_type(value: Any, declared: Mapping[str, Any] | None) -> str:
    """The type of the parameter that a `!Ref` refers to; empty for any other expression."""
    name = value.data.get("Ref") if isinstance(value.data, Mapping) else None
    parameter = (declared or {}).get("Parameters", {}).get(name)
    return str(parameter.get("Type")) if isinstance(parameter, Mapping) else ""


_EXPRESSION = ExpressionType(from_data, "Expression", _FUNCTIONS, single="a number")


class _IsInteger:
    """Marks a field whose value is an integer or an expression."""

    @staticmethod
    def type_of(_resolve: Callable[[Any], Type], _plain: Any) -> Type:
        return NumberValueType(WholeType(), r"\s*[-+]?[0-9]+\s*")


class _IsNumber:
    """Marks a field whose value is a number or an expression."""

    @staticmethod
    def type_of(_resolve: Callable[[Any], Type], _plain: Any) -> Type:
        return NumberValueType(NumberType(), r"\s*[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\s*")


IntegerValue = Annotated[int | Expression, _IsInteger]
"""An integer, or an expression that returns one."""
NumberValue = Annotated[float | Expression, _IsNumber]
"""A number, or an expression that returns one."""


def known(value: N | Expression | None) -> N | None:
    """The number if it is written as one; None for an expression, whose number only the deployment knows."""
    return None if isinstance(value, Expression) else value


def plain(value: NumberValue) -> NumberValue:
    """A number without the decimal point of a whole number; an expression as it is."""
    return int(value) if not isinstance(value, Expression) and value == int(value) else value


def number_words(value: float | Expression) -> str:
    """A number as messages show it; the function of an expression."""
    return function_of(value) or str(value)


def number_text(value: float | Expression) -> Value:
    """A number as the text that some properties require; an expression as it is."""
    return value if isinstance(value, Expression) else str(value)
