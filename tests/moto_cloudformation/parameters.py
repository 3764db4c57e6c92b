"""The parameters of stacks: their texts, their values, and what Parameter Store says of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.cloudformation import models, parsing
from moto.cloudformation.exceptions import MissingParameterError
from moto.ssm.models import ssm_backends

from tests.moto_cloudformation.conversion import Properties, refuse, replace
from tests.moto_cloudformation.templates import as_text

# AWS::SSM::Parameter::Name is not of these: its value is the name itself.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
LOOKED_UP = "AWS::SSM::Parameter::Value<"


def stated_parameters(template: Properties, given: Mapping[str, Any]) -> dict[str, str]:
    """Every parameter's text: given, else the default; not split, converted or looked up."""
    declared = (template.get("Parameters") or {}).items()
    texts = {name: given.get(name, parameter.get("Default")) for name, parameter in declared}
    return {name: as_text(text) for name, text in texts.items() if text is not None}


def stack_parameters(stack: Any) -> dict[str, str]:
    """What UsePreviousValue means; moto gives the looked-up value of an SSM parameter, and a list for a list."""
    return stated_parameters(stack.template_dict, stack.parameters)


def parameter_values(template: Properties, given: Mapping[str, Any], account_id: str, region_name: str) -> Properties:
    """What a Ref of each parameter means at this moment."""
    texts = stated_parameters(template, given)
    declared = template.get("Parameters") or {}
    return {name: as_value(text, declared[name]["Type"], account_id, region_name) for name, text in texts.items()}


def as_value(text: str, kind: str, account_id: str, region_name: str) -> Any:
    if kind.startswith(LOOKED_UP):
        return as_value(look_up(text, account_id, region_name), kind[len(LOOKED_UP) : -1], account_id, region_name)
    if kind.startswith("List<") or kind == "CommaDelimitedList":
        member = "Number" if kind == "List<Number>" else "String"
        return [as_value(part.strip(), member, account_id, region_name) for part in text.split(",")]
    if kind == "Number":
        return float(text) if "." in text else int(text)
    return text


def look_up(name: str, account_id: str, region_name: str) -> str:
    found = ssm_backends[account_id][region_name].get_parameter(name)
    if found is None:
        # As CreateChangeSet says it: https://github.com/awslabs/aws-deployment-framework/issues/339
        refuse(f"Unable to fetch parameters [{name}] from parameter store for this account.")
    return str(found.value)


def load_parameters(resources: Any) -> None:
    """Give the parameters their values; moto looks up what nobody asked for, and does not split a default."""
    known = vars(resources).get("known_values")
    place = resources._account_id, resources._region_name
    values = parameter_values(resources._template, resources.input_parameters, *place) if known is None else known
    missing = [name for name in resources._template.get("Parameters") or {} if name not in values]
    if missing:
        raise MissingParameterError(missing[0])
    resources.no_echo_parameter_keys = []
    resources.resolved_parameters = dict(values)
    resources._parsed_resources.update(values)


def parameter_list(stack: Any) -> list[dict[str, str]]:
    declared = stack.template_dict.get("Parameters") or {}
    values = stack.resource_map.resolved_parameters
    return [as_told(name, text, declared[name], values.get(name)) for name, text in stack_parameters(stack).items()]


def as_told(name: str, text: str, declared: Properties, value: Any) -> dict[str, str]:
    told = {"ParameterKey": name, "ParameterValue": "****" if declared.get("NoEcho") else text}
    if declared["Type"].startswith(LOOKED_UP):
        told["ResolvedValue"] = ",".join(value) if isinstance(value, list) else as_text(value)
    return told


def has_parameters(stack: Any, given: Mapping[str, Any]) -> bool:
    """Are these the parameters the stack has? moto compares what was typed, so that a default counts as a change."""
    resources = stack.resource_map
    place = resources._account_id, resources._region_name
    # A value that changed in Parameter Store is a change of the stack.
    same = parameter_values(stack.template_dict, given, *place) == resources.resolved_parameters
    return same and stated_parameters(stack.template_dict, given) == stack_parameters(stack)


replace(parsing.ResourceMap, "load_parameters", load_parameters)


replace(models.Stack, "stack_parameters", property(stack_parameters))


replace(models.Stack, "parameter_list", property(parameter_list))


replace(models.Stack, "has_parameters", has_parameters)
