"""Application Auto Scaling: targets with their schedules, and policies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.applicationautoscaling.models import FakeApplicationAutoscalingPolicy, applicationautoscaling_backends
from moto.core.common_models import CloudFormationModel

from tests.moto_cloudformation.conversion import Properties, api_shape, as_api, as_structure, refuse, without
from tests.moto_cloudformation.resource import TemplateResource

# https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html
ECS_ROLE = (
    "arn:aws:iam::{account}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com"
    "/AWSServiceRoleForApplicationAutoScaling_ECSService"
)


class ScalableTarget(TemplateResource, CloudFormationModel):
    kind = "AWS::ApplicationAutoScaling::ScalableTarget"
    fixed = ("ResourceId", "ScalableDimension", "ServiceNamespace")

    def place(self) -> tuple[str, str, str]:
        return self.properties["ServiceNamespace"], self.properties["ResourceId"], self.properties["ScalableDimension"]

    def settle(self) -> None:
        given = without(self.properties, "ScheduledActions", "Tags")
        asked = as_structure(given, api_shape("application-autoscaling", "RegisterScalableTargetRequest"), "")
        lowest, highest = asked["MinCapacity"], asked["MaxCapacity"]
        if lowest > highest:
            refuse("Maximum capacity cannot be less than minimum capacity")
        role = asked.get("RoleARN", ECS_ROLE.format(account=self.account_id))
        namespace, resource, dimension = self.place()
        backend = self.here(applicationautoscaling_backends)
        suspended = ("DynamicScalingIn", "DynamicScalingOut", "ScheduledScaling")
        state = {f"{what}Suspended": False for what in suspended} | asked.get("SuspendedState", {})
        target = backend.register_scalable_target(namespace, resource, dimension, lowest, highest, role, state)
        target.role_arn = role
        self.unschedule()
        for action in self.properties.get("ScheduledActions", []):
            self.schedule(action)

    def schedule(self, action: Mapping[str, Any]) -> None:
        shape = api_shape("application-autoscaling", "PutScheduledActionRequest")
        asked = as_structure(action, shape, "/ScheduledActions")
        namespace, resource, dimension = self.place()
        self.here(applicationautoscaling_backends).put_scheduled_action(
            namespace,
            asked["Schedule"],
            asked.get("Timezone"),
            asked["ScheduledActionName"],
            resource,
            dimension,
            asked.get("StartTime"),
            asked.get("EndTime"),
            asked.get("ScalableTargetAction"),
        )

    def unschedule(self) -> None:
        backend, (namespace, resource, dimension) = self.here(applicationautoscaling_backends), self.place()
        for action in backend.describe_scheduled_actions([], namespace, resource, dimension):
            backend.delete_scheduled_action(namespace, action.scheduled_action_name, resource, dimension)

    def remove(self) -> None:
        self.unschedule()
        self.here(applicationautoscaling_backends).deregister_scalable_target(*self.place())

    def reference(self) -> str:
        namespace, resource, dimension = self.place()
        return f"{resource}|{dimension}|{namespace}"

    def attributes(self) -> Mapping[str, Any]:
        return {"Id": self.reference()}


class ScalingPolicy(TemplateResource, CloudFormationModel):
    kind = "AWS::ApplicationAutoScaling::ScalingPolicy"
    named_by = "PolicyName"
    fixed = ("ResourceId", "ScalableDimension", "ScalingTargetId", "ServiceNamespace")
    versioned = True
    policy: Any = None

    def place(self) -> tuple[str, str, str]:
        names = ("ServiceNamespace", "ResourceId", "ScalableDimension")
        if "ScalingTargetId" not in self.properties:
            return tuple(self.properties[name] for name in names)
        resource, dimension, namespace = self.properties["ScalingTargetId"].split("|")
        return namespace, resource, dimension

    def configuration(self) -> Properties:
        kind = self.properties["PolicyType"]
        name = f"{kind}PolicyConfiguration"
        if name not in self.properties:
            refuse(f"{name} is required by a policy of the type {kind}")
        shape = api_shape("application-autoscaling", "PutScalingPolicyRequest")
        configuration: Properties = as_api(self.properties[name], shape.members[name], name)
        return configuration

    def settle(self) -> None:
        as_structure(
            without(self.properties, "ScalingTargetId"),
            api_shape("application-autoscaling", "PutScalingPolicyRequest"),
            "",
        )
        backend, (namespace, resource, dimension) = self.here(applicationautoscaling_backends), self.place()
        if not backend.describe_scalable_targets(namespace, [resource], dimension):
            refuse(f"No scalable target registered for service namespace: {namespace}, resource ID: {resource}")
        before = self.policy
        if before is not None:
            before.delete_alarms(self.account_id, self.region_name)
        kind = self.properties["PolicyType"]
        self.policy = backend.put_scaling_policy(self.name, namespace, resource, dimension, self.configuration(), kind)
        if before is not None:
            self.policy.policy_arn = before.policy_arn  # moto makes another policy

    def remove(self) -> None:
        backend, (namespace, resource, dimension) = self.here(applicationautoscaling_backends), self.place()
        key = FakeApplicationAutoscalingPolicy.formulate_key(namespace, resource, dimension, self.name)
        if key in backend.policies:  # A target takes its policies with it.
            backend.delete_scaling_policy(self.name, namespace, resource, dimension)

    def reference(self) -> str:
        return str(self.policy.policy_arn)

    def attributes(self) -> Mapping[str, Any]:
        return {"Arn": self.policy.policy_arn}
