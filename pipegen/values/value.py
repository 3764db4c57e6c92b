"""The types of fields whose values are literals or CloudFormation expressions.

`concat` joins literals and expressions. It escapes `${…}` in literals, so that it is not substituted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from typing import Annotated, Any

from troposphere import Ref, Sub

from pipegen.errors import Path, last_of
from pipegen.fields.base import Json, Reading, Schemas, Type, Unreadable, alternatives
from pipegen.fields.constraints import Length
from pipegen.fields.containers import ChosenType, ListType
from pipegen.fields.scalars import NumberAsTextType, TextType
from pipegen.fields.words import function_of, is_expression
from pipegen.frozen import frozen
from pipegen.values.data import as_reference
from pipegen.values.expression import Expression
from pipegen.values.functions import EXPECTED, EXPECTED_LIST, expression_fault, from_data, list_from_data, sub_names
from pipegen.values.lists import A_LIST, list_faults, parameter_uses

ACCOUNT = Ref("AWS::AccountId")
PARTITION = Ref("AWS::Partition")
REGION = Ref("AWS::Region")
URL_SUFFIX = Ref("AWS::URLSuffix")


@frozen
class ExpressionType:
    """The type of expressions. take: reads an expression from data. is_text: whether literal strings are valid too.
    is_list: whether the expressions return lists. single: what they return otherwise. resolves: whether an expression
    becomes its text where the values of parameters are known, so that rules between fields can check it."""

    take: Callable[[Any], Any]
    name: str
    expected: str
    is_text: bool = False
    is_list: bool = False
    single: str = "a string"
    resolves: bool = False

    def fits(self, data: Any) -> bool:
        return isinstance(data, Expression) or (self.is_text and isinstance(data, str)) or bool(function_of(data))

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        try:
            value = self.take(data)
        except Unreadable as fault:
            return reading.unreadable(path, fault, data)
        if isinstance(value, str):
            return _TEXT.read(value, path, reading)
        if reading.is_python and (wrong := expression_fault(value)) is not None:
            return reading.unreadable(path, wrong, data)
        if reading.declared is not None:
            uses = [*parameter_uses(value, A_LIST if self.is_list else self.single)]
            reading.parameters += uses
            for found, fix in list_faults(uses, reading.declared.get("Parameters", {})):
                reading.add("wrong-type", path, f"{last_of(path)} {found}", fix)
        if self.resolves:
            reading.expressions.append(path)
            return as_reference(reading.resolved(value))
        return as_reference(value)

    def schema(self, schemas: Schemas) -> Json:
        reference: Json = {"$ref": f"#/$defs/{self.name}"}
        return alternatives(_TEXT.schema(schemas), reference) if self.is_text else reference


_TEXT = TextType()
_VALUE = ExpressionType(from_data, "Expression", EXPECTED, is_text=True)
_RESOLVED = ExpressionType(from_data, "Expression", EXPECTED, is_text=True, resolves=True)
_LIST = ExpressionType(list_from_data, "ListExpression", EXPECTED_LIST, is_list=True)


class _IsValue:
    """Marks a field whose value is a string or an expression."""

    @staticmethod
    def type_of(_resolve: Callable[[Any], Type], _plain: Any) -> Type:
        return _VALUE


Value = Annotated[str | Expression, _IsValue]
"""A literal string or an expression, in YAML with CloudFormation's short tags."""


class _IsResolved:
    """Marks a text field whose rules check what an expression becomes."""

    @staticmethod
    def type_of(_resolve: Callable[[Any], Type], _plain: Any) -> Type:
        return _RESOLVED


ResolvedValue = Annotated[str | Expression, _IsResolved]
"""A `Value` whose field has rules that one constraint cannot express. They see the text that an expression becomes in
each environment."""


class _IsNumberToo:
    """Marks a string field whose value can be written as a number."""

    @staticmethod
    def type_of(resolve: Callable[[Any], Type], plain: Any) -> Type:
        return NumberAsTextType(resolve(plain))


