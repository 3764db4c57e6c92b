"""What a definition says once for all of its stacks: parameters, tags, and what bounds its roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from troposphere import AWSHelperFn

from pipegen.model import Model
from pipegen.sections import Table
from pipegen.values import Text, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(Model):
    """A parameter of the template, in CloudFormation's own words.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html"""

    Type: str = "String"
    Default: Text | None = None
    Description: str | None = None
    AllowedValues: Sequence[Text] = ()
    AllowedPattern: str | None = None
    ConstraintDescription: str | None = None
    MinLength: int | None = None
    MaxLength: int | None = None
    MinValue: int | None = None
    MaxValue: int | None = None
    NoEcho: bool | None = None


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
