"""What `render` and `validate` share: definitions from paths, every file's problems shown, not only the first's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

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

    made: dict[str, str] = {}
    priorities: dict[Any, str] = {}
    stacks: list[Rendered] = []
    fine = True
    for path in paths:
        try:
            for loaded in load(path):
                rendered = _rendered(loaded, render_one)
                fine &= rendered is not None and _is_new(rendered, loaded.file, made)
                fine &= _has_place(loaded, priorities)
                stacks.extend(rendered or ())
        except InvalidDefinition as error:
            fine = False
            show(error.problems)
    return Outcome(stacks, fine)


def _rendered(loaded: Loaded, render_one: RenderOne) -> Sequence[Rendered] | None:
    from pipegen.cli.report import show

    try:
        render = render_one(loaded)
    except InvalidDefinition as error:
        show(loaded.placed(error.problems))
        return None
    show(loaded.placed(render.problems))
    return render.stacks


def _has_place(loaded: Loaded, taken: dict[Any, str]) -> bool:
    """Whether no other definition's services have rules of the same priority on a listener that they share."""
    if not loaded.definition.services:
        return True
    from pipegen.cli.report import show
    from pipegen.services.priorities import clashes

    services, name = loaded.definition.services, loaded.definition.name
    told = {problem.path for problem in clashes(services, {}, name)}  # those within it, by its own checks
    found = [problem for problem in clashes(services, taken, name) if problem.path not in told]
    show(loaded.placed(found))
    return not found


def _is_new(rendered: Iterable[Rendered], file: str, made: dict[str, str]) -> bool:
    """Whether no other definition makes stacks of these names; `made` remembers who makes which."""
    from pipegen.cli.report import show

    names = [each.stack.name for each in rendered]
    fix = "give one of the definitions another name"
    text = "{} makes the stack {} too"
    show(
        Problem("duplicate-stack", ("name",), text.format(made[name], name), fix, place=file)
        for name in names
        if name in made
    )
    fine = not made.keys() & set(names)
    made.update(dict.fromkeys(names, file))
    return fine
