"""Blueprints: a directory with typed parameters and a definition that contains expressions."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Annotated, Any

from pipegen.errors import InvalidDefinition, Path, Problem, did_you_mean, has_errors, one_line, quoted, spell
from pipegen.fields.constraints import Length, Matches
from pipegen.fields.model import Model, walk
from pipegen.frozen import frozen
from pipegen.loading.blueprints.parameter import BlueprintParameter
from pipegen.loading.blueprints.plan import Known, Plan, plan
from pipegen.loading.blueprints.source import Source, Template
from pipegen.loading.blueprints.suggestions import suggestion
from pipegen.loading.definition import read_model
from pipegen.loading.layout import BLUEPRINT_FILE
from pipegen.loading.yaml.merging import is_removed, merged, name_problems
from pipegen.loading.yaml.nodes import Node, mapping_node, named, problem_at, without
from pipegen.values.data import Data

FILE_NAME = BLUEPRINT_FILE
BUILTIN_NAMES = ("environments", "item", "omit", "file")
"""Names that expressions can use in every blueprint."""
_NAME = Matches(
    rf"(?!(?:{'|'.join(BUILTIN_NAMES)})$)[a-z][a-z0-9_]*",
    f"lower-case letters, digits or _, a letter first, and not {', '.join(BUILTIN_NAMES)}",
)
_PRINTABLE = Matches(r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]*", "one line without control characters")


@frozen(kw_only=True)
class BlueprintFile(Model):
    """A file for the application's repository.
    https://jinja.palletsprojects.com/en/stable/templates/"""

    path: str
    """The path of the file in the repository; it can contain expressions."""
    template: str
    """The name of a Jinja template in the blueprint's `files/` directory."""
    when: bool | str = True
    """Whether the file is created: true, false or an expression. Default: true."""


@frozen(kw_only=True)
class BlueprintData(Model):
    """The contents of a blueprint.yaml. A blueprint that extends another one contains only the differences."""

    extends: str | None = None
    """The blueprint that this one extends: a name, or a path relative to this directory that begins with ./ or ../."""
    summary: Annotated[str, Length(1, 100), _PRINTABLE]
    """A description of what the blueprint deploys, which `pipegen blueprints` lists."""
    definition: Mapping[str, Data]
    """The definition; its values can contain expressions."""
    parameters: Mapping[Annotated[str, _NAME], BlueprintParameter] = field(default_factory=dict)
    """The parameters of the blueprint, by name."""
    files: Sequence[BlueprintFile] = ()
    """Files for the application's repository."""


@frozen(kw_only=True)
class PlannedFile:
    """An item of `files` with compiled expressions. node: its location in the blueprint."""

    node: Node
    path: Plan
    template: str
    when: Plan


