"""Render a definition: check its values, lower it, wire it, compile its stacks, check those and write them as text.

Each step takes values and returns values. Callers print the problems and write the files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stderr
from dataclasses import field, replace
from io import StringIO
from typing import Literal, get_args

from troposphere import Template

from pipegen.checks import added_problems, check_stack, check_wired, check_written
from pipegen.checks.values.arns import arns_in_environments, conflicting_arns
from pipegen.checks.values.constraints import check_fields, declared_of
from pipegen.checks.values.shared_parameters import shared_parameters
from pipegen.compile import compile_stacks
from pipegen.definition import Definition
from pipegen.errors import InvalidDefinition, Path, Problem, has_errors, printable, quoted
from pipegen.frozen import frozen
from pipegen.graph.outline import Outline, lower, outline
from pipegen.graph.wiring import Wiring, wire
from pipegen.model.created import located, locating
from pipegen.output.short_tags import short_tag
from pipegen.output.yaml import dump
from pipegen.pipeline.foundation import Foundation
from pipegen.references.mark import LocatedReference
from pipegen.stacks.stack import Document, Stack, document_of

Format = Literal["yaml", "json"]

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
INLINE_LIMIT = 51_200
TEMPLATE_LIMIT = 1_000_000
_HEAD = 500
"""The most characters of a template's first lines, which name the definition."""


@frozen
class RenderedStack:
    """A stack, with its template as text and as data.

    document: the template as data, whose short tags are functions in their long form.
    environment: the only environment that the template is for, if the templates of a stack differ between environments.
    """

    stack: Stack
    text: str = field(repr=False)
    format: Format
    document: Document = field(default_factory=dict, repr=False, compare=False)
    environment: str = ""

    @property
    def name(self) -> str:
        return self.stack.name

    @property
    def template(self) -> Template:
        """The template as an object of troposphere. `template_text` writes it after changes."""
        return self.stack.template

    @property
    def file_name(self) -> str:
        return ".".join(filter(None, (self.stack.name, self.environment, self.format)))

    @property
    def needs_bucket(self) -> bool:
        """Whether the template is too large to pass inline, so that CloudFormation needs it in S3."""
        return len(self.text.encode()) > INLINE_LIMIT


@frozen
class Rendered:
    """All stacks of a definition in the order of deployment, and its warnings and notes.

    references: what its fields refer to. expressions: the paths of expressions whose values are checked. Both are for
    checks that know the environments of a fleet.
    """

    stacks: Sequence[RenderedStack]
    problems: Sequence[Problem]
    references: Sequence[LocatedReference] = field(default=(), repr=False, compare=False)
    expressions: Sequence[Path] = field(default=(), repr=False, compare=False)


def render_definition(definition: Definition, *, format: Format = "yaml", source: str = "") -> Rendered:
    """Render the templates of a definition. `source` is the file it came from, to be named in them.

    Raises InvalidDefinition with all problems. Problems in objects that Python code created name its file and line.
    """
    rendered = []

    def write(stack: Stack, document: Document) -> list[Problem]:
        rendered_stack = RenderedStack(stack, template_text(document, format=format, source=source), format, document)
        rendered.append(rendered_stack)
        return _size_problems(rendered_stack)

    expressions: list[Path] = []
    problems, references = _checked(definition, write, expressions)
    return Rendered(rendered, problems, references, expressions)


def find_problems(definition: Definition | Foundation) -> Sequence[Problem]:
    """Find every problem that rendering a definition or a foundation would report: errors, warnings and notes, in the
    order of their locations."""
    try:
        if isinstance(definition, Foundation):
            return render_foundation(definition).problems
        return _checked(definition, _sizes, [])[0]
    except InvalidDefinition as error:
        return error.problems


