"""Loading definitions from YAML: a file merged over its fleet's defaults, merged over its blueprint.

Mappings are merged by key and lists of named items by name, recursively; any other value replaces the inherited one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from pipegen.definition import Definition
from pipegen.errors import InvalidDefinition, Path, Problem, has_errors, one_line, quoted, there_are
from pipegen.fields.model import field_names
from pipegen.fields.words import described
from pipegen.loading.definition import read
from pipegen.loading.differences import (
    arguments_in,
    differs,
    has_sections,
    sections_of,
    services_each,
    services_in,
    with_sections,
)
from pipegen.loading.fleet import Fleet
from pipegen.loading.fleet_file import find_fleet
from pipegen.loading.missing_pipelines import missing_pipelines
from pipegen.loading.sources import Loaded, Origin
from pipegen.loading.yaml.foreign import foreign_problem
from pipegen.loading.yaml.merging import merged, name_problems
from pipegen.loading.yaml.nodes import Node, invalid, only, problem_at, without
from pipegen.loading.yaml.parsing import nodes_of, parse
from pipegen.model.environment import in_same_region

if TYPE_CHECKING:
    from pipegen.loading.blueprints.blueprint import Blueprint

BLUEPRINT, ARGUMENTS, ENVIRONMENTS = "blueprint", "with", "environments"
PIPELINES = "pipelines"
"""The keys of a file in addition to those of a definition."""
EXTENSION = "x-"
"""The prefix of top-level keys that only contain anchors for the rest of the file."""


def load_yaml(
    path: FilePath, fleet: Fleet | None = None, text: str | None = None, environment: str | None = None
) -> Loaded:
    """Load the definition in a YAML or JSON file, completed by its fleet and its blueprint.

    text: the contents of the file if it is not written yet. environment: where values differ between environments, the
    one whose values are loaded. Default: the first.
    Raises InvalidDefinition with the locations of all problems.
    """
    origin = resolve(path, fleet, text, environment)

    def location(where: Path) -> str:
        return origin.node.at(where).location

    try:
        definition = read(origin.node.data)
        if problems := list(_in_china(definition, origin, fleet or find_fleet(path))):
            raise InvalidDefinition(problems)
        return Loaded(definition, str(path), location, origin)
    except InvalidDefinition as error:
        raise InvalidDefinition([*origin.warnings(), *origin.located(error.problems, str(path))]) from None


def _in_china(definition: Definition, origin: Origin, fleet: Fleet | None) -> Iterator[Problem]:
    """Problems with defaults that do not work in the environments of a definition that are in China."""
    if not definition.services or fleet is None:
        return
    from pipegen.services.images import is_in_china, problems_in_china

    regions = [fleet.data.environments[name].region for name in origin.environments]
    if any(region is not None and is_in_china(region) for region in regions):
        yield from problems_in_china(definition.services)


def resolve(
    path: FilePath, fleet: Fleet | None = None, text: str | None = None, environment: str | None = None
) -> Origin:
    """Complete the contents of a definition's file.

    Raises InvalidDefinition, and ValueError for an environment that the definition does not have.
    """
    root = nodes_of(path) if text is None else parse(text, str(path))
    if problem := foreign_problem(root):
        raise InvalidDefinition([problem])
    fleet = fleet or find_fleet(path)
    if not isinstance(root.data, dict):
        return Origin(node=root, inputs=(path,))
    problems = list(fleet.locked_problems(root)) if fleet is not None else []
    environments = _deployed_to(root, fleet)
    if environment is not None and environment not in environments:
        raise ValueError(f"{path} has no environment {environment!r}; {there_are(environments)}")
    try:
        if fleet is not None and fleet.data.pipelines is not None and (named := _named_by_arguments(root, fleet)):
            from pipegen.loading.services_of_environments import with_services_of_environments

            home = fleet.data.pipelines
            origin = with_services_of_environments(named, home, lambda name: _resolved(root, path, fleet, name))
        else:
            chosen = environment or next(iter(environments), None)
            origin = _resolved(root, path, fleet, chosen)
    except InvalidDefinition as error:
        raise InvalidDefinition([*problems, *error.problems]) from None
    if problems:
        raise InvalidDefinition(problems)
    return origin if fleet is None else replace(origin, inputs=(*origin.inputs, fleet.file))


def _resolved(root: Node, path: FilePath, fleet: Fleet | None, environment: str | None) -> Origin:
    origin = _in_environments(_completed(root, path, fleet, environment), fleet)
    return _with_sections(origin, fleet, environment)


def _named_by_arguments(root: Node, fleet: Fleet) -> list[str]:
    """Return the environments that arguments may have a value for."""
    arguments = [*_arguments(root).values(), *fleet.arguments().values()] if BLUEPRINT in root.inside else []
    return [name for name in fleet.data.environments if any(name in each.inside for each in arguments)]


def differing(path: FilePath, fleet: Fleet) -> list[str]:
    """The environments of a fleet between which the definition in a file may differ, also if the definition is
    invalid."""
    if fleet.data.pipelines is not None:
        return []
    root = nodes_of(path)
    arguments = [*_arguments(root).values(), *fleet.arguments().values()]
    may_differ = (
        has_sections(root) or has_sections(fleet.defaults) or any(isinstance(each.data, dict) for each in arguments)
    )
    return _deployed_to(root, fleet) if may_differ else []


def _deployed_to(root: Node, fleet: Fleet | None) -> list[str]:
    if fleet is None:
        return []
    lists = [node.inside[ENVIRONMENTS].data for node in (root, fleet.defaults) if ENVIRONMENTS in node.inside]
    chosen = next((each for each in lists if isinstance(each, list)), None)
    return [name for name in fleet.data.environments if chosen is None or name in chosen]


def _with_sections(origin: Origin, fleet: Fleet | None, environment: str | None) -> Origin:
    """Merge what services set for an environment. Raises InvalidDefinition."""
    if not has_sections(origin.node):
        return origin
    if isinstance(origin.node.at((ENVIRONMENTS,)).data, dict) and ENVIRONMENTS in origin.node.inside:
        return replace(origin, node=services_each(origin.node), sections=sections_of(origin.node))
    known = () if fleet is None else tuple(fleet.data.environments)
    return replace(origin, node=services_in(origin.node, known, environment), environment=environment)


def _completed(root: Node, path: FilePath, fleet: Fleet | None, environment: str | None) -> Origin:
    own = with_sections(without(root, BLUEPRINT, ARGUMENTS, *(key for key in root.data if key.startswith(EXTENSION))))
    if BLUEPRINT in root.inside:
        return _expanded(root, own, path, fleet, environment)
    if ARGUMENTS in root.inside:
        text, fix = "arguments without a blueprint", "add blueprint: NAME"
        raise invalid(root.inside[ARGUMENTS], "missing-key", text, fix)
    return Origin(node=own if fleet is None else merged(with_sections(fleet.defaults), own), inputs=(path,))


def _expanded(root: Node, own: Node, path: FilePath, fleet: Fleet | None, environment: str | None) -> Origin:
    from pipegen.loading.blueprints.catalog import find_blueprint
    from pipegen.loading.blueprints.expansion import expand

    blueprint, notes = find_blueprint(root.inside[BLUEPRINT], fleet, path.parent)
    arguments = dict(_arguments(root))
    if fleet is not None:
        defaults = {name: node for name, node in fleet.arguments().items() if name in blueprint.data.parameters}
        arguments = defaults | {name: replace(node, replaced=defaults.get(name)) for name, node in arguments.items()}
    varies = fleet is not None and environment is not None and _vary(blueprint, arguments)
    if fleet is not None and environment is not None and varies:
        arguments = arguments_in(arguments, blueprint.data.parameters, fleet.data.environments, environment)
    if misplaced := list(_misplaced(own, blueprint)):
        raise InvalidDefinition(misplaced)
    expanded, files = expand(blueprint, arguments, root.inside[BLUEPRINT], fleet)
    expanded = with_sections(expanded)
    under = expanded if fleet is None else merged(expanded, with_sections(fleet.defaults))
    misnamed = list(name_problems(under, own))
    if has_errors(misnamed):
        raise InvalidDefinition(misnamed)
    return Origin(
        node=merged(under, own),
        files=files,
        inputs=(path, *blueprint.inputs()),
        notes=(*notes, *misnamed),
        blueprint=blueprint,
        user=root.inside.get(ARGUMENTS, root.inside[BLUEPRINT]),
        environment=environment if varies else None,
    )


def _vary(blueprint: Blueprint, arguments: Mapping[str, Node]) -> bool:
    """Whether an argument differs between environments."""
    parameters = blueprint.data.parameters
    return any(name in parameters and differs(parameters[name], node) for name, node in arguments.items())


def _misplaced(own: Node, blueprint: Blueprint) -> Iterator[Problem]:
    """Problems with arguments that are written beside `with` instead of under it."""
    keys = {*field_names(Definition), ENVIRONMENTS}
    for key, node in own.inside.items():
        if key in blueprint.data.parameters and key not in keys:
            fix = f"it is an argument of the blueprint: give it under {ARGUMENTS}:"
            yield problem_at(node, "unknown-key", f"unknown key {quoted(key)}", fix)


def _arguments(root: Node) -> Mapping[str, Node]:
    node = root.inside.get(ARGUMENTS)
    if node is None or node.data is None:
        return {}
    if not isinstance(node.data, dict):
        raise invalid(
            node,
            "wrong-type",
            f"with must be a mapping, got {described(node.data)}",
            "write NAME: VALUE for each argument",
        )
    return {str(name): inside for name, inside in node.inside.items()}


def _in_environments(origin: Origin, fleet: Fleet | None) -> Origin:
    """Move the environments from the data, as they are not part of the definition, to the origin."""
    node = origin.node.inside.get(ENVIRONMENTS)
    if fleet is None:
        return origin  # reading the definition reports the unknown key
    known = tuple(fleet.data.environments)
    if fleet.data.pipelines is not None:
        return _with_pipelines(origin, fleet)
    if problem := missing_pipelines(origin.node):
        raise InvalidDefinition([problem])
    if node is None:
        return _checked_regions(replace(origin, environments=known), origin.node, fleet)
    if not isinstance(node.data, list) or not node.data or not all(isinstance(each, str) for each in node.data):
        raise invalid(node, "wrong-type", "environments must be a list of names", there_are(known))
    problems = [
        problem_at(
            inside, "unknown-environment", f"there is no environment {one_line(inside.data, 60)}", there_are(known)
        )
        for inside in node.inside.values()
        if inside.data not in known
    ]
    if problems:
        raise InvalidDefinition(problems)
    chosen = tuple(name for name in known if name in node.data)
    return _checked_regions(replace(origin, environments=chosen, node=without(origin.node, ENVIRONMENTS)), node, fleet)


def _with_pipelines(origin: Origin, fleet: Fleet) -> Origin:
    """Give the environments of a fleet to a definition whose services and actions name them."""
    shared = only(fleet.node, ENVIRONMENTS, PIPELINES)
    if misplaced := [key for key in shared.inside if key in origin.node.inside]:
        text = f"{misplaced[0]} cannot be set in a definition, because the fleet sets pipelines"
        fix = f"remove {misplaced[0]}, and set the environment of each service"
        raise invalid(origin.node.inside[misplaced[0]], "fleet-environment", text, fix)
    return replace(origin, environments=tuple(fleet.data.environments), node=merged(shared, origin.node))


def _checked_regions(origin: Origin, node: Node, fleet: Fleet) -> Origin:
    """Return the origin, if all its environments are in different accounts or regions. Raises InvalidDefinition."""
    pairs = in_same_region({name: fleet.data.environments[name] for name in origin.environments})
    if pair := next(pairs, None):
        here = fleet.node.at(("environments", pair[1]))
        text = f"its stacks would be the same in {' and '.join(pair)}, which are one account and region"
        fix = f"choose one of the two, such as environments: [{pair[0]}], or correct where they are"
        raise InvalidDefinition([problem_at(node, "same-environment", text, fix, here)])
    return origin
