"""Loading definitions from Python modules, which are executed."""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import redirect_stdout
from dataclasses import replace
from difflib import get_close_matches
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path as FilePath
from types import ModuleType

from pipegen.definition import Definition
from pipegen.errors import InvalidDefinition, Path, Problem, did_you_mean, one_line
from pipegen.lazy import PACKAGES, home_of
from pipegen.loading.python_sections import in_each_environment
from pipegen.loading.sources import Loaded
from pipegen.model.created import created_at
from pipegen.reading import check_as


def load_python(path: FilePath) -> list[Loaded]:
    """Load the definitions in the variables of a module, in their order. Raises InvalidDefinition."""
    file = str(path)
    definitions = list(_definitions(_executed(path)))
    if not definitions:
        text = "defines no pipeline: no variable holds a pipegen.Definition"
        raise InvalidDefinition(
            [Problem("no-definition", (), text, "assign one, such as orders = Definition(…)", location=file)]
        )
    loaded: list[Loaded] = []
    problems: list[Problem] = []
    for variable, definition in definitions:
        source = Loaded(definition, file, _locate(file, definition), variable=variable)
        try:
            loaded.append(replace(source, definition=check_as(Definition, in_each_environment(definition))[0]))
        except InvalidDefinition as error:
            problems += source.located(error.problems)
    if problems:
        raise InvalidDefinition(problems)
    return loaded


def _locate(file: str, definition: Definition) -> Callable[[Path], str]:
    return lambda path: created_at(definition, path) or file


def _definitions(module: ModuleType) -> Iterator[tuple[str, Definition]]:
    """The definitions in variables, and in lists, tuples and dicts in variables; each object once."""
    seen: set[int] = set()
    for variable, value in vars(module).items():
        several = (
            value.items() if type(value) is dict else enumerate(value if type(value) in (list, tuple) else [value])
        )
        for index, each in several:
            if issubclass(type(each), Definition) and id(each) not in seen:
                seen.add(id(each))
                yield (variable if each is value else f"{variable}[{index!r}]"), each


def _executed(path: FilePath) -> ModuleType:
    """Execute the module. Its output goes to standard error, so that it does not mix with templates."""
    missing = InvalidDefinition(
        [Problem("unreadable", (), "there is no such file", "check the path", location=str(path))]
    )
    if not _is_file(path):
        raise missing
    file = path.resolve()
    spec = spec_from_file_location(f"pipegen_definition_{path.stem}", file)
    if spec is None or spec.loader is None:
        raise missing
    module = module_from_spec(spec)
    search, directory, modules = list(sys.path), os.getcwd(), set(sys.modules)  # noqa: PTH109
    sys.modules[spec.name] = module
    sys.path.insert(0, str(file.parent))
    try:
        with redirect_stdout(sys.stderr):
            spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # any exception of a user's module is reported to the user
        raise InvalidDefinition([_failure(path, error)]) from None
    finally:
        sys.path[:] = search
        os.chdir(directory)
        _forget_neighbours(modules, file.parent)
    return module


def _is_file(path: FilePath) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _forget_neighbours(before: AbstractSet[str], directory: FilePath) -> None:
    """Remove modules that were imported from the definition's directory, as modules in other directories may have the
    same names. Modules installed in a virtual environment below the directory are kept."""
    for name in set(sys.modules) - before:
        spec = getattr(sys.modules[name], "__spec__", None)
        files = {str(getattr(spec, "origin", None)), *(getattr(spec, "submodule_search_locations", None) or ())}
        package = directory / name.replace(".", "/")
        if not files.isdisjoint(map(str, (package.with_suffix(".py"), package))):
            del sys.modules[name]


def _failure(path: FilePath, error: BaseException) -> Problem:
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if FilePath(frame.filename).resolve() == path.resolve()]
    here = isinstance(error, SyntaxError) and FilePath(error.filename or "").resolve() == path.resolve()
    line = getattr(error, "lineno", None) if here else lines[-1] if lines else None
    location = f"{path}:{line}" if line else str(path)
    text, fix = _missing_name(error) or (_words(error), "correct the module")
    return Problem("python-failed", (), text, fix, location=location)


def _missing_name(error: BaseException) -> tuple[str, str] | None:
    """The message and the fix if a public name was imported from the wrong package or is misspelled."""
    if not isinstance(error, ImportError) or error.name not in PACKAGES:
        return None
    match = re.match(r"cannot import name '(\w+)'", str(error))
    if match is None:
        return None
    name, names = match[1], import_module(error.name).__all__
    near = get_close_matches(name, names, n=1)
    fix = f"write from {home} import {name}" if (home := home_of(name)) else did_you_mean(*near[:1])
    return f"{error.name} has no public name {name}", fix or f"help({error.name}) lists its names"


def _words(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"left with sys.exit({one_line(error.code, 60)})"
    try:
        said = one_line(error.msg if isinstance(error, SyntaxError) else error)
    except Exception:  # its own __str__ failed
        said = ""
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
