"""Resources that are kept when their stack is deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

KEPT: Final[Mapping[str, Any]] = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
"""The attributes of a resource that is kept when its stack is deleted or when it is replaced. If the operation that
creates it fails, CloudFormation deletes it: otherwise its name would stay in use, and every new attempt would fail.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html"""
