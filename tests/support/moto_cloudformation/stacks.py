"""Stacks: created, changed, deleted and refused as CloudFormation does."""

from __future__ import annotations

from collections.abc import Container, Mapping
from copy import deepcopy
from typing import Any
from urllib.parse import urlparse

import yaml
from moto.cloudformation import models, parsing
from moto.cloudformation.exceptions import CloudFormationError
from moto.cloudformation.responses import CloudFormationResponse
from moto.codedeploy import responses as codedeploy_responses
from moto.elbv2.models import FakeListenerRule
from moto.s3.models import s3_backends

from tests.support.moto_cloudformation.balancing import delete_listener_rule, teach_attributes
from tests.support.moto_cloudformation.conversion import NAMED_IAM_PROPERTIES, Properties, logger, refuse, replace
from tests.support.moto_cloudformation.delivery import get_deployment_config
from tests.support.moto_cloudformation.records import MISSING_ATTRIBUTES
from tests.support.moto_cloudformation.templates import TemplateLoader, as_text, name_property


def realise(logical_id: str, declared: Properties, resources: Any, account_id: str, region_name: str) -> Any:
    """Create a resource, or bring the one of the stack's last version up to date if its properties now differ."""
    condition = declared.get("Condition")
    if condition and not resources.lazy_condition_map[condition]:
        return None
    if declared["Type"] in parsing.NULL_MODELS:
        return None
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


def update_resources(resources: Any, template: Properties, parameters: Mapping[str, Any] | None = None) -> None:
    """Take a stack's resources to a new template: create and update in order of reference, then delete what is gone.

    moto compares unresolved texts instead, and so misses a change that comes through Fn::Sub, a condition, a mapping
    or another resource.
    """
    parsed, declared = resources._parsed_resources, resources._resource_json_map
    resources.previous = {name: each for name, each in parsed.items() if name in declared and each is not None}
    kept = {name for name, each in declared.items() if keeps(each)}
    resources._parsed_resources = {name: value for name, value in parsed.items() if name.startswith("AWS::")}
    resources._template, resources._resource_json_map = template, template["Resources"]
    resources.input_parameters, resources.resolved_parameters = dict(parameters or {}), {}
    resources.imports = set()
    try:
        resources.load()
        for logical_id in resources._ResourceMap__get_resources_in_dependency_order():
            resources[logical_id]
        for name, resource in reversed(resources.previous.items()):
            if name not in resources._parsed_resources and name not in kept:
                resources._delete_resource(resource, resource.made_of)
    except Exception:
        resources._parsed_resources = resources.previous | resources._parsed_resources
        raise
    finally:
        resources.previous = {}


def keeps(declared: Properties) -> bool:
    return declared.get("DeletionPolicy") in ("Retain", "RetainExceptOnCreate")


def delete_resources(resources: Any) -> None:
    """Delete a stack's resources, the last made first; moto tries any order, and a service without a cluster stays."""
    for name, resource in reversed(list(resources._parsed_resources.items())):
        declared = resources._resource_json_map.get(name)
        if declared is not None and resource is not None and not keeps(declared):
            resources._delete_resource(resource, declared)
            del resources._parsed_resources[name]


def delete_resource(resources: Any, resource: Any, declared: Properties) -> None:
    """Hand a model the properties it was made of; moto hands it the template's text with its references."""
    original_delete_resource(resources, resource, getattr(resource, "made_of", declared))


def stated_parameters(template: Properties, given: Mapping[str, Any]) -> dict[str, str]:
    """Every parameter's text: given, else the default; not split, converted or looked up."""
    declared = (template.get("Parameters") or {}).items()
    texts = {name: given.get(name, parameter.get("Default")) for name, parameter in declared}
    return {name: as_text(text) for name, text in texts.items() if text is not None}


def stack_parameters(stack: Any) -> dict[str, str]:
    """What UsePreviousValue means; moto gives the looked-up value of an SSM parameter, and a list for a list."""
    return stated_parameters(stack.template_dict, stack.parameters)


def parameter_list(stack: Any) -> list[dict[str, str]]:
    declared = stack.template_dict.get("Parameters") or {}
    shown = {name: "****" if declared[name].get("NoEcho") else text for name, text in stack_parameters(stack).items()}
    return [{"ParameterKey": name, "ParameterValue": text} for name, text in shown.items()]


def has_parameters(stack: Any, given: Mapping[str, Any]) -> bool:
    """Are these the parameters the stack has? moto compares what was typed, so that a default counts as a change."""
    texts = stated_parameters(stack.template_dict, given)
    if texts != stack_parameters(stack):
        return False
    resources = stack.resource_map
    kinds = {name: stack.template_dict["Parameters"][name]["Type"] for name in texts}
    looked_up = [name for name, kind in kinds.items() if kind.startswith("AWS::SSM::Parameter::")]
    # A value that changed in Parameter Store is a change of the stack.
    return all(
        resources.parse_ssm_parameter(texts[name], kinds[name]) == resources.resolved_parameters[name]
        for name in looked_up
    )


