"""ECS clusters and task definitions."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.ecs.models import ecs_backends

from tests.moto_cloudformation.conversion import (
    EVERY_PROPERTY,
    api_shape,
    as_structure,
    refuse,
    underscored,
    without,
)
from tests.moto_cloudformation.resource import TemplateResource


class Cluster(TemplateResource, CloudFormationModel):
    """moto's own drops everything but the name."""

    kind = "AWS::ECS::Cluster"
    named_by = "ClusterName"

    def create(self) -> None:
        clusters = self.here(ecs_backends).clusters
        self.refuse_taken([name for name, cluster in clusters.items() if cluster.status == "ACTIVE"])
        self.here(ecs_backends).create_cluster(self.name)

    def settle(self) -> None:
        given = without(self.properties, "ClusterName", "ClusterSettings")
        given["Settings"] = self.properties.get("ClusterSettings", [])
        asked = underscored(as_structure(given, api_shape("ecs", "CreateClusterRequest"), ""))
        lists = ("capacity_providers", "default_capacity_provider_strategy", "tags")
        nothing = dict.fromkeys(("configuration", "service_connect_defaults")) | {name: [] for name in lists}
        backend = self.here(ecs_backends)
        check_providers(backend, asked.get("capacity_providers", []))
        check_strategy(asked.get("default_capacity_provider_strategy", []), asked.get("capacity_providers", []))
        vars(backend.clusters[self.name]).update(nothing | asked)

    def remove(self) -> None:
        backend = self.here(ecs_backends)
        if any(each.cluster_name == self.name and each.status == "ACTIVE" for each in backend.services.values()):
            refuse("The Cluster cannot be deleted while Services are active.")
        backend.clusters.pop(self.name, None)

    def attributes(self) -> Mapping[str, Any]:
        return {"Arn": self.arn("ecs", f"cluster/{self.name}")}


class CapacityProviderAssociations(TemplateResource, CloudFormationModel):
    """The capacity providers of a cluster that need not be of the same stack."""

    kind = "AWS::ECS::ClusterCapacityProviderAssociations"
    fixed = ("Cluster",)
    known = ("CapacityProviders", "Cluster", "DefaultCapacityProviderStrategy")

    def settle(self) -> None:
        shape = api_shape("ecs", "PutClusterCapacityProvidersRequest")
        asked = as_structure(self.properties, shape, "")
        providers, strategy = asked.get("capacityProviders", []), asked["defaultCapacityProviderStrategy"]
        backend = self.here(ecs_backends)
        check_providers(backend, providers)
        check_strategy(strategy, providers)
        backend.put_cluster_capacity_providers(asked["cluster"], providers, strategy)

    def remove(self) -> None:
        self.here(ecs_backends).put_cluster_capacity_providers(self.properties["Cluster"], [], [])

    def reference(self) -> str:
        return str(self.properties["Cluster"])


def check_providers(backend: Any, names: Iterable[str]) -> None:
    for name in names:
        if name not in ("FARGATE", "FARGATE_SPOT") and backend._get_provider(name) is None:
            refuse(
                f"The specified capacity provider '{name}' was not found. Specify a valid name or ARN and try again."
            )


def check_strategy(strategy: Iterable[Mapping[str, Any]], providers: Container[str]) -> None:
    """Of a strategy, a cluster has to have the providers.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
    """
    for item in strategy:
        if item["capacityProvider"] not in providers:
            refuse(f"The capacity provider {item['capacityProvider']} is not associated with the cluster")


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
        containers = asked.pop("container_definitions")
        # On instances moto wants a hard limit of memory; ECS is content with a reservation.
        limited = [{"memory": each.get("memoryReservation"), **each} for each in containers]
        self.definition = self.here(ecs_backends).register_task_definition(container_definitions=limited, **asked)
        for made, given in zip(self.definition.container_definitions, containers, strict=True):
            if "memory" not in given:
                made.pop("memory", None)
        self.definition.enable_fault_injection = fault_injection

    def remove(self) -> None:
        self.here(ecs_backends).deregister_task_definition(self.definition.arn)

    def reference(self) -> str:
        return str(self.definition.arn)

    def attributes(self) -> Mapping[str, Any]:
        return {"TaskDefinitionArn": self.definition.arn}
