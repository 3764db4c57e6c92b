"""A blueprint: typed parameters and a definition with expressions, as data in a directory."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Annotated, Any

from pipegen.errors import InvalidDefinition, Problem, has_errors, one_line
from pipegen.fields.constraints import Length, Matches
from pipegen.fields.model import Model, walk
from pipegen.frozen import frozen
from pipegen.loading.blueprints.parameter import BlueprintParameter
from pipegen.loading.blueprints.plan import Known, Plan, plan
from pipegen.loading.blueprints.source import Source, Template
from pipegen.loading.definition import read_model
from pipegen.loading.layout import BLUEPRINT_FILE
from pipegen.loading.yaml.merging import is_removed, merged, name_problems
from pipegen.loading.yaml.nodes import Node, mapping_node, problem_at, without
from pipegen.values.data import Data

FILE_NAME = BLUEPRINT_FILE
GIVEN_NAMES = ("environments", "item", "omit", "file")
"""Names that expressions have in every blueprint."""
_NAME = Matches(
    rf"(?!(?:{'|'.join(GIVEN_NAMES)})$)[a-z][a-z0-9_]*",
    f"lower-case letters, digits or _, a letter first, and not {', '.join(GIVEN_NAMES)}",
)
_PRINTABLE = Matches(r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]*", "one line without control characters")


@frozen(kw_only=True)
class BlueprintFile(Model):
    """A file for the application's repository.
    https://jinja.palletsprojects.com/en/stable/templates/"""

    path: str
    """The path of the file in the repository; it may have expressions."""
    template: str
    """The name of a Jinja template in the blueprint's directory `files/`."""
    when: bool | str = True
    """Whether the file is made: true, false or an expression. Default: true."""


@frozen(kw_only=True)
class BlueprintData(Model):
    """The contents of a blueprint.yaml. One that extends another has only what differs."""

    extends: str | None = None
    """The blueprint that this one extends: its name, or a path that begins with ./ or ../, from this directory."""
    summary: Annotated[str, Length(1, 100), _PRINTABLE]
    """What the blueprint delivers, as `pipegen blueprints` lists it."""
    definition: Mapping[str, Data]
    """The definition, with expressions in its values."""
    parameters: Mapping[Annotated[str, _NAME], BlueprintParameter] = field(default_factory=dict)
    """The parameters of the blueprint, by name."""
    files: Sequence[BlueprintFile] = ()
    """Files for the application's repository."""


@frozen(kw_only=True)
class PlannedFile:
    """One of `files`, ready to be filled in; `node` is where the blueprint lists it."""

    node: Node
    path: Plan
    template: str
    when: Plan


@frozen(kw_only=True, eq=False)
class Blueprint:
    """A blueprint as it was read, ready to be filled in.

    sources: its own files and those of the blueprints that it extends, one after the other. node: all of their files,
    merged. data: the same, with the parameters that can be given. fixed: the others. templates: those in `files/`.
    """

    sources: Sequence[Source]
    data: BlueprintData
    node: Node
    fixed: Mapping[str, BlueprintParameter]
    definition: Plan
    files: Sequence[PlannedFile]
    templates: Mapping[str, Template]
    notes: Sequence[Problem] = ()

    @property
    def name(self) -> str:
        return self.directory.name

    @property
    def directory(self) -> FilePath:
        return self.sources[0].directory

    @property
    def directories(self) -> list[FilePath]:
        """Its own, and those of the blueprints that it extends."""
        return [source.directory for source in self.sources]

    def default(self, parameter: str) -> Node | None:
        """The default of a parameter where it has one; one that must be given may inherit one that does not count."""
        here = self.node.at(("parameters", parameter)).inside
        required = here.get("required")
        return here.get("default") if required is None or required.data is not True else None

    def is_required(self, parameter: str) -> bool:
        required = self.data.parameters[parameter].required
        return self.default(parameter) is None if required is None else required

    def parameter_for(self, field: str) -> str | None:
        """The parameter that fills a field of this name, wherever the definition has it."""
        leaves = walk(self.node.inside["definition"].data)
        texts = [leaf for path, leaf in leaves if field in path and isinstance(leaf, str)]
        words = (word for text in texts for word in re.findall(r"[a-z][a-z0-9_]*", text))
        return next((word for word in words if word in self.data.parameters), None)

    def item_keys(self, parameter: str) -> Collection[str]:
        """The keys that loops over a parameter look for in its items."""
        loops = (data for data in _mappings(self.node.inside["definition"].data) if "loop" in data)
        own = [str(data) for data in loops if re.search(rf"\b{parameter}\b", str(data["loop"]))]
        return dict.fromkeys(key for text in own for key in re.findall(r"\bitem\.(\w+)", text))

    def inputs(self) -> list[FilePath]:
        """The files that it consists of."""
        return [file for source in self.sources for file in source.files]

    def has(self, place: str) -> bool:
        """Whether a place is in one of its files."""
        return any(place.startswith(f"{source.node.file}:") for source in self.sources)


def _mappings(data: Any) -> Iterator[Mapping[str, Any]]:
    """A mapping and all mappings inside."""
    if isinstance(data, Mapping):
        yield data
    inside = data.values() if isinstance(data, Mapping) else data if isinstance(data, list) else ()
    for each in inside:
        yield from _mappings(each)


