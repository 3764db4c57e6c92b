"""What a value stands for, as far as its text tells: the one place where permissions and checks look into a value.

A literal, `!Sub` in both forms, `!Join` and `!Select` of listed items tell their text, with gaps for what only
CloudFormation knows (`!Ref`, `!GetAtt`, `!ImportValue`, `!FindInMap`, `!Split`, `{{resolve:…}}`); `!If` has two.
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
from pipegen.values.value import Value, arn, concat

_SUBSTITUTION = re.compile(r"\$\{([^}]*)\}")


@frozen
class Shape:
    """A text with gaps. text: one surrogate stands for each gap. gaps: what fills them, in order."""

    text: str
    gaps: tuple[Value, ...] = ()

    @property
    def is_gap(self) -> bool:
        """Whether nothing of the text is known."""
        return bool(re.fullmatch(GAP, self.text))

    @property
    def is_arn(self) -> bool:
        """Whether it is evidently an ARN."""
        return self.text.startswith("arn:")

    @property
    def is_late(self) -> bool:
        """Whether a `{{resolve:…}}` is in a gap. CloudFormation's functions see that text itself, not what it stands
        for: https://github.com/aws-cloudformation/cfn-lint/issues/2181, https://github.com/aws/aws-cdk/issues/14476"""
        return any(DYNAMIC.search(gap if isinstance(gap, str) else str(gap.to_dict())) for gap in self.gaps)

    def value(self, text: str | None = None) -> Value:
        """A part of its text as a value again."""
        parts = re.split(f"({GAP})", self.text if text is None else text)
        filled = [self.gaps[ord(part) - FIRST_GAP] if re.fullmatch(GAP, part) else part for part in parts]
        return concat(*(part for part in filled if part != ""))


def shape(value: Value) -> Shape:
    """Of an `!If`, a gap; take `shapes` or `each_branch` where its branches matter. A value with more parts than there
    are surrogates is one gap too."""
    gaps: list[Value] = []
    text = _text(value, gaps)
    while match := DYNAMIC.search(text):
        gaps.append(Shape(match[0], tuple(gaps)).value())
        text = f"{text[: match.start()]}{chr(FIRST_GAP + len(gaps) - 1)}{text[match.end() :]}"
    return Shape(text, tuple(gaps)) if len(gaps) <= LIMIT_GAPS else Shape(chr(FIRST_GAP), (value,))


def shapes(value: Value) -> Iterator[Shape]:
    """The shapes that a value may have: those of the branches of an `!If`, which may be lists. `!Ref AWS::NoValue` has
    none."""
    if isinstance(value, list | tuple):
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
    """The shapes of a text of which an `!If` is a part."""
    for index, gap in enumerate(each.gaps):
        if (branches := branches_of(gap)) is not None:
            for branch in branches[1:]:
                filled = Shape(each.text, (*each.gaps[:index], branch, *each.gaps[index + 1 :]))
                yield from _expanded(shape(filled.value()))
            return
    yield each


def each_branch(value: Value, function: Callable[[Shape], Value]) -> Value:
    """The function's result for a value; of an `!If`, the `!If` of those for its branches."""
    branches = branches_of(value)
    if branches is None:
        return value if is_no_value(value) else function(shape(value))
    return If(branches[0], each_branch(branches[1], function), each_branch(branches[2], function))


def contradicts(value: Value | None, matches: Callable[[str], bool]) -> bool:
    """Whether a value cannot have a form, whatever fills its gaps: one of its characters is in no text of that form."""
    return any(not could_match(text, matches) for text in seen(value))


def is_no_arn(value: Value | None) -> bool:
    """Whether a value cannot be an ARN, by how it begins."""
    heads = (re.split(GAP, text, maxsplit=1) for text in seen(value))
    return any(not (head.startswith("arn:") or (rest and "arn:".startswith(head))) for head, *rest in heads)


def seen(value: Value | None) -> Sequence[str]:
    """The texts that a value may have, where `#{…}` is a gap too."""
    if value is None or is_known(value):
        return () if value is None else (value,)
    return [VARIABLE.sub(LATER, each.text) for each in shapes(value)]


def anywhere(value: Value, pattern: re.Pattern[str]) -> bool:
    """Whether the text of a value, or of a part of it, has a pattern. `{{resolve:…}}` is text here, and not a gap."""
    gaps: list[Value] = []
    text = _text(value, gaps)
    return bool(pattern.search(text)) or any(anywhere(part, pattern) for gap in gaps for part in _parts(gap))


def _parts(data: Any) -> Iterator[Value]:
    """The values inside an expression, or inside lists of them."""
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
    """A resource of a policy in which `*` stands for each `#{…}`: only CodePipeline resolves those, in an action."""
    if isinstance(value, str):
        return VARIABLE.sub("*", value)
    made = _replaced(value.to_dict())
    return value if made is None else from_data(made)


def as_property(value: Value) -> Value:
    """For a property whose texts troposphere checks: what is filled in later is nothing to check yet."""
    return _Written(value) if isinstance(value, str) and not is_known(value) else value


class _Written(AWSHelperFn):
    """An expression from its long form, or a text as it is."""

    def __init__(self, data: Any) -> None:
        self.data = data


def _replaced(data: Any) -> Any:
    """The data without variables; None where it has none."""
    return _without(data) if "#{" in str(data) else None


def _without(data: Any) -> Any:
    if isinstance(data, str):
        return VARIABLE.sub("*", data)
    if isinstance(data, Mapping):
        return {key: _without(item) for key, item in data.items()}
    return [_without(item) for item in data] if isinstance(data, list | tuple) else data


def arn_or_name(value: Value, service: str, prefix: str, *, region: Value | None = None, gap: str = "arn") -> Value:
    """The ARN of something that is given by ARN or name. gap: what a value is taken for whose text is not known."""
    where = {} if region is None else {"region": region}

    def found(each: Shape) -> Value:
        if each.is_arn or (each.is_gap and gap == "arn"):
            return each.value()
        return arn(service, prefix, each.value(each.text.removeprefix("/")), **where)

    return each_branch(value, found)


def every_item(values: Expression, before: str) -> Expression:
    """Each item of a list that only CloudFormation knows, with a text before it."""
    return Split(",", Join("", [before, Join(f",{before}", values)]))


def bucket_of(file: Shape) -> Value:
    """The bucket's ARN in the ARN of an object; any bucket's where the deployment alone knows the object."""
    head, slash, _ = file.text.partition("/")
    if slash and file.is_arn:
        return file.value(head)
    return arn("s3", "*", region="", account="") if file.is_late else Select(0, Split("/", file.value()))


def branches_of(value: Value) -> Sequence[Any] | None:
    form: Any = getattr(value, "data", None)
    found = form.get("Fn::If") if isinstance(form, Mapping) else None
    return found if isinstance(found, list | tuple) and len(found) == 3 else None


def is_no_value(value: object) -> bool:
    """Whether a value is `!Ref AWS::NoValue`."""
    return getattr(value, "data", None) == {"Ref": "AWS::NoValue"}


def _text(value: Value, gaps: list[Value]) -> str:
    """The text of a value, in which a surrogate stands for each gap; these are added to the `gaps` there are."""
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
