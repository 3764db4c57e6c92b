"""Add the resources and outputs of a definition to the stack that they belong to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from troposphere import AWSObject, Export, Output, encode_to_dict

from pipegen.compile.plain_resource import PlainResource
from pipegen.errors import InvalidDefinition, Path, Problem, spell
from pipegen.model.resource_types import tags_format
from pipegen.model.stack_contents import StackContents, StackResource
from pipegen.stacks.stack import Stack, mapping
from pipegen.values.create import create


def with_contents(stack: Stack, contents: StackContents, tags: Mapping[str, Any]) -> Stack:
    """Return a stack with further resources and outputs. Raises InvalidDefinition for names that it already uses.

    tags: those of the definition, for resources whose type supports tags.
    """
    if problems := [*_resource_problems(stack, contents), *_output_problems(stack, contents)]:
        raise InvalidDefinition(problems)
    for logical_id, each in contents.resources.items():
        stack.template.resources[logical_id] = PlainResource(logical_id, _tagged(each, tags))
    for name, output in contents.outputs.items():
        stack.template.outputs[name] = _output(name, output.attributes())
    added: dict[str, Path] = {each: (*contents.path, "resources", each) for each in contents.resources}
    return replace(stack, origins={**stack.origins, **added})


def _resource_problems(stack: Stack, contents: StackContents) -> Iterator[Problem]:
    for logical_id in contents.resources:
        path = (*contents.path, "resources", logical_id)
        if logical_id in stack.template.parameters:
            text = f"{logical_id} is also the name of a parameter of the stack {stack.name}"
            yield Problem("logical-id", path, text, "rename one of them")
        elif logical_id in stack.template.resources:
            known: AWSObject = stack.template.resources[logical_id]
            owner = spell(stack.origins.get(logical_id, ()))
            text = f"{logical_id} is the logical ID of the {known.resource_type} that pipegen creates"
            yield Problem("logical-id", path, f"{text} for {owner}" if owner else text, "rename the resource")


def _output_problems(stack: Stack, contents: StackContents) -> Iterator[Problem]:
    for name in contents.outputs:
        if name in stack.template.outputs:
            text = f"{name} is the name of an output that pipegen adds to the stack {stack.name}"
            yield Problem("logical-id", (*contents.path, "outputs", name), text, "rename the output, or remove it")


def _tagged(resource: StackResource, tags: Mapping[str, Any]) -> dict[str, Any]:
    """Return the resource as data, with the tags of the definition that it does not set itself."""
    data: dict[str, Any] = encode_to_dict(resource.attributes())
    form = tags_format(resource.type) if tags else ""
    own = mapping(data.get("Properties")).get("Tags")
    if form == "list" and (own is None or isinstance(own, list)):
        names = {mapping(each).get("Key") for each in own or ()}
        added = [{"Key": key, "Value": value} for key, value in tags.items() if key not in names]
        data["Properties"] = {**data.get("Properties", {}), "Tags": [*encode_to_dict(added), *(own or ())]}
    elif form == "mapping" and (own is None or isinstance(own, Mapping)):
        data["Properties"] = {**data.get("Properties", {}), "Tags": {**encode_to_dict(dict(tags)), **(own or {})}}
    return data


def _output(name: str, attributes: Mapping[str, Any]) -> Output:
    properties = {key: each for key, each in attributes.items() if key not in ("Export", "Condition")}
    output = create(Output, name, **properties)
    if "Export" in attributes:
        output.Export = Export(attributes["Export"]["Name"])
    if "Condition" in attributes:
        output.resource["Condition"] = attributes["Condition"]
    return output
