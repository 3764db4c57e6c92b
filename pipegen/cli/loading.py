"""Shared by `render` and `validate`: load and render definitions, and report all problems."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipegen.errors import InvalidDefinition, Problem, has_errors, unreported
from pipegen.frozen import frozen

if TYPE_CHECKING:
    from pipegen.cli.report import Reporter
    from pipegen.fleet.environments import InEnvironments
    from pipegen.fleet.resource_names import ResourceName
    from pipegen.loading import Loaded
    from pipegen.problems.severity import Level
    from pipegen.rendering import Format, Rendered, RenderedStack

RenderOne = Callable[["Loaded"], "Rendered"]
STDIN = Path("-")
STDIN_NAME = "<stdin>"


@frozen
class LoadResult:
    """The stacks of all files, the number of definitions, and whether none of them has errors."""

    stacks: list[RenderedStack]
    definitions: int
    is_valid: bool


def render_all(paths: Sequence[Path], render_one: RenderOne, reporter: Reporter) -> LoadResult:
    """Render every definition in the files, and report the problems of each."""
    stacks_of: list[tuple[Loaded, Sequence[RenderedStack]]] = []
    is_valid, unreadable, reported = True, 0, set[Problem]()
    for path in paths:
        try:
            if each := _everywhere(path, render_one):
                stacks = _reported(path, each, reporter, reported)
                is_valid &= stacks is not None
                stacks_of.append((each[0].loaded, stacks or ()))
                continue
            for loaded in _loaded(path, reporter):
                rendered = _rendered(loaded, render_one, reporter, reported)
                is_valid &= rendered is not None
                stacks_of.append((loaded, rendered or ()))
        except InvalidDefinition as error:
            is_valid, unreadable = False, unreadable + 1
            reporter.collect(unreported(error.problems, reported), _levels(path))
    if len(stacks_of) > 1:
        is_valid &= not reporter.collect(_conflicts(stacks_of))
    reporter.flush()
    return LoadResult([stack for _, stacks in stacks_of for stack in stacks], len(stacks_of) + unreadable, is_valid)


def render_loaded(loaded: Loaded, format: Format = "yaml") -> Rendered:
    """Render a definition, and check it with the values of its environments, if it has any.

    Raises InvalidDefinition.
    """
    definition, source = loaded.definition, Path(loaded.file).name
    if not definition.environments:
        from pipegen.rendering import render_definition

        return render_definition(definition, format=format, source=source)
    from pipegen.deploy.environment_values import render_in_environments

    in_fleet = loaded.origin is not None and bool(loaded.origin.environments)
    return render_in_environments(definition, format=format, source=source, in_fleet=in_fleet)


def _everywhere(path: Path, render_one: RenderOne) -> Sequence[InEnvironments]:
    """Render the definition in a file for each environment, if values differ between the environments of its fleet.

    Raises InvalidDefinition.
    """
    from pipegen.loading import YAML_SUFFIXES, load_file
    from pipegen.loading.fleet_file import find_fleet

    fleet = find_fleet(path) if path.suffix in YAML_SUFFIXES else None
    if fleet is None or len(fleet.data.environments) < 2:
        return ()
    try:
        [loaded] = load_file(path, fleet)
        if loaded.origin is None or loaded.origin.environment is None:
            return ()
    except InvalidDefinition:
        pass  # the problems name the environments, if they are not in all of them
    from pipegen.fleet.environments import render_everywhere

    return render_everywhere(path, fleet, render_one)


def _reported(
    path: Path, renderings: Sequence[InEnvironments], reporter: Reporter, reported: set[Problem]
) -> Sequence[RenderedStack] | None:
    """The stacks of a definition whose values differ between environments; None if it has errors. Reports problems."""
    from pipegen.fleet.environments import stacks_of
    from pipegen.loading.services_of_environments import problems_in

    problems, levels = list(problems_in({each.environments[0]: each.problems for each in renderings})), _levels(path)
    raised = has_errors(reporter.severities.over(levels).applied(problems))
    reporter.collect(unreported(problems, reported), levels)
    return None if raised else stacks_of(renderings)


def _loaded(path: Path, reporter: Reporter) -> list[Loaded]:
    from pipegen.loading import load_file

    if path != STDIN:
        return load_file(path)
    from pipegen.loading.yaml_file import load_yaml

    text = _standard_input()
    reporter.sources = {STDIN_NAME: text}
    return [load_yaml(Path(STDIN_NAME), text=text)]


def _standard_input() -> str:
    """Read standard input. Raises InvalidDefinition."""
    from pipegen.loading.yaml.parsing import LIMIT_BYTES, decoded

    return decoded(sys.stdin.buffer.read(LIMIT_BYTES + 1), STDIN_NAME)


def _levels(path: Path) -> Mapping[str, Level]:
    """Return the severities that the fleet of a file configures."""
    from pipegen.loading.fleet_file import find_fleet

    try:
        fleet = find_fleet(path)
    except InvalidDefinition:
        return {}
    return fleet.data.severity if fleet is not None else {}


def _rendered(
    loaded: Loaded, render_one: RenderOne, reporter: Reporter, reported: set[Problem]
) -> Sequence[RenderedStack] | None:
    """The stacks of a definition; None if it has errors. Reports the problems that are not in `reported` yet."""
    problems = loaded.origin.warnings() if loaded.origin is not None else []
    stacks: Sequence[RenderedStack] | None = None
    try:
        render = render_one(loaded)
        problems, stacks = [*problems, *loaded.located(render.problems)], render.stacks
    except InvalidDefinition as error:
        problems = [*problems, *loaded.located(error.problems)]
    levels = _levels(Path(loaded.file)) if problems else {}
    raised = has_errors(reporter.severities.over(levels).applied(problems))
    reporter.collect(unreported(problems, reported), levels)
    return None if raised else stacks


def _resource_names(loaded: Loaded, stacks: Sequence[RenderedStack]) -> Iterator[ResourceName]:
    from pipegen.fleet.resource_names import imports_of, names_of

    yield from (resource_name for resource_name, stack, _ in names_of("", stacks) if stack is not None)
    if any("ImportValue" in stack.text for stack in stacks):
        yield from (resource_name for resource_name, _ in imports_of(loaded.definition))


def _conflicts(rendered: Sequence[tuple[Loaded, Sequence[RenderedStack]]]) -> Iterator[Problem]:
    """Find resource names that two definitions use in the same account and region."""
    from pipegen.fleet.conflicts import NameUser, Target, conflicts, targets_of
    from pipegen.fleet.resource_names import location_of
    from pipegen.loading.fleet_file import find_fleet

    targets: dict[str, Target] = {}
    users = {}
    for loaded, stacks in rendered:
        fleet = find_fleet(Path(loaded.file))
        targets |= targets_of(fleet.data.environments) if fleet is not None else {}
        user = NameUser(
            name=loaded.definition.name,
            source=loaded.file,
            environments=loaded.origin.environments if loaded.origin is not None else (),
            names=tuple(dict.fromkeys(_resource_names(loaded, stacks))),
        )
        users[id(user)] = (user, loaded, stacks)
    for conflict in conflicts([user for user, _, _ in users.values()], targets):
        _, loaded, stacks = users[id(conflict.user)]
        yield conflict.problem(location_of(loaded, stacks, conflict.resource_name), conflict.earlier.source)
