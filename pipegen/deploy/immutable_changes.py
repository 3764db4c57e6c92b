"""Find changes of templates that a running stack may not survive."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from itertools import chain
from typing import Any

import yaml

from pipegen.deploy.added_resources import added_resources, inside, type_changes
from pipegen.errors import Problem, Severity
from pipegen.frozen import frozen
from pipegen.rendering import RenderedStack
from pipegen.services.exports import EXPORTED, IMPORTED
from pipegen.stacks.immutable import ImmutableProperties
from pipegen.stacks.stack import Document, Stack, mapping, referred_names, resources_of, sequence

_MIGRATE = "follow the steps of pipegen migrate"
_SHORT = ("Ref", "Condition")
"""Functions whose long form has no `Fn::`.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html"""
IMMUTABLE_PROPERTY = "fixed-property"

ParameterValues = Mapping[str, str]
"""Values of parameters."""


class _Loader(yaml.CBaseLoader):
    """Reads scalars as text and short tags as functions."""


def _function(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        value = value.split(".", 1) if suffix == "GetAtt" else value
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in _SHORT else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _function)


def read_back(text: str) -> Document | None:
    """Parse a template, YAML or JSON, for comparison: every scalar is text. Returns None if it cannot be read."""
    try:
        data = yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError, TypeError, ValueError):
        return None
    return data if isinstance(data, dict) else None


@frozen
class PreviousTemplate:
    """The previous template of a stack. text: None if there was none. values: parameter values in files, before and
    after, by environment."""

    location: str
    text: str | None
    values: Mapping[str, tuple[ParameterValues, ParameterValues]] = field(default_factory=dict)


def parameter_values_in(text: str | None) -> ParameterValues:
    """Return the values in a parameter file; none if it cannot be read."""
    try:
        items = json.loads(text or "[]")
        return dict(item.split("=", 1) for item in items)
    except (ValueError, TypeError, AttributeError):
        return {}


def unsafe_changes(
    rendered: RenderedStack, previous: PreviousTemplate, severity: Severity, *, check: bool
) -> Iterator[Problem]:
    """Find changes that a running stack may not survive.

    severity: of changes that are known to fail or do harm. Changes that may do so are warnings, unless check is
    set.
    """
    if previous.text is None or (previous.text == rendered.text and not previous.values):
        return
    before, now = read_back(previous.text), read_back(rendered.text)
    if before is not None and now is not None:
        for problem in immutable_property_changes(rendered.stack, before, now, previous.values):
            level = severity if check or problem.severity == "error" else "warning"
            yield replace(problem, location=previous.location, severity=level)
    elif rendered.stack.immutable:
        text = "the existing template cannot be read, so unsafe changes cannot be found"
        fix = "restore the file and render again, or compare with a revision: --check --against REV"
        yield Problem("fixed-property", (), text, fix, "warning", previous.location)


def immutable_property_changes(
    stack: Stack,
    previous: Document,
    now: Document,
    values: Mapping[str, tuple[ParameterValues, ParameterValues]] | None = None,
) -> Iterator[Problem]:
    """Compare two templates of a stack, both parsed from text. Resources that only one of them has are ignored."""
    if _traffic_controllers(previous) - _traffic_controllers(now):
        text = f"{stack.name}: the deployment strategy would change in one step, while the service is running"
        yield Problem("fixed-property", (), text, _MIGRATE)
        return
    for name in _exports(previous):
        if name not in _exports(now):
            text = (
                f"{stack.name}: the export {_export_name(name)} would be removed, which fails while a stack imports it"
            )
            if str(name).endswith(_ON_REQUEST):  # the stacks of pipegen do not import it
                fix = f"check that none does: aws cloudformation list-imports --export-name {_export_name(name)}"
                yield Problem("fixed-property", (), text, fix, "warning")
            else:
                yield Problem("fixed-property", (), text, _MIGRATE)
    before, after = mapping(previous.get("Resources")), mapping(now.get("Resources"))
    yield from type_changes(stack, before, after)
    for logical_id, immutable in chain(stack.immutable.items(), added_resources(stack, before, after)):
        old, new = mapping(before.get(logical_id)), mapping(after.get(logical_id))
        if old and old.get("Type") == new.get("Type"):
            was, will_be = _properties(old), _properties(new)
            for problem in _resource_changes(f"{stack.name}: ", logical_id, immutable, was, will_be):
                yield replace(problem, path=stack.origins.get(logical_id, ()))
            defaults = mapping(previous.get("Parameters"))
            yield from _parameter_changes(stack, logical_id, immutable, will_be, defaults, values or {})


_ON_REQUEST = (*(f"-{each}" for each in EXPORTED if each not in IMPORTED), "RepositoryUri", "RepositoryArn")
"""The endings of the names of exports that only other stacks than pipegen's import."""


