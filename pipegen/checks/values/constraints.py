"""Checks of the types and constraints of fields, which are declared in annotations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from pipegen.checks.values.added_exports import added_exports
from pipegen.checks.values.same_names import conflicting_names
from pipegen.definition import Definition
from pipegen.errors import InvalidDefinition, Path, Problem
from pipegen.fields.base import mapping
from pipegen.fields.model import Model
from pipegen.fields.words import described
from pipegen.model.stack_settings import Parameter
from pipegen.pipeline.foundation import EXPORTED, Foundation, FoundationReference, export_name
from pipegen.reading import check_as
from pipegen.references.imports import ExportedValue
from pipegen.references.mark import LocatedReference
from pipegen.stacks.exports import export_name as stack_export
from pipegen.stacks.stack import referred_names
from pipegen.values.expression import Expression
from pipegen.values.functions import list_function
from pipegen.values.possible import possible_texts

M = TypeVar("M", bound=Model)

_PSEUDO: Mapping[str, Mapping[str, Any]] = {
    name: {"Type": "String", "Default": text}
    for name, text in {
        "AWS::AccountId": "123456789012",
        "AWS::Partition": "aws",
        "AWS::Region": "us-east-1",
        "AWS::URLSuffix": "amazonaws.com",
    }.items()
}
"""Pseudo parameters with example values, so that ARNs which contain them can be parsed."""


def check_fields(
    value: object,
    expected: type[M],
    references: list[LocatedReference] | None = None,
    expressions: list[Path] | None = None,
    parameter_values: Mapping[str, str] | None = None,
    *,
    parameters: list[tuple[str, str]] | None = None,
) -> tuple[M, list[Problem]]:
    """Check the type and the constraints of every field of a model: of literals, and of possible values of expressions
    from the defaults and allowed values of parameters and from mappings.

    references, expressions: collect the references and the paths of expressions that were found.
    parameters: collects the names that expressions refer to, each with what the field expects.
    parameter_values: if set, expressions that are numbers with these values of parameters are replaced by the numbers.
    Returns the model with normalized values, and its problems. Raises InvalidDefinition with the problems of all fields
    if a type is wrong, since other checks rely on types.
    """
    if not isinstance(value, expected):
        text = f"expected a pipegen.{expected.__name__}, got {described(value)}"
        fix = "load() reads one from a file" if expected is Definition else f"make one with {expected.__name__}(...)"
        raise InvalidDefinition([Problem("wrong-type", (), text, fix)])
    conflicts = [*conflicting_names(value)]
    document = _declared(getattr(value, "parameters", {}), getattr(value, "mappings", {}))
    if parameter_values is not None:
        document = {**document, "Given": parameter_values}

    def possible(value: Any) -> Iterable[Any]:
        if not isinstance(value, Expression):
            return (value,)
        return () if list_function(value) else possible_texts(value, document)

    declared = _for_references(value, document)
    made, problems = check_as(
        expected,
        value,
        possible,
        declared,
        references,
        expressions,
        parameters=parameters,
        resolves=parameter_values is not None,
    )
    return made, [*conflicts, *problems]


def references_of(value: Definition | Foundation) -> list[LocatedReference]:
    """Return the references in a definition or foundation without problems."""
    references: list[LocatedReference] = []
    check_fields(value, type(value), references)
    return references


def declared_of(value: Definition | Foundation) -> Mapping[str, Any]:
    """Return the declarations for references: parameters, including pseudo parameters, and mappings."""
    return _for_references(value, _declared(value.parameters, value.mappings))


def _for_references(value: object, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the declarations without defaults of parameters that conditions use: such a default can be "none"."""
    conditions = mapping(getattr(value, "conditions", {})).values()
    optional = {name for each in conditions if isinstance(each, Expression) for name in referred_names(each.to_dict())}
    parameters = {
        name: {"Type": each["Type"]} if name in optional else each for name, each in document["Parameters"].items()
    }
    return {**document, "Parameters": {**parameters, **_PSEUDO}, "Exports": dict(_exports(value))}


def _exports(value: object) -> Iterator[tuple[str, str | ExportedValue]]:
    """Yield the names and resources of exports of the definition's stacks and its foundation. Field types can be
    wrong."""
    if not isinstance(value, Definition):
        return
    for holder in (value.pipeline, value.registry):
        yield from added_exports(holder, {})
    if isinstance(value.foundation, FoundationReference):
        for output, kind in EXPORTED.items():
            yield export_name(value.foundation.name, output), kind
    if value.services:
        from pipegen.services import exports, named_service

        for key, service in mapping(value.services).items():
            stack = getattr(service, "stack_name", None) or named_service.default_stack(value.name, key)
            for output, kind in exports.EXPORTED.items():
                yield stack_export(stack, output), kind
            yield from added_exports(service, exports.TYPES)


def constraints(model: Model) -> list[Problem]:
    """Return the problems of a model whose types are valid."""
    return check_fields(model, type(model))[1]


def _declared(parameters: object, mappings: object) -> Mapping[str, Any]:
    """Return the declarations of a template for `possible_texts`. Field types can be wrong."""
    described = {
        name: {"Type": each.type, "Default": each.default, "AllowedValues": each.allowed_values}
        for name, each in mapping(parameters).items()
        if isinstance(each, Parameter) and _is_declared_right(each)
    }
    return {"Parameters": described, "Mappings": mapping(mappings)}


def _is_declared_right(parameter: Parameter) -> bool:
    """Return whether the declared values of a parameter are texts; otherwise its fields have problems."""
    default, allowed = parameter.default, parameter.allowed_values
    if not isinstance(allowed, tuple) or not isinstance(default, str | None):
        return False
    return all(isinstance(each, str) for each in allowed)