@frozen(kw_only=True, eq=False)
class Blueprint:
    """A blueprint that was read, with compiled expressions.

    sources: its own files, followed by those of the blueprints that it extends, directly or indirectly.
    node: the merged contents of their blueprint.yaml files. data: the same as a model, without fixed parameters.
    fixed: the parameters that cannot be set. templates: the templates in `files/`.
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
        """Its own directory, and those of the blueprints that it extends."""
        return [source.directory for source in self.sources]

    def default(self, parameter: str) -> Node | None:
        """The default of a parameter, if it has one. Required parameters ignore an inherited default."""
        here = self.node.at(("parameters", parameter)).inside
        required = here.get("required")
        return here.get("default") if required is None or required.data is not True else None

    def is_required(self, parameter: str) -> bool:
        required = self.data.parameters[parameter].required
        return self.default(parameter) is None if required is None else required

    def parameter_for(self, field: str) -> str | None:
        """The parameter that sets a field with this name anywhere in the definition."""
        leaves = walk(self.node.inside["definition"].data)
        texts = [leaf for path, leaf in leaves if field in path and isinstance(leaf, str)]
        words = (word for text in texts for word in re.findall(r"[a-z][a-z0-9_]*", text))
        return next((word for word in words if word in self.data.parameters), None)

    def item_keys(self, parameter: str) -> Collection[str]:
        """The keys of items that loops over a parameter use."""
        loops = (data for data in _mappings(self.node.inside["definition"].data) if "loop" in data)
        over_parameter = [str(data) for data in loops if re.search(rf"\b{parameter}\b", str(data["loop"]))]
        return dict.fromkeys(key for text in over_parameter for key in re.findall(r"\bitem\.(\w+)", text))

    def inputs(self) -> list[FilePath]:
        """All files of the blueprint and of those that it extends."""
        return [file for source in self.sources for file in source.files]

    def contains(self, location: str) -> bool:
        """Whether a location is in one of its files."""
        return any(location.startswith(f"{source.node.file}:") for source in self.sources)


def _mappings(data: Any) -> Iterator[Mapping[str, Any]]:
    """The mappings in data, including the data itself."""
    if isinstance(data, Mapping):
        yield data
    inside = data.values() if isinstance(data, Mapping) else data if isinstance(data, list) else ()
    for each in inside:
        yield from _mappings(each)


@lru_cache(maxsize=64)
def blueprint_of(sources: tuple[Source, ...]) -> Blueprint:
    """Read a blueprint from its files and those of the blueprints that it extends. Raises InvalidDefinition."""
    problems = [problem for source in sources for problem in source.problems]
    inherited = _merged_all(sources[1:], problems)
    node = sources[0].node if inherited is None else _merged(inherited, sources[0].node, problems)
    data = _read_data(node, problems)
    known = Known([*data.parameters, *BUILTIN_NAMES], _removed(sources))
    fixed = {name: each for name, each in data.parameters.items() if each.fixed}
    blueprint = Blueprint(
        sources=sources,
        data=replace(data, parameters={name: each for name, each in data.parameters.items() if name not in fixed}),
        node=node,
        fixed=fixed,
        definition=plan(node.inside["definition"], known, problems),
        files=[_planned(each, known, problems) for each in node.at(("files",)).inside.values() if data.files],
        templates={name: each for source in reversed(sources) for name, each in source.templates.items()},
    )
    problems += _file_problems(blueprint, known)
    problems += () if inherited is None else _unused_problems(inherited, sources[0].node, known)
    if has_errors(problems):
        raise InvalidDefinition(problems)
    return replace(blueprint, notes=tuple(problems))


def _merged_all(sources: Sequence[Source], problems: list[Problem]) -> Node | None:
    """Merge the files of each blueprint over those of the one that it extends. Returns None if there are none."""
    found: Node | None = None
    for source in reversed(sources):
        found = source.node if found is None else _merged(found, source.node, problems)
    return found


def _merged(inherited: Node, own: Node, problems: list[Problem]) -> Node:
    if not isinstance(inherited.data, dict):
        return inherited  # reading the data reports it
    problems += _name_problems(inherited, own)
    return merged(_without_old_words(inherited, own), own)


def _without_old_words(inherited: Node, own: Node) -> Node:
    """The inherited blueprint without the descriptions of patterns that the other one replaces."""
    parameters, changes = (node.inside.get("parameters") for node in (inherited, own))
    if parameters is None or changes is None:
        return inherited
    replaced = {name for name, node in named(changes).items() if "pattern" in node.inside}
    kept = {
        name: without(node, "pattern_description") if name in replaced else node
        for name, node in named(parameters).items()
    }
    return mapping_node(inherited, {**named(inherited), "parameters": mapping_node(parameters, kept)})


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
    """Names that look like misspelled inherited names. Parameters can be added, so only their errors are reported."""
    yield from name_problems(without(inherited, "parameters"), without(own, "parameters"))
    parameters = (node.inside.get("parameters") or mapping_node(node, {}) for node in (inherited, own))
    yield from (problem for problem in name_problems(*parameters) if problem.severity == "error")


def _removed(sources: Sequence[Source]) -> dict[str, Node]:
    """The nodes that remove inherited parameters, by parameter."""
    nodes = [source.node.inside["parameters"] for source in sources if "parameters" in source.node.inside]
    return {str(name): node for each in nodes for name, node in each.inside.items() if is_removed(node)}


def _planned(node: Node, known: Known, problems: list[Problem]) -> PlannedFile:
    when = node.inside.get("when") or Node(True, node.line, node.column, file=node.file)
    return PlannedFile(
        node=node,
        path=plan(node.inside["path"], known, problems),
        template=node.inside["template"].data,
        when=plan(when, known, problems),
    )


def _parameter_problems(data: BlueprintData, node: Node) -> list[Problem]:
    problems = []
    for name, parameter in data.parameters.items():
        here = node.at(("parameters", name))
        problems += [
            problem_at(here.at(path), "blueprint-parameter", text, fix) for path, text, fix in parameter.problems()
        ]
        default = here.inside.get("default")
        if default is not None and parameter.required is not True:
            problems += [_unfit(default, here, *fault) for fault in parameter.faults(default.data)]
        elif parameter.fixed and (default is None or parameter.required) and parameter.required is not False:
            text, fix = "fixed is true, and there is no value", "add default: VALUE, or required: false"
            problems.append(problem_at(here.at(("fixed",)), "blueprint-parameter", text, fix))
    return problems


def _unfit(default: Node, parameter: Node, path: Path, text: str, fix: str) -> Problem:
    """The problem of an invalid default. For an inherited default, its location is the parameter that was changed."""
    text = f"{spell(('default', *path))} {text}"
    if default.file == parameter.file:
        return problem_at(default.at(path), "blueprint-parameter", text, fix)
    return problem_at(parameter, "blueprint-parameter", f"the inherited {text}", fix, default)


def _file_problems(blueprint: Blueprint, known: Known) -> list[Problem]:
    problems = []
    for each in blueprint.files:
        if each.template not in blueprint.templates:
            text = f"files/ has no template {quoted(each.template, 60)}"
            fix = suggestion(each.template, blueprint.templates) if blueprint.templates else "add the file"
            problems.append(problem_at(each.node.inside["template"], "blueprint-file", text, fix))
    for template in blueprint.templates.values():
        for unknown in known.unknown(template.file.names):
            text, fix = f"unknown parameter {quoted(unknown, 40)}", suggestion(unknown, known.names)
            removed = known.removed.get(unknown)
            related = removed.location if removed is not None else ""
            problems.append(Problem("expression", (), text, fix, location=template.location, related=related))
    return problems


def _unused_problems(inherited: Node, own: Node, known: Known) -> Iterator[Problem]:
    """Parameters that a blueprint adds to the inherited ones, and that no expression uses."""
    existing = inherited.at(("parameters",)).data if "parameters" in inherited.inside else {}
    for name, node in own.at(("parameters",)).inside.items() if "parameters" in own.inside else ():
        if name not in existing and name not in known.used:
            near = difflib.get_close_matches(str(name), existing, n=1)
            text = f"nothing uses the parameter {one_line(name, 60)}, which is not inherited"
            fix = did_you_mean(*near[:1]) or "use it in an expression, or remove it"
            yield replace(problem_at(node, "unused-parameter", text, fix), severity="warning")
