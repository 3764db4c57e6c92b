"""The outputs of a service's stack that other stacks can refer to.

A separate module, because comparing templates needs them and the model of services takes long to import.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipegen.stacks.exports import ATTRIBUTES

TASK_ROLE, EXECUTION_ROLE = "TaskRole", "ExecutionRole"
_EXPORTING: Mapping[str, Sequence[str]] = {
    "AWS::EC2::SecurityGroup": ("LoadBalancerSecurityGroup", "ServiceSecurityGroup"),
    "AWS::ECS::Cluster": ("Cluster",),
    "AWS::ECS::Service": ("Service",),
    "AWS::ElasticLoadBalancingV2::Listener": ("Listener", "HttpListener", "TestListener"),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("LoadBalancer",),
    "AWS::ElasticLoadBalancingV2::TargetGroup": ("TargetGroup", "AlternateTargetGroup"),
    "AWS::IAM::Role": (TASK_ROLE, EXECUTION_ROLE),
    "AWS::Logs::LogGroup": ("LogGroup",),
}
"""The resources of a service's stack that other stacks can refer to: logical IDs by type."""
EXPORTED: Mapping[str, str] = {
    f"{logical_id}{ending}": f"{kind}.{attribute}" if attribute else kind
    for kind, logical_ids in _EXPORTING.items()
    for logical_id in logical_ids
    for ending, attribute in ATTRIBUTES[kind].items()
}
"""The exported outputs of a service's stack, each with the resource type and the attribute that it refers to."""
TYPES: Mapping[str, str] = {logical_id: kind for kind, logical_ids in _EXPORTING.items() for logical_id in logical_ids}
"""The types of these resources by logical ID."""
IMPORTED = (f"{TASK_ROLE}Arn", f"{EXECUTION_ROLE}Arn")
"""Those that the stack of the pipeline imports."""
