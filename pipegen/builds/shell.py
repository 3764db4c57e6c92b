"""Values on their way into a shell script: literals quoted, expressions as environment variables."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field

from pipegen.values import Value


@dataclass(slots=True)
class ShellWords:
    """Turns values into shell words, and keeps the environment variables that the words refer to."""

    variables: dict[str, Value] = field(default_factory=dict)

    def word(self, value: Value, variable: str) -> str:
        """A quoted literal; an expression becomes the environment variable of that name."""
        if isinstance(value, str):
            return shlex.quote(value)
        return self.reference(value, variable)

    def reference(self, value: Value, variable: str) -> str:
        """The value by an environment variable, literal or not."""
        self.variables[variable] = value
        return f'"${variable}"'
