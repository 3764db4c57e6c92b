"""The conditions and mappings of templates, in CloudFormation's syntax.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/mappings-section-structure.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any

from troposphere import And, Condition, Equals, Not, Or

from pipegen.errors import Path
from pipegen.fields.base import Json, Reading, Schemas, Type, Unreadable
from pipegen.fields.constraints import Length
from pipegen.fields.words import with_keys
from pipegen.frozen import frozen
from pipegen.syntax import names
from pipegen.values.expression import Expression
from pipegen.values.functions import from_data
from pipegen.values.value import Text

EXPECTED = "one of !Equals !And !Or !Not !Condition"
_UNAVAILABLE = ("Fn::GetAtt", "Fn::ImportValue")
"""Functions that CloudFormation resolves only after it has evaluated the conditions."""


@frozen
class ConditionType:
    """The type of conditions, read from CloudFormation's long form."""

    expected: str = EXPECTED

    def fits(self, data: Any) -> bool:
        return isinstance(data, Mapping | Expression)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        try:
            return condition_from_data(data.to_dict() if isinstance(data, Expression) else data)
        except Unreadable as fault:
            return reading.unreadable(path, fault, data)

    def schema(self, _schemas: Schemas) -> Json:
        return {"type": "object", "minProperties": 1, "maxProperties": 1, "propertyNames": {"enum": [*_FUNCTIONS]}}


class _IsCondition:
    """Marks a field whose value is a condition."""

    @staticmethod
    def type_of(_resolve: Callable[[Any], Type], _plain: Any) -> Type:
        return ConditionType()


ConditionExpression = Annotated[Expression, _IsCondition]
"""A template condition, such as `!Equals [!Ref Stage, production]`."""
Table = Mapping[str, Annotated[Mapping[str, Text | Sequence[Text]], Length(1, None, "keys")]]
"""A template mapping: by key and second-level key, a string or a list of strings."""
Conditions = Mapping[Annotated[str, names.PARAMETER], ConditionExpression]
Mappings = Mapping[Annotated[str, names.PARAMETER], Table]


def condition_from_data(data: Any) -> Expression:
    """Read a condition from CloudFormation's long form. Raises Unreadable."""
    name = next(iter(data), "") if isinstance(data, Mapping) and len(data) == 1 else ""
    if name not in _FUNCTIONS:
        raise Unreadable(f"must be {EXPECTED}, got {with_keys(data)}")
    return _FUNCTIONS[name](data[name])


def _equals(data: Any) -> Expression:
    _require(isinstance(data, list | tuple) and len(data) == 2, "!Equals", "must have a list of two values")
    for each in data:
        used = set(_functions(each)) & set(_UNAVAILABLE)
        _require(not used, "!Equals", "must compare strings and parameters; conditions cannot use resources or exports")
    return Equals(*(from_data(each) for each in data))


def _several(name: str, make: Callable[..., Expression]) -> Callable[[Any], Expression]:
    def read(data: Any) -> Expression:
        _require(
            isinstance(data, list | tuple) and 2 <= len(data) <= 10,
            f"!{name}",
            "must have a list of 2 to 10 conditions",
        )
        return make(*map(condition_from_data, data))

    return read


def _not(data: Any) -> Expression:
    _require(isinstance(data, list | tuple) and len(data) == 1, "!Not", "must have a list of one condition")
    return Not(condition_from_data(data[0]))


def _named(data: Any) -> Expression:
    _require(isinstance(data, str) and bool(data), "!Condition", "must have the name of a condition")
    return Condition(data)


def _require(holds: bool, function: str, text: str) -> None:
    if not holds:
        raise Unreadable(text, function=function)


_FUNCTIONS: Mapping[str, Callable[[Any], Expression]] = {
    "Fn::Equals": _equals,
    "Fn::And": _several("And", And),
    "Fn::Or": _several("Or", Or),
    "Fn::Not": _not,
    "Condition": _named,
}
CONDITION_FUNCTIONS = frozenset(_FUNCTIONS)
"""The functions of conditions."""


def _functions(data: Any) -> Iterator[str]:
    if isinstance(data, Expression):
        data = data.to_dict()
    if isinstance(data, Mapping):
        for key, item in data.items():
            yield str(key)
            yield from _functions(item)
    elif isinstance(data, list | tuple):
        for item in data:
            yield from _functions(item)