def create_change_set(response: Any) -> Any:
    """Refuse at once what CloudFormation refuses at once and moto does not."""
    url = response._get_param("TemplateURL")
    body = response._get_stack_from_s3_url(url) if url else response._get_param("TemplateBody")
    template = models.Stack.parse_template(body)
    kinds = {declared["Type"] for declared in template["Resources"].values()}
    unknown = [kind for kind in sorted(kinds) if not is_known(kind)]
    if unknown:
        refuse(f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]")
    given = {each["ParameterKey"] for each in response._get_param("Parameters", [])}
    parameters = (template.get("Parameters") or {}).items()
    missing = [name for name, each in parameters if "Default" not in each and name not in given]
    if missing:
        refuse(f"Parameters: [{', '.join(missing)}] must have values")
    require_capabilities(template, response._get_param("Capabilities", []))
    if response._get_param("ChangeSetType") == "UPDATE":
        response._validate_status(response.cloudformation_backend.get_stack(response._get_param("StackName")))
    return original_create_change_set(response)


def is_known(kind: str) -> bool:
    return kind in parsing.get_model_map() or kind in parsing.NULL_MODELS or kind.startswith("Custom::")


def require_capabilities(template: Properties, capabilities: Container[str]) -> None:
    """IAM resources need an acknowledgement, those with a name of the template's choice a stronger one."""
    iam = [each for each in template["Resources"].values() if each["Type"].startswith("AWS::IAM::")]
    named = any(NAMED_IAM_PROPERTIES.get(each["Type"]) in each.get("Properties", {}) for each in iam)
    enough = "CAPABILITY_NAMED_IAM" in capabilities or ("CAPABILITY_IAM" in capabilities and not named)
    if iam and not enough:
        needed = "CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM"
        raise CloudFormationError("InsufficientCapabilitiesException", f"Requires capabilities : [{needed}]")


def validate_different_update(response: Any, *arguments: Any) -> None:
    """An empty change set fails by its status; moto refuses to make it, as UpdateStack alone should."""
    if response._get_action() != "CreateChangeSet":
        original_validate_different_update(response, *arguments)


def get_stack_from_s3_url(response: Any, template_url: str) -> str:
    """Read a path-style URL, which is what the CLI sends; moto takes a server on an IP address for a bucket's host."""
    bucket, key = urlparse(template_url).path.lstrip("/").split("/", 1)
    found = s3_backends[response.current_account][response.partition].get_object(bucket, key)
    if found is None:
        refuse(f"S3 error: {template_url} does not exist")
    return str(found.value.decode())


def add_change_set(backend: Any, *arguments: Any, **keywords: Any) -> tuple[str, str]:
    """Let a stack that a change set creates import too; moto gives it no exports to find."""
    change_set_id, stack_id = original_add_change_set(backend, *arguments, **keywords)
    backend.stacks[stack_id].resource_map.cross_stack_resources = backend.exports
    return change_set_id, stack_id


def execute_change_set(backend: Any, change_set_name: str, stack_name: str | None = None) -> None:
    """Carry a change set out, so that the stack has its new template, parameters, outputs and exports afterwards.

    moto leaves those of the stack's first version, and answers a failure with a broken call and half a stack.
    """
    change_set = backend.describe_change_set(change_set_name)
    stack = backend.stacks[change_set.stack_id]
    kind = change_set.change_set_type
    stack._add_stack_event(f"{kind}_IN_PROGRESS", resource_status_reason="User Initiated")
    try:
        change_set.apply()
        adopt(backend, stack, change_set)
        stack.status = f"{kind}_COMPLETE"
    except Exception as error:
        logger.exception("Stack %s", stack.name)
        stack._add_stack_event(f"{kind}_FAILED", resource_status_reason=reason_of(error))
        stack.status = roll_back(stack, change_set)
    stack._add_stack_event(stack.status)
    change_set.execution_status = "EXECUTE_COMPLETE"


def reason_of(error: Exception) -> str:
    """The resource where it is known, the kind of error, and what it says."""
    resource = getattr(error, "__notes__", ())[:1]
    return ": ".join((*resource, type(error).__name__, str(getattr(error, "message", error))))


