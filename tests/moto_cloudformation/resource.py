"""What every resource type that is taught has in common."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from contextlib import suppress
from typing import Any, ClassVar

from moto.cloudformation.exceptions import UnformattedGetAttTemplateException
from moto.cloudformation.utils import random_suffix
from moto.iam.models import iam_backends

from tests.moto_cloudformation.conversion import EVERY_PROPERTY, Properties, as_list, refuse


class TemplateResource:
    """One resource as its template asked for it: `create` makes the bare thing, `settle` gives it every property.

    A subclass names CloudFormationModel as a direct base too, because moto finds models by `__subclasses__()`; one of
    a type that moto has already wins over moto's. Not a frozen dataclass: moto hangs its own attributes on resources.
    """

    kind: ClassVar[str]
    named_by: ClassVar[str] = ""
    fixed: ClassVar[tuple[str, ...]] = ()  # a change of one of these means a new resource
    versioned: ClassVar[bool] = False  # whose successor may have its name
    known: ClassVar[tuple[str, ...]] = ()  # for types without an API structure to check the properties against

    def __init__(self, name: str, properties: Properties, account_id: str, region_name: str) -> None:
        self.name = name
        self.properties = properties
        self.account_id = account_id
        self.region_name = region_name

    def create(self) -> None: ...

    def settle(self) -> None: ...

    def remove(self) -> None: ...

    def attributes(self) -> Mapping[str, Any]:
        return {}

    def reference(self) -> str:
        return self.name

    def here(self, backends: Any) -> Any:
        """A regional service's back end in this resource's account."""
        return backends[self.account_id][self.region_name]

    def anywhere(self, backends: Any) -> Any:
        """A global service's back end in this resource's account."""
        return backends[self.account_id]["aws"]

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region_name}:{self.account_id}:{resource}"

    def refuse_taken(self, names: Container[str]) -> None:
        if self.name in names:
            refuse(f"{self.kind} {self.name} already exists")

    def check_properties(self) -> None:
        unknown = [name for name in self.properties if self.known and name not in (*self.known, self.named_by)]
        if unknown:
            refuse(f"Encountered unsupported property {unknown[0]} in {self.kind}")

    @property
    def physical_resource_id(self) -> str:
        return self.reference()

    @classmethod
    def cloudformation_type(cls) -> str:
        return cls.kind

    @classmethod
    def cloudformation_name_type(cls) -> str:
        return cls.named_by

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return True  # Known only once the resource is; get_cfn_attribute refuses what is not an attribute.

    def get_cfn_attribute(self, attribute_name: str) -> Any:
        if attribute_name not in self.attributes():
            raise UnformattedGetAttTemplateException
        return self.attributes()[attribute_name]

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: Properties,
        account_id: str,
        region_name: str,
        **kwargs: Any,
    ) -> Any:
        resource = cls(resource_name, cloudformation_json["Properties"], account_id, region_name)
        resource.check_properties()
        resource.create()
        try:
            resource.settle()
        except Exception:
            with suppress(Exception):  # Nobody knows how far it came.
                resource.remove()
            raise
        return resource

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: Any,
        account_id: str,
        region_name: str,
    ) -> Any:
        """The same resource with its new properties, or another one. The engine deletes what is replaced, later."""
        before, after = original_resource.properties, cloudformation_json["Properties"]
        renamed = new_resource_name != original_resource.name
        if renamed or cls.needs_replacing(before, after):
            if not renamed:
                new_resource_name = cls.successor(new_resource_name, after)
            return cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)
        original_resource.change(after)
        return original_resource

    @classmethod
    def needs_replacing(cls, before: Properties, after: Properties) -> bool:
        return cls.fixed == EVERY_PROPERTY or any(before.get(key) != after.get(key) for key in cls.fixed)

    @classmethod
    def successor(cls, name: str, properties: Properties) -> str:
        """The name of what takes the place of a resource, which cannot be the name that the template gives it.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-ug-troubleshooting.html
        """
        if cls.named_by not in properties:
            return f"{name.rsplit('-', 1)[0]}-{random_suffix()}"
        if not cls.versioned:
            refuse(
                "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
                f"Rename {name} and update the stack again."
            )
        return name

    def change(self, properties: Properties) -> None:
        before = self.properties
        self.check_change(properties)
        self.properties = properties
        try:
            self.check_properties()
            self.settle()
        except Exception:
            self.properties = before
            self.settle()
            raise

    def check_change(self, properties: Properties) -> None:
        """Refuse an update that the service would refuse."""

    def delete(self, account_id: str, region_name: str) -> None:
        self.remove()


def require_trust(role_arn: str, service: str, account_id: str) -> None:
    """Refuse a role the service may not assume, as CodePipeline, CodeBuild and CodeDeploy do at once."""
    roles = iam_backends[account_id]["aws"].roles.values()
    documents = [json.loads(role.assume_role_policy_document) for role in roles if role.arn == role_arn]
    statements = [statement for document in documents for statement in as_list(document["Statement"])]
    principals = [statement.get("Principal") for statement in statements if statement["Effect"] == "Allow"]
    trusted = [name for each in principals if isinstance(each, dict) for name in as_list(each.get("Service", []))]
    if service not in trusted:
        refuse(f"{service} is not authorized to perform: sts:AssumeRole on {role_arn}")
