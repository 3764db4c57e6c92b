"""What a definition says once for all of its stacks: parameters, tags, and what bounds its roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Protocol

from troposphere import AWSHelperFn

from pipegen import names
from pipegen.fields.constraints import Between
from pipegen.frozen import frozen
from pipegen.model import Model
from pipegen.sections import Table
from pipegen.values import Text, Value


@frozen(kw_only=True)
class Parameter(Model):
    """A parameter of the template, with CloudFormation's own property names.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html"""

    Type: str = "String"
    """The type: String, Number, CommaDelimitedList, List<Number>, or a type of AWS such as AWS::EC2::VPC::Id.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html"""
    Default: Text | None = None
    """The value when a deployment does not set it. Without a default, every deployment must set the parameter."""
    Description: str | None = None
    """What the console shows beside the parameter."""
    AllowedValues: Sequence[Text] = ()
    """The values that the parameter may have. Default: any."""
    AllowedPattern: str | None = None
    """A regular expression that the whole value must match, for the type String or CommaDelimitedList."""
    ConstraintDescription: str | None = None
    """What CloudFormation reports when a value violates a constraint."""
    MinLength: Annotated[int, Between(0)] | None = None
    """The smallest number of characters, for the type String."""
    MaxLength: Annotated[int, Between(0)] | None = None
    """The largest number of characters, for the type String."""
    MinValue: int | None = None
    """The smallest value, for the type Number."""
    MaxValue: int | None = None
    """The largest value, for the type Number."""
    NoEcho: bool | None = None
    """Whether CloudFormation masks the value wherever it would show it."""


Parameters = Mapping[Annotated[str, names.PARAMETER], Parameter]
"""By name."""


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
