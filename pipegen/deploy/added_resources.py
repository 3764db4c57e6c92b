"""Find changes of resources that a definition adds to its stacks which CloudFormation answers with a new resource.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipegen import facts
from pipegen.errors import Problem
from pipegen.model.stack_contents import is_in_resource
from pipegen.stacks.immutable import ImmutableProperties
from pipegen.stacks.stack import Stack, mapping

_Resources = Mapping[str, Any]


def added_resources(stack: Stack, before: _Resources, after: _Resources) -> Iterator[tuple[str, ImmutableProperties]]:
    """Yield the properties whose change replaces an added resource, for those that two templates have.

    The values of parameters may change without the template, so resources that are equal in both are included.
    """
    for name in _added(stack):
        if name in before:
            yield from ((name, each) for each in _properties(mapping(after.get(name))))


def type_changes(stack: Stack, before: _Resources, after: _Resources) -> Iterator[Problem]:
    """Find added resources that get another type, which fails."""
    for name in _added(stack):
        old, new = mapping(before.get(name)).get("Type"), mapping(after.get(name)).get("Type")
        if old is not None and old != new:
            text = f"{stack.name}: the type of {name} would change from {old} to {new}, which CloudFormation rejects"
            yield Problem("fixed-property", stack.origins[name], text, "give the new resource another logical ID")


def _added(stack: Stack) -> list[str]:
    return [name for name, path in stack.origins.items() if is_in_resource(path)]


def _properties(resource: Mapping[str, Any]) -> Iterator[ImmutableProperties]:
    kind = str(resource.get("Type"))
    is_kept = resource.get("UpdateReplacePolicy") == "Retain"
    then = "and leave this one outside the stack" if is_kept else "and delete this one"
    fix = "restore it" if is_kept else "restore it, or set UpdateReplacePolicy: Retain to keep this one"
    for properties, verb in zip(facts.create_only(kind), ("would", "may"), strict=True):
        because = f"CloudFormation {verb} create another {kind} {then}"
        yield ImmutableProperties(properties=properties, because=because, fix=fix, severity="warning")


def inside(properties: Any, path: str) -> Any:
    """Return the value at a path of properties, or None. For `*`, it is a list of the values in all items."""
    name, _, rest = path.partition(".")
    if name == "*":
        found = [inside(each, rest) if rest else each for each in properties] if isinstance(properties, list) else None
    else:
        value = mapping(properties).get(name) if isinstance(properties, Mapping) else None
        found = inside(value, rest) if rest else value
    return found
