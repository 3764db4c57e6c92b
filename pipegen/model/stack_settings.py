"""What a definition says once for all of its stacks: parameters, tags, and what bounds its roles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import KW_ONLY
from itertools import chain
from typing import Annotated, Any, ClassVar, Protocol

from troposphere import AWSHelperFn

from pipegen.fields.constraints import Between
from pipegen.fields.model import FrozenMapping, Model, field_names, keyed_fields
from pipegen.frozen import frozen
from pipegen.model.template_sections import Table
from pipegen.syntax import names
from pipegen.values.value import Text, Value


@frozen
class Parameter(Model, AWSHelperFn):
    """A parameter of the template. In Python it is an expression: put it where one may stand, and the templates that
    use it declare it. In files, `parameters` has parameters by their names, with CloudFormation's property names.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html"""

    name: str
    """The name of the parameter, unique in the definition."""
    _: KW_ONLY
    type: str = "String"
    """The type: String, Number, CommaDelimitedList, List<Number>, or a type of AWS such as AWS::EC2::VPC::Id.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html"""
    default: Text | None = None
    """The value when a deployment does not set it. Without a default, every deployment must set the parameter."""
    description: str | None = None
    """What the console shows beside the parameter."""
    allowed_values: Sequence[Text] = ()
    """The values that the parameter may have. Default: any."""
    allowed_pattern: str | None = None
    """A regular expression that the whole value must match, for the type String or CommaDelimitedList."""
    constraint_description: str | None = None
    """What CloudFormation reports when a value violates a constraint."""
    min_length: Annotated[int, Between(0)] | None = None
    """The smallest number of characters, for the type String."""
    max_length: Annotated[int, Between(0)] | None = None
    """The largest number of characters, for the type String."""
    min_value: int | None = None
    """The smallest value, for the type Number."""
    max_value: int | None = None
    """The largest value, for the type Number."""
    no_echo: bool | None = None
    """Whether CloudFormation masks the value wherever it would show it."""

    named_by: ClassVar[str] = "name"

    @classmethod
    def key_of(cls, field: str) -> str:
        """The property of CloudFormation's that a field sets, which is its key in files."""
        return "".join(word.capitalize() for word in field.split("_"))

    @property
    def data(self) -> Mapping[str, str]:
        return {"Ref": self.name}

    def __format__(self, _spec: str) -> str:
        text = f'Sub("...${{{self.name}}}...", {self.name}=...)'
        raise TypeError(f"the value of parameter {self.name} is known only at deployment: write {text}")

    def properties(self) -> dict[str, Any]:
        """What it sets, by CloudFormation's names."""
        given = {key: getattr(self, name) for key, name in _PROPERTIES.items()}
        return {key: value for key, value in given.items() if value is not None and value != ()}


_PROPERTIES: Mapping[str, str] = keyed_fields(Parameter)
"""CloudFormation's properties, with the fields that set them."""

Parameters = Mapping[Annotated[str, names.PARAMETER], Parameter]
"""By name."""


def declare_parameters(model: Any) -> None:
    """Adds the parameters that a definition or foundation uses to those that it declares, where Python code created it.
    Of several with one name the first counts; a check reports the others."""
    if model.created is None or not isinstance(model.parameters, Mapping):
        return
    found = dict(model.parameters)
    fields: Any = type(model)
    users = [getattr(model, name) for name in field_names(fields) if name != "parameters"]
    with suppress(RecursionError):  # a check reports what contains itself
        for each in parameters_in(users):
            found.setdefault(each.name, each)
    object.__setattr__(model, "parameters", FrozenMapping(found))


def parameters_in(value: Any) -> Iterator[Parameter]:
    """The parameters that a value refers to, in the order of the fields."""
    if isinstance(value, Parameter):
        yield value
    elif isinstance(value, AWSHelperFn):
        yield from parameters_in(getattr(value, "data", None))
    elif isinstance(value, Model):
        model: Any = type(value)
        for name in field_names(model):
            yield from parameters_in(getattr(value, name))
    elif isinstance(value, Mapping):
        yield from chain.from_iterable(map(parameters_in, value.values()))
    elif isinstance(value, list | tuple):
        yield from chain.from_iterable(map(parameters_in, value))


class Governed(Protocol):
    """What stacks are made from: a `Definition`, or a `Foundation`."""

    @property
    def parameters(self) -> Mapping[str, Parameter]: ...

    @property
    def conditions(self) -> Mapping[str, AWSHelperFn]: ...

    @property
    def mappings(self) -> Mapping[str, Table]: ...

    @property
    def tags(self) -> Mapping[str, Value]: ...

    @property
    def permissions_boundary(self) -> Value | None: ...

    @property
    def role_path(self) -> str: ...
