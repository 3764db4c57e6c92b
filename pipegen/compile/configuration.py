"""Configurations of actions and rules, as CodePipeline takes them: texts, whatever they mean."""

from __future__ import annotations

from collections.abc import Mapping

from pipegen.values import Value


def as_texts(*configurations: Mapping[str, Value | int | bool]) -> dict[str, Value]:
    """One configuration of several; the last one wins."""
    return {key: _text(value) for configuration in configurations for key, value in configuration.items()}


def _text(value: Value | int | bool) -> Value:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value