@lru_cache(maxsize=64)
def blueprint_of(sources: tuple[Source, ...]) -> Blueprint:
    """The blueprint of a directory, and of those that it extends one after the other. Raises InvalidDefinition."""
    problems = [problem for source in sources for problem in source.problems]
    inherited = _stacked(sources[1:], problems)
    node = sources[0].node if inherited is None else _over(inherited, sources[0].node, problems)
    data = _read_data(node, problems)
    known = Known([*data.parameters, *GIVEN_NAMES], _removed(sources))
    fixed = {name: each for name, each in data.parameters.items() if each.fixed}
    found = Blueprint(
        sources=sources,
        data=replace(data, parameters={name: each for name, each in data.parameters.items() if name not in fixed}),
        node=node,
        fixed=fixed,
        definition=plan(node.inside["definition"], known, problems),
        files=[_planned(each, known, problems) for each in node.at(("files",)).inside.values() if data.files],
        templates={name: each for source in reversed(sources) for name, each in source.templates.items()},
    )
    problems += _file_problems(found, known)
    problems += () if inherited is None else _unused_problems(inherited, sources[0].node, known)
    if has_errors(problems):
        raise InvalidDefinition(problems)
    return replace(found, notes=tuple(problems))


def _stacked(sources: Sequence[Source], problems: list[Problem]) -> Node | None:
    """The files of blueprints, each merged over the one that it extends; None without one."""
    found: Node | None = None
    for source in reversed(sources):
        found = source.node if found is None else _over(found, source.node, problems)
    return found


def _over(inherited: Node, own: Node, problems: list[Problem]) -> Node:
    if not isinstance(inherited.data, dict):
        return inherited  # which is reported as what it is
    problems += _name_problems(inherited, own)
    return merged(inherited, own)


def _read_data(node: Node, problems: list[Problem]) -> BlueprintData:
    if any(problem.code == "inherited-name" and problem.severity == "error" for problem in problems):
        raise InvalidDefinition(problems)
    try:
        data = read_model(BlueprintData, node, problems)
    except InvalidDefinition as error:
        raise InvalidDefinition([*problems, *error.problems]) from None
    problems += _parameter_problems(data, node)
    return data


def _name_problems(inherited: Node, own: Node) -> Iterator[Problem]:
    """Those of what is merged; parameters that are added are another matter."""
    yield from name_problems(without(inherited, "parameters"), without(own, "parameters"))
    parameters = (node.inside.get("parameters") or mapping_node(node, {}) for node in (inherited, own))
    yield from (problem for problem in name_problems(*parameters) if problem.severity == "error")


def _removed(sources: Sequence[Source]) -> dict[str, Node]:
    """Where the parameters are removed that are not inherited any further."""
    found = [source.node.inside["parameters"] for source in sources if "parameters" in source.node.inside]
    return {str(name): node for each in found for name, node in each.inside.items() if is_removed(node)}


def _planned(node: Node, known: Known, problems: list[Problem]) -> PlannedFile:
    when = node.inside.get("when") or Node(True, node.line, node.column, file=node.file)
    return PlannedFile(
        node=node,
        path=plan(node.inside["path"], known, problems),
        template=node.inside["template"].data,
        when=plan(when, known, problems),
    )


def _parameter_problems(data: BlueprintData, node: Node) -> list[Problem]:
    found = []
    for name, parameter in data.parameters.items():
        here = node.at(("parameters", name))
        found += [
            problem_at(here.at(path), "blueprint-parameter", text, fix) for path, text, fix in parameter.problems()
        ]
        default = here.inside.get("default")
        if default is not None and parameter.required is not True:
            found += [_unfit(default, here, *fault) for fault in parameter.faults(default.data)]
        elif parameter.fixed and (default is None or parameter.required) and parameter.required is not False:
            text, fix = "fixed is true, and there is no value", "add default: VALUE, or required: false"
            found.append(problem_at(here.at(("fixed",)), "blueprint-parameter", text, fix))
    return found


def _unfit(default: Node, parameter: Node, text: str, fix: str) -> Problem:
    """An unfit default; an inherited one is the mistake of the blueprint that changed the parameter."""
    if default.file == parameter.file:
        return problem_at(default, "blueprint-parameter", text, fix)
    return problem_at(parameter, "blueprint-parameter", f"the inherited default does not fit: {text}", fix, default)


def _file_problems(blueprint: Blueprint, known: Known) -> list[Problem]:
    found = []
    for each in blueprint.files:
        if each.template not in blueprint.templates:
            there = ", ".join(blueprint.templates) or "none"
            text = f"there is no template {one_line(repr(each.template), 60)} in files/"
            found.append(problem_at(each.node.inside["template"], "blueprint-file", text, f"there are {there}"))
    for template in blueprint.templates.values():
        for unknown in known.unknown(template.file.names):
            text = f"{one_line(unknown, 40)} is no parameter"
            fix, removed = f"there are {', '.join(known.names)}", known.removed.get(unknown)
            other = removed.place if removed is not None else ""
            found.append(Problem("expression", (), text, fix, place=template.place, other=other))
    return found


def _unused_problems(inherited: Node, own: Node, known: Known) -> Iterator[Problem]:
    """The parameters that a blueprint adds to those that it extends, and that nothing depends on."""
    there = inherited.at(("parameters",)).data if "parameters" in inherited.inside else {}
    for name, node in own.at(("parameters",)).inside.items() if "parameters" in own.inside else ():
        if name not in there and name not in known.used:
            near = difflib.get_close_matches(str(name), there, n=1)
            text = f"nothing uses the parameter {one_line(name, 60)}, which is not inherited"
            fix = f"did you mean {near[0]}?" if near else "use it in an expression, or remove it"
            yield replace(problem_at(node, "unused-parameter", text, fix), severity="warning")
