"""What `render` and `validate` share: definitions from paths, every file's problems shown, not only the first's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipegen.errors import InvalidDefinition, Problem, untold
from pipegen.frozen import frozen

if TYPE_CHECKING:
    from pipegen.fleet.resource_names import Claim
    from pipegen.loading import Loaded
    from pipegen.rendering import Render, Rendered

RenderOne = Callable[["Loaded"], "Render"]


@frozen
class Outcome:
    """What became of all files: the stacks, and whether every file was fine."""

    stacks: list[Rendered]
    fine: bool


def render_all(paths: Iterable[Path], render_one: RenderOne) -> Outcome:
    """Render every definition in the files, and show every problem of every file."""
    from pipegen.cli.report import show
    from pipegen.loading import load

    made: list[tuple[Loaded, Sequence[Rendered]]] = []
    fine, told = True, set[tuple[str, str, str]]()
    for path in paths:
        try:
            for loaded in load(path):
                rendered = _rendered(loaded, render_one, told)
                fine &= rendered is not None
                made.append((loaded, rendered or ()))
        except InvalidDefinition as error:
            fine = False
            show(untold(error.problems, told))
    conflicting = list(_conflicts(made)) if len(made) > 1 else []
    show(conflicting)
    return Outcome([stack for _, stacks in made for stack in stacks], fine and not conflicting)


def _rendered(loaded: Loaded, render_one: RenderOne, told: set[tuple[str, str, str]]) -> Sequence[Rendered] | None:
    """Shows what is not told yet."""
    from pipegen.cli.report import show

    if loaded.origin is not None:
        show(untold(loaded.origin.warnings(), told))
    try:
        render = render_one(loaded)
    except InvalidDefinition as error:
        show(untold(loaded.placed(error.problems), told))
        return None
    show(untold(loaded.placed(render.problems), told))
    return render.stacks


def _claims(loaded: Loaded, stacks: Sequence[Rendered]) -> Iterator[Claim]:
    from pipegen.fleet.resource_names import claimed, imports_of

    yield from (claim for claim, stack, _ in claimed("", stacks) if stack is not None)
    if any("ImportValue" in stack.text for stack in stacks):
        yield from (claim for claim, _ in imports_of(loaded.definition))


def _conflicts(made: Sequence[tuple[Loaded, Sequence[Rendered]]]) -> Iterator[Problem]:
    """Names that two definitions take, if they can be deployed to one account and region."""
    from pipegen.fleet.conflicts import Claimant, Target, conflicts, targets_of
    from pipegen.fleet.resource_names import place_of
    from pipegen.loading.fleet_file import find_fleet

    targets: dict[str, Target] = {}
    claimants = {}
    for loaded, stacks in made:
        fleet = find_fleet(Path(loaded.file))
        targets |= targets_of(fleet.data.environments) if fleet is not None else {}
        claimant = Claimant(
            name=loaded.definition.name,
            source=loaded.file,
            environments=loaded.origin.environments if loaded.origin is not None else (),
            claims=tuple(dict.fromkeys(_claims(loaded, stacks))),
        )
        claimants[id(claimant)] = (claimant, loaded, stacks)
    for conflict in conflicts([claimant for claimant, _, _ in claimants.values()], targets):
        _, loaded, stacks = claimants[id(conflict.claimant)]
        yield conflict.problem(place_of(loaded, stacks, conflict.claim), conflict.earlier.source)
