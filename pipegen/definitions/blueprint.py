"""A blueprint: typed parameters and a definition with expressions, as data in a directory."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Annotated

from pipegen.data import Data
from pipegen.definitions.expressions import File
from pipegen.definitions.layout import BLUEPRINT_FILE, template_files
from pipegen.definitions.nodes import Node, told
from pipegen.definitions.parameter import BlueprintParameter
from pipegen.definitions.plan import Plan, plan
from pipegen.definitions.reading import read_model
from pipegen.definitions.sandbox import ExpressionFailed
from pipegen.definitions.yaml_nodes import nodes_of, text_of
from pipegen.errors import InvalidDefinition, Problem, one_line
from pipegen.fields.constraints import Length, Matches
from pipegen.model import Model, walk

FILE_NAME = BLUEPRINT_FILE
GIVEN_NAMES = ("environments", "item", "omit", "file")
"""Names that expressions have in every blueprint."""
_NAME = Matches(
    rf"(?!(?:{'|'.join(GIVEN_NAMES)})$)[a-z][a-z0-9_]*",
    f"lower-case letters, digits or _, a letter first, and not {', '.join(GIVEN_NAMES)}",
)
_PRINTABLE = Matches(r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]*", "one line without control characters")


@dataclass(frozen=True, slots=True, kw_only=True)
class BlueprintFile(Model):
    """A file for the application's repository.
    https://jinja.palletsprojects.com/en/stable/templates/"""

    path: str
    """The path of the file in the repository; it may have expressions."""
    template: str
    """The name of a Jinja template in the blueprint's directory `files/`."""
    when: bool | str = True
    """Whether the file is made: true, false or an expression. Default: true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlueprintData(Model):
    """The contents of a blueprint.yaml."""

    summary: Annotated[str, Length(1, 100), _PRINTABLE]
    """What the blueprint delivers, as `pipegen blueprints` lists it."""
    definition: Mapping[str, Data]
    """The definition, with expressions in its values."""
    parameters: Mapping[Annotated[str, _NAME], BlueprintParameter] = field(default_factory=dict)
    """The parameters of the blueprint, by name."""
    files: Sequence[BlueprintFile] = ()
    """Files for the application's repository."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFile:
    """One of `files`, ready to be filled in; `node` is where the blueprint lists it."""

    node: Node
    path: Plan
    template: str
    when: Plan


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Blueprint:
    """A blueprint as it was read, ready to be filled in. node: its whole file. templates: those in `files/`."""

    name: str
    directory: FilePath
    data: BlueprintData
    node: Node
    definition: Plan
    files: Sequence[PlannedFile]
    templates: Mapping[str, File]

    def default(self, parameter: str) -> Node | None:
        """The default of a parameter where it has one."""
        return self.node.at(("parameters", parameter)).inside.get("default")

    def is_required(self, parameter: str) -> bool:
        required = self.data.parameters[parameter].required
        return self.default(parameter) is None if required is None else required

    def parameter_for(self, field: str) -> str | None:
        """The parameter that fills a field of this name, wherever the definition has it."""
        leaves = walk(self.node.inside["definition"].data)
        texts = [leaf for path, leaf in leaves if field in path and isinstance(leaf, str)]
        words = (word for text in texts for word in re.findall(r"[a-z][a-z0-9_]*", text))
        return next((word for word in words if word in self.data.parameters), None)

    def inputs(self) -> list[FilePath]:
        """The files that it consists of."""
        return [self.directory / FILE_NAME, *(self.directory / "files" / name for name in sorted(self.templates))]


def read_blueprint(directory: FilePath, shown: str) -> Blueprint:
    """The blueprint in a directory; `shown`: how the directory is called in places. Raises InvalidDefinition."""
    return _read(directory, shown, tuple((file, _changed(file)) for file in _files(directory)))


def _files(directory: FilePath) -> list[FilePath]:
    return [directory / FILE_NAME, *template_files(directory)]


def _changed(file: FilePath) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=64)
def _read(directory: FilePath, shown: str, files: tuple[tuple[FilePath, int], ...]) -> Blueprint:
    _refuse_links_out(directory, shown, [file for file, _ in files])
    node = nodes_of(directory / FILE_NAME, f"{shown}/{FILE_NAME}")
    problems: list[Problem] = []
    data = read_model(BlueprintData, node, problems)
    problems += _parameter_problems(data, node)
    templates = _templates([file for file, _ in files[1:]], f"{shown}/files", problems)
    known = [*data.parameters, *GIVEN_NAMES]
    found = Blueprint(
        name=directory.name,
        directory=directory,
        data=data,
        node=node,
        definition=plan(node.inside["definition"], known, problems),
        files=[_planned(each, known, problems) for each in node.at(("files",)).inside.values() if data.files],
        templates=templates,
    )
    problems += _file_problems(found, known)
    if problems:
        raise InvalidDefinition(problems)
    return found


def _refuse_links_out(directory: FilePath, shown: str, files: Sequence[FilePath]) -> None:
    """A blueprint comes with a change of a repository, which is not to bring files of this machine into templates."""
    inside = directory.resolve()
    text, fix = "leads out of the blueprint", "put the file itself there"
    outside = [file for file in files if not file.resolve().is_relative_to(inside)]
    if outside:
        named = [file.relative_to(directory).as_posix() for file in outside]
        raise InvalidDefinition(Problem("unreadable", (), text, fix, place=f"{shown}/{name}") for name in named)


def _planned(node: Node, known: Sequence[str], problems: list[Problem]) -> PlannedFile:
    when = node.inside.get("when") or Node(True, node.line, node.column, file=node.file)
    return PlannedFile(
        node=node,
        path=plan(node.inside["path"], known, problems),
        template=node.inside["template"].data,
        when=plan(when, known, problems),
    )


def _templates(files: Sequence[FilePath], shown: str, problems: list[Problem]) -> dict[str, File]:
    found = {}
    for file in files:
        try:
            found[file.name] = File(text_of(file, f"{shown}/{file.name}"))
        except ExpressionFailed as error:
            place = f"{shown}/{file.name}:{error.line}"
            problems.append(Problem("expression", (), one_line(error), place=place))
    return found


def _parameter_problems(data: BlueprintData, node: Node) -> list[Problem]:
    found = []
    for name, parameter in data.parameters.items():
        here = node.at(("parameters", name))
        found += [told(here.at(path), "blueprint-parameter", text, fix) for path, text, fix in parameter.problems()]
        default = here.inside.get("default")
        if default is not None:
            found += [told(default, "blueprint-parameter", *fault) for fault in parameter.faults(default.data)]
    return found


def _file_problems(blueprint: Blueprint, known: Sequence[str]) -> list[Problem]:
    found = []
    for each in blueprint.files:
        if each.template not in blueprint.templates:
            there = ", ".join(blueprint.templates) or "none"
            text = f"there is no template {one_line(repr(each.template), 60)} in files/"
            found.append(told(each.node.inside["template"], "blueprint-file", text, f"there are {there}"))
    for name, template in blueprint.templates.items():
        for unknown in sorted(template.names - set(known)):
            place = f"{blueprint.node.file.removesuffix(FILE_NAME)}files/{name}"
            text = f"{one_line(unknown, 40)} is no parameter"
            found.append(Problem("expression", (), text, f"there are {', '.join(known)}", place=place))
    return found
