"""Find the path in a definition that a part of a template comes from.

Each resource has an origin, such as a service or an action. Overrides name properties; other properties are matched
with the fields below the origin by value and by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from troposphere import encode_to_dict

from pipegen.definition import Definition
from pipegen.errors import Path
from pipegen.fields.model import Model, keyed_fields, step
from pipegen.frozen import frozen
from pipegen.model.stack_contents import is_in_resource
from pipegen.stacks.stack import mapping

if TYPE_CHECKING:
    from pipegen.rendering import RenderedStack

_SECTIONS = {"Parameters": "parameters", "Conditions": "conditions", "Mappings": "mappings"}
_FUNCTION = re.compile(r"Ref|Condition|Fn::\w+")
_QUOTED = re.compile(r"'([\w.:/-]{3,})'")
_VALUE, _MARK, _TEXT, _NAME = 8, 4, 2, 1
"""Weights of matches: the field has the value, is marked with the property, contains the text that the message quotes,
or has the property's name."""


@frozen
class _Field:
    """A value in a definition. properties: AWS names of its field, from its annotation."""

    path: Path
    name: str
    properties: tuple[str, ...]
    value: Any

    @property
    def is_leaf(self) -> bool:
        return not isinstance(self.value, Model | Mapping | tuple)


def source_of(definition: Any, rendered: RenderedStack, where: Sequence[str | int], message: str = "") -> Path:
    """Return the path in the definition that the part at this path of the template comes from."""
    section, *inside = where or ("",)
    if where and where[-1] == "Ref":  # the finding is about the parameter's value
        path = _existing(definition, ("parameters", str(_at(rendered.document, where)), "Default"))
        return path if len(path) > 1 else ()
    if section in _SECTIONS:
        path = _existing(definition, (_SECTIONS[str(section)], *inside))
        return path if len(path) > 1 else ()
    if section == "Outputs":
        return _output(definition, rendered, before_functions(inside))
    if section != "Resources" or not inside:
        return ()
    origin = rendered.stack.origins.get(str(inside[0]), ())
    if is_in_resource(origin):
        return _existing(definition, (*origin, *before_functions(where)[2:]))
    written = [part for part in inside[1:] if part != "Properties"]
    overridden = _overridden(definition, origin, str(inside[0]), written)
    return overridden or _field(definition, origin, rendered, where, _QUOTED.findall(message)[:1])


def _output(definition: Any, rendered: RenderedStack, inside: Sequence[str | int]) -> Path:
    """Return the path of an output that the definition adds to a stack; empty if pipegen creates the output."""
    if not isinstance(definition, Definition):
        return ()
    owners: dict[str, Path] = {definition.service_stack(key): ("services", key) for key in definition.services}
    owners |= {definition.registry_stack: ("registry",), definition.pipeline_stack: ("pipeline",)}
    beginning = (*owners.get(rendered.stack.name, ()), "outputs")
    path = _existing(definition, (*beginning, *inside))
    return path if len(path) > len(beginning) else ()


def _overridden(definition: Any, origin: Path, logical_id: str, inside: Sequence[str | int]) -> Path | None:
    owner = origin[:2] if origin[:1] == ("services",) else ()
    beginning = (*owner, "overrides", logical_id)
    path = _existing(definition, (*beginning, *inside))
    return path if len(path) > len(beginning) else None


def _field(
    definition: Any, origin: Path, rendered: RenderedStack, where: Sequence[str | int], quoted: Sequence[str]
) -> Path:
    location = before_functions(where)
    value = _at(rendered.document, location)
    name = next((str(part) for part in reversed(location) if isinstance(part, str)), "")
    kind = str(mapping(_at(rendered.document, where[:2])).get("Type"))
    for below, enough in (
        (origin, _NAME + 1),
        ((), _VALUE),
    ):  # some values, such as tags, are set for the whole definition
        fields = [*_fields(_at(definition, below), below)]
        rated = [(_rating(each, value, name, kind, quoted), -index, each.path) for index, each in enumerate(fields)]
        rating, _, path = max(rated, default=(0, 0, origin))
        if rating >= enough:
            return path
    return origin


def _rating(field: _Field, value: Any, name: str, kind: str, quoted: Sequence[str]) -> int:
    is_marked = any(each.startswith((f"{kind}.", name)) and each.split(".")[-1] == name for each in field.properties)
    is_distinctive = isinstance(value, Mapping | list) or len(str(value)) > 1
    has_value = is_distinctive and encode_to_dict(field.value) == value
    has_text = field.is_leaf and any(each in str(encode_to_dict(field.value)) for each in quoted)
    has_name = field.name == _snake_case(name)
    return _VALUE * has_value + _MARK * is_marked + _TEXT * has_text + _NAME * has_name


def before_functions(where: Sequence[str | int]) -> Sequence[str | int]:
    """Return the path of the outermost function that a path leads into, or the path itself."""
    inside = [index for index, part in enumerate(where) if index > 2 and _FUNCTION.fullmatch(str(part))]
    return where[: inside[0]] if inside else where


def _fields(value: Any, path: Path, name: str = "", properties: tuple[str, ...] = ()) -> Iterator[_Field]:
    """Yield all values below a value, including models, mappings and lists."""
    if name:
        yield _Field(path, name, properties, value)
    if isinstance(value, Model):
        model: Any = type(value)
        for key, each in keyed_fields(model).items():
            yield from _fields(getattr(value, each), (*path, key), key, _properties(model, each))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _fields(item, (*path, str(key)), str(key), properties)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _fields(item, (*path, index), name, properties)


def _properties(model: Any, name: str) -> tuple[str, ...]:
    for each in model.__mro__:
        annotation = vars(each).get("__annotations__", {}).get(name)
        if annotation is not None:
            return tuple(re.findall(r"Property\(['\"]([^'\"]+)", str(annotation)))
    return ()


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _existing(value: Any, path: Sequence[str | int]) -> Path:
    """Return the longest beginning of a path that exists."""
    parts: list[str | int] = []
    for part in path:
        value = step(value, part)
        if value is None:
            break
        parts.append(part)
    return tuple(parts)


def _at(value: Any, path: Sequence[str | int]) -> Any:
    for part in path:
        value = step(value, part)
    return value
