"""AWS's names of fields, as markers in annotations: `Annotated[Value, Property("AWS::S3::Bucket.BucketName")]`.

They do not change the type of a field. Fields of a class with `serialized_as` get their names from
`pipegen.ecs.serialization`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipegen.fields.base import Type

_REFERENCE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference"


class _Name(str):
    """A string rather than a dataclass, because the module is imported at every start."""

    __slots__ = ()

    # Markers of different classes must differ even if their texts are equal: Python caches equal annotations.
    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and str.__eq__(self, str(other))

    def __hash__(self) -> int:
        return hash((type(self), str(self)))

    def type_of(self, resolve: Callable[[Any], Type], plain: Any) -> Type:
        return resolve(plain)


class Property(_Name):
    """A template property: of a resource, `AWS::S3::Bucket.BucketName`, or of a property type,
    `AWS::S3::Bucket.Rule.ExpirationInDays`. In a class with an `aws_type`, the path can be relative to that type."""

    __slots__ = ()

    @property
    def url(self) -> str:
        """The CloudFormation documentation of the property, such as
        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-codebuild-project-environment.html#cfn-codebuild-project-environment-image
        """
        [resource, *inside] = self.lower().removeprefix("aws::").replace("::", "-").split(".")
        owner = "-".join([resource, *inside[:-1]])
        return f"{_REFERENCE}/aws-{'properties' if inside[1:] else 'resource'}-{owner}.html#cfn-{owner}-{inside[-1]}"


class ConfigurationKey(_Name):
    """A key in the configuration of an action or rule."""

    __slots__ = ()