def _checked(
    definition: Definition, use: Callable[[Stack, Document], list[Problem]], expressions: list[Path]
) -> tuple[list[Problem], list[LocatedReference]]:
    """Return the warnings and notes about a definition and its templates, and its references. Adds to `expressions`.

    Raises InvalidDefinition.
    """
    with locating(definition):
        references: list[LocatedReference] = []
        checked, problems = check_fields(definition, Definition, references, expressions)
        lowered, wiring, others = _wired(checked, references)
        problems = list(dict.fromkeys([*problems, *others]))
        if expressions and not has_errors(problems):
            problems += _with_defaults(definition, problems)
        if has_errors(problems):
            raise InvalidDefinition([*problems, *_stack_errors(lowered, wiring, problems)])
        for stack, document in compile_stacks(lowered, wiring):
            problems += [*check_stack(lowered, stack, document), *use(stack, document)]
        problems = list(dict.fromkeys(problems))  # several stacks can contain the same field
        _stop_at_errors(problems)
    return located(definition, problems), references


_COMPILABLE = {"duplicate-item", "out-of-range", "unknown-name", "wrong-length"}
"""Codes of errors in single values, which do not lead to others in the stacks."""


def _stack_errors(lowered: Outline, wiring: Wiring, problems: Sequence[Problem]) -> list[Problem]:
    """Errors in the stacks of a definition that is invalid only in single values, so that all are reported at once."""
    if not {each.code for each in problems if each.severity == "error"} <= _COMPILABLE:
        return []
    try:
        with redirect_stderr(StringIO()):  # troposphere rejects some values, and writes there about them
            errors = [
                each
                for stack, document in compile_stacks(lowered, wiring)
                for each in check_stack(lowered, stack, document)
            ]
    except (TypeError, ValueError, InvalidDefinition):
        return []
    return [each for each in dict.fromkeys(errors) if each not in problems]


def _sizes(stack: Stack, document: Document) -> list[Problem]:
    """Find problems with the size of a template. Most templates are too small to need a text."""
    if _most_characters(document, 0) + _HEAD < INLINE_LIMIT:
        return []
    return _size_problems(RenderedStack(stack, template_text(document), "yaml", document))


def _most_characters(data: object, indentation: int) -> int:
    """Return an upper bound for the size of data as YAML: with all possible quotes, and every item on its own line."""
    if isinstance(data, str):
        plain = data.replace("\n", "")
        size = len(data) + data.count("\n") * indentation + data.count("'") + 3
        return size if plain.isprintable() and plain.isascii() else size + 9 * len(data)
    inside = indentation + 2
    if isinstance(data, dict):
        return sum(map(len, data)) + len(data) * (inside + 5) + _most_in(data.values(), inside)
    if isinstance(data, list | tuple):
        return len(data) * (indentation + 3) + 1 + _most_in(data, inside)
    return 24


def _most_in(items: Iterable[object], indentation: int) -> int:
    """Return the sum for items. Most are texts on one line, and a call for each takes longer than the rest."""
    most = 0
    for each in items:
        if type(each) is str and each.isascii() and each.isprintable():
            most += 2 * len(each) + 3
        else:
            most += _most_characters(each, indentation)
    return most


def _wired(checked: Definition, references: Sequence[LocatedReference]) -> tuple[Outline, Wiring, list[Problem]]:
    """Lower and wire a definition, and find its problems besides those of single fields."""
    problems = [*conflicting_arns(references, checked.placement)]
    problems += shared_parameters(references, declared_of(checked))
    written = outline(checked)
    problems += arns_in_environments(written, references)
    lowered = lower(written)
    wiring = wire(lowered)
    return lowered, wiring, [*problems, *check_written(written), *check_wired(lowered, wiring)]


def problems_with(
    definition: Definition | Foundation, parameter_values: Mapping[str, str], known: Sequence[Problem]
) -> Iterator[Problem]:
    """Find the problems that a definition or foundation has with these values of its parameters, besides the known
    ones."""
    same = {(each.code, each.path) for each in known}
    try:
        references: list[LocatedReference] = []
        checked, problems = check_fields(definition, type(definition), references, parameter_values=parameter_values)
        if isinstance(checked, Definition) and checked is not definition:  # numbers have become known
            problems += _wired(checked, references)[2]
    except InvalidDefinition as error:
        problems = [*error.problems]
    yield from (each for each in dict.fromkeys(problems) if (each.code, each.path) not in same)


