"""What the exports are that a definition adds to its stacks, as far as it is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipegen.fields.base import mapping
from pipegen.model.stack_contents import StackExport, StackOutput, StackResource
from pipegen.references.imports import ExportedValue
from pipegen.references.others import given_by
from pipegen.values.expression import Expression


def added_exports(holder: Any, existing: Mapping[str, str]) -> Iterator[tuple[str, str | ExportedValue]]:
    """Yield the exports that a part of a definition adds: the name, and the attribute of a resource or the value.

    existing: the types of resources that the stack has anyway, by logical ID. Field types can be wrong.
    """
    types = {**existing, **_types(getattr(holder, "resources", None))}
    for output in mapping(getattr(holder, "outputs", None)).values():
        name = _export_name(output)
        found = _exported(output.value, types) if name else None
        if found is not None:
            yield name, found


def _export_name(output: Any) -> str:
    """Return the name of the export of an output; empty if it has none, or an expression."""
    export = output.export if isinstance(output, StackOutput) else None
    return export.name if isinstance(export, StackExport) and isinstance(export.name, str) else ""


def _types(resources: object) -> dict[str, str]:
    return {name: each.type for name, each in mapping(resources).items() if isinstance(each, StackResource)}


def _exported(value: object, types: Mapping[str, str]) -> str | ExportedValue | None:
    """Return what an output is; None if that is not known."""
    form = value.data if isinstance(value, Expression) else {}
    name, attribute = form["Fn::GetAtt"] if "Fn::GetAtt" in form else (form.get("Ref", ""), "")
    if name in types:
        source = f"{types[name]}.{attribute}" if attribute else types[name]
        return source if given_by(source) else None
    return ExportedValue(value) if isinstance(value, str) or "Ref" in form else None
