"""A stack, which `compile` returns and `output` writes. Code may change the template in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import cache
from operator import attrgetter, methodcaller
from typing import Any

from troposphere import BaseAWSObject, Tags, Template, encode_to_dict

from pipegen.errors import Path
from pipegen.frozen import frozen
from pipegen.model.environment import Environment
from pipegen.stacks.immutable import ImmutableProperties
from pipegen.values.expression import Expression
from pipegen.values.functions import sub_names

Document = Mapping[str, Any]
"""A template as dicts, lists and scalars."""

_SECTIONS = (
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Transform",
    "Resources",
    "Outputs",
)
_NAMES_OF_IAM = {
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
}
"""The properties that set a resource's name. The name of AWS::IAM::Policy is that of an inline policy.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html"""
_ATTRIBUTES = ("Type", "Condition", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Metadata", "Properties")


@frozen
class StackOutput:
    """An output of a stack, perhaps in another account or region. environment: that of a stack that does not belong to
    the same definition."""

    stack: str
    output: str
    environment: Environment | None = None


@frozen(kw_only=True)
class Stack:
    """A CloudFormation stack.

    origins: the path in the definition of each logical id. immutable: the immutable properties of logical ids.
    environment: the account and region that it is deployed to, with the values of its parameters. Default: those of the
    credentials in use. inputs: the outputs of stacks deployed earlier that parameters are set to.
    """

    name: str
    template: Template = field(repr=False)
    origins: Mapping[str, Path] = field(default_factory=dict, repr=False)
    immutable: Mapping[str, ImmutableProperties] = field(default_factory=dict, repr=False)
    environment: Environment | None = None
    inputs: Mapping[str, StackOutput] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return the template as plain data, in CloudFormation's order."""
        return _ordered(template_data(self.template))

    @property
    def capabilities(self) -> tuple[str, ...]:
        """The capabilities that a stack deployment must acknowledge."""
        return capabilities_of({"Resources": {title: each.resource for title, each in self.template.resources.items()}})

    @property
    def open_parameters(self) -> tuple[str, ...]:
        """The parameters without a default, which a stack deployment must set."""
        return tuple(
            name for name, parameter in self.template.parameters.items() if "Default" not in parameter.properties
        )


def document_of(template: Template) -> dict[str, Any]:
    """A template as plain data, in CloudFormation's own order. Troposphere validates it."""
    return _ordered(template.to_dict())


def _ordered(data: Mapping[str, Any]) -> dict[str, Any]:
    document = _in_order(data, _SECTIONS)
    document["Resources"] = {
        logical_id: _in_order(resource, _ATTRIBUTES) for logical_id, resource in document["Resources"].items()
    }
    return document


def template_data(template: Template) -> dict[str, Any]:
    """Return the same as `template.to_dict()` in a fifth of the time: that visits every value again at each level, and
    validates the objects."""
    sections = {
        "Description": template.description,
        "Metadata": template.metadata,
        "Conditions": template.conditions,
        "Mappings": template.mappings,
        "Outputs": template.outputs,
        "Parameters": template.parameters,
        "AWSTemplateFormatVersion": template.version,
        "Transform": template.transform,
        "Rules": template.rules,
    }
    data = {name: _plain(section) for name, section in sections.items() if section}
    return data | {"Resources": _plain(template.resources)}


def _plain(value: Any) -> Any:
    kind: Any = type(value)
    if kind in _ATOMS:
        return value
    if kind is dict:
        return {key: item if type(item) is str else _plain(item) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [item if type(item) is str else _plain(item) for item in value]
    read = _reader(kind)
    return encode_to_dict(value) if read is None else _plain(read(value))


_ATOMS = frozenset({str, int, bool})


@cache
def _reader(kind: Any) -> Callable[[Any], Any] | None:
    """Return the function that returns the data of objects of a class, which can contain further objects. Return None
    for classes of other libraries than troposphere and awacs."""
    to_dict = getattr(kind, "to_dict", None)
    if to_dict is Expression.to_dict:
        return attrgetter("data")
    if to_dict is Tags.to_dict:
        return attrgetter("tags")
    if to_dict is BaseAWSObject.to_dict:
        return _resource
    if to_dict is None and hasattr(kind, "JSONrepr"):  # awacs
        return methodcaller("JSONrepr")
    return None


def _resource(value: BaseAWSObject) -> Mapping[str, Any]:
    if value.properties:
        return value.resource
    return {key: each for key, each in value.resource.items() if key != "Properties"}


def _in_order(sections: Mapping[str, Any], order: tuple[str, ...]) -> dict[str, Any]:
    known = {key: sections[key] for key in order if key in sections}
    return {**known, **{key: value for key, value in sections.items() if key not in known}}


def capabilities_of(document: Document) -> tuple[str, ...]:
    """Return the capabilities that a template needs: for IAM resources, and for IAM resources with custom names.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html"""
    resources = [mapping(resource) for resource in mapping(document.get("Resources")).values()]
    of_iam = [each for each in resources if str(each.get("Type")).startswith("AWS::IAM::")]
    if any(_NAMES_OF_IAM.get(each["Type"]) in mapping(each.get("Properties")) for each in of_iam):
        return ("CAPABILITY_NAMED_IAM",)
    return ("CAPABILITY_IAM",) if of_iam else ()


def resources_of(document: Document, resource_type: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the logical ids and properties of the resources of one type."""
    for logical_id, resource in mapping(document.get("Resources")).items():
        if mapping(resource).get("Type") == resource_type:
            yield logical_id, mapping(resource.get("Properties"))


def statements_of(role: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the statements of a role's inline policies."""
    for policy in sequence(role.get("Policies")):
        yield from map(mapping, sequence(mapping(mapping(policy).get("PolicyDocument")).get("Statement")))


def pipeline_actions(document: Document) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield the actions of the pipeline in a template, with their paths in the definition."""
    for path, stage in _pipeline_stages(document):
        for index, action in enumerate(sequence(stage.get("Actions"))):
            yield (*path, "actions", index), mapping(action)


def pipeline_rules(document: Document) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield the rules of the pipeline's conditions in a template, with their paths in the definition."""
    for path, stage in _pipeline_stages(document):
        for when, name in (("before_entry", "BeforeEntry"), ("on_success", "OnSuccess"), ("on_failure", "OnFailure")):
            for condition in sequence(mapping(stage.get(name)).get("Conditions")):
                for index, rule in enumerate(sequence(mapping(condition).get("Rules"))):
                    yield (*path, when, "rules", index), mapping(rule)


def _pipeline_stages(document: Document) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for _, properties in resources_of(document, "AWS::CodePipeline::Pipeline"):
        for index, stage in enumerate(sequence(properties.get("Stages"))):
            yield ("pipeline", "stages", index), mapping(stage)


def mapping(data: Any) -> Mapping[str, Any]:
    """Return the data if it is a mapping, and an empty one otherwise: an override can set any value."""
    return data if isinstance(data, dict) else {}


_LISTS = (list, tuple)


def sequence(data: Any) -> Sequence[Any]:
    """Return the data if it is a list, and an empty one otherwise: an override can set any value."""
    return data if isinstance(data, _LISTS) else ()


def referred_names(data: Any) -> Sequence[str]:
    """Return the names that Ref, GetAtt and Sub refer to in plain data, each once."""
    names: dict[str, None] = {}
    _collect(data, names)
    return list(names)


def _collect(data: Any, names: dict[str, None]) -> None:
    if isinstance(data, dict):
        if len(data) == 1:
            [(key, argument)] = data.items()
            names.update(dict.fromkeys(names_in(str(key), argument)))
        data = data.values()
    elif not isinstance(data, list | tuple):
        return
    for item in data:
        if type(item) is not str:
            _collect(item, names)


def names_in(function: str, argument: Any) -> Iterator[str]:
    """Yield the names that a function refers to."""
    if function == "Ref" and isinstance(argument, str):
        yield argument
    elif function == "Fn::GetAtt":
        parts = argument.split(".") if isinstance(argument, str) else sequence(argument)
        yield from map(str, parts[:1])
    elif function == "Fn::Sub":
        text, own = (*sequence(argument), None, None)[:2] if not isinstance(argument, str) else (argument, None)
        for name in sub_names(str(text)):
            if name not in mapping(own):
                yield name if name.startswith("AWS::") else name.split(".")[0]


def attributes_in(function: str, argument: Any) -> Iterator[tuple[str, str]]:
    """Yield the logical ids and attributes of resources that a function refers to, as far as they are literals."""
    if function == "Fn::GetAtt":
        parts = argument.split(".", 1) if isinstance(argument, str) else sequence(argument)
        if len(parts) == 2 and all(isinstance(part, str) for part in parts):
            yield parts[0], parts[1]
    elif function == "Fn::Sub":
        text, own = (*sequence(argument), None, None)[:2] if not isinstance(argument, str) else (argument, None)
        for name in sub_names(str(text)):
            logical_id, dot, attribute = name.partition(".")
            if dot and name not in mapping(own) and not name.startswith("AWS::"):
                yield logical_id, attribute
