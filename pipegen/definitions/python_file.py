"""A Python module that defines definitions. It is executed, with everything that this means."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path as FilePath
from types import ModuleType
from typing import Any

from pipegen.definition import Definition
from pipegen.definitions.reading import recheck
from pipegen.definitions.sources import Loaded
from pipegen.errors import InvalidDefinition, Path, Problem, one_line, spell


def load_python(path: FilePath) -> list[Loaded]:
    """The definitions that a module holds in its variables, in their order. Raises InvalidDefinition."""
    file = str(path)
    found = list(_definitions(_executed(path)))
    if not found:
        text = "defines no pipeline: no variable holds a pipegen.Definition"
        raise InvalidDefinition(
            [Problem("no-definition", (), text, "assign one, such as orders = Definition(…)", place=file)]
        )
    loaded: list[Loaded] = []
    problems: list[Problem] = []
    for variable, definition in found:
        place = _placer(file, variable)
        try:
            loaded.append(Loaded(recheck(definition), file, place))
        except InvalidDefinition as error:
            problems += [
                Problem(each.code, each.path, each.text, each.fix, each.severity, place(each.path))
                for each in error.problems
            ]
    if problems:
        raise InvalidDefinition(problems)
    return loaded


def _placer(file: str, variable: str) -> Any:
    def place(path: Path) -> str:
        return f"{file}:{variable}{'.' if path else ''}{spell(path)}"

    return place


def _definitions(module: ModuleType) -> Iterator[tuple[str, Definition]]:
    """Definitions in variables, and in lists and tuples in variables; one that has two names counts once."""
    seen: set[int] = set()
    for variable, value in vars(module).items():
        several = list(value) if isinstance(value, list | tuple) else [value]
        for index, each in enumerate(several):
            if isinstance(each, Definition) and id(each) not in seen:
                seen.add(id(each))
                yield (variable if each is value else f"{variable}[{index}]"), each


def _executed(path: FilePath) -> ModuleType:
    spec = spec_from_file_location(f"pipegen_definition_{path.stem}", path)
    if not path.is_file() or spec is None or spec.loader is None:
        raise InvalidDefinition([Problem("unreadable", (), "there is no such file", "check the path", place=str(path))])
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(path.parent.resolve()))
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # whatever a user's module raises is theirs to read, in one line
        raise InvalidDefinition([_failure(path, error)]) from None
    except SystemExit as error:
        text = f"left with sys.exit({one_line(error.code, 60)})"
        raise InvalidDefinition(
            [Problem("python-failed", (), text, "let it define and return", place=str(path))]
        ) from None
    finally:
        sys.path.remove(str(path.parent.resolve()))
    return module


def _failure(path: FilePath, error: Exception) -> Problem:
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if FilePath(frame.filename).resolve() == path.resolve()]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
    text = f"{type(error).__name__}: {one_line(error.msg if isinstance(error, SyntaxError) else error)}"
    place = f"{path}:{line}" if line else str(path)
    return Problem("python-failed", (), text, "mend the module", place=place)
