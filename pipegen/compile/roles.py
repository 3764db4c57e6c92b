"""Merge grants into roles, with statements in a stable order."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

import awacs.aws as aws
import awacs.sts
from troposphere import If, Ref, iam

from pipegen.iam.grant import Grant, ServiceRole
from pipegen.model.stack_settings import StackSettings
from pipegen.model.suppressions import suppressed
from pipegen.references.secrets import parameter_arns
from pipegen.values.create import create
from pipegen.values.shape import is_no_value, without_variables
from pipegen.values.value import ACCOUNT, Value, arn

_READING = re.compile(r"[a-z0-9-]+:(Batch)?(Get|List|Describe)")


def role(service_role: ServiceRole, definition: StackSettings) -> iam.Role:
    """Return the role as a resource, with all its grants."""
    policies = [*_policies(merged(_by_arn(service_role.grants, definition)))]
    optional: dict[str, Any] = {"RoleName": service_role.name, "PermissionsBoundary": definition.permissions_boundary}
    path = definition.role_path if service_role.path is None else service_role.path
    if path != "/":
        optional["Path"] = path
    if reasons := _wildcards(service_role.grants):
        optional["Metadata"] = reasons
    if policies:
        optional["Policies"] = policies
    if service_role.managed_policies:
        optional["ManagedPolicyArns"] = list(service_role.managed_policies)
    return create(
        iam.Role,
        service_role.logical_id,
        AssumeRolePolicyDocument=_trust(service_role),
        **{name: value for name, value in optional.items() if value is not None},
    )


def _by_arn(grants: Sequence[Grant], definition: StackSettings) -> Sequence[Grant]:
    """Replace template parameters that hold the name of a Systems Manager parameter by its ARN. Whether a template
    parameter holds a name or an ARN, only its type tells."""
    named = {name for name, each in definition.parameters.items() if each.type == "AWS::SSM::Parameter::Name"}
    return [found for grant in grants if (found := _with_arns(grant, named))] if named else grants


def _with_arns(grant: Grant, named: AbstractSet[str]) -> Grant | None:
    """Return None if no resource is left: such a name is never that of a secret."""
    services = {action.partition(":")[0] for action in grant.actions}
    if services not in ({"ssm"}, {"secretsmanager"}):
        return grant
    resources: list[Value] = []
    for each in grant.resources:
        if getattr(each, "data", {}).get("Ref") not in named:
            resources.append(each)
        elif services == {"ssm"}:
            resources += parameter_arns(each)
    return replace(grant, resources=resources) if resources else None


def _plain_list(value: Value | Sequence[Value]) -> Any:
    return list(value) if isinstance(value, tuple | list) else value


def _wildcards(grants: Iterable[Grant]) -> dict[str, Any]:
    """Return metadata with the reasons for actions that are allowed on all resources."""
    reasons: dict[str, set[str]] = {}
    writes = False
    for grant in grants:
        if not grant.names_resources:
            reasons.setdefault(grant.because, set()).update(grant.actions)
            writes |= not grant.conditions and not all(map(_READING.match, grant.actions))
    if not reasons:
        return {}
    listed = [{"Actions": sorted(actions), "Because": reason} for reason, actions in sorted(reasons.items())]
    found: dict[str, Any] = suppressed(CKV_AWS_111="see WildcardResources for the reasons") if writes else {}
    return {**found, "WildcardResources": listed}


def _document(statements: Sequence[aws.Statement]) -> aws.PolicyDocument:
    return create(aws.PolicyDocument, Version="2012-10-17", Statement=list(statements))


def _trust(service_role: ServiceRole) -> aws.PolicyDocument:
    trusted = service_role.trusted
    if trusted is not None:
        principal = aws.AWSPrincipal(arn("iam", "root", region="", account=trusted.account))
        only = aws.Condition([aws.ArnLike("aws:PrincipalArn", trusted.arn)])
        return _document([_assumed_by(principal, Condition=only)])
    optional = {}
    if service_role.source_arn is not None:
        optional["Condition"] = aws.Condition(
            [
                aws.StringEquals("aws:SourceAccount", ACCOUNT),
                aws.ArnLike("aws:SourceArn", _plain_list(service_role.source_arn)),
            ]
        )
    return _document([_assumed_by(aws.Principal("Service", service_role.service), **optional)])


def _assumed_by(principal: aws.Principal, **optional: aws.Condition) -> aws.Statement:
    return create(aws.Statement, Effect=aws.Allow, Principal=principal, Action=[awacs.sts.AssumeRole], **optional)


def merged(grants: Iterable[Grant]) -> list[Grant]:
    """Merge grants without changing what they allow: first those with equal resources, then those with equal actions.
    The result is sorted by action."""
    by_resources = _grouped(grants, lambda grant: (_key(grant.resources), _key(grant.conditions)))
    by_actions = _grouped(map(_joined, by_resources), lambda grant: (_key(grant.actions), _key(grant.conditions)))
    return sorted(map(_joined, by_actions), key=lambda grant: (grant.actions, _key(grant.resources)))


def _grouped(grants: Iterable[Grant], key: Callable[[Grant], Any]) -> Iterable[list[Grant]]:
    groups: dict[Any, list[Grant]] = {}
    for grant in grants:
        groups.setdefault(key(grant), []).append(grant)
    return groups.values()


def _joined(group: Sequence[Grant]) -> Grant:
    if len(group) == 1 and list(group[0].actions) == sorted(group[0].actions):
        return group[0]
    actions = sorted({action for grant in group for action in grant.actions})
    resources = {_key(resource): resource for grant in group for resource in grant.resources}
    return Grant(actions=actions, resources=tuple(resources.values()), conditions=group[0].conditions)


def _key(part: Any) -> str:
    """Return a text that is equal for equal values; expressions are compared by what they render to."""
    if isinstance(part, str):
        return part
    if isinstance(part, (list, tuple)):
        return "|".join(map(_key, part))
    if isinstance(part, dict):
        return ";".join(f"{key}={_key(value)}" for key, value in part.items())
    [(function, argument)] = part.data.items()
    if isinstance(argument, str):  # the same as json.dumps, but faster
        return f'{{"{function}": "{argument}"}}'
    return json.dumps(part.to_dict())


def _policies(grants: Sequence[Grant]) -> Iterator[iam.Policy | If]:
    """Yield an inline policy, and one for each condition that removes all resources of a grant: a statement needs at
    least one."""
    parts: dict[tuple[str, int], list[Grant]] = {}
    for grant in grants:
        condition, index = _optional(grant.resources)
        if index:
            kept = [each.data["Fn::If"][index] for each in grant.resources]  # type: ignore[union-attr]
            grant = replace(grant, resources=kept)
        parts.setdefault((condition, index), []).append(grant)
    for (condition, index), found in parts.items():
        name = f"Permissions{'If' if index == 1 else 'Unless' if index else ''}{condition}"
        made = create(iam.Policy, PolicyName=name, PolicyDocument=_document(list(map(_statement, found))))
        yield made if not index else If(condition, *((made, _NO_VALUE) if index == 1 else (_NO_VALUE, made)))


_NO_VALUE = Ref("AWS::NoValue")


def _optional(resources: Sequence[Value]) -> tuple[str, int]:
    """Return the condition that removes all resources, and the index of the branch with the resources; otherwise ("",
    0)."""
    branches = [getattr(each, "data", {}).get("Fn::If", ("", None, None)) for each in resources]
    conditions = {str(name) for name, *_ in branches}
    for index in (1, 2):
        if len(conditions) == 1 and all(is_no_value(each[3 - index]) for each in branches):
            return conditions.pop(), index
    return "", 0


def _statement(grant: Grant) -> aws.Statement:
    optional = {"Condition": _condition(grant.conditions)} if grant.conditions else {}
    return create(
        aws.Statement,
        Effect=aws.Allow,
        Action=[aws.Action(*action.split(":", 1)) for action in grant.actions],
        Resource=list(map(without_variables, grant.resources)),
        **optional,
    )


def _condition(conditions: Mapping[str, Mapping[str, Value | Sequence[Value]]]) -> aws.Condition:
    return aws.Condition(
        [
            getattr(aws, operator.replace(":", ""))({key: _plain_list(value) for key, value in keys.items()})
            for operator, keys in conditions.items()
        ]
    )
