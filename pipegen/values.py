"""What a field of the model may hold: a literal, or a CloudFormation expression resolved at deployment.

Expressions are troposphere's own helper functions; there is no second reference language. `concat` is the one way by
which literals and expressions become one text, so a literal that happens to hold `${…}` is never a substitution.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from typing import Annotated, Any

from troposphere import AWSHelperFn, Cidr, FindInMap, GetAtt, GetAZs, If, ImportValue, Join, Ref, Select, Split, Sub

from pipegen.data import Data as Data
from pipegen.data import is_data
from pipegen.errors import LIMIT_NUMBER, one_line
from pipegen.forms import LISTS_OF_AWS, ONLY_TEXTS, list_function, noun
from pipegen.model import is_expression

Expression = AWSHelperFn

ACCOUNT = Ref("AWS::AccountId")
PARTITION = Ref("AWS::Partition")
REGION = Ref("AWS::Region")
URL_SUFFIX = Ref("AWS::URLSuffix")

EXPECTED = "text, or one of !Ref !Sub !GetAtt !ImportValue !Join !Select !If !FindInMap"
EXPECTED_LIST = "a list, or one of !Ref !GetAtt !Split !If !FindInMap that yields one"

VALUE_PLACEHOLDER = {"$comment": "a value"}
"""Stands for `VALUE_JSON_SCHEMA` while pydantic makes a schema; it follows no references of others."""

LIST_PLACEHOLDER = {"$comment": "an expression that yields a list"}
"""Stands for `LIST_JSON_SCHEMA` in the same way."""


class ValueSchema:
    """Tells pydantic how a `Value` is read from data; pydantic itself is only imported by those who read."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> Any:
        from pydantic_core import PydanticCustomError, core_schema

        def read(data: Any) -> Any:
            try:
                return from_data(data)
            except ValueError as error:
                raise PydanticCustomError("value", "{text}", {"text": str(error)}) from None

        return core_schema.no_info_plain_validator_function(read)

    @classmethod
    def __get_pydantic_json_schema__(cls, _core: Any, _handler: Any) -> dict[str, Any]:
        return dict(VALUE_PLACEHOLDER)


Value = Annotated[str | AWSHelperFn, ValueSchema]
"""A literal text or an expression. In YAML: text, or CloudFormation's short tags."""


class NumberAsText:
    """Tells pydantic that a number stands for its text, where what it is for takes texts: `PORT: 8080`. True and false
    do not, for programs spell them in several ways."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(text_of_number, handler(source))

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: Any) -> dict[str, Any]:
        inner = handler(core)
        number = {"type": "number", "exclusiveMinimum": -LIMIT_NUMBER, "exclusiveMaximum": LIMIT_NUMBER}
        return {"anyOf": [inner, number]}


def text_of_number(data: Any) -> Any:
    """A number as text; anything else as it is."""
    is_number = isinstance(data, int | float) and not isinstance(data, bool) and abs(data) < LIMIT_NUMBER
    return repr(data) if is_number else data


Text = Annotated[str, NumberAsText]
"""A text; a number stands for its text."""
TextValue = Annotated[str | AWSHelperFn, ValueSchema, NumberAsText]
"""A text, a number that stands for its text, or an expression."""


class ValuesSchema:
    """Tells pydantic how `Values` are read: a list item by item, all else as one expression."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        choices = {"<list>": handler.generate_schema(Sequence[Value]), "<>": handler.generate_schema(_ListExpression)}
        return core_schema.tagged_union_schema(choices, discriminator=lambda data: "<list>" if _is_list(data) else "<>")


class ListExpressionSchema:
    """Tells pydantic how an expression is read that yields a list."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> Any:
        from pydantic_core import PydanticCustomError, core_schema

        def read(data: Any) -> Any:
            try:
                return list_from_data(data)
            except ValueError as error:
                raise PydanticCustomError("value", "{text}", {"text": str(error)}) from None

        return core_schema.no_info_plain_validator_function(read)

    @classmethod
    def __get_pydantic_json_schema__(cls, _core: Any, _handler: Any) -> dict[str, Any]:
        return dict(LIST_PLACEHOLDER)


_ListExpression = Annotated[AWSHelperFn, ListExpressionSchema]

Values = Annotated[Sequence[Value] | AWSHelperFn, ValuesSchema]
"""A list of values, or an expression that yields one, such as a `Ref` to a parameter of a list type."""


class TagsSchema:
    """Tells pydantic how `Tags` are read: an expression is no mapping of them, though it looks like one."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import PydanticCustomError, core_schema

        def read(data: Any) -> Any:
            if isinstance(data, Mapping) and is_expression(data):
                text = f"expected tags by their names, got the expression {next(iter(data))}"
                raise PydanticCustomError("value", "{text}", {"text": text})
            return data

        return core_schema.no_info_before_validator_function(read, handler(source))


