"""A blueprint's arguments as they are given in text, and the file of the definition that has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipegen.errors import InvalidDefinition
from pipegen.loading.blueprints.blueprint import Blueprint
from pipegen.loading.blueprints.parameter import BlueprintParameter
from pipegen.loading.fleet_file import Fleet
from pipegen.loading.yaml.parsing import parse
from pipegen.output.yaml import Short, dump

_WIDTH = 100
_TEXTS = ("string", "value")


class WrongArgument(ValueError):
    """What is wrong with an argument, and the way out."""


def argument(parameter: BlueprintParameter, text: str) -> Any:
    """The argument that a text is for a parameter: text as it is, all else as YAML. Raises WrongArgument."""
    data = text if parameter.type == "string" else _as_yaml(parameter, text)
    for fault, fix in parameter.faults(data):
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
    """The text that `argument` reads as this argument."""
    if isinstance(data, str):
        return data
    from pipegen.output.short_tags import short_tag

    return dump({"argument": data}, short_tag, flow=True).partition(": ")[2].rstrip("\n")


def needed(blueprint: Blueprint, fleet: Fleet | None) -> list[str]:
    """The parameters that a definition has to give."""
    given = {} if fleet is None else fleet.arguments()
    return [name for name in blueprint.data.parameters if blueprint.is_required(name) and name not in given]


def differing(arguments: Mapping[str, Any], blueprint: Blueprint, fleet: Fleet | None) -> dict[str, Any]:
    """The arguments that are not what they would be anyway, in the order of the parameters."""
    given = {} if fleet is None else fleet.arguments()
    found = {}
    for name in blueprint.data.parameters:
        default = given.get(name) or blueprint.default(name)
        if name in arguments and (default is None or not _same(default.data, arguments[name])):
            found[name] = arguments[name]
    return found


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def definition_text(blueprint: str, arguments: Mapping[str, Any], schema: str, short: Short) -> str:
    """A definition's file that uses a blueprint. schema: where an editor finds the schema of such files."""
    head = f"# yaml-language-server: $schema={schema}\n"
    body = dump({"blueprint": blueprint}, short)
    if not arguments:
        return f"{head}{body}"
    lines = [_line(name, data, short) for name, data in arguments.items()]
    return f"{head}{body}with:\n{''.join(lines)}"


def _line(name: str, data: Any, short: Short) -> str:
    """An argument, lists and mappings in brackets where they fit into a line."""
    text = dump({name: data}, short, flow=True)
    if len(text) > _WIDTH or text.count("\n") > 1:
        text = dump({name: data}, short)
    return "".join(f"  {line}" if line.strip() else line for line in text.splitlines(keepends=True))
