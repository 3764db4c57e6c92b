"""Checks of expressions with the values that the parameters have in each environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pipegen.checks.stacks.parameter_values import invalid_value
from pipegen.definition import Definition
from pipegen.errors import Path, Problem
from pipegen.fields.model import step
from pipegen.model.environment import Environment
from pipegen.pipeline.foundation import Foundation
from pipegen.rendering import Rendered, problems_with
from pipegen.values.expression import Expression
from pipegen.values.functions import sub_names


def environment_values(
    definition: Definition | Foundation, rendered: Rendered, environments: Mapping[str, Environment]
) -> Iterator[Problem]:
    """Find values that are out of range, or that do not fit together, in some environment only.

    Paths that begin with `environments` are in the fleet's file, others in the definition.
    """
    references = {each.path for each in rendered.references}  # `environment_arns` checks their values
    if references.issuperset(rendered.expressions):
        return
    for name, environment in environments.items():
        values = _values_in(definition, environment)
        problems = problems_with(definition, values, rendered.problems)
        for problem in (each for each in problems if each.path not in references):
            path = _origin(definition, problem.path, name, environment, values)
            yield replace(problem, path=path, text=f"{problem.text} in {name}", location="", related="")


def _values_in(definition: Definition | Foundation, environment: Environment) -> dict[str, str]:
    """Return the values of parameters in an environment, and of pseudo parameters that are keys of mappings."""
    values = {"AWS::Region": environment.region, "AWS::AccountId": environment.account}
    for name, parameter in definition.parameters.items():
        value = environment.value(name)
        if value is None or not invalid_value(parameter, value):  # others are reported where they are set
            values[name] = parameter.default if value is None else value
    return {name: value for name, value in values.items() if value is not None}


def _origin(
    definition: Definition | Foundation,
    path: Path,
    name: str,
    environment: Environment,
    values: Mapping[str, str],
) -> Path:
    """Return the path of the value that an expression has in an environment. Default: the path of the field."""
    value: Any = definition
    for part in path:
        value = step(value, part)
    if not isinstance(value, Expression):
        return path
    function, argument = next(iter(value.to_dict().items()))
    if function == "Fn::FindInMap" and (entry := _entry(definition, argument, values)):
        return entry
    used = next((each for each in _parameters(value.to_dict()) if environment.value(each) is not None), None)
    return path if used is None else ("environments", name, "parameters", used)


def _entry(definition: Definition | Foundation, argument: Any, values: Mapping[str, str]) -> Path:
    """Return the path of an entry of a mapping; empty if it does not exist or its keys are unknown."""
    keys = [values.get(each["Ref"]) if isinstance(each, Mapping) and "Ref" in each else each for each in argument]
    found: Any = definition.mappings
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) and isinstance(key, str) else None
    return ("mappings", *map(str, keys)) if found is not None else ()


def _parameters(data: Any) -> Iterator[str]:
    """Yield the names of parameters in an expression."""
    if isinstance(data, Mapping):
        for function, argument in data.items():
            if function == "Ref":
                yield argument
            elif function == "Fn::Sub":
                yield from sub_names(argument if isinstance(argument, str) else argument[0])
            yield from _parameters(argument)
    elif isinstance(data, list | tuple):
        for each in data:
            yield from _parameters(each)