Tags = Annotated[Mapping[str, TextValue], TagsSchema]
"""Tags by their names; their values may be expressions, not all of them together."""


def expression_fault(expression: AWSHelperFn) -> str:
    """What is wrong with an expression that was made in Python, where its function checks nothing."""
    try:
        form = expression.to_dict()
        if not is_data(form):
            return "holds something that a template cannot"
        if isinstance(form, Mapping) and next(iter(form), "") in _FUNCTIONS:
            _any_expression(form)
    except ValueError as error:
        return str(error)
    except Exception as error:  # whatever objects it was given raise when they are written
        return f"cannot be written: {one_line(error) or type(error).__name__}"
    return ""


def listed(values: Sequence[Value] | AWSHelperFn) -> list[Value] | AWSHelperFn:
    """`Values` as a property of a resource takes them."""
    return values if isinstance(values, AWSHelperFn) else list(values)


def concat(*parts: Value) -> Value:
    """One text from literals and expressions: a plain text where all are literal, else an `Fn::Sub`.

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
    """The parts with literals side by side made one: a `$` and a `{` of two of them are no substitution either."""
    joined: list[Value] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return joined


def _inline(expression: AWSHelperFn) -> str | None:
    """How an expression stands inside a Sub text, where it can."""
    [(function, argument)] = expression.data.items()
    if function == "Ref":
        return f"${{{argument}}}"
    if function == "Fn::GetAtt" and all(isinstance(part, str) for part in argument):
        return f"${{{'.'.join(argument)}}}"
    if function == "Fn::Sub" and isinstance(argument, str):
        return argument
    return None


def arn(service: str, *resource: Value, region: Value = REGION, account: Value = ACCOUNT) -> Value:
    """An ARN in the stack's own partition; by default in its region and account."""
    return concat("arn:", PARTITION, f":{service}:", region, ":", account, ":", *resource)


def from_data(data: Any) -> Value:
    """A value from data as a definition holds it: text, or CloudFormation's long form of an expression.

    Raises ValueError, with what would be right.
    """
    value = _made(data)
    if name := list_function(data):
        fix = "take one of its items with !Select, or join them with !Join"
        raise ValueError(f"expected {EXPECTED}, got !{name.removeprefix('Fn::')}, which yields a list: {fix}")
    return value


def _made(data: Any) -> Value:
    if isinstance(data, str | AWSHelperFn):
        return data
    if not isinstance(data, Mapping):
        quote = "; put it in quotes" if isinstance(data, bool | int | float) else ""
        raise ValueError(f"expected {EXPECTED}, got {noun(data)}{quote}")
    name = next(iter(data), "")
    if len(data) != 1 or name not in _FUNCTIONS:
        raise ValueError(f"expected {EXPECTED}, got a mapping with {one_line(', '.join(map(str, data))) or 'no keys'}")
    return _called(lambda: _FUNCTIONS[name](data[name]), name)


def _called(make: Callable[[], AWSHelperFn], name: str) -> AWSHelperFn:
    try:
        return make()
    except _WrongArgument as wrong:
        raise ValueError(f"!{name.removeprefix('Fn::')} takes {wrong}") from None


def list_from_data(data: Any) -> AWSHelperFn:
    """An expression that yields a list, from data in the same way. Raises ValueError, with what would be right."""
    form = data.to_dict() if isinstance(data, AWSHelperFn) else data
    name = next(iter(form), "") if isinstance(form, Mapping) else ""
    is_pythons = isinstance(data, AWSHelperFn) and name not in (*_FUNCTIONS, *ONLY_TEXTS)  # such as GetAZs
    if name not in _LIST_FUNCTIONS and not is_pythons:
        is_function = name == "Ref" or str(name).startswith("Fn::")
        what = name if is_function else f"a mapping with {one_line(name)}" if name else noun(data)
        raise ValueError(f"expected {EXPECTED_LIST}, got {one_line(what)}")
    if name == "Fn::If" and not is_pythons:
        return _called(lambda: _list_if(form[name]), name)
    value = _made(data)
    assert isinstance(value, AWSHelperFn)
    return value


def _any_expression(data: Any) -> Value:
    """A value, or an expression that yields a list: where the function around it takes a list."""
    name = list_function(data)
    if name in LISTS_OF_AWS:
        return _called(lambda: _list_of_aws(name, (data.data if isinstance(data, AWSHelperFn) else data)[name]), name)
    return list_from_data(data) if name else from_data(data)


def _list_of_aws(name: str, argument: Any) -> AWSHelperFn:
    if name == "Fn::GetAZs":
        return GetAZs(from_data(argument))
    _require(_is_list(argument) and 2 <= len(argument) <= 3, "a list of a range of addresses, a count and bits")
    return Cidr(*(each if isinstance(each, int) else from_data(each) for each in argument))