Text = Annotated[str, _IsNumberToo]
"""A string, which can be written as a number."""
TextValue = Annotated[Value, _IsNumberToo]
"""A string, which can be written as a number, or an expression."""


class _IsValues:
    """Marks a field whose value is a list of values, or an expression that returns a list."""

    @staticmethod
    def type_of(resolve: Callable[[Any], Type], _plain: Any) -> Type:
        return ChosenType((ListType(_VALUE), _LIST), lambda data: 0 if isinstance(data, list | tuple) else 1)


Values = Annotated[Sequence[Value] | Expression, _IsValues]
"""A list of values, or an expression that returns a list, such as a `Ref` to a parameter of a list type."""


@frozen
class TagsType:
    """Tags by name. An expression in their place is rejected, as it would be read as a tag."""

    inner: Type
    expected: str = "a mapping"

    def fits(self, data: Any) -> bool:
        return self.inner.fits(data)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        if isinstance(data, Mapping) and is_expression(data):
            return reading.unreadable(path, Unreadable(f"must be tags by their names, got {function_of(data)}"), data)
        return self.inner.read(data, path, reading)

    def schema(self, schemas: Schemas) -> Json:
        expression: Json = {"maxProperties": 1, "minProperties": 1, "propertyNames": {"pattern": "^(Ref$|Fn::)"}}
        return {**self.inner.schema(schemas), "not": expression}


class _AreTags:
    """Marks a field whose value are tags."""

    @staticmethod
    def type_of(resolve: Callable[[Any], Type], plain: Any) -> Type:
        return TagsType(resolve(plain))


Tags = Annotated[Mapping[str, TextValue], _AreTags, Length(0, 50, "tags")]
"""Tags by name. Their values can be expressions, but not the whole mapping.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagRole.html"""


def listed(values: Sequence[Value] | Expression) -> list[Value] | Expression:
    """`Values` in the form that properties of troposphere's resources accept."""
    return values if isinstance(values, Expression) else list(values)


def concat(*parts: Value) -> Value:
    """Join literals and expressions: a string if all are literal, else an `Fn::Sub`.

    >>> concat("arn:aws:s3:::", Ref("Bucket"), "/${x}").to_dict()
    {'Fn::Sub': 'arn:aws:s3:::${Bucket}/${!x}'}
    """
    joined = _literals_joined(parts)
    if len(joined) <= 1:
        return joined[0] if joined else ""
    inlines = [None if isinstance(part, str) else _inline(part) for part in joined]
    taken = {name for inline in inlines if inline for name in sub_names(inline)}
    names = (name for number in count(1) if (name := f"Value{number}") not in taken)
    text, variables = "", dict[str, Any]()
    for part, inline in zip(joined, inlines, strict=True):
        if isinstance(part, str):
            opens = text.endswith("$") and part.startswith("{")  # the `$` is another expression's last character
            text += ("{!" + part[1:] if opens else part).replace("${", "${!")
        elif inline is not None and not (text.endswith("$") and inline.startswith("{")):
            text += inline
        else:
            name = next(names)
            variables[name] = part
            text += f"${{{name}}}"
    return Sub(text, variables) if variables else Sub(text)


def _literals_joined(parts: Iterable[Value]) -> list[Value]:
    """Join adjacent literals, so that a `$` and a `{` in two of them are escaped as well."""
    joined: list[Value] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return joined


def _inline(expression: Expression) -> str | None:
    """An expression as part of a `!Sub` text; None if it cannot be one."""
    [(function, argument)] = expression.data.items()
    if function == "Ref":
        return f"${{{argument}}}"
    if function == "Fn::GetAtt" and all(isinstance(part, str) for part in argument):
        return f"${{{'.'.join(argument)}}}"
    if function == "Fn::Sub" and isinstance(argument, str):
        return argument
    return None


def arn(service: str, *resource: Value, region: Value = REGION, account: Value = ACCOUNT) -> Value:
    """An ARN in the partition of the stack. region, account: default to those of the stack."""
    return concat("arn:", PARTITION, f":{service}:", region, ":", account, ":", *resource)
