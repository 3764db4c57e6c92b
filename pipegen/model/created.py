"""Where objects of the model were created in Python, for messages about them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from pipegen.errors import InvalidDefinition, Path, Problem, spell
from pipegen.fields.model import Model, step


def created_at(model: Model, path: Path) -> str:
    """`file:line` of the innermost object on a path that was created in Python; nothing where none was."""
    here: object = model
    found = model.created
    for part in path:
        here = step(here, part)
        if isinstance(here, Model):
            found = here.created or found
    return f"{_shown(found[0])}:{found[1]}" if found else ""


@contextmanager
def placing(model: object) -> Iterator[None]:
    """Gives the problems of an InvalidDefinition their places. What is nested too deep is a problem, too."""
    try:
        yield
    except InvalidDefinition as error:
        raise InvalidDefinition(placed(model, error.problems)) from None
    except RecursionError:
        problem = Problem("wrong-type", (), "is nested too deep", "flatten it")
        raise InvalidDefinition(placed(model, [problem])) from None


def placed(model: object, problems: Iterable[Problem]) -> list[Problem]:
    """Problems with the places of the objects of the model that they are about."""
    if not isinstance(model, Model):
        return [*problems]
    found = []
    for problem in problems:
        place = created_at(model, problem.path) if not problem.place else ""
        found.append(replace(problem, place=f"{place}: {spell(problem.path)}".rstrip(": ")) if place else problem)
    return found


def _shown(file: str) -> str:
    """The file as seen from the working directory, if it is inside."""
    inside = os.path.relpath(file) if os.path.isabs(file) and os.path.exists(file) else file  # noqa: PTH110, PTH117
    return file if inside.startswith("..") else inside
