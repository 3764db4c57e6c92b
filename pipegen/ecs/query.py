"""The cluster query language, in which placement constraints select instances.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-query-language.html"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pipegen.errors import Problem, quoted
from pipegen.facts import closest
from pipegen.fields.gaps import is_known
from pipegen.values.shape import shown
from pipegen.values.value import Value

_COMPARING = ("==", "!=", ">", ">=", "<", "<=", "=~", "!~")
_IN = ("in", "!in", "not_in")
_EXISTING = ("exists", "!exists", "not_exists")
_WORDS = (
    *("equals", "not_equals", "greater_than", "greater_than_equal", "less_than", "less_than_equal"),
    *("matches", "not_matches"),
)
_OPERATORS = (*_COMPARING, *_WORDS, *_IN, *_EXISTING)
_JOINING = ("and", "or", "&&", "||")
_SUBJECTS = ("agentConnected", "agentVersion", "ec2InstanceId", "registeredAt", "runningTasksCount", "task:group")
_ATTRIBUTES = tuple(
    f"ecs.{name}"
    for name in (
        *("ami-id", "availability-zone", "instance-type", "os-type", "os-family", "cpu-architecture", "vpc-id"),
        *("subnet-id", "awsvpc-trunk-id", "outpost-arn"),
    )
)
"""Those that ECS sets, besides capabilities. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-constraints.html#attributes"""

_TOKEN = r"\s*(\(|\)|\[[^\]]*\]|&&|\|\||==|!=|=~|!~|>=|<=|>|<|!in\b|!exists\b|!|'[^']*'|\"[^\"]*\"|[^\s()\[\]]+)"
_SUCH = "such as attribute:ecs.instance-type =~ t3.*"


class _Wrong(Exception):
    """What is wrong with an expression, and how to write it."""

    def __init__(self, text: str, fix: str = "") -> None:
        super().__init__(text)
        self.fix = fix or _SUCH


def query_problems(expression: Value | None) -> Iterator[Problem]:
    """Paths start at the expression."""
    if not is_known(expression) or not expression:
        return
    reader = _Reader(_tokens(expression))
    try:
        reader.read()
    except _Wrong as wrong:
        yield Problem("placement-expression", (), f"{shown(expression)}: {wrong}", wrong.fix)
        return
    yield from _attribute_problems(reader.attributes)


def _attribute_problems(names: Iterable[str]) -> Iterator[Problem]:
    for name in names:
        if name.startswith("ecs.") and not name.startswith("ecs.capability.") and name not in _ATTRIBUTES:
            near = closest(name, _ATTRIBUTES)
            fix = f"did you mean {near}?" if near else f"known are {', '.join(_ATTRIBUTES)}"
            text = f"ECS gives instances no attribute {name}"
            yield Problem("placement-expression", (), text, fix, "warning")


def attribute_problems(name: str) -> Iterator[Problem]:
    """Of an attribute, `attribute:NAME`, by which tasks are spread. Paths start at it."""
    yield from _attribute_problems([name.removeprefix("attribute:")])


def _tokens(expression: str) -> list[str]:
    found, position = list[str](), 0
    while match := re.compile(_TOKEN).match(expression, position):
        found.append(match[1])
        position = match.end()
    return found if not expression[position:].strip() else [*found, expression[position:].strip()]


@dataclass(slots=True)
class _Reader:
    """Reads tokens from the first to the last."""

    tokens: list[str]
    attributes: list[str] = field(default_factory=list)
    position: int = 0

    def read(self) -> None:
        self._compound()
        if self._next is not None:
            raise _Wrong(f"{quoted(self._next)} is left over, which and or or must precede")

    @property
    def _next(self) -> str | None:
        return self.tokens[self.position] if self.position < len(self.tokens) else None

    def _take(self) -> str:
        if self._next is None:
            raise _Wrong("it ends too early")
        self.position += 1
        return self.tokens[self.position - 1]

    def _compound(self) -> None:
        self._term()
        while self._next in _JOINING:
            self._take()
            self._term()

    def _term(self) -> None:
        if self._next in ("not", "!"):
            self._take()
            self._term()
        elif self._next == "(":
            self._take()
            self._compound()
            if self._next != ")":
                raise _Wrong("a parenthesis is not closed")
            self._take()
        else:
            self._comparison()

    def _comparison(self) -> None:
        subject = self._take()
        kind, colon, name = subject.partition(":")
        if colon and kind == "attribute" and re.fullmatch(r"[A-Za-z0-9._/\\-]{1,128}", name):
            self.attributes.append(name)
        elif subject not in _SUBJECTS:
            near = f"attribute:{subject}" if subject in _ATTRIBUTES else closest(subject, _SUBJECTS)
            fix = f"did you mean {near}?" if near else f"one of {', '.join(_SUBJECTS)} and attribute:NAME"
            raise _Wrong(f"{quoted(subject)} is not a subject", fix)
        operator = self._take()
        if operator not in _OPERATORS:
            near = "==" if operator == "=" else closest(operator, _OPERATORS)
            raise _Wrong(f"{quoted(operator)} is not an operator", f"did you mean {near}?" if near else "")
        if operator not in _EXISTING:
            self._argument(operator)

    def _argument(self, operator: str) -> None:
        if self._next is None or self._next in (")", *_JOINING):
            raise _Wrong(f"{operator} has no argument")
        argument = self._take()
        if argument.startswith("[") and not argument.endswith("]"):
            raise _Wrong(f"the list {quoted(argument)} is not closed", f"{operator} [a, b]")
        if operator in ("==", "equals") and re.search(r"[*?]$", argument):
            raise _Wrong(f"{operator} compares the whole text, and {quoted(argument)} is a pattern", f"=~ {argument}")
        if (operator in _IN) != argument.startswith("["):
            raise _Wrong(
                f"{operator} takes {'a list, [a, b]' if operator in _IN else 'one value'}, got {quoted(argument)}"
            )
