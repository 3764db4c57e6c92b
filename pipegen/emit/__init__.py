"""From a definition to text: check, compile, check again, write down. What is printed or written where, callers say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from pipegen._version import __version__
from pipegen.checks import check_resolved, check_stack
from pipegen.compile import compile_documents
from pipegen.created import placing
from pipegen.definition import Definition
from pipegen.emit.short_tags import short_tag
from pipegen.errors import InvalidDefinition, Problem, has_errors, one_line, printable
from pipegen.foundation import Foundation
from pipegen.reading import checked
from pipegen.resolved import resolve_definition
from pipegen.stack import Document, Stack
from pipegen.yaml_text import dump

Format = Literal["yaml", "json"]

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
INLINE_LIMIT = 51_200
TEMPLATE_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class Rendered:
    """One stack, its template's text, and the template as data."""

    stack: Stack
    text: str
    format: Format
    document: Document = field(default_factory=dict, repr=False, compare=False)

    @property
    def file_name(self) -> str:
        return f"{self.stack.name}.{self.format}"

    @property
    def needs_bucket(self) -> bool:
        """Whether CloudFormation takes the template from S3 alone."""
        return len(self.text.encode()) > INLINE_LIMIT


@dataclass(frozen=True, slots=True)
class Render:
    """All stacks of a definition in the order of deployment, and the warnings and notes there are."""

    stacks: Sequence[Rendered]
    problems: Sequence[Problem]


def render(definition: Definition, *, format: Format = "yaml", source: str = "") -> Render:
    """The templates of a definition. `source` is the file it came from, to be named in them.

    Raises InvalidDefinition with every problem there is; those of objects that Python created name file and line.
    """
    with placing(definition):
        return _render(definition, format, source)


def _render(definition: Definition, format: Format, source: str) -> Render:
    resolved = resolve_definition(definition)
    problems = check_resolved(resolved)
    if has_errors(problems):
        raise InvalidDefinition(problems)
    rendered = []
    for stack, document in compile_documents(resolved):
        problems += check_stack(resolved.definition, stack, document)
        made = Rendered(stack, _written(document, format, source), format, document)
        problems += _size_problems(made)
        rendered.append(made)
    problems = _once(problems)
    if has_errors(problems):
        raise InvalidDefinition(problems)
    return Render(rendered, problems)


def _once(problems: Sequence[Problem]) -> list[Problem]:
    """Each problem once: several stacks may have the same field of the definition."""
    found: dict[tuple[object, ...], Problem] = {}
    for problem in problems:
        found.setdefault((problem.code, problem.path, problem.text), problem)
    return [*found.values()]


def render_foundation(foundation: Foundation, *, format: Format = "yaml", source: str = "") -> Rendered:
    """The template of a foundation. `source` is the file it came from, to be named in it.

    Raises InvalidDefinition with every problem there is.
    """
    with placing(foundation):
        return _render_foundation(foundation, format, source)


def _render_foundation(foundation: Foundation, format: Format, source: str) -> Rendered:
    # Most definitions have none of their own, and what it is made of takes a while to import.
    from pipegen.checks.foundations import foundation_problems, foundation_stack_problems
    from pipegen.compile.assembly import used_document
    from pipegen.compile.foundation import compile_foundation

    foundation = checked(foundation, Foundation)
    problems = list(foundation_problems(foundation))
    if has_errors(problems):
        raise InvalidDefinition(problems)
    stack = compile_foundation(foundation)
    document = used_document(stack)
    problems += foundation_stack_problems(foundation, stack, document)
    if has_errors(problems):
        raise InvalidDefinition(problems)
    return Rendered(stack, _written(document, format, source), format, document)


def _written(document: Document, format: Format, source: str) -> str:
    try:
        text = template_text(document, format=format, source=source)
        text.encode()
    except TypeError as error:
        fix = "only Python can put such an object into an expression; give text, numbers, lists or mappings"
        raise InvalidDefinition([Problem("wrong-type", (), one_line(error), fix)]) from None
    except UnicodeEncodeError as error:
        what = f"half a character ({ascii(error.object[error.start])[1:-1]}) cannot be written"
        raise InvalidDefinition(
            [Problem("wrong-type", (), what, "only Python can hold such a text; remove it")]
        ) from None
    return text


def template_text(document: Document, *, format: Format = "yaml", source: str = "") -> str:
    """A template as text, marked as generated."""
    source = printable(source)
    described = {"Version": __version__} | ({"Definition": source} if source else {})
    metadata = {**document.get("Metadata", {}), "Pipegen": described}
    head = {key: document[key] for key in ("AWSTemplateFormatVersion", "Description") if key in document}
    marked = {**head, "Metadata": metadata, **{key: value for key, value in document.items() if key != "Metadata"}}
    if format == "json":
        return json.dumps(marked, indent=2, ensure_ascii=False) + "\n"
    origin = f" from {source}" if source else ""
    return f"# Generated by pipegen{origin}. Do not edit: change the definition and render it again.\n" + dump(
        marked, short_tag
    )


def _size_problems(made: Rendered) -> list[Problem]:
    size = len(made.text.encode())
    what = f"{made.file_name} has {size:,} bytes"
    if size > TEMPLATE_LIMIT:
        fix = f"CloudFormation takes {TEMPLATE_LIMIT:,}: split the pipeline"
        return [Problem("template-limit", ("pipeline",), what, fix)]
    if made.needs_bucket:
        fix = f"over {INLINE_LIMIT:,} it is deployed through a bucket: give aws cloudformation deploy --s3-bucket"
        return [Problem("template-size", ("pipeline",), what, fix, severity="note")]
    return []
