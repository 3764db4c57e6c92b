"""Find resources of running services that CloudFormation would replace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipegen.definition import Definition
from pipegen.errors import Problem
from pipegen.graph.outline import outline
from pipegen.stacks.stack import Document, mapping

REPLACED_BY: Mapping[str, tuple[str, ...]] = {
    "AWS::ECS::Cluster": ("ClusterName",),
    "AWS::ECS::Service": ("Cluster", "LaunchType", "SchedulingStrategy", "ServiceName"),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("Name", "Scheme", "Type"),
    "AWS::ElasticLoadBalancingV2::TargetGroup": (
        "Name",
        "Port",
        "Protocol",
        "ProtocolVersion",
        "TargetType",
        "VpcId",
    ),
    "AWS::ServiceDiscovery::Service": ("Name", "NamespaceId", "Type"),
}
"""Properties whose change replaces the service, or a resource between its clients and its tasks.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-targetgroup.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-service.html"""

_FIX = "add a new service under another key, and remove the old one when traffic has moved"


def replacement_problems(
    before: Mapping[str, Document], after: Mapping[str, Document], definition: Definition
) -> Iterator[Problem]:
    """Find replacements in the stacks of services that both definitions have.

    In one step, a new and empty target group, load balancer or service would be used while the old one serves. before,
    after: templates by stack.
    """
    for named in outline(definition).services:
        old, new = before.get(named.stack_name), after.get(named.stack_name)
        found = [] if old is None or new is None else [*_replaced(old, new)]
        if found:
            changes = " and ".join(f"{' and '.join(names)} of {logical_id}" for logical_id, names in found)
            text = f"{changes} would change, which replaces resources of a running service"
            yield Problem("migration", ("services", named.key), text, _FIX)


def _replaced(old: Document, new: Document) -> Iterator[tuple[str, list[str]]]:
    were, are = mapping(old.get("Resources")), mapping(new.get("Resources"))
    for logical_id, resource in were.items():
        kind = str(mapping(resource).get("Type"))
        successor = mapping(are.get(logical_id))
        if kind in REPLACED_BY and successor.get("Type") == kind:
            earlier, later = mapping(mapping(resource).get("Properties")), mapping(successor.get("Properties"))
            if changed := [name for name in REPLACED_BY[kind] if _changed(name, earlier, later)]:
                yield logical_id, changed


def _changed(name: str, earlier: Mapping[str, Any], later: Mapping[str, Any]) -> bool:
    """A service can change between a launch type and capacity providers without being replaced."""
    if name == "LaunchType" and None in (earlier.get(name), later.get(name)):
        return False
    return earlier.get(name) != later.get(name)
