"""Configurations of actions and rules; CodePipeline accepts only strings as values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipegen.errors import Path, Problem
from pipegen.values.value import Value

Configuration = Mapping[str, Value | int | bool]


def as_texts(*configurations: Configuration) -> dict[str, Value]:
    """Merge configurations; later ones take precedence."""
    return {key: _text(value) for configuration in configurations for key, value in configuration.items()}


def replaced(configuration: Configuration, extra: Configuration, path: Path) -> Iterator[Problem]:
    """Find keys of `extra_configuration` that fields of the action or rule at `path` already set."""
    for key in extra:
        if key in configuration:
            text = f"extra_configuration sets {key}, which pipegen derives from other fields"
            fix = "use that field instead"
            yield Problem("extra-configuration", (*path, "extra_configuration", key), text, fix)


def _text(value: Value | int | bool) -> Value:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value