SUB_TEXT = r"^(?:[^$]|\$(?!\{)|\$\{[^}]*\})*$"
"""A text in which every `${` is closed."""


class _WrongArgument(Exception):
    """An expression's argument does not have the form that its function takes."""


def _require(right: bool, form: str) -> None:
    if not right:
        raise _WrongArgument(form)


def _values(data: Any) -> list[Value]:
    return [from_data(item) for item in data]


def _is_list(data: Any, length: int | None = None) -> bool:
    return isinstance(data, Sequence) and not isinstance(data, str) and (length is None or len(data) == length)


def _ref(data: Any) -> AWSHelperFn:
    _require(isinstance(data, str) and bool(data), "the name of a parameter, a resource or a pseudo parameter")
    return Ref(data)


def _sub(data: Any) -> AWSHelperFn:
    if isinstance(data, str):
        _require(re.search(SUB_TEXT, data) is not None, "a text whose every ${ is closed")
        return Sub(data)
    right = _is_list(data, 2) and isinstance(data[0], str) and isinstance(data[1], Mapping) and bool(data[1])
    _require(right, "a text, or a list of a text and a mapping of variables")
    _require(re.search(SUB_TEXT, data[0]) is not None, "a text whose every ${ is closed")
    return Sub(data[0], {str(name): from_data(value) for name, value in data[1].items()})


def _get_att(data: Any) -> AWSHelperFn:
    if isinstance(data, str):
        data = data.split(".", 1)
    right = _is_list(data, 2) and all(isinstance(part, str) and part for part in data)
    _require(right, "Resource.Attribute")
    return GetAtt(data[0], data[1])


def _join(data: Any) -> AWSHelperFn:
    # The values may be an expression that yields a list, such as !Ref of a list parameter.
    right = _is_list(data, 2) and isinstance(data[0], str) and not isinstance(data[1], str) and bool(data[1])
    _require(right, "a list of a delimiter and a list of values")
    return Join(data[0], _values(data[1]) if _is_list(data[1]) else _any_expression(data[1]))


def _select(data: Any) -> AWSHelperFn:
    right = _is_list(data, 2) and isinstance(data[0], int) and not isinstance(data[0], bool) and data[0] >= 0
    _require(right and (not _is_list(data[1]) or bool(data[1])), "a list of an index and a list")
    return Select(data[0], _values(data[1]) if _is_list(data[1]) else _any_expression(data[1]))


def _split(data: Any) -> AWSHelperFn:
    right = _is_list(data, 2) and isinstance(data[0], str) and bool(data[0])
    _require(right, "a list of a delimiter and a value")
    return Split(data[0], from_data(data[1]))


def _is_if(data: Any) -> bool:
    return _is_list(data, 3) and isinstance(data[0], str) and bool(data[0])


def _if(data: Any) -> AWSHelperFn:
    _require(_is_if(data), "a list of a condition's name, the value if it is true and the value if it is false")
    return If(data[0], from_data(data[1]), from_data(data[2]))


def _list_if(data: Any) -> AWSHelperFn:
    """A branch is a list of values, or an expression that yields one; `!Ref AWS::NoValue` leaves the property out."""
    _require(_is_if(data), "a list of a condition's name, the list if it is true and the list if it is false")
    return If(data[0], *(_values(branch) if _is_list(branch) else list_from_data(branch) for branch in data[1:]))


def _find_in_map(data: Any) -> AWSHelperFn:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap.html
    (which functions it may hold)"""
    _require(_is_list(data, 3), _OF_MAP)
    return FindInMap(*map(_map_key, data))


def _map_key(data: Any) -> Value:
    form = data.to_dict() if isinstance(data, AWSHelperFn) else data
    is_right = isinstance(form, Mapping) and next(iter(form), "") in ("Ref", "Fn::FindInMap")
    _require(is_right or (isinstance(form, str) and bool(form)), _OF_MAP)
    return from_data(data)


_OF_MAP = "a list of a mapping's name and two keys, each a text, !Ref or !FindInMap"

_FUNCTIONS: Mapping[str, Callable[[Any], AWSHelperFn]] = {
    "Ref": _ref,
    "Fn::Sub": _sub,
    "Fn::GetAtt": _get_att,
    "Fn::ImportValue": lambda data: ImportValue(from_data(data)),
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::If": _if,
    "Fn::FindInMap": _find_in_map,
}


_LIST_FUNCTIONS = ("Ref", "Fn::GetAtt", "Fn::Split", "Fn::If", "Fn::FindInMap")
"""Those that can yield a list."""


def sub_names(text: str) -> tuple[str, ...]:
    """The names that a Sub text substitutes."""
    return tuple(re.findall(r"\$\{([^!}][^}]*)\}", text))
