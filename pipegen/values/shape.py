"""The shapes of values: their texts with gaps, which permissions and checks inspect.

A literal, a `!Sub`, and a `!Join` or `!Select` of listed items have one text. Only CloudFormation knows its gaps:
`!Ref`, `!GetAtt`, `!ImportValue`, `!FindInMap`, `!Split`, `{{resolve:…}}`. An `!If` has the shapes of both branches.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from troposphere import AWSHelperFn, GetAtt, If, Join, Ref, Select, Split, Sub

from pipegen.errors import one_line, quoted
from pipegen.fields.gaps import DYNAMIC, FIRST_GAP, GAP, LATER, LIMIT_GAPS, VARIABLE, could_match, is_known
from pipegen.frozen import frozen
from pipegen.values.expression import Expression
from pipegen.values.functions import from_data
from pipegen.values.value import ACCOUNT, REGION, Value, arn, concat

_SUBSTITUTION = re.compile(r"\$\{([^}]*)\}")


@frozen
class Shape:
    """A text with gaps. text: a surrogate represents each gap. gaps: the values of the gaps, in order."""

    text: str
    gaps: tuple[Value, ...] = ()

    @property
    def is_gap(self) -> bool:
        """Whether the whole text is a gap."""
        return bool(re.fullmatch(GAP, self.text))

    @property
    def is_arn(self) -> bool:
        """Whether the text begins like an ARN."""
        return self.text.startswith("arn:")

    @property
    def is_late(self) -> bool:
        """Whether a gap contains a `{{resolve:…}}`, which CloudFormation's functions process before it is resolved:
        https://github.com/aws-cloudformation/cfn-lint/issues/2181, https://github.com/aws/aws-cdk/issues/14476"""
        return any(DYNAMIC.search(gap if isinstance(gap, str) else str(gap.to_dict())) for gap in self.gaps)

    def value(self, text: str | None = None) -> Value:
        """The text, or a part of it, as a value."""
        parts = re.split(f"({GAP})", self.text if text is None else text)
        filled = [self.gaps[ord(part) - FIRST_GAP] if re.fullmatch(GAP, part) else part for part in parts]
        return concat(*(part for part in filled if part != ""))


def shape(value: Value) -> Shape:
    """The shape of a value. An `!If`, and a value with too many parts, is a gap. `shapes` and `each_branch` return the
    shapes of the branches of an `!If`."""
    if isinstance(value, str) and "{{" not in value:
        return Shape(value)
    gaps: list[Value] = []
    text = _text(value, gaps)
    while "{{" in text and (match := DYNAMIC.search(text)):
        gaps.append(Shape(match[0], tuple(gaps)).value())
        text = f"{text[: match.start()]}{chr(FIRST_GAP + len(gaps) - 1)}{text[match.end() :]}"
    return Shape(text, tuple(gaps)) if len(gaps) <= LIMIT_GAPS else Shape(chr(FIRST_GAP), (value,))


