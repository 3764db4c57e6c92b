"""Traffic shifts by ECS: the target groups, the listener rules, and the role that ECS uses.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb-resources-for-blue-green.html"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant, ServiceRole
from pipegen.values.create import create
from pipegen.values.value import Value

if TYPE_CHECKING:
    from troposphere import ecs

_DESCRIBING = (
    "the action does not support resources; "
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html"
)
"""The permissions are those of AmazonECSInfrastructureRolePolicyForLoadBalancers, restricted to these resources.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AmazonECSInfrastructureRolePolicyForLoadBalancers.html"""


@frozen(kw_only=True)
class TrafficShift(Model):
    """The ARNs of the resources with which ECS shifts traffic.

    target_group: of the running tasks. alternate_target_group: of the new tasks; the two swap roles with every
        deployment. production_rule, test_rule: the listener rule of an Application Load Balancer, or the listener of a
        Network Load Balancer. Test traffic reaches the new tasks before production traffic does.
    """

    target_group: Value
    alternate_target_group: Value
    production_rule: Value
    test_rule: Value | None = None

    def configuration(self, role_arn: Value) -> ecs.AdvancedConfiguration:
        """The property of a load balancer of the ECS service."""
        from troposphere import ecs

        optional: dict[str, Any] = {} if self.test_rule is None else {"TestListenerRule": self.test_rule}
        return create(
            ecs.AdvancedConfiguration,
            AlternateTargetGroupArn=self.alternate_target_group,
            ProductionListenerRule=self.production_rule,
            RoleArn=role_arn,
            **optional,
        )

    def role(self, logical_id: str) -> ServiceRole:
        """The ECS infrastructure role. Its trust policy has no condition, because AWS documents none."""
        return ServiceRole(logical_id=logical_id, service="ecs.amazonaws.com", grants=[*self._grants()])

    def _grants(self) -> Iterator[Grant]:
        describing = ("DescribeListeners", "DescribeRules", "DescribeTargetGroups", "DescribeTargetHealth")
        yield Grant(
            actions=[f"elasticloadbalancing:{action}" for action in describing], resources=("*",), because=_DESCRIBING
        )
        targets = ("elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets")
        yield Grant(
            actions=targets,
            resources=(self.target_group, self.alternate_target_group),
            because="registers and deregisters tasks in the target groups",
        )
        shifted = [self.production_rule, *([self.test_rule] if self.test_rule is not None else [])]
        modifying = ("elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyRule")
        yield Grant(actions=modifying, resources=shifted, because="shifts the traffic")
