"""The locations in Python code where objects of the model were created, for messages about them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from pipegen.errors import InvalidDefinition, Path, Problem, by_location, spell
from pipegen.fields.model import Model, step


def created_at(model: Model, path: Path) -> str:
    """The `file:line` that created the innermost object on a path; empty if no Python code outside pipegen did."""
    value: object = model
    created = model.created
    for part in path:
        value = step(value, part)
        if isinstance(value, Model):
            created = value.created or created
    return f"{_relative(created[0])}:{created[1]}" if created else ""


@contextmanager
def locating(model: object) -> Iterator[None]:
    """Add locations to the problems of an InvalidDefinition, and turn a RecursionError into one."""
    try:
        yield
    except InvalidDefinition as error:
        raise InvalidDefinition(located(model, error.problems)) from None
    except RecursionError:
        problem = Problem("wrong-type", (), "is nested too deep", "flatten it")
        raise InvalidDefinition(located(model, [problem])) from None


def located(model: object, problems: Iterable[Problem]) -> list[Problem]:
    """Add to problems the locations that created the objects they are about, and sort the problems by these. Messages
    about objects that Python code created name functions as Python does."""
    if not isinstance(model, Model):
        return by_location(problems)
    return by_location([_located(model, each) for each in problems])


def _located(model: Model, problem: Problem) -> Problem:
    location = created_at(model, problem.path) if not problem.location else ""
    if not location:
        return problem
    from pipegen.model.in_python import as_python  # few runs report such a problem

    return as_python(replace(problem, location=location, subject=spell(problem.path)))


def _relative(file: str) -> str:
    """The path relative to the working directory, if the file is below it."""
    inside = os.path.relpath(file) if os.path.isabs(file) and os.path.exists(file) else file  # noqa: PTH110, PTH117
    return file if inside.startswith("..") else inside
