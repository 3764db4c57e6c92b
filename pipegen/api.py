"""The Python API: load, check and render definitions, write templates, and get the commands that deploy them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipegen.definition import Definition
from pipegen.errors import InvalidDefinition, Problem, by_location, has_errors
from pipegen.fields.base import mapping
from pipegen.frozen import frozen
from pipegen.pipeline.foundation import Foundation
from pipegen.rendering import Format, Rendered, find_problems, render_definition, render_foundation

if TYPE_CHECKING:
    from pipegen.loading import Loaded


@frozen
class Rendering(Rendered):
    """The stacks of a definition in order of deployment, and the warnings and notes about it."""

    def write(self, directory: str | os.PathLike[str] = ".", *, accept_unsafe: bool = False) -> tuple[Path, ...]:
        """Write a file for each stack into a directory: all of them or none. Returns the paths.

        Raises InvalidDefinition if an existing file shows that a running stack may not survive a change, except with
        `accept_unsafe`. Raises OutputFailed if a file cannot be written.
        """
        from pipegen.deploy.immutable_changes import PreviousTemplate, unsafe_changes
        from pipegen.output.files import compare, earlier_text, write

        changes = compare({Path(directory, stack.file_name): stack.text for stack in self.stacks})
        unsafe = [
            problem
            for stack, change in zip(self.stacks, changes, strict=True)
            for problem in unsafe_changes(
                stack, PreviousTemplate(str(change.path), earlier_text(change)), "error", check=False
            )
        ]
        if has_errors(unsafe) and not accept_unsafe:
            raise InvalidDefinition(unsafe)
        write(changes)
        return tuple(change.path for change in changes)

    def commands(self, directory: str | os.PathLike[str] = ".") -> str:
        """Return the AWS CLI commands that deploy the stacks, in order, from the files in a directory."""
        from pipegen.deploy.commands import deploy_commands, deploy_notes

        files = [(stack, str(Path(directory, stack.file_name))) for stack in self.stacks]
        return deploy_notes(self.stacks) + deploy_commands(files)


def load(path: str | os.PathLike[str], *, environment: str | None = None) -> list[Definition]:
    """Load the definitions in a file: one from YAML, any number from Python, which is executed.

    Problems that `check` and `render` find in them have their locations in the file. environment: where values differ
    between the environments of a fleet, the one whose values are loaded. Default: the first. Definitions in Python do
    not differ.
    Raises InvalidDefinition with the locations of all problems, and ValueError if there is no such environment.
    """
    from pipegen.loading import load_file

    definitions = []
    for loaded in load_file(path, environment=environment):
        object.__setattr__(loaded.definition, "_loaded", loaded)  # not a field: a changed copy is not what the file has
        definitions.append(loaded.definition)
    return definitions


def check(definition: Definition | Foundation) -> Sequence[Problem]:
    """Find every problem of a definition or a foundation that `render` would report: errors, warnings and notes, in the
    order of their locations.

    Problems name the file and line that created the object, or their location in the file that was loaded.
    """
    try:
        checked = _in_each_environment(definition)
        if not getattr(checked, "environments", None):
            return _located(definition, find_problems(checked))
        from pipegen.deploy.environment_values import find_problems_in_environments

        return _located(definition, find_problems_in_environments(checked, in_fleet=_is_in_fleet(definition)))
    except InvalidDefinition as error:
        return error.problems


def render(definition: Definition | Foundation, *, format: Format = "yaml", source: str | None = None) -> Rendering:
    """Render the templates of a definition or a foundation.

    source: the name of its file, which the templates mention. Default: that of the file that it was loaded from.
    Raises InvalidDefinition with every problem. Problems name the file and line that created the object, or their
    location in the file that was loaded.
    """
    loaded = _loaded(definition)
    if source is None:
        source = Path(loaded.file).name if loaded is not None else ""
    try:
        if isinstance(definition, Foundation):
            rendered = render_foundation(definition, format=format, source=source)
        else:
            rendered = _rendered(_in_each_environment(definition), format, source, in_fleet=_is_in_fleet(definition))
    except InvalidDefinition as error:
        raise InvalidDefinition(_located(definition, error.problems)) from None
    return Rendering(rendered.stacks, _located(definition, rendered.problems), rendered.references)


def _rendered(definition: Definition, format: Format, source: str, *, in_fleet: bool) -> Rendered:
    """Render a definition, and check it with the values of its environments, if it has any."""
    if not getattr(definition, "environments", None):
        return render_definition(definition, format=format, source=source)
    from pipegen.deploy.environment_values import render_in_environments

    return render_in_environments(definition, format=format, source=source, in_fleet=in_fleet)


def _is_in_fleet(definition: Definition | Foundation) -> bool:
    """Whether the environments of a definition are those of a fleet."""
    loaded = _loaded(definition)
    return loaded is not None and loaded.origin is not None and bool(loaded.origin.environments)


def _located(definition: Definition | Foundation, problems: Iterable[Problem]) -> list[Problem]:
    """Add to problems their locations in the file that a definition was loaded from, and the notes about this file."""
    loaded = _loaded(definition)
    return by_location(problems if loaded is None else [*loaded.notes, *loaded.located(problems)])


def _in_each_environment(definition: Any) -> Any:
    """The definition with a service for each environment in which one differs. Raises InvalidDefinition."""
    if not any(getattr(each, "environments", ()) for each in mapping(getattr(definition, "services", None)).values()):
        return definition
    from pipegen.loading.python_sections import in_each_environment

    return in_each_environment(definition)


def _loaded(definition: Definition | Foundation) -> Loaded | None:
    return getattr(definition, "_loaded", None)
