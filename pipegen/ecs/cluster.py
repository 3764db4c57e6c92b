"""The cluster of a service: an existing one, or one that the stack creates.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/clusters.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, fields
from typing import Annotated, Any, ClassVar, Literal

from troposphere import AWSObject, Ref, ecs

from pipegen.ecs import serialization
from pipegen.ecs.capacity import CapacityProviders, capacity_problems
from pipegen.errors import Problem, did_you_mean, quoted
from pipegen.facts import closest
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Length
from pipegen.fields.gaps import is_known
from pipegen.fields.marks import Mapped
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.model.suppressions import suppressed
from pipegen.references.kinds import CAPACITY_PROVIDER, CLUSTER
from pipegen.references.mark import Refers
from pipegen.values.create import create
from pipegen.values.expression import Expression
from pipegen.values.shape import shown
from pipegen.values.value import Value

LOGICAL_ID = "Cluster"

_FARGATE = ("FARGATE", "FARGATE_SPOT")


@frozen
class Cluster(Model):
    """An ECS cluster: an existing one by name, or one that the stack creates.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html"""

    aws_type: ClassVar[str] = "AWS::ECS::Cluster"

    name: Annotated[Value, Refers(CLUSTER), Property("ClusterName")]
    """The name of the cluster; plain text for one that the stack creates."""
    _: KW_ONLY
    create: bool = False
    """Whether the stack creates the cluster. The fields below are only for such a cluster."""
    container_insights: Annotated[Literal["enabled", "enhanced", "disabled"], Property("ClusterSettings.Value")] = (
        "enabled"
    )
    """Whether CloudWatch collects metrics of the tasks; `enhanced` also of every container. CloudWatch charges for
    them.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-container-insights.html"""
    capacity_providers: Annotated[
        Sequence[Value], Refers(CAPACITY_PROVIDER), Length(0, 20, "capacity providers"), Property("CapacityProviders")
    ] = ()
    """The capacity providers that tasks may use: FARGATE, FARGATE_SPOT, or the names of others.
    https://docs.aws.amazon.com/general/latest/gr/ecs-service.html (Capacity providers per cluster)"""
    default_strategy: Annotated[CapacityProviders, Property("DefaultCapacityProviderStrategy")] = ()
    """The capacity providers of services that set neither a launch type nor capacity providers. Each must be one of
    `capacity_providers`."""

    @staticmethod
    def of(reference: Value | Cluster) -> Cluster:
        """The cluster that a field refers to; a value is the name of an existing cluster."""
        return reference if isinstance(reference, Cluster) else Cluster(reference)

    @property
    def reference(self) -> Value:
        """The name, as resources of the stack refer to it, so that they wait for a cluster that the stack creates."""
        return Ref(LOGICAL_ID) if self.create else self.name

    def resources(self) -> Sequence[AWSObject]:
        if not self.create:
            return ()
        optional: dict[str, Any] = {}
        if self.capacity_providers:
            optional["CapacityProviders"] = list(self.capacity_providers)
        if self.default_strategy:
            optional["DefaultCapacityProviderStrategy"] = [
                create(ecs.CapacityProviderStrategyItem, **serialization.properties(each))
                for each in self.default_strategy
            ]
        if self.container_insights != "enabled":
            why = {
                "disabled": "the definition disables Container Insights",
                "enhanced": "enhanced includes all that enabled does",
            }
            optional["Metadata"] = suppressed(CKV_AWS_65=why[self.container_insights])
        settings = [create(ecs.ClusterSetting, Name="containerInsights", Value=self.container_insights)]
        return (create(ecs.Cluster, LOGICAL_ID, ClusterName=self.name, ClusterSettings=settings, **optional),)

    def problems(self) -> Iterator[Problem]:
        """Check the cluster. Paths start at the cluster."""
        if not self.create:
            yield from _existing_problems(self)
            return
        if not isinstance(self.name, str):
            text = "name must be plain text for a cluster that the stack creates, got an expression"
            yield Problem("cluster-create", ("name",), text, "write the name as plain text")
        for index, provider in enumerate(self.capacity_providers):
            yield from (problem.under("capacity_providers", index) for problem in provider_problems(provider))
        for problem in capacity_problems(self.default_strategy, "cluster-capacity"):
            yield problem.under("default_strategy")
        yield from _association_problems(self)


def _existing_problems(cluster: Cluster) -> Iterator[Problem]:
    for field in fields(Cluster)[2:]:
        if getattr(cluster, field.name) != field.default:
            text = f"{field.name} requires create: true"
            yield Problem("cluster-create", (field.name,), text, f"set create: true, or remove {field.name}")


def provider_problems(provider: Value) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCapacityProvider.html (name)"""
    if not is_known(provider):
        return
    if provider not in _FARGATE and provider.lower().startswith(("aws", "ecs", "fargate")):
        near = closest(provider, _FARGATE)
        text = f"unknown capacity provider {quoted(provider)}; names that start with aws, ecs or fargate are reserved"
        fix = did_you_mean(near) or "use FARGATE, FARGATE_SPOT, or the name of another"
        yield Problem("cluster-capacity", (), text, fix)


def _association_problems(cluster: Cluster) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html (capacityProviders)"""
    for index, each in enumerate(cluster.default_strategy):
        if each.provider not in cluster.capacity_providers:
            text = f"provider must be one of the capacity_providers of the cluster, got {shown(each.provider)}"
            path = ("default_strategy", index, "provider")
            yield Problem("cluster-capacity", path, text, "add it to capacity_providers")


ClusterReference = Annotated[str | Expression | Cluster, Mapped(Cluster, otherwise=Annotated[Value, Refers(CLUSTER)])]
"""The name of an existing cluster, or a `Cluster`."""
