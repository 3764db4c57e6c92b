"""Resources and outputs that a definition adds to its stacks, in CloudFormation's syntax."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Annotated, Any, Literal

from troposphere import AWSObject
from troposphere import Output as TemplateOutput

from pipegen.errors import Path, quoted
from pipegen.fields.base import Json, Reading, Schemas, Type, alternatives
from pipegen.fields.constraints import Length, Matches
from pipegen.fields.model import Model, keyed_fields
from pipegen.frozen import frozen
from pipegen.syntax import names
from pipegen.values.template_data import TemplateData, plain
from pipegen.values.value import TextValue, Value

_REFERENCE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
_TYPE = Matches(
    r"(?:[A-Za-z0-9]+::[A-Za-z0-9]+::[A-Za-z0-9]+(?:::MODULE)?|Custom::[A-Za-z0-9_@-]{1,60})",
    "a resource type, such as AWS::DynamoDB::Table",
    f"{_REFERENCE}aws-template-resource-type-ref.html",
)
Properties = Mapping[str, TemplateData]


@frozen
class _OneOrMoreType:
    """A list of items, which can be written as its only item."""

    inner: Type

    @property
    def expected(self) -> str:
        return self.inner.expected

    def fits(self, data: Any) -> bool:
        return isinstance(data, str) or self.inner.fits(data)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        return self.inner.read((data,) if isinstance(data, str) else data, path, reading)

    def schema(self, schemas: Schemas) -> Json:
        return alternatives(self.inner.schema(schemas), {"type": "string"})


class _OneOrMore:
    """Marks a list that can be written as its only item."""

    @staticmethod
    def type_of(resolve: Callable[[Any], Type], _plain: Any) -> Type:
        return _OneOrMoreType(resolve(Sequence[str]))


class _CloudFormation(Model):
    """A model whose keys in files are CloudFormation's."""

    __slots__ = ()

    @classmethod
    def key_of(cls, field: str) -> str:
        """The CloudFormation attribute that a field sets, which is its key in files."""
        return "".join(word.capitalize() for word in field.split("_"))


@frozen(kw_only=True)
class StackResource(_CloudFormation):
    """A resource that a stack contains in addition to those that pipegen creates. It becomes a part of the template as
    it is written, with the definition's tags if its type supports tags. In Python it is an object of troposphere.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html"""

    type: Annotated[str, _TYPE]
    """The resource type, such as AWS::DynamoDB::Table."""
    properties: Properties = field(default_factory=dict)
    """The properties of the resource. They may refer to parameters, and to every resource of the same stack."""
    condition: Annotated[str, names.PARAMETER] | None = None
    """The condition under which the resource is created, one of the definition's conditions."""
    depends_on: Annotated[Sequence[str] | str, _OneOrMore] = ()
    """The logical IDs of resources that are created before, in addition to those that properties refer to."""
    deletion_policy: Literal["Delete", "Retain", "RetainExceptOnCreate", "Snapshot"] | None = None
    """What happens to the resource when it is removed from the stack. CloudFormation's default is Delete, and Snapshot
    for some types.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html"""
    update_replace_policy: Literal["Delete", "Retain", "Snapshot"] | None = None
    """What happens to the earlier resource when an update replaces it. CloudFormation's default is Delete.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatereplacepolicy.html"""
    creation_policy: Properties = field(default_factory=dict)
    """What CloudFormation waits for when it creates the resource.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-creationpolicy.html"""
    update_policy: Properties = field(default_factory=dict)
    """How CloudFormation updates the resource.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html"""
    metadata: Properties = field(default_factory=dict)
    """Data about the resource for people and tools."""

    def attributes(self) -> dict[str, Any]:
        """Return the resource as data of a template."""
        return _set_fields(self) | ({"DependsOn": list(self.depends_on)} if self.depends_on else {})


@frozen
class StackExport(_CloudFormation):
    """The name under which other stacks of the account and region import an output."""

    name: Value
    """The name, unique in the account and region."""


