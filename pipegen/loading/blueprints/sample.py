"""Sample arguments for blueprints, from their examples, defaults and constraints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipegen.errors import InvalidDefinition
from pipegen.loading.blueprints.blueprint import FILE_NAME, Blueprint
from pipegen.loading.blueprints.expansion import expand
from pipegen.loading.blueprints.parameter import BlueprintParameter
from pipegen.loading.fleet import Fleet
from pipegen.loading.yaml.nodes import Node, node_of
from pipegen.loading.yaml.parsing import nodes_of

EXAMPLE = "example.yaml"
_TEXTS = ("owner/name", "sample", "/sample", "https://example.com", "sample-1", "1", "a")
_OF_TYPES: Mapping[str, tuple[Any, ...]] = {"boolean": (False, True), "list": ([], ["sample"]), "mapping": ({},)}


def sample_definition(blueprint: Blueprint, fleet: Fleet | None) -> Node | None:
    """The definition for sample arguments; None if no valid arguments could be guessed."""
    example = _example(blueprint)
    defaults = {} if fleet is None else fleet.arguments()
    of_fleet = {name: node for name, node in defaults.items() if name in blueprint.data.parameters}
    for arguments in (_samples(blueprint, example), example):
        try:
            return expand(blueprint, arguments | of_fleet, blueprint.node, fleet)[0]
        except InvalidDefinition:
            continue
    return None


def samples(blueprint: Blueprint) -> dict[str, Any]:
    """Sample arguments for the required parameters, as far as they can be guessed."""
    return {name: node.data for name, node in _samples(blueprint, _example(blueprint)).items()}


def _example(blueprint: Blueprint) -> dict[str, Node]:
    """The arguments in the example of the blueprint, or else of one that it extends."""
    for source in blueprint.sources:
        try:
            arguments = nodes_of(source.directory / EXAMPLE).inside.get("with")
        except InvalidDefinition:
            continue
        found = arguments.inside.items() if arguments is not None else ()
        return {str(name): node for name, node in found if name in blueprint.data.parameters}
    return {}


def _samples(blueprint: Blueprint, example: Mapping[str, Node]) -> dict[str, Node]:
    mark = Node(None, 1, 1, file=FILE_NAME)
    samples = {}
    for name, parameter in blueprint.data.parameters.items():
        if blueprint.is_required(name):
            fitting = [example[name].data] if name in example else []
            fitting += [each for each in _guesses(name, parameter) if not list(parameter.faults(each))]
            if fitting:
                samples[name] = node_of(fitting[0], mark)
    return samples


def _guesses(name: str, parameter: BlueprintParameter) -> Iterator[Any]:
    yield from parameter.allowed_values
    if parameter.type in ("integer", "number"):
        yield from (int(each) for each in (parameter.minimum, parameter.maximum, 1) if each is not None)
    yield from _OF_TYPES.get(parameter.type, ())
    yield from (name.replace("_", "-"), *_TEXTS)
    yield ["sample"]
