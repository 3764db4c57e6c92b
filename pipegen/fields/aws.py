"""AWS's names for fields, as marks in their annotations: `Annotated[Value, Property("AWS::S3::Bucket.BucketName")]`.

They leave the type of a field as it is. Fields of a class with `spelled_as` have their names from
`pipegen.ecs.spelling`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipegen.fields.base import Type

_REFERENCE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference"


class _Name(str):
    """Text, not a dataclass: its module is imported at every start."""

    __slots__ = ()

    # A mark is not equal to one of the other sort with the same text: Python keeps one object for equal annotations.
    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and str.__eq__(self, str(other))

    def __hash__(self) -> int:
        return hash((type(self), str(self)))

    def type_of(self, resolve: Callable[[Any], Type], plain: Any) -> Type:
        return resolve(plain)


class Property(_Name):
    """A property in a template: of a resource, `AWS::S3::Bucket.BucketName`, or of a type inside a resource,
    `AWS::S3::Bucket.Rule.ExpirationInDays`. In a class with an `aws_type`, the path may begin below that type."""

    __slots__ = ()

    @property
    def url(self) -> str:
        """Where CloudFormation documents it, such as
        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-codebuild-project-environment.html#cfn-codebuild-project-environment-image
        """
        [resource, *inside] = self.lower().removeprefix("aws::").replace("::", "-").split(".")
        owner = "-".join([resource, *inside[:-1]])
        return f"{_REFERENCE}/aws-{'properties' if inside[1:] else 'resource'}-{owner}.html#cfn-{owner}-{inside[-1]}"


class ConfigurationKey(_Name):
    """A key in the configuration of an action or a rule."""

    __slots__ = ()
