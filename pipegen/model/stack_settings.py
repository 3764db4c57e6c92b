"""Settings that apply to all stacks of a definition: parameters, tags, the permissions boundary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import KW_ONLY
from itertools import chain
from typing import Annotated, Any, ClassVar, Protocol

from pipegen.fields.constraints import Between
from pipegen.fields.model import FrozenMapping, Model, field_names, keyed_fields
from pipegen.frozen import frozen
from pipegen.model.template_sections import Table
from pipegen.syntax import names
from pipegen.values.expression import Expression
from pipegen.values.value import Text, Value


@frozen
class Parameter(Model, Expression):
    """A template parameter. In Python it is an expression: use it as the value of a field, and the templates that
    need it declare it. In files, `parameters` maps names to parameters with CloudFormation's property names.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html"""

    name: str
    """The name of the parameter, unique in the definition."""
    type: str = "String"
    """The type: String, Number, CommaDelimitedList, List<Number>, or an AWS-specific type such as AWS::EC2::VPC::Id.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html"""
    _: KW_ONLY
    default: Text | None = None
    """The value if a deployment does not set the parameter. Without a default, every deployment must set it."""
    description: str | None = None
    """The description that the console shows."""
    allowed_values: Sequence[Text] = ()
    """The values that the parameter can have. Default: any."""
    allowed_pattern: str | None = None
    """A regular expression that the whole value must match, for the type String or CommaDelimitedList."""
    constraint_description: str | None = None
    """The message of CloudFormation when a value violates a constraint."""
    min_length: Annotated[int, Between(0)] | None = None
    """The minimum number of characters, for the type String."""
    max_length: Annotated[int, Between(0)] | None = None
    """The maximum number of characters, for the type String."""
    min_value: int | None = None
    """The minimum value, for the type Number."""
    max_value: int | None = None
    """The maximum value, for the type Number."""
    no_echo: bool | None = None
    """Whether CloudFormation masks the value in its output."""

    named_by: ClassVar[str] = "name"
    declared_in: ClassVar[str] = "parameters"

    @classmethod
    def key_of(cls, field: str) -> str:
        """The CloudFormation property that a field sets, which is its key in files."""
        return "".join(word.capitalize() for word in field.split("_"))

    @property
    def data(self) -> Mapping[str, str]:
        return {"Ref": self.name}

    def __format__(self, _spec: str) -> str:
        text = f'Sub("...${{{self.name}}}...", {self.name}=...)'
        raise TypeError(f"the value of parameter {self.name} is known only at deployment: write {text}")

    def properties(self) -> dict[str, Any]:
        """The values that are set, by CloudFormation's property names."""
        values = {key: getattr(self, name) for key, name in _PROPERTIES.items()}
        return {key: value for key, value in values.items() if value is not None and value != ()}


_PROPERTIES: Mapping[str, str] = keyed_fields(Parameter)
"""The fields that set CloudFormation's properties, by property."""

Parameters = Mapping[Annotated[str, names.PARAMETER], Parameter]
"""Parameters by name."""


def parameters_in(value: Any) -> Iterator[Parameter]:
    """The parameters that a value refers to, in field order."""
    return (each for each in named_in(value) if isinstance(each, Parameter))


def named_in(value: Any) -> Iterator[Model]:
    """The parameters and services that a value contains or refers to, in field order."""
    if isinstance(value, Model):
        model: Any = type(value)
        if model.declared_in:
            yield value
        if not isinstance(value, Parameter):
            for name in field_names(model):
                yield from named_in(getattr(value, name))
    elif isinstance(value, Expression):
        yield from named_in(getattr(value, "data", None))
    elif isinstance(value, Mapping):
        yield from chain.from_iterable(map(named_in, value.values()))
    elif isinstance(value, list | tuple):
        yield from chain.from_iterable(map(named_in, value))


def declare(model: Any, *fields: str) -> None:
    """Add the parameters and services that a definition or foundation uses to the fields that list them, if Python
    code created it. If several have the same name, the first is used; a check reports the others."""
    listed = {field: dict(value) for field in fields if isinstance(value := getattr(model, field), Mapping)}
    if model.created is None:
        return
    with suppress(RecursionError):  # a check reports values that contain themselves
        for each in named_in(model):
            listed.get(each.declared_in, {}).setdefault(getattr(each, each.named_by), each)
    for field, declared in listed.items():
        object.__setattr__(model, field, FrozenMapping(declared))


class StackSettings(Protocol):
    """The settings of a `Definition` or `Foundation` that apply to all of its stacks."""

    @property
    def parameters(self) -> Mapping[str, Parameter]: ...

    @property
    def conditions(self) -> Mapping[str, Expression]: ...

    @property
    def mappings(self) -> Mapping[str, Table]: ...

    @property
    def tags(self) -> Mapping[str, Value]: ...

    @property
    def permissions_boundary(self) -> Value | None: ...

    @property
    def role_path(self) -> str: ...

    @property
    def encryption_key(self) -> Value | None: ...
