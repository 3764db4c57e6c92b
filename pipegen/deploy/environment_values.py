"""Checks of expressions with the values that the parameters have in each environment."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pipegen.checks.stacks.parameter_values import invalid_value
from pipegen.definition import Definition
from pipegen.deploy.parameters import declared, unused_problems, value_problems
from pipegen.deploy.targets import stacks_by_environment
from pipegen.errors import InvalidDefinition, Path, Problem, has_errors
from pipegen.fields.model import step
from pipegen.model.created import located
from pipegen.model.environment import Environment
from pipegen.pipeline.foundation import Foundation
from pipegen.rendering import Format, Rendered, find_problems, problems_with, render_definition
from pipegen.values.expression import Expression
from pipegen.values.functions import sub_names


def render_in_environments(
    definition: Definition, *, format: Format = "yaml", source: str = "", in_fleet: bool = False
) -> Rendered:
    """Render a definition, and check it with the parameter values of its environments.

    in_fleet: whether the environments are those of a fleet, whose other definitions can use their parameters.
    Raises InvalidDefinition.
    """
    rendered = render_definition(definition, format=format, source=source)
    found = list(_with_environments(definition, rendered, in_fleet))
    problems = [*rendered.problems, *located(definition, found)]
    if has_errors(found):
        raise InvalidDefinition(problems)
    return replace(rendered, problems=problems)


def find_problems_in_environments(definition: Definition, *, in_fleet: bool = False) -> Sequence[Problem]:
    """Find every problem that `render_in_environments` would report."""
    problems = find_problems(definition)
    if has_errors(problems):
        return problems
    try:
        return render_in_environments(definition, in_fleet=in_fleet).problems
    except InvalidDefinition as error:
        return error.problems


def _with_environments(definition: Definition, rendered: Rendered, in_fleet: bool) -> Iterator[Problem]:
    stacks = stacks_by_environment(rendered.stacks, definition.environments)
    yield from environment_values(definition, rendered, definition.environments)
    for name, deployed in stacks.items():
        yield from value_problems(deployed, {name: definition.environments[name]})
    if not in_fleet:
        used = {name: declared(deployed) for name, deployed in stacks.items()}
        yield from unused_problems(definition.environments, used, "stack")


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
            if name not in _environments_of(definition, problem.path, environments):
                continue
            path = _origin(definition, problem.path, name, environment, values)
            yield replace(problem, path=path, text=f"{problem.text} in {name}", location="", related="")


def _environments_of(
    definition: Definition | Foundation, path: Path, environments: Mapping[str, Environment]
) -> Collection[str]:
    """Return the environments in which a field has an effect: all, unless the definition has a pipeline that deploys to
    several."""
    if not isinstance(definition, Definition) or definition.pipelines is None:
        return environments
    found = {definition.pipelines}
    value: Any = definition
    for part in path:
        value = step(value, part)
        if isinstance(environment := getattr(value, "environment", None), str):
            found = {environment}
        if isinstance(environment := getattr(value, "runs_in", None), str):
            found.add(environment)
    return found


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