def _properties(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the properties that a resource sets."""
    properties = mapping(resource.get("Properties")).items()
    return {name: value for name, value in properties if value != {"Ref": "AWS::NoValue"}}


def _resource_changes(
    where: str, logical_id: str, immutable: ImmutableProperties, was: Mapping[str, Any], will_be: Mapping[str, Any]
) -> Iterator[Problem]:
    changed = [name for name in immutable.properties if inside(was, name) != inside(will_be, name)]
    if changed:
        text = f"{where}{' and '.join(changed)} of {logical_id} would change, but {immutable.because}"
        yield Problem("fixed-property", (), text, immutable.fix, immutable.severity)
    others = [name for name in dict.fromkeys((*was, *will_be)) if was.get(name) != will_be.get(name)]
    others = [name for name in others if name not in immutable.properties]
    if others and immutable.others:
        text = f"{where}{' and '.join(others)} of {logical_id} would change, and {immutable.others}"
        yield Problem("fixed-property", (), text, immutable.fix_of_others, "warning")


def _parameter_changes(
    stack: Stack,
    logical_id: str,
    immutable: ImmutableProperties,
    properties: Mapping[str, Any],
    declared: Mapping[str, Any],
    values: Mapping[str, tuple[ParameterValues, ParameterValues]],
) -> Iterator[Problem]:
    """Find parameters with another value in an environment that immutable properties refer to."""
    referred = {name: referred_names([inside(properties, name)]) for name in immutable.properties}
    for environment, (was, will_be) in values.items():
        for name, parameter in ((name, each) for name, found in referred.items() for each in found):
            old = was.get(parameter, mapping(declared.get(parameter)).get("Default"))
            if parameter in declared and old is not None and will_be.get(parameter, old) != old:
                text = (
                    f"{stack.name}: {name} of {logical_id} would change with the parameter {parameter} of {environment}"
                )
                path = stack.origins.get(logical_id, ())
                yield Problem(
                    "fixed-property", path, f"{text}, but {immutable.because}", immutable.fix, immutable.severity
                )


def _traffic_controllers(document: Document) -> set[tuple[str, str]]:
    """Return the services whose deployments shift traffic, each with what controls them."""
    controllers = set()
    for logical_id, service in resources_of(document, "AWS::ECS::Service"):
        if mapping(service.get("DeploymentController")).get("Type") == "CODE_DEPLOY":
            controllers.add((logical_id, "CodeDeploy"))
        elif any("AdvancedConfiguration" in mapping(each) for each in sequence(service.get("LoadBalancers"))):
            controllers.add((logical_id, "ECS"))
    return controllers


def _exports(document: Document) -> list[Any]:
    outputs = mapping(document.get("Outputs")).values()
    return [mapping(mapping(each).get("Export")).get("Name") for each in outputs if "Export" in mapping(each)]


def _export_name(export: Any) -> str:
    """Format the name of an export, which may be an expression."""
    return export if isinstance(export, str) else json.dumps(export)
