"""ECS clusters, task definitions and services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.ecs.models import ecs_backends

from tests.support.moto_cloudformation.conversion import (
    EVERY_PROPERTY,
    Properties,
    api_shape,
    as_structure,
    underscored,
    without,
)
from tests.support.moto_cloudformation.resource import TemplateResource


class Cluster(TemplateResource, CloudFormationModel):
    """moto's own drops everything but the name."""

    kind = "AWS::ECS::Cluster"
    named_by = "ClusterName"

    def create(self) -> None:
        self.here(ecs_backends).create_cluster(self.name)

    def settle(self) -> None:
        given = without(self.properties, "ClusterName", "ClusterSettings")
        given["Settings"] = self.properties.get("ClusterSettings", [])
        asked = as_structure(given, api_shape("ecs", "CreateClusterRequest"), "")
        vars(self.here(ecs_backends).clusters[self.name]).update({"tags": []} | underscored(asked))

    def remove(self) -> None:
        self.here(ecs_backends).clusters.pop(self.name, None)

    def attributes(self) -> Mapping[str, Any]:
        return {"Arn": self.arn("ecs", f"cluster/{self.name}")}


class TaskDefinition(TemplateResource, CloudFormationModel):
    """moto's own drops the roles, the CPU and the network mode."""

    kind = "AWS::ECS::TaskDefinition"
    named_by = "Family"
    fixed = EVERY_PROPERTY
    versioned = True
    definition: Any

    def create(self) -> None:
        shape = api_shape("ecs", "RegisterTaskDefinitionRequest")
        asked = underscored(as_structure({"Family": self.name} | self.properties, shape, ""))
        fault_injection = asked.pop("enable_fault_injection", False)
        self.definition = self.here(ecs_backends).register_task_definition(**asked)
        self.definition.enable_fault_injection = fault_injection

    def remove(self) -> None:
        self.here(ecs_backends).deregister_task_definition(self.definition.arn)

    def reference(self) -> str:
        return str(self.definition.arn)

    def attributes(self) -> Mapping[str, Any]:
        return {"TaskDefinitionArn": self.definition.arn}


class Service(TemplateResource, CloudFormationModel):
    """moto's own knows the cluster, the task definition and the count alone."""

    kind = "AWS::ECS::Service"
    named_by = "ServiceName"
    fixed = ("Cluster", "Role", "SchedulingStrategy")
    service: Any

    def asked(self) -> Properties:
        given = without(self.properties, "ServiceName", "PlacementStrategies", "ForceNewDeployment")
        if "PlacementStrategies" in self.properties:
            given["PlacementStrategy"] = self.properties["PlacementStrategies"]
        return underscored(as_structure(given, api_shape("ecs", "CreateServiceRequest"), ""))

    def create(self) -> None:
        asked = self.asked()
        self.service = self.here(ecs_backends).create_service(
            asked.get("cluster", "default"),
            self.name,
            asked.get("desired_count", 1),
            asked.get("task_definition"),
            deployment_controller=asked.get("deployment_controller"),
            launch_type=asked.get("launch_type"),
        )

    def settle(self) -> None:
        # The attributes, because moto's update_service() and create_service() each know some of the fields only.
        asked = without(self.asked(), "cluster")
        asked["role_arn"] = asked.pop("role", None)
        vars(self.service).update({"tags": [], "desired_count": 1} | asked)
        for deployment in self.service.deployments:
            deployment["taskDefinition"] = self.service.task_definition
            deployment["desiredCount"] = self.service.desired_count

    def remove(self) -> None:
        self.here(ecs_backends).delete_service(self.service.cluster_name, self.name, force=True)

    def reference(self) -> str:
        return str(self.service.arn)

    def attributes(self) -> Mapping[str, Any]:
        return {"Name": self.name, "ServiceArn": self.service.arn}
