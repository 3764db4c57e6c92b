"""Blueprint arguments as text, and the text of a definition that uses a blueprint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipegen.errors import InvalidDefinition
from pipegen.loading.blueprints.blueprint import Blueprint
from pipegen.loading.blueprints.parameter import BlueprintParameter
from pipegen.loading.fleet import Fleet
from pipegen.loading.yaml.parsing import parse
from pipegen.output.yaml import Short, dump

_WIDTH = 100
_TEXTS = ("string", "value")


class WrongArgument(ValueError):
    """The fault of an argument, with a fix."""


def argument(parameter: BlueprintParameter, text: str) -> Any:
    """Parse an argument: a string for a parameter of that type, else YAML. Raises WrongArgument."""
    data = text if parameter.type == "string" else _as_yaml(parameter, text)
    for path, text, fix in parameter.faults(data):
        fault = f"item {path[0] + 1} {text}" if path and isinstance(path[0], int) else text
        example = {"list": "such as [one, two]", "mapping": "such as {NAME: text}"}.get(parameter.type, "")
        raise WrongArgument("; ".join(filter(None, (fault, fix or example))))
    return data


def _as_yaml(parameter: BlueprintParameter, text: str) -> Any:
    if parameter.type == "value" and not text.startswith(("!", "{")):
        return text
    try:
        return parse(text, "").data
    except InvalidDefinition as error:
        problem = error.problems[0]
        raise WrongArgument("; ".join(filter(None, (problem.text, problem.fix)))) from None


def argument_text(data: Any) -> str:
    """The text that `argument` parses as this argument."""
    if isinstance(data, str):
        return data
    from pipegen.output.short_tags import short_tag

    return dump({"argument": data}, short_tag, flow=True).partition(": ")[2].rstrip("\n")


def required_parameters(blueprint: Blueprint, fleet: Fleet | None) -> list[str]:
    """The parameters that a definition must set."""
    from_fleet = {} if fleet is None else fleet.arguments()
    return [name for name in blueprint.data.parameters if blueprint.is_required(name) and name not in from_fleet]


def without_defaults(arguments: Mapping[str, Any], blueprint: Blueprint, fleet: Fleet | None) -> dict[str, Any]:
    """The arguments that differ from the defaults, in the order of the parameters."""
    from_fleet = {} if fleet is None else fleet.arguments()
    arguments_left = {}
    for name in blueprint.data.parameters:
        default = from_fleet.get(name) or blueprint.default(name)
        if name in arguments and (default is None or not _same(default.data, arguments[name])):
            arguments_left[name] = arguments[name]
    return arguments_left


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def definition_text(blueprint: str, arguments: Mapping[str, Any], schema: str, short: Short) -> str:
    """The text of a definition that uses a blueprint. schema: the path or URL of the JSON Schema for editors."""
    head = f"# yaml-language-server: $schema={schema}\n"
    body = dump({"blueprint": blueprint}, short)
    if not arguments:
        return f"{head}{body}"
    lines = [_line(name, data, short) for name, data in arguments.items()]
    return f"{head}{body}with:\n{''.join(lines)}"


def _line(name: str, data: Any, short: Short) -> str:
    """The text of an argument; lists and mappings are in flow style if they fit into a line."""
    text = dump({name: data}, short, flow=True)
    if len(text) > _WIDTH or text.count("\n") > 1:
        text = dump({name: data}, short)
    return "".join(f"  {line}" if line.strip() else line for line in text.splitlines(keepends=True))
