"""Values in shell scripts: quoted literals, and environment variables for expressions."""

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
    """Converts values to shell words, and collects the environment variables that the words refer to. `taken`: names
    that must not be used."""

    variables: dict[str, Value] = field(default_factory=dict)
    taken: Collection[str] = ()

    def word(self, value: Value, variable: str) -> str:
        """A quoted literal, or the environment variable with that name for an expression."""
        if isinstance(value, str):
            return shlex.quote(value)
        return self.reference(value, variable)

    def reference(self, value: Value, variable: str) -> str:
        """The environment variable with the value, whether it is a literal or not."""
        self.variables[variable] = value
        return f'"${variable}"'

    def name_of(self, value: Value, proposal: str) -> str:
        """The name of an environment variable with the value: `proposal`, with a number if that has another value."""
        proposal = f"_{proposal}" if proposal[:1].isdigit() else proposal  # variables cannot start with a digit
        for number in count(1):
            name = proposal if number == 1 else f"{proposal}_{number}"
            if name not in self.taken and _same(self.variables.setdefault(name, value), value):
                return name
        raise AssertionError


def _same(one: Value, other: Value) -> bool:
    return one is other or (
        isinstance(one, Expression) and isinstance(other, Expression) and one.to_dict() == other.to_dict()
    )


_MARK = "\ue000{}\ue001"
"""A placeholder for a variable while a text is written, from characters for private use."""


def document(data: Any, write: Callable[[Any], str], words: ShellWords, prefix: str) -> str:
    """The end of a command with a here document of data. The script's function `json_text` writes expressions in the
    data as JSON strings."""
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
    """The data with a placeholder for every expression. Variables are named after the key of the expression."""
    if isinstance(data, Mapping):
        label = str(data.get("name", ""))  # in a list of names and values, the name is more readable than the key
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
