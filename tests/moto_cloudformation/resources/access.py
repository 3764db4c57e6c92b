"""IAM roles and policies."""

from __future__ import annotations

import copy
from collections.abc import Container, Mapping
from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.iam.models import IAMBackend, iam_backends
from moto.iam.models import Role as IamRole

from tests.moto_cloudformation.conversion import as_json, replace
from tests.moto_cloudformation.resource import TemplateResource


class Role(TemplateResource, CloudFormationModel):
    """moto's own leaves out managed policies, keeps inline ones in a form its API cannot read, and never updates."""

    kind = "AWS::IAM::Role"
    named_by = "RoleName"
    fixed = ("Path",)
    known = (
        "AssumeRolePolicyDocument",
        "Description",
        "ManagedPolicyArns",
        "MaxSessionDuration",
        "Path",
        "PermissionsBoundary",
        "Policies",
        "Tags",
    )
    role: Any
    inline: tuple[str, ...] = ()

    def create(self) -> None:
        trust = as_json(self.properties["AssumeRolePolicyDocument"])
        path = self.properties.get("Path", "/")
        self.role = self.anywhere(iam_backends).create_role(self.name, trust, path, None, "", [], 3600)

    def settle(self) -> None:
        asked, role, backend = self.properties, self.role, self.anywhere(iam_backends)
        backend.update_assume_role_policy(self.name, as_json(asked["AssumeRolePolicyDocument"]))
        role.description = asked.get("Description", "")
        role.max_session_duration = int(asked.get("MaxSessionDuration", 3600))
        role.permissions_boundary_arn = asked.get("PermissionsBoundary")
        role.tags = asked.get("Tags", [])
        self.detach()
        for policy in asked.get("Policies", []):
            backend.put_role_policy(self.name, policy["PolicyName"], as_json(policy["PolicyDocument"]))
        self.inline = tuple(policy["PolicyName"] for policy in asked.get("Policies", []))
        for arn in asked.get("ManagedPolicyArns", []):
            backend.attach_role_policy(arn, self.name)

    def detach(self) -> None:
        for policy in list(self.role.managed_policies.values()):
            policy.detach_from(self.role)
        for name in self.inline:
            self.role.policies.pop(name, None)

    def remove(self) -> None:
        self.detach()
        IamRole.delete_from_cloudformation_json(self.name, {}, self.account_id, self.region_name)

    def attributes(self) -> Mapping[str, Any]:
        return {"Arn": self.role.arn, "RoleId": self.role.id}


class ManagedPolicy(TemplateResource, CloudFormationModel):
    """moto's own never updates, and is never deleted."""

    kind = "AWS::IAM::ManagedPolicy"
    named_by = "ManagedPolicyName"
    fixed = ("Description", "Path")
    known = (*fixed, "PolicyDocument", "Roles")
    policy: Any
    attached: tuple[str, ...] = ()

    def create(self) -> None:
        asked = self.properties
        about = {"description": asked.get("Description"), "path": asked.get("Path", "/"), "tags": []}
        self.policy = self.anywhere(iam_backends).create_policy(
            policy_name=self.name, policy_document=as_json(asked["PolicyDocument"]), **about
        )

    def settle(self) -> None:
        backend = self.anywhere(iam_backends)
        self.policy.versions[0].document = as_json(self.properties["PolicyDocument"])
        self.detach(self.attached)
        self.attached = tuple(self.properties.get("Roles", ()))
        for name in self.attached:
            backend.attach_role_policy(self.policy.arn, name)

    def detach(self, names: Container[str]) -> None:
        for role in self.anywhere(iam_backends).roles.values():
            if role.name in names and self.policy.arn in role.managed_policies:
                self.policy.detach_from(role)

    def remove(self) -> None:
        self.detach([role.name for role in self.anywhere(iam_backends).roles.values()])
        self.anywhere(iam_backends).delete_policy(self.policy.arn)

    def reference(self) -> str:
        return str(self.policy.arn)

    def attributes(self) -> Mapping[str, Any]:
        return {"PolicyArn": self.policy.arn, "PolicyId": self.policy.id}


# AWS's own policies are read once: moto would read them six times for every account, and again after every reset.
_OWN: dict[str, list[Any]] = {}


def _own_policies(backend: Any) -> list[Any]:
    if backend.region_name not in _OWN:
        _OWN[backend.region_name] = _read_policies(backend)
    copies = list(map(copy.copy, _OWN[backend.region_name]))
    for each in copies:
        each.account_id = backend.account_id
    return copies


_read_policies = replace(IAMBackend, "_init_aws_policies", _own_policies)