def shapes(value: Value) -> Iterator[Shape]:
    """The possible shapes of a value: for an `!If`, those of its branches, which may be lists; none for
    `!Ref AWS::NoValue`."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from shapes(item)
        return
    branches = branches_of(value)
    if branches is None:
        if not is_no_value(value):
            yield from _expanded(shape(value))
        return
    for branch in branches[1:]:
        yield from shapes(branch)


def _expanded(each: Shape) -> Iterator[Shape]:
    """The shapes of a text whose gaps may contain an `!If`."""
    for index, gap in enumerate(each.gaps):
        if (branches := branches_of(gap)) is not None:
            for branch in branches[1:]:
                filled = Shape(each.text, (*each.gaps[:index], branch, *each.gaps[index + 1 :]))
                yield from _expanded(shape(filled.value()))
            return
    yield each


def each_branch(value: Value, function: Callable[[Shape], Value]) -> Value:
    """Apply a function to a value; to an `!If`, apply it to both branches."""
    branches = branches_of(value)
    if branches is None:
        return value if is_no_value(value) else function(shape(value))
    return If(branches[0], each_branch(branches[1], function), each_branch(branches[2], function))


def contradicts(value: Value | None, matches: Callable[[str], bool]) -> bool:
    """Whether a value cannot match, regardless of its gaps: no matching text contains one of its characters."""
    return any(not could_match(text, matches) for text in seen(value))


def cannot_be_arn(value: Value | None) -> bool:
    """Whether the beginning of a value shows that it is not an ARN."""
    heads = (re.split(GAP, text, maxsplit=1) for text in seen(value))
    return any(not (head.startswith("arn:") or (rest and "arn:".startswith(head))) for head, *rest in heads)


def seen(value: Value | None) -> Sequence[str]:
    """The possible texts of a value, in which `#{…}` is a gap too."""
    if value is None or is_known(value):
        return () if value is None else (value,)
    return [VARIABLE.sub(LATER, each.text) for each in shapes(value)]


def anywhere(value: Value, pattern: re.Pattern[str]) -> bool:
    """Whether a pattern occurs in a value or in a part of it. `{{resolve:…}}` is text here, not a gap."""
    gaps: list[Value] = []
    text = _text(value, gaps)
    return bool(pattern.search(text)) or any(anywhere(part, pattern) for gap in gaps for part in _parts(gap))


def _parts(data: Any) -> Iterator[Value]:
    """The values inside an expression or a list of expressions."""
    inside = [*data.data.values()] if isinstance(data, Expression) else data
    for item in inside:
        if isinstance(item, str | Expression):
            yield item
        elif isinstance(item, list | tuple):
            yield from _parts(item)
        elif isinstance(item, Mapping):
            yield from _parts([*item.values()])


def shown(value: Value) -> str:
    """A value as messages show it."""
    return quoted(value, 120) if isinstance(value, str) else one_line(json.dumps(value.to_dict()), 120)


def without_variables(value: Value) -> Value:
    """The resource of a policy with each `#{…}` replaced by `*`, as CodePipeline resolves variables only in actions."""
    if isinstance(value, str):
        return VARIABLE.sub("*", value)
    replaced = _replaced(value.to_dict())
    return value if replaced is None else from_data(replaced)


def as_property(value: Value) -> Value:
    """A value for a property that troposphere validates: strings with gaps are wrapped to skip the validation."""
    return _Unvalidated(value) if isinstance(value, str) and not is_known(value) else value


class _Unvalidated(AWSHelperFn):
    """The long form of an expression, or a string, unchanged."""

    def __init__(self, data: Any) -> None:
        self.data = data


def _replaced(data: Any) -> Any:
    """The data without variables; None if it does not contain any."""
    return _without(data) if "#{" in str(data) else None


def _without(data: Any) -> Any:
    if isinstance(data, str):
        return VARIABLE.sub("*", data)
    if isinstance(data, Mapping):
        return {key: _without(item) for key, item in data.items()}
    return [_without(item) for item in data] if isinstance(data, list | tuple) else data


def arn_or_name(
    value: Value, service: str, prefix: str, *, region: Value = REGION, account: Value = ACCOUNT, gap: str = "arn"
) -> Value:
    """The ARN of a resource that is given by its ARN or name. gap: which of the two a value is if its text is a gap."""

    def to_arn(each: Shape) -> Value:
        if each.is_arn or (each.is_gap and gap == "arn"):
            return each.value()
        return arn(service, prefix, each.value(each.text.removeprefix("/")), region=region, account=account)

    return each_branch(value, to_arn)


def every_item(values: Expression, before: str) -> Expression:
    """A list expression with a prefix added to each of its items."""
    return Split(",", Join("", [before, Join(f",{before}", values)]))


def bucket_of(file: Shape) -> Value:
    """The ARN of the bucket in the ARN of an object; of any bucket if the object is known only at deployment."""
    head, slash, _ = file.text.partition("/")
    if slash and file.is_arn:
        return file.value(head)
    return arn("s3", "*", region="", account="") if file.is_late else Select(0, Split("/", file.value()))


def branches_of(value: Value) -> Sequence[Any] | None:
    if isinstance(value, str):
        return None
    form: Any = getattr(value, "data", None)
    branches = form.get("Fn::If") if isinstance(form, dict) else None
    return branches if isinstance(branches, (list, tuple)) and len(branches) == 3 else None


def is_no_value(value: object) -> bool:
    """Whether a value is `!Ref AWS::NoValue`."""
    return getattr(value, "data", None) == {"Ref": "AWS::NoValue"}


def _text(value: Value, gaps: list[Value]) -> str:
    """The text of a value with a surrogate for each gap. Adds to `gaps`."""
    if isinstance(value, str):
        return value
    form: Any = value.data
    function, argument = next(iter(form.items()))
    if function == "Fn::Sub":
        text, own = (argument, {}) if isinstance(argument, str) else (argument[0], argument[1])
        return _SUBSTITUTION.sub(lambda match: _replacement(match[1], own, gaps), text)
    if function == "Fn::Join" and isinstance(argument[1], list | tuple):
        return str(argument[0]).join([_text(item, gaps) for item in argument[1]])
    if function == "Fn::Select" and isinstance(argument[1], list | tuple) and str(argument[0]).isdecimal():
        index, items = int(argument[0]), argument[1]
        return _text(items[index], gaps) if index < len(items) else _gap(value, gaps)
    return _gap(value, gaps)


def _replacement(name: str, own: Mapping[str, Any], gaps: list[Value]) -> str:
    if name.startswith("!"):
        return f"${{{name[1:]}}}"
    if name in own:
        return _text(own[name], gaps)
    if "." in name and not name.startswith("AWS::"):
        return _gap(GetAtt(*name.split(".", 1)), gaps)
    return _gap(Ref(name) if name else Sub("${}"), gaps)


def _gap(value: Value, gaps: list[Value]) -> str:
    gaps.append(value)
    return chr(FIRST_GAP + len(gaps) - 1)
