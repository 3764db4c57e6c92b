"""A stack's resources: made, changed, replaced, deleted and put back in the order that CloudFormation keeps."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from moto.cloudformation import parsing

from tests.moto_cloudformation.conversion import Properties, as_list, refuse, replace
from tests.moto_cloudformation.resource import TemplateResource


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What a stack was made of before an update, so that a failed one can be taken back."""

    template: Properties
    parameters: Mapping[str, Any]
    values: Mapping[str, Any]
    """Of the parameters, as they were looked up then."""
    resources: Mapping[str, Any]


def existing(resources: Any) -> dict[str, Any]:
    """The resources there are, by logical name, in the order in which they were made."""
    declared = resources._resource_json_map
    return {name: each for name, each in resources._parsed_resources.items() if name in declared and each is not None}


def update_resources(resources: Any, template: Properties, parameters: Mapping[str, Any] | None = None) -> None:
    """Take a stack's resources to a new template.

    moto compares unresolved texts instead, and so misses a change that comes through Fn::Sub, a condition, a mapping
    or another resource.
    """
    converge(resources, template, parameters or {})
    clean_up(resources)


def converge(resources: Any, template: Properties, parameters: Mapping[str, Any]) -> None:
    """Create and update in order of reference. What is gone or replaced is still there afterwards: see `clean_up`."""
    resources.earlier = Version(
        template=resources._template or {"Resources": {}},
        parameters=resources.input_parameters,
        values=resources.resolved_parameters,
        resources=existing(resources),
    )
    realise_all(resources, template, parameters, resources.earlier.resources)


def realise_all(
    resources: Any,
    template: Properties,
    parameters: Mapping[str, Any],
    previous: Mapping[str, Any],
    values: Mapping[str, Any] | None = None,
) -> None:
    """With `values`, those of the parameters; otherwise they are looked up now."""
    own = {name: value for name, value in resources._parsed_resources.items() if name.startswith("AWS::")}
    resources.previous, resources._parsed_resources, resources.imports = previous, own, set()
    resources._template, resources._resource_json_map = template, template["Resources"]
    resources.input_parameters, resources.resolved_parameters = dict(parameters), {}
    resources.known_values = values
    resources.load()
    for logical_id in resources._ResourceMap__get_resources_in_dependency_order():
        resources[logical_id]


def clean_up(resources: Any) -> None:
    """Delete what the new version of a stack has no more or has replaced, the last made first."""
    before, now = resources.earlier.template["Resources"], resources._resource_json_map
    for name, resource in reversed(resources.earlier.resources.items()):
        successor = resources._parsed_resources.get(name)
        if successor is None and not keeps(before[name], "DeletionPolicy"):
            resources._delete_resource(resource, resource.made_of)
        if is_replaced(resource, successor) and not keeps(now[name], "UpdateReplacePolicy"):
            resources._delete_resource(resource, resource.made_of)


def is_replaced(resource: Any, successor: Any) -> bool:
    # moto's own models delete what they replace.
    return successor is not None and successor is not resource and isinstance(resource, TemplateResource)


def put_back(resources: Any) -> None:
    """Undo a `converge` that failed or was refused: the earlier properties again, and nothing of what was new."""
    earlier, failed, declared = resources.earlier, existing(resources), resources._resource_json_map
    own = {name for name, resource in earlier.resources.items() if isinstance(resource, TemplateResource)}
    previous = {name: each if name in own else failed.get(name, each) for name, each in earlier.resources.items()}
    realise_all(resources, earlier.template, earlier.parameters, previous, earlier.values)
    for name, resource in reversed(failed.items()):
        successor = resources._parsed_resources.get(name)
        gone = successor is None and not keeps(declared[name], "DeletionPolicy", made_now=True)
        if gone or is_replaced(resource, successor):
            resources._delete_resource(resource, resource.made_of)


def realise(logical_id: str, declared: Properties, resources: Any, account_id: str, region_name: str) -> Any:
    """Create a resource, or bring the one of the stack's last version up to date if its properties now differ."""
    condition = declared.get("Condition")
    if condition and not resources.lazy_condition_map[condition]:
        return None
    if declared["Type"] in parsing.NULL_MODELS:
        return None
    for dependency in as_list(declared.get("DependsOn", [])):
        resources[dependency]  # moto forgets it where a reference comes first
    model, resolved, name = parsing.parse_resource_and_generate_name(logical_id, deepcopy(declared), resources)
    # A copy: models change what they are given.
    asked = {"Type": resolved["Type"], "Properties": deepcopy(resolved["Properties"])}
    previous = vars(resources).get("previous", {}).get(logical_id)
    if previous is not None and previous.made_of == asked:
        return previous
    if previous is not None and previous.made_of["Type"] != asked["Type"]:
        refuse(f"Update of resource type is not permitted: {logical_id}")
    if previous is None:
        about = {"LogicalId": logical_id, "StackId": resources.stack_id, "ResourceType": asked["Type"]}
        resource = model.create_from_cloudformation_json(name, resolved, account_id, region_name, **about)
    else:
        if model.cloudformation_name_type() not in resolved["Properties"]:
            name = previous.given_name  # moto gives an updated resource another generated name
        resource = change(model, previous, name, resolved, resources)
    resource.cf_resource_type, resource.logical_resource_id = asked["Type"], logical_id
    resource.made_of, resource.given_name = asked, getattr(resource, "name", name)
    return resource


def realise_or_name(logical_id: str, *arguments: Any, **place: Any) -> Any:
    """Name the resource in an error; the first note is the innermost, because references are followed on the way."""
    try:
        return realise(logical_id, *arguments, **place)
    except Exception as error:
        error.add_note(logical_id)
        raise


def change(model: Any, previous: Any, name: str, resolved: Properties, resources: Any) -> Any:
    place = resources._account_id, resources._region_name
    if hasattr(model.update_from_cloudformation_json, "__isabstractmethod__"):
        # moto loses a resource whose model has no update; AWS would replace it.
        resources._delete_resource(previous, previous.made_of)
        return model.create_from_cloudformation_json(name, resolved, *place)
    return model.update_from_cloudformation_json(previous, name, resolved, *place)


def keeps(declared: Properties, policy: str, *, made_now: bool = False) -> bool:
    """made_now: the operation that made the resource has failed, of which RetainExceptOnCreate is the exception."""
    return declared.get(policy) in (("Retain",) if made_now else ("Retain", "RetainExceptOnCreate"))


def delete_resources(resources: Any, *, made_now: bool = False) -> None:
    """Delete a stack's resources, the last made first; moto tries any order, and a service without a cluster stays."""
    for name, resource in reversed(existing(resources).items()):
        declared = resources._resource_json_map[name]
        if not keeps(declared, "DeletionPolicy", made_now=made_now):
            resources._delete_resource(resource, declared)
            del resources._parsed_resources[name]


def delete_resource(resources: Any, resource: Any, declared: Properties) -> None:
    """Hand a model the properties it was made of; moto hands it the template's text with its references."""
    original_delete_resource(resources, resource, getattr(resource, "made_of", declared))


original_delete_resource = replace(parsing.ResourceMap, "_delete_resource", delete_resource)


replace(parsing, "parse_and_create_resource", realise_or_name)


replace(parsing.ResourceMap, "update", update_resources)


replace(parsing.ResourceMap, "delete", delete_resources)