def adopt(backend: Any, stack: Any, change_set: Any) -> None:
    stack.template, stack.template_dict = change_set.template, change_set.template_dict
    stack.parameters = change_set.parameters
    stack.description = stack.template_dict.get("Description")
    stack.tags = change_set.tags or stack.tags
    conditions = stack.resource_map.lazy_condition_map
    outputs = (stack.template_dict.get("Outputs") or {}).items()
    present = {name: output for name, output in outputs if conditions.get(output.get("Condition"), True)}
    stack.output_map = parsing.OutputMap(stack.resource_map, {"Outputs": present}, stack.stack_id)
    publish(backend, stack, {export.name: export for export in stack.exports})


def publish(backend: Any, stack: Any, exports: Mapping[str, Any]) -> None:
    """Let a stack export these and nothing else, where neither another stack's name nor an importer is in the way."""
    others = {name: each for name, each in backend.exports.items() if each.exporting_stack_id != stack.stack_id}
    taken = sorted(others.keys() & exports.keys())
    if taken:
        refuse(f"Export with name {taken[0]} is already exported by stack {others[taken[0]].exporting_stack_id}")
    own = {name: each.value for name, each in backend.exports.items() if name not in others}
    changed = {name for name, value in own.items() if name not in exports or exports[name].value != value}
    for user in backend.stacks.values():
        used = sorted(changed & vars(user.resource_map).get("imports", set()))
        if used:
            refuse(f"Export {used[0]} cannot be deleted or updated as it is in use by {user.name}")
    backend.exports.clear()
    backend.exports.update(others | dict(exports))


def delete_stack(backend: Any, name_or_stack_id: str) -> None:
    """Delete a stack, or leave it as DELETE_FAILED with the reason; moto forgets the stack and keeps its resources."""
    for stack in list(backend.stacks.values()):
        if name_or_stack_id not in (stack.name, stack.stack_id):
            continue
        stack._add_stack_event("DELETE_IN_PROGRESS", resource_status_reason="User Initiated")
        try:
            publish(backend, stack, {})
            stack.resource_map.delete()
        except Exception as error:
            logger.exception("Deleting stack %s", stack.name)
            stack.status = "DELETE_FAILED"
            stack._add_stack_event(stack.status, resource_status_reason=reason_of(error))
        else:
            stack.status = "DELETE_COMPLETE"
            stack._add_stack_event(stack.status)
            backend.deleted_stacks[stack.stack_id] = backend.stacks.pop(stack.stack_id)


def roll_back(stack: Any, change_set: Any) -> str:
    """A new stack goes without a trace. An updated one stays as far as it came, and its status says so."""
    if change_set.change_set_type != "CREATE":
        return "UPDATE_ROLLBACK_FAILED"
    stack.template, stack.template_dict = change_set.template, change_set.template_dict
    try:
        stack.resource_map.delete()
    except Exception:
        logger.exception("Rolling back stack %s", stack.name)
        return "ROLLBACK_FAILED"
    return "ROLLBACK_COMPLETE"


def deployment_group_info(group: Any) -> Properties:
    """moto keeps the alarms of a deployment group, and leaves them out of the answer."""
    told: Properties = original_deployment_group_info(group)
    return told | {"alarmConfiguration": group.alarm_configuration or {}}


original_delete_resource = replace(parsing.ResourceMap, "_delete_resource", delete_resource)


original_create_change_set = replace(CloudFormationResponse, "create_change_set", create_change_set)


original_validate_different_update = replace(
    CloudFormationResponse, "_validate_different_update", validate_different_update
)


original_add_change_set = replace(models.CloudFormationBackend, "create_change_set", add_change_set)


original_deployment_group_info = replace(codedeploy_responses, "_deployment_group_info", deployment_group_info)


replace(codedeploy_responses.CodeDeployResponse, "get_deployment_config", get_deployment_config)


replace(parsing, "resource_name_property_from_type", name_property)


replace(parsing, "parse_and_create_resource", realise_or_name)


replace(parsing.ResourceMap, "update", update_resources)


replace(parsing.ResourceMap, "delete", delete_resources)


replace(models.CloudFormationBackend, "delete_stack", delete_stack)


replace(models.Stack, "stack_parameters", property(stack_parameters))


replace(models.Stack, "parameter_list", property(parameter_list))


replace(models.Stack, "has_parameters", has_parameters)


replace(models.CloudFormationBackend, "execute_change_set", execute_change_set)


replace(CloudFormationResponse, "_get_stack_from_s3_url", get_stack_from_s3_url)


replace(yaml, "Loader", TemplateLoader)


replace(FakeListenerRule, "delete", delete_listener_rule)


for model, attributes in MISSING_ATTRIBUTES.items():
    teach_attributes(model, attributes)


for known_models in (parsing.get_model_list, parsing.get_model_map, parsing.get_name_type_map):
    known_models.cache_clear()  # moto reads the list of models once