@frozen(kw_only=True)
class StackOutput(_CloudFormation):
    """An output that a stack has in addition to those that pipegen adds. In Python it is an object of troposphere.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html"""

    value: TextValue
    """The value. Everyone who can describe the stack can read it."""
    description: Annotated[str, Length(0, 1024)] = ""
    """The description.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""
    export: StackExport | None = None
    """The name under which other stacks import the value."""
    condition: Annotated[str, names.PARAMETER] | None = None
    """The condition under which the stack has the output, one of the definition's conditions."""

    def attributes(self) -> dict[str, Any]:
        """Return the output as data of a template."""
        return _set_fields(self) | ({"Export": {"Name": self.export.name}} if self.export else {})


class _ByName:
    """Marks a field whose value is a mapping of models by name, or in Python a list of troposphere's objects, which the
    model that has the field converts."""

    def __init__(self, model: type[Model]) -> None:
        self.model = model

    def type_of(self, resolve: Callable[[Any], Type], _plain: Any) -> Type:
        return resolve(Mapping[Annotated[str, names.PARAMETER], self.model])  # type: ignore[name-defined]


StackResources = Annotated[Mapping[str, StackResource | AWSObject] | Sequence[AWSObject], _ByName(StackResource)]
"""Resources by logical ID."""
StackOutputs = Annotated[Mapping[str, StackOutput | TemplateOutput] | Sequence[TemplateOutput], _ByName(StackOutput)]
"""Outputs by name."""


@frozen
class StackContents:
    """What a part of a definition adds to its stack. path: that of the part."""

    resources: Mapping[str, StackResource]
    outputs: Mapping[str, StackOutput]
    path: Path


def contents_of(holder: Any, path: Path) -> StackContents:
    """Return what a part of a definition adds to its stack."""
    return StackContents(holder.resources, holder.outputs, path)


def is_in_resource(path: Path) -> bool:
    """Return whether a path leads into a resource that a definition or foundation adds to a stack."""
    holder = 2 if path[:1] == ("services",) else 0 if path[:1] == ("resources",) else 1
    return path[holder : holder + 1] == ("resources",)


def _set_fields(model: Any) -> dict[str, Any]:
    """Return the values that are set, by CloudFormation's keys."""
    kind: Any = type(model)
    values = {key: getattr(model, name) for key, name in keyed_fields(kind).items()}
    return {key: value for key, value in values.items() if value}


def convert_contents(model: Any) -> None:
    """Replace the objects of troposphere in the resources and outputs of a model that is being created."""
    object.__setattr__(model, "resources", as_resources(model.resources))
    object.__setattr__(model, "outputs", as_outputs(model.outputs))


def as_resources(value: Any) -> Any:
    """Return resources by logical ID, from objects of troposphere in a list or a mapping. Other values are returned as
    they are, and reported when the definition is checked."""
    return _by_title(value, AWSObject, _resource)


def as_outputs(value: Any) -> Any:
    """Return outputs by name, in the same way as resources."""
    return _by_title(value, TemplateOutput, _output)


def _by_title(value: Any, kind: type, read: Callable[[Any], Any]) -> Any:
    if isinstance(value, list | tuple) and all(isinstance(each, kind) for each in value):
        titles = [str(getattr(each, "title", "")) for each in value]
        if repeated := next((title for title in titles if titles.count(title) > 1), ""):
            raise ValueError(f"there are two objects with the name {quoted(repeated)}")
        value = dict(zip(titles, value, strict=True))
    if not isinstance(value, Mapping):
        return value
    return {key: read(each) if isinstance(each, kind) else each for key, each in value.items()}


def _resource(resource: AWSObject) -> StackResource:
    return StackResource(**_fields(StackResource, plain(resource)))


def _output(output: TemplateOutput) -> StackOutput:
    fields = _fields(StackOutput, plain(output))
    if isinstance(exported := fields.get("export"), Mapping):
        fields["export"] = StackExport(**_fields(StackExport, exported))
    return StackOutput(**fields)


def _fields(model: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: data[key] for key, name in keyed_fields(model).items() if key in data}
