"""Reading templates and resolving their functions."""

from __future__ import annotations

import re
from typing import Any

import yaml
from moto.cloudformation import parsing
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

from tests.moto_cloudformation.conversion import refuse, replace


class TemplateLoader(yaml.CLoader):
    """Templates as CloudFormation reads them; moto's reader makes dates of versions and loses !Condition and mappings.

    And it is libyaml's: a deployment parses a template half a dozen times, and the Python one takes seconds for 50 kB.
    """

    def get_single_data(self) -> Any:
        return with_split_attributes(super().get_single_data())


def short_tag(loader: Any, name: str, node: Any) -> Any:
    key = name if name in ("Ref", "Condition") else f"Fn::{name}"
    if isinstance(node, yaml.ScalarNode):
        return {key: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {key: loader.construct_sequence(node, deep=True)}
    return {key: loader.construct_mapping(node, deep=True)}


def plain_text(loader: Any, node: Any) -> Any:
    return loader.construct_scalar(node)


TemplateLoader.add_multi_constructor("!", short_tag)


TemplateLoader.add_constructor("tag:yaml.org,2002:timestamp", plain_text)


def with_split_attributes(value: Any) -> Any:
    """Write every `Fn::GetAtt: Resource.Attribute` as the pair moto expects, in place."""
    if isinstance(value, dict):
        if isinstance(value.get("Fn::GetAtt"), str):
            value["Fn::GetAtt"] = value["Fn::GetAtt"].split(".", 1)
        for item in value.values():
            with_split_attributes(item)
    if isinstance(value, list):
        for item in value:
            with_split_attributes(item)
    return value


SUBSTITUTION = re.compile(r"\$\{(!?)([^}]*)\}")


def resolve(value: Any, resources: Any) -> Any:
    """Evaluate what moto's clean_json gets wrong, and leave the rest to it; it calls this for every nested value."""
    if isinstance(value, list):
        # AWS::NoValue removes an item of a list too; moto leaves a null.
        return [item for item in (resolve(each, resources) for each in value) if item is not None]
    if isinstance(value, dict) and "Fn::Sub" in value:
        return substitute(value["Fn::Sub"], resources)
    if isinstance(value, dict) and "Fn::GetAZs" in value:
        region = resolve(value["Fn::GetAZs"], resources) or resources._region_name
        return [zone.name for zone in RegionsAndZonesBackend.zones[region]]
    if isinstance(value, dict) and "Fn::ImportValue" in value:
        vars(resources).setdefault("imports", set()).add(resolve(value["Fn::ImportValue"], resources))
    result = original_resolve(value, resources)
    if result is None and isinstance(value, dict) and "Fn::GetAtt" in value:
        refuse(f"Template error: no value for Fn::GetAtt {value['Fn::GetAtt']}")
    return result


def substitute(template: Any, resources: Any) -> str:
    """Fn::Sub in one pass: moto's several passes eat `$$`, replace a plain `$NAME` and read their own results."""
    text, names = template if isinstance(template, list) else (template, {})

    def value(match: re.Match[str]) -> str:
        literal, name = match[1], match[2].strip()
        if literal:
            return f"${{{name}}}"
        if name in names:
            return as_text(resolve(names[name], resources))
        expression = {"Fn::GetAtt": name.split(".", 1)} if "." in name else {"Ref": name}
        return as_text(resolve(expression, resources))

    return SUBSTITUTION.sub(value, text)


def as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def name_property(kind: str) -> str | None:
    """The property with the name of a resource of this kind, of the model that counts; moto asks the first it finds."""
    model = parsing.get_model_map().get(kind)
    return model.cloudformation_name_type() if model else None


def physical_name(kind: str, stack: str, logical_id: str) -> str:
    """A generated name as AWS shortens it, and in lower case where capitals are illegal."""
    name = original_physical_name(kind, stack, logical_id)
    prefix, suffix = name.rsplit("-", 1)
    name = f"{prefix[: 63 - len(suffix)]}-{suffix}"
    return name.lower() if kind == "AWS::ECR::Repository" else name


original_resolve = replace(parsing, "clean_json", resolve)


original_physical_name = replace(parsing, "generate_resource_name", physical_name)
