"""Stacks: created, changed, deleted and refused as CloudFormation does."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any
from urllib.parse import urlparse

import yaml
from moto.cloudformation import models, parsing
from moto.cloudformation.exceptions import CloudFormationError, ValidationError
from moto.cloudformation.responses import CloudFormationResponse
from moto.codedeploy import responses as codedeploy_responses
from moto.core.responses import ActionResult
from moto.s3.models import s3_backends

from tests.moto_cloudformation.conversion import NAMED_IAM_PROPERTIES, Properties, logger, refuse, replace
from tests.moto_cloudformation.engine import clean_up, converge, delete_resources, existing, put_back
from tests.moto_cloudformation.parameters import parameter_values
from tests.moto_cloudformation.resources.delivery import get_deployment_config
from tests.moto_cloudformation.templates import TemplateLoader, name_property

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-stack-status-codes
STUCK = ("CREATE_FAILED", "DELETE_FAILED", "ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED")


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
        stack = response.cloudformation_backend.get_stack(response._get_param("StackName"))
        response._validate_status(stack)
        if stack.status in STUCK:
            refuse(f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated.")
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
    """Look the parameters up at once, and let a stack that a change set creates import; moto gives it no exports."""
    template = models.Stack.parse_template(keywords["template"])
    parameter_values(template, keywords["parameters"], backend.account_id, backend.region_name)
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
        converge(stack.resource_map, change_set.template_dict, change_set.parameters)
        adopt(backend, stack, change_set)
    except Exception as error:
        logger.exception("Stack %s", stack.name)
        stack._add_stack_event(f"{kind}_FAILED", resource_status_reason=reason_of(error))
        stack.status = roll_back(stack, change_set)
    else:
        stack.status = finish(stack, kind)
    stack._add_stack_event(stack.status)
    change_set.execution_status = "EXECUTE_COMPLETE"


def finish(stack: Any, kind: str) -> str:
    """Delete what the stack no longer needs. AWS completes where that fails; a test had better know of it."""
    try:
        clean_up(stack.resource_map)
    except Exception as error:
        logger.exception("Cleaning stack %s up", stack.name)
        stack._add_stack_event("DELETE_FAILED", resource_status_reason=reason_of(error))
        return f"{kind}_FAILED"
    return f"{kind}_COMPLETE"


def reason_of(error: Exception) -> str:
    """The resource where it is known, the kind of error, and what it says."""
    resource = getattr(error, "__notes__", ())[:1]
    return ": ".join((*resource, type(error).__name__, str(getattr(error, "message", error))))


def adopt(backend: Any, stack: Any, change_set: Any) -> None:
    shown = outputs_of(stack, change_set.template_dict)
    list(shown.values())  # A missing import in an output is a failure too.
    publish(backend, stack, {export.name: export for export in shown.exports})
    stack.output_map = shown
    stack.template, stack.template_dict = change_set.template, change_set.template_dict
    stack.parameters = change_set.parameters
    stack.description = stack.template_dict.get("Description")
    stack.tags = change_set.tags or stack.tags


def outputs_of(stack: Any, template: Properties) -> Any:
    conditions = stack.resource_map.lazy_condition_map
    outputs = (template.get("Outputs") or {}).items()
    present = {name: output for name, output in outputs if conditions.get(output.get("Condition"), True)}
    return parsing.OutputMap(stack.resource_map, {"Outputs": present}, stack.stack_id)


def publish(backend: Any, stack: Any, exports: Mapping[str, Any]) -> None:
    """Let a stack export these and nothing else, where neither another stack's name nor an importer is in the way.

    The words are AWS's: https://github.com/aws/aws-cdk/issues/8671, https://github.com/linz/geostore/issues/630
    """
    others = {name: each for name, each in backend.exports.items() if each.exporting_stack_id != stack.stack_id}
    taken = sorted(others.keys() & exports.keys())
    if taken:
        refuse(f"Export with name {taken[0]} is already exported by stack {others[taken[0]].exporting_stack_id}")
    own = {name: each.value for name, each in backend.exports.items() if name not in others}
    for name, user in importers(backend, own):
        if name not in exports:
            refuse(f"Export {name} cannot be deleted as it is in use by {user}")
        if exports[name].value != own[name]:
            refuse(f"Export {name} cannot be updated as it is in use by {user}")
    backend.exports.clear()
    backend.exports.update(others | dict(exports))


def importers(backend: Any, names: Container[str]) -> list[tuple[str, str]]:
    """Which of these exports are in use, and by which stack."""
    stacks = backend.stacks.values()
    uses = [(name, stack.name) for stack in stacks for name in vars(stack.resource_map).get("imports", ())]
    return sorted((name, user) for name, user in uses if name in names)


def delete_stack(backend: Any, name_or_stack_id: str) -> None:
    """Delete a stack, or leave it as DELETE_FAILED with the reason; moto forgets the stack and keeps its resources."""
    for stack in list(backend.stacks.values()):
        if name_or_stack_id not in (stack.name, stack.stack_id):
            continue
        stack._add_stack_event("DELETE_IN_PROGRESS", resource_status_reason="User Initiated")
        try:
            publish(backend, stack, {})
        except ValidationError as error:
            # The status stays what it was: https://github.com/USSBA/aws-cft-tools/issues/27
            stack._add_stack_event(stack.status, resource_status_reason=str(error.message))
            continue
        try:
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
    """A new stack goes without a trace, an updated one goes back to what it was; the status says how that went."""
    creating = change_set.change_set_type == "CREATE"
    status = "ROLLBACK" if creating else "UPDATE_ROLLBACK"
    if creating:
        stack.template, stack.template_dict = change_set.template, change_set.template_dict
    try:
        if creating:
            delete_resources(stack.resource_map, made_now=True)
        else:
            put_back(stack.resource_map)
            stack.output_map = outputs_of(stack, stack.template_dict)
    except Exception:
        logger.exception("Rolling back stack %s", stack.name)
        return f"{status}_FAILED"
    return f"{status}_COMPLETE"


def describe_events(response: Any) -> ActionResult:
    """What the validation of a change set found: of its kinds, buckets that are deleted though they have objects.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/validate-stack-deployments.html"""
    backend = response.cloudformation_backend
    change_set = backend.describe_change_set(response._get_param("ChangeSetName"))
    resources = existing(backend.stacks[change_set.stack_id].resource_map)
    gone = {name: each for name, each in resources.items() if name not in change_set.template_dict["Resources"]}
    return ActionResult({"OperationEvents": [emptiness_event(name) for name, each in gone.items() if is_full(each)]})


def is_full(resource: Any) -> bool:
    return resource.made_of["Type"] == "AWS::S3::Bucket" and bool(resource.bucket().keys)


def emptiness_event(logical_id: str) -> Properties:
    return {
        "EventId": logical_id,
        "EventType": "VALIDATION_ERROR",
        "LogicalResourceId": logical_id,
        "ValidationFailureMode": "WARN",
        "ValidationName": "BUCKET_EMPTINESS_VALIDATION",
        "ValidationPath": f"/Resources/{logical_id}",
        "ValidationStatus": "FAILED",
        "ValidationStatusReason": "The bucket to be deleted is not empty",
    }


def deployment_group_info(group: Any) -> Properties:
    """moto keeps the alarms of a deployment group, and leaves them out of the answer."""
    told: Properties = original_deployment_group_info(group)
    return told | {"alarmConfiguration": group.alarm_configuration or {}}


original_create_change_set = replace(CloudFormationResponse, "create_change_set", create_change_set)


original_validate_different_update = replace(
    CloudFormationResponse, "_validate_different_update", validate_different_update
)


original_add_change_set = replace(models.CloudFormationBackend, "create_change_set", add_change_set)


original_deployment_group_info = replace(codedeploy_responses, "_deployment_group_info", deployment_group_info)


replace(CloudFormationResponse, "describe_events", describe_events)


replace(codedeploy_responses.CodeDeployResponse, "get_deployment_config", get_deployment_config)


replace(parsing, "resource_name_property_from_type", name_property)


replace(models.CloudFormationBackend, "delete_stack", delete_stack)


replace(models.CloudFormationBackend, "execute_change_set", execute_change_set)


replace(CloudFormationResponse, "_get_stack_from_s3_url", get_stack_from_s3_url)


replace(yaml, "Loader", TemplateLoader)


for known_models in (parsing.get_model_list, parsing.get_model_map, parsing.get_name_type_map):
    known_models.cache_clear()  # moto reads the list of models once
