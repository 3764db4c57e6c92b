"""Values on their way into a shell script: literals quoted, expressions as environment variables."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from pipegen.values.expression import Expression
from pipegen.values.value import Value


@dataclass(slots=True)
class ShellWords:
    """Turns values into shell words, and keeps the environment variables that the words refer to. None of them is in
    `taken`."""

    variables: dict[str, Value] = field(default_factory=dict)
    taken: Collection[str] = ()

    def word(self, value: Value, variable: str) -> str:
        """A quoted literal; an expression becomes the environment variable of that name."""
        if isinstance(value, str):
            return shlex.quote(value)
        return self.reference(value, variable)

    def reference(self, value: Value, variable: str) -> str:
        """The value by an environment variable, literal or not."""
        self.variables[variable] = value
        return f'"${variable}"'

    def name_of(self, value: Value, wanted: str) -> str:
        """An environment variable with the value, named `wanted` or, where that is another's, with a number."""
        wanted = f"_{wanted}" if wanted[:1].isdigit() else wanted  # which no variable begins with
        for number in count(1):
            name = wanted if number == 1 else f"{wanted}_{number}"
            if name not in self.taken and _same(self.variables.setdefault(name, value), value):
                return name
        raise AssertionError


def _same(one: Value, other: Value) -> bool:
    return one is other or (
        isinstance(one, Expression) and isinstance(other, Expression) and one.to_dict() == other.to_dict()
    )


_MARK = "\ue000{}\ue001"
"""Stands for the variable of that name while a text is written; the characters are nobody's."""


def document(data: Any, write: Callable[[Any], str], words: ShellWords, prefix: str) -> str:
    """The end of a command that feeds it data as text: a here document. Expressions in the data become variables, as
    JSON strings, by the script's function `json_text`."""
    names: list[str] = []
    text = write(_marked(data, words, prefix, names))
    if not names:
        return f"<<'END'\n{text}END"
    for character in "\\$`":
        text = text.replace(character, "\\" + character)
    for name in dict.fromkeys(names):
        mark = _MARK.format(name)
        for quoted in (f'"{mark}"', f"'{mark}'", mark):
            text = text.replace(quoted, f'$(json_text "${name}")')
    return f"<<END\n{text}END"


def _marked(data: Any, words: ShellWords, prefix: str, names: list[str], key: str = "") -> Any:
    """The data with a mark for every expression; a variable is named after the key that has it."""
    if isinstance(data, Mapping):
        label = str(data.get("name", ""))  # a list of names and values reads better by the name
        return {
            name: _marked(item, words, prefix, names, label if name in ("value", "valueFrom") else name)
            for name, item in data.items()
        }
    if isinstance(data, list | tuple):
        return [_marked(item, words, prefix, names, key) for item in data]
    if isinstance(data, Expression):
        names.append(words.name_of(data, f"{prefix}_{_upper(key)}"))
        return _MARK.format(names[-1])
    return data


def _upper(key: str) -> str:
    """A key as part of a variable's name: `executionRoleArn` as `EXECUTION_ROLE_ARN`."""
    return re.sub(r"[^A-Za-z0-9]", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key)).upper()
