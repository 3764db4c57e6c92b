"""Configurations of actions and rules, as CodePipeline takes them: texts, whatever they mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipegen.errors import Path, Problem
from pipegen.values.value import Value

Configuration = Mapping[str, Value | int | bool]


def as_texts(*configurations: Configuration) -> dict[str, Value]:
    """One configuration of several; the last one wins."""
    return {key: _text(value) for configuration in configurations for key, value in configuration.items()}


def replaced(configuration: Configuration, extra: Configuration, path: Path) -> Iterator[Problem]:
    """Keys of an `extra_configuration` that would replace what the fields of the action or rule at `path` set."""
    for key in extra:
        if key in configuration:
            text = f"extra_configuration sets {key}, which pipegen sets from the other fields"
            fix = "remove it here, and use the field for it"
            yield Problem("extra-configuration", (*path, "extra_configuration", key), text, fix)


def _text(value: Value | int | bool) -> Value:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value