def _with_defaults(definition: Definition, known: Sequence[Problem]) -> Iterator[Problem]:
    """Find values that do not fit together if the parameters have their defaults."""
    defaults = {name: each.default for name, each in definition.parameters.items() if each.default}
    for problem in problems_with(definition, defaults, known) if defaults else ():
        yield replace(problem, text=f"{problem.text} by default", severity="warning")


def _stop_at_errors(problems: Sequence[Problem]) -> None:
    if has_errors(problems):
        raise InvalidDefinition(problems)


def render_foundation(foundation: Foundation, *, format: Format = "yaml", source: str = "") -> Rendered:
    """Render the template of a foundation, and find the warnings about it. Raises InvalidDefinition."""
    # Imported here: most programs do not need them, and they are slow to import.
    from pipegen.checks.stacks.foundations import foundation_stack_problems
    from pipegen.compile.assembly import with_used_parameters

    with locating(foundation):
        references: list[LocatedReference] = []
        expressions: list[Path] = []
        stacks, problems = _checked_foundation(foundation, references, expressions)
        documents = with_used_parameters(stacks)
        for stack, document in documents:
            problems += [*foundation_stack_problems(foundation, stack, document), *added_problems(stack, document)]
        _stop_at_errors(problems)
        rendered = [
            RenderedStack(stack, template_text(document, format=format, source=source), format, document)
            for stack, document in documents
        ]
    return Rendered(rendered, located(foundation, list(dict.fromkeys(problems))), references, expressions)


def _checked_foundation(
    foundation: Foundation, references: list[LocatedReference], expressions: list[Path]
) -> tuple[list[Stack], list[Problem]]:
    """Compile a foundation, and find the warnings about it. Adds to `references` and `expressions`.

    Raises InvalidDefinition.
    """
    from pipegen.checks.stacks.foundations import foundation_problems
    from pipegen.compile.foundation_stack import compile_foundation

    checked, problems = check_fields(foundation, Foundation, references, expressions)
    problems += [*conflicting_arns(references), *foundation_problems(checked)]
    _stop_at_errors(problems)
    return compile_foundation(checked), problems


def template_text(template: Document | Template, *, format: Format = "yaml", source: str = "") -> str:
    """Write a template as text, marked as generated. source: the file that it comes from, to be named in it."""
    document = document_of(template) if isinstance(template, Template) else template
    if format not in get_args(Format):
        raise ValueError(f"format must be 'yaml' or 'json', got {quoted(format)}")
    source = printable(str(source))
    own = {"Pipegen": {"Definition": source}} if source else {}
    first = {key: document[key] for key in ("AWSTemplateFormatVersion", "Description") if key in document}
    if metadata := {**document.get("Metadata", {}), **own}:
        first["Metadata"] = metadata
    marked = {**first, **{key: value for key, value in document.items() if key not in first}}
    if format == "json":
        return json.dumps(marked, indent=2, ensure_ascii=False) + "\n"
    origin = f" from {source}" if source else ""
    return f"# Generated by pipegen{origin}. Do not edit: change the definition and render it again.\n" + dump(
        marked, short_tag
    )


def _size_problems(rendered: RenderedStack) -> list[Problem]:
    size = len(rendered.text.encode())
    what = f"{rendered.file_name} has {size:,} bytes"
    if size > TEMPLATE_LIMIT:
        fix = f"split the pipeline: the limit of CloudFormation is {TEMPLATE_LIMIT:,}"
        return [Problem("template-limit", ("pipeline",), what, fix)]
    if rendered.needs_bucket:
        fix = (
            f"deploy it with aws cloudformation deploy --s3-bucket: templates over {INLINE_LIMIT:,} bytes need a bucket"
        )
        return [Problem("template-size", ("pipeline",), what, fix, severity="note")]
    return []
