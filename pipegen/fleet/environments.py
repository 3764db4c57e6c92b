"""Render a definition of a fleet, once for each environment if values differ between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pipegen.errors import InvalidDefinition, Problem
from pipegen.frozen import frozen
from pipegen.loading import load_file
from pipegen.loading.fleet import Fleet
from pipegen.loading.services_of_environments import problems_in
from pipegen.loading.sources import Loaded
from pipegen.loading.yaml_file import differing
from pipegen.rendering import Rendered, RenderedStack

RenderOne = Callable[[Loaded], Rendered]


@frozen(eq=False)
class InEnvironments:
    """A definition as the environments deploy it."""

    environments: tuple[str, ...]
    loaded: Loaded
    rendered: Rendered

    @property
    def problems(self) -> list[Problem]:
        """The located warnings and notes."""
        return [*self.loaded.notes, *self.loaded.located(self.rendered.problems)]


def render_everywhere(file: Path, fleet: Fleet, render: RenderOne) -> list[InEnvironments]:
    """Render the definition in a file for all its environments at once, or for each of them if values differ.

    Raises InvalidDefinition, whose problems name the environments if they are not in all of them.
    """
    try:
        [loaded] = load_file(file, fleet)
    except InvalidDefinition:
        if len(names := differing(file, fleet)) < 2:
            raise
        return _in_each(file, fleet, names, render)
    assert loaded.origin is not None
    if loaded.origin.environment is not None:
        return _in_each(file, fleet, loaded.origin.environments, render)
    return [InEnvironments(loaded.origin.environments, loaded, _rendered(loaded, render))]


def _rendered(loaded: Loaded, render: RenderOne) -> Rendered:
    try:
        return render(loaded)
    except InvalidDefinition as error:
        raise InvalidDefinition(loaded.located(error.problems)) from None


def _in_each(file: Path, fleet: Fleet, names: Sequence[str], render: RenderOne) -> list[InEnvironments]:
    renderings: list[InEnvironments] = []
    errors: dict[str, Sequence[Problem]] = dict.fromkeys(names, ())
    for name in names:
        try:
            [loaded] = load_file(file, fleet, name)
            renderings.append(InEnvironments((name,), loaded, _rendered(loaded, render)))
        except InvalidDefinition as error:
            errors[name] = error.problems
    if any(errors.values()):
        raise InvalidDefinition(list(problems_in(errors)))
    if differences := list(_differences(renderings)):
        raise InvalidDefinition(differences)
    return renderings


def _differences(renderings: Sequence[InEnvironments]) -> Iterator[Problem]:
    """Find what must be the same in all environments: the stacks, and the files for the repository."""
    first, *others = renderings
    for other in others:
        names = f"{first.environments[0]} and {other.environments[0]}"
        if [each.name for each in first.rendered.stacks] != [each.name for each in other.rendered.stacks]:
            text, fix = f"the stacks of {names} have different names", "use the same names in all environments"
            yield Problem("environment-difference", (), text, fix, location=first.loaded.location(("name",)))
        elif _files(first) != _files(other):
            text, fix = f"the files for the repository differ between {names}", "use the same arguments for them"
            yield Problem("environment-difference", (), text, fix, location=first.loaded.location(("name",)))


def _files(rendering: InEnvironments) -> Mapping[str, str]:
    origin = rendering.loaded.origin
    return {file.path: file.text for file in origin.files} if origin is not None else {}


def stacks_of(renderings: Sequence[InEnvironments]) -> list[RenderedStack]:
    """Return the stacks in order: one if all environments have the same template, otherwise one for each."""
    stacks: list[RenderedStack] = []
    for variants in zip(*(each.rendered.stacks for each in renderings), strict=True):
        if len({variant.text for variant in variants}) == 1:
            stacks.append(variants[0])
        else:
            named = zip(renderings, variants, strict=True)
            stacks += [replace(variant, environment=each.environments[0]) for each, variant in named]
    return stacks
