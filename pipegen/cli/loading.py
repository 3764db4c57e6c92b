"""What `render` and `validate` share: definitions from paths, every file's problems shown, not only the first's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipegen.errors import InvalidDefinition, Problem

if TYPE_CHECKING:
    from pipegen.definitions import Loaded
    from pipegen.emit import Render, Rendered

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

    stacks: list[Rendered] = []
    fine = True
    for path in paths:
        try:
            for loaded in load(path):
                fine &= _render(loaded, render_one, stacks)
        except InvalidDefinition as error:
            fine = False
            show(error.problems)
    return Outcome(stacks, _names_are_unique(stacks) and fine)


def _render(loaded: Loaded, render_one: RenderOne, stacks: list[Rendered]) -> bool:
    from pipegen.cli.report import show

    try:
        render = render_one(loaded)
    except InvalidDefinition as error:
        show(loaded.placed(error.problems))
        return False
    show(loaded.placed(render.problems))
    stacks.extend(render.stacks)
    return True


def _names_are_unique(stacks: Iterable[Rendered]) -> bool:
    from pipegen.cli.report import show

    seen: set[str] = set()
    twice = [stack.stack.name for stack in stacks if stack.stack.name in seen or seen.add(stack.stack.name)]  # type: ignore[func-returns-value]
    fix = "give one of the definitions another name"
    show(Problem("duplicate-stack", (), f"two definitions make the stack {name}", fix, place=name) for name in twice)
    return not twice
