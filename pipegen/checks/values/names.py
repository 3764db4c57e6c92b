"""Checks of descriptions and tags."""

from __future__ import annotations

from collections.abc import Iterator

from pipegen.definition import Definition
from pipegen.errors import Problem, one_line, quoted
from pipegen.model.stack_settings import Parameter, StackSettings
from pipegen.model.tags import tag_problems, tag_value_fault
from pipegen.values.expression import Expression


def definition_names(definition: Definition) -> Iterator[Problem]:
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    if len(definition.description.encode()) > 1024:
        text = f"description must have at most 1,024 bytes, got {len(definition.description.encode()):,}"
        yield Problem("description-length", ("description",), text, "shorten it")
    yield from tags(definition)


def tags(definition: StackSettings) -> Iterator[Problem]:
    yield from tag_problems(definition.tags)
    for key, value in definition.tags.items():
        parameter = str(value.data.get("Ref")) if isinstance(value, Expression) else ""
        for field, text in _possible_values(definition.parameters.get(parameter)):
            if fault := tag_value_fault(text):
                said = f"the tag {one_line(key, 60)} cannot be {quoted(text)}: {fault[0]}"
                yield Problem("tags", ("parameters", parameter, field), said, fault[1])


def _possible_values(parameter: Parameter | None) -> Iterator[tuple[str, str]]:
    """Yield the default and the allowed values of a parameter, with their fields."""
    if parameter is None:
        return
    if parameter.default is not None:
        yield "Default", parameter.default
    for value in parameter.allowed_values:
        yield "AllowedValues", value
