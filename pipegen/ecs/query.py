"""The cluster query language, with which placement constraints select instances.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-query-language.html"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pipegen.errors import Problem, did_you_mean, quoted
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
"""Attributes that ECS sets, except capabilities. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-constraints.html#attributes"""

_TOKEN = r"\s*(\(|\)|\[[^\]]*\]|&&|\|\||==|!=|=~|!~|>=|<=|>|<|!in\b|!exists\b|!|'[^']*'|\"[^\"]*\"|[^\s()\[\]]+)"
_SUCH = "write an expression such as attribute:ecs.instance-type =~ t3.*"


class _SyntaxError(Exception):
    """An error in an expression, with a fix."""

    def __init__(self, text: str, fix: str = "") -> None:
        super().__init__(text)
        self.fix = fix or _SUCH


def query_problems(expression: Value | None) -> Iterator[Problem]:
    """Check an expression. Paths start at the expression."""
    if not is_known(expression) or not expression:
        return
    reader = _Reader(_tokens(expression))
    try:
        reader.read()
    except _SyntaxError as error:
        text = f"the expression {shown(expression)} is not valid: {error}"
        yield Problem("placement-expression", (), text, error.fix)
        return
    yield from _attribute_problems(reader.attributes)


def _attribute_problems(names: Iterable[str]) -> Iterator[Problem]:
    for name in names:
        if name.startswith("ecs.") and not name.startswith("ecs.capability.") and name not in _ATTRIBUTES:
            near = closest(name, _ATTRIBUTES)
            fix = did_you_mean(near) or f"use one of {', '.join(_ATTRIBUTES)}, or a custom attribute"
            text = f"unknown ECS attribute {quoted(name)}"
            yield Problem("placement-expression", (), text, fix, "warning")


def attribute_problems(name: str) -> Iterator[Problem]:
    """Check an attribute by which tasks are spread, such as `attribute:NAME`. Paths start at the attribute."""
    yield from _attribute_problems([name.removeprefix("attribute:")])


def _tokens(expression: str) -> list[str]:
    tokens, position = list[str](), 0
    while match := re.compile(_TOKEN).match(expression, position):
        tokens.append(match[1])
        position = match.end()
    return tokens if not expression[position:].strip() else [*tokens, expression[position:].strip()]


@dataclass(slots=True)
class _Reader:
    """Parses tokens from first to last."""

    tokens: list[str]
    attributes: list[str] = field(default_factory=list)
    position: int = 0

    def read(self) -> None:
        self._compound()
        if self._next is not None:
            raise _SyntaxError(f'{quoted(self._next)} must follow "and" or "or"')

    @property
    def _next(self) -> str | None:
        return self.tokens[self.position] if self.position < len(self.tokens) else None

    def _take(self) -> str:
        if self._next is None:
            raise _SyntaxError("it is incomplete")
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
                raise _SyntaxError('")" is missing')
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
            fix = did_you_mean(near) or f"use {', '.join(_SUBJECTS)} or attribute:NAME"
            raise _SyntaxError(f"unknown subject {quoted(subject)}", fix)
        operator = self._take()
        if operator not in _OPERATORS:
            near = "==" if operator == "=" else closest(operator, _OPERATORS)
            raise _SyntaxError(f"unknown operator {quoted(operator)}", did_you_mean(near))
        if operator not in _EXISTING:
            self._argument(operator)

    def _argument(self, operator: str) -> None:
        if self._next is None or self._next in (")", *_JOINING):
            raise _SyntaxError(f"the argument of {quoted(operator)} is missing")
        argument = self._take()
        if argument.startswith("[") and not argument.endswith("]"):
            raise _SyntaxError(f'"]" is missing in the list {quoted(argument)}', f"write {operator} [a, b]")
        if operator in ("==", "equals") and re.search(r"[*?]$", argument):
            text = f"{quoted(operator)} compares the whole text, but {quoted(argument)} is a pattern"
            raise _SyntaxError(text, f"write =~ {argument}")
        if (operator in _IN) != argument.startswith("["):
            expected = "a list such as [a, b]" if operator in _IN else "one value"
            raise _SyntaxError(f"{quoted(operator)} requires {expected}, got {quoted(argument)}")
