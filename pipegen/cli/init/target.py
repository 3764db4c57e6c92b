"""The definition that is going to be written: its blueprint, its file, and what arguments make of it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipegen.errors import InvalidDefinition, Problem
from pipegen.frozen import frozen

if TYPE_CHECKING:
    from pipegen.loading.blueprints.blueprint import Blueprint
    from pipegen.loading.fleet import Fleet
    from pipegen.loading.sources import Loaded
    from pipegen.rendering import Rendered

SCHEMA = "pipegen.schema.json"
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_NAMING = ("service", "name")
"""The parameters that give a definition's file its name."""
_UNNAMED = "definition"


def relative(path: Path) -> Path:
    """A path as seen from the working directory."""
    return Path(os.path.relpath(path))


def file_fault(file: Path) -> str:
    """What is wrong with the name of a definition's file."""
    return "" if file.suffix in (".yaml", ".yml") else f"{file} must end in .yaml"


@frozen
class Trial:
    """What arguments make: the text of the definition, and the definition with its stacks if there are no errors.

    lines: the line of each argument in the text.
    """

    path: Path
    text: str
    problems: Sequence[Problem]
    lines: Mapping[str, int] = field(default_factory=dict)
    loaded: Loaded | None = None
    render: Rendered | None = None

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity == "error"]

    def argument_of(self, problem: Problem) -> str | None:
        """The argument that a problem is located at."""
        file, line, *_ = [*problem.location.rsplit(":", 2), ""]
        if file != str(self.path) or not line.isdigit():
            return None
        before = [name for name, begins in self.lines.items() if begins <= int(line)]
        return max(before, key=lambda name: self.lines[name], default=None)


@frozen
class Target:
    """named: the blueprint as the definition names it. file: the definition's file, where it was given."""

    named: str
    blueprint: Blueprint
    fleet: Fleet | None
    file: Path | None

    def path(self, arguments: Mapping[str, Any]) -> Path | None:
        """The file to write, if it was given or the arguments name it."""
        if self.file is not None:
            return self.file
        name = next((arguments[each] for each in _NAMING if each in arguments), None)
        return self._beside(name) if isinstance(name, str) and _FILE_NAME.fullmatch(name) else None

    def _beside(self, name: str) -> Path:
        directory = Path() if self.fleet is None else relative(self.fleet.root) / "services"
        return directory / f"{name}.yaml"

    def schema(self, path: Path) -> Path:
        """The schema that the file refers to."""
        return (path.parent if self.fleet is None else relative(self.fleet.root)) / SCHEMA

    def text(self, arguments: Mapping[str, Any], path: Path) -> str:
        """The text of the definition: the arguments that differ from their defaults."""
        from pipegen.loading.blueprints.arguments import definition_text, without_defaults
        from pipegen.output.short_tags import short_tag

        schema = Path(os.path.relpath(self.schema(path), path.parent)).as_posix()
        return definition_text(self.named, without_defaults(arguments, self.blueprint, self.fleet), schema, short_tag)

    def tried(self, arguments: Mapping[str, Any]) -> Trial:
        """Render the definition that arguments make, without writing anything."""
        from pipegen.loading.yaml.parsing import parse
        from pipegen.loading.yaml_file import load_yaml
        from pipegen.rendering import render_definition

        path = self.path(arguments) or self._beside(_UNNAMED)
        text = self.text(arguments, path)
        written = parse(text, str(path)).inside.get("with")
        lines = {} if written is None else {str(name): node.line for name, node in written.inside.items()}
        trial = Trial(path, text, (), lines)
        try:
            loaded = load_yaml(path, self.fleet, text)
        except InvalidDefinition as error:
            return replace(trial, problems=error.problems)
        try:
            rendered = render_definition(loaded.definition, source=path.name)
        except InvalidDefinition as error:
            return replace(trial, problems=loaded.located(error.problems), loaded=loaded)
        return replace(trial, problems=loaded.located(rendered.problems), loaded=loaded, render=rendered)
