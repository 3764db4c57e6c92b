"""What `render` and `validate` share: definitions from paths, every file's problems shown, not only the first's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipegen.errors import InvalidDefinition, Problem, untold

if TYPE_CHECKING:
    from pipegen.definitions import Loaded
    from pipegen.rendering import Render, Rendered

RenderOne = Callable[["Loaded"], "Render"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of all files: the stacks, and whether every file was fine."""

    stacks: list[Rendered]
    fine: bool


def render_all(paths: Iterable[Path], render_one: RenderOne) -> Outcome:
    """Render every definition in the files, and show every problem of every file."""
    from pipegen.cli.report import show
    from pipegen.definitions import load

    made: list[tuple[Loaded, Sequence[Rendered]]] = []
    fine, told = True, set[Problem]()
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


def _rendered(loaded: Loaded, render_one: RenderOne, told: set[Problem]) -> Sequence[Rendered] | None:
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


def _conflicts(made: Sequence[tuple[Loaded, Sequence[Rendered]]]) -> Iterator[Problem]:
    """Names that two definitions take, if they can be deployed to one account and region."""
    from pipegen.definitions.fleet import find_fleet
    from pipegen.fleet.claims import claimed, place_of
    from pipegen.fleet.conflicts import Claimant, Target, conflicts, targets_of

    targets: dict[str, Target] = {}
    claimants = {}
    for loaded, stacks in made:
        fleet = find_fleet(Path(loaded.file))
        targets |= targets_of(fleet.data.environments) if fleet is not None else {}
        claimant = Claimant(
            name=loaded.definition.name,
            source=loaded.file,
            environments=loaded.origin.environments if loaded.origin is not None else (),
            claims=tuple(dict.fromkeys(claim for claim, stack, _ in claimed("", stacks) if stack is not None)),
        )
        claimants[id(claimant)] = (claimant, loaded, stacks)
    for conflict in conflicts([claimant for claimant, _, _ in claimants.values()], targets):
        _, loaded, stacks = claimants[id(conflict.claimant)]
        yield conflict.problem(place_of(loaded, stacks, conflict.claim), conflict.earlier.source)
