"""What outlives its stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

KEPT: Final[Mapping[str, Any]] = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
"""Attributes of a resource that is kept when its stack is deleted or the resource replaced. When the operation that
creates it fails, CloudFormation deletes it: what stayed behind would keep its name taken, and every new try would fail.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html"""
