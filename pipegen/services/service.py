"""An ECS service as a person describes it; a stack of its own is made of it.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pipegen.data import Data
from pipegen.deployments.appspec import CapacityProviders
from pipegen.deployments.strategy import Rolling
from pipegen.deployments.task_definition import TaskDefinition
from pipegen.grant import Grant
from pipegen.model import Model
from pipegen.repository import RepositoryReference
from pipegen.services.autoscaling import Autoscaling
from pipegen.services.balancing import Balancer
from pipegen.services.cluster import Cluster, ClusterReference
from pipegen.services.codedeploy import CodeDeploy, Deployment
from pipegen.services.connect import ServiceConnect
from pipegen.services.discovery import ServiceDiscovery
from pipegen.services.network import ServiceNetwork
from pipegen.services.placement import PlacementStrategy, ServicePlacementConstraint
from pipegen.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class EcsService(Model):
    """An ECS service with everything that is its own, as a stack `<definition>-<key>`.

    cluster: an existing one by name, or one that the stack creates. name: `<definition>-<key>` unless given.
    task_definition: its family is the service's name, its roles are created and its containers write to a log group of
        the service, unless it says otherwise. Containers without an image run what the pipeline deployed last.
    network: of tasks in the network mode awsvpc; also says the VPC of a load balancer.
    load_balancer: one of its own, or a rule on a listener that services share; none for a worker.
    deployment: rolling unless given; blue-green, canary or linear by ECS itself; or codedeploy.
    desired_count: of tasks; 1 unless given. Leave it out with autoscaling.
    launch_type: FARGATE where the task definition is for Fargate, else EC2. capacity_providers: instead of it, such as
        FARGATE_SPOT. platform_version: of Fargate; LATEST is AWS's default. scheduling: DAEMON runs one task on every
        instance. placement_strategies, placement_constraints: on instances, in this order.
    health_check_grace_seconds: how long the load balancer's verdict on a new task does not count.
    execute_command: let `aws ecs execute-command` in; the task role may then open the channels for it.
    availability_zone_rebalancing: AWS's default for new services, in its own words, is on. propagate_tags: whose tags
        tasks get.
    grants, managed_policies: what the containers may do: the task role's. execution_grants: beyond what the execution
        role gets by itself (these images, secrets, parameters, this log group), such as using a KMS key.
    repositories: ECR repositories that images come from which no build of the pipeline pushes.
    log_retention_days: how long CloudWatch keeps the containers' logs; 0 keeps them forever. The default is 30.
    first_images: by container, the image that runs before the first deployment. The default is a public sample by
        Google, pinned by digest, which answers every HTTP request with 200 on the port in the variable PORT. It must be
        given for a container with secrets, for a service with grants, managed policies or a task role of its own, and
        in AWS's regions in China.
    writer: who registers task definitions with new images: the pipeline, or CloudFormation by an action that deploys
        this very stack.
    overrides: logical id -> property patch, merged into the stack's template after everything else.
    """

    cluster: ClusterReference
    task_definition: TaskDefinition
    name: str | None = None
    network: ServiceNetwork | None = None
    load_balancer: Balancer | None = None
    deployment: Deployment = field(default_factory=Rolling)
    desired_count: int | None = None
    autoscaling: Autoscaling | None = None
    launch_type: Literal["FARGATE", "EC2", "EXTERNAL"] | None = None
    capacity_providers: CapacityProviders = ()
    platform_version: Value | None = None
    scheduling: Literal["REPLICA", "DAEMON"] = "REPLICA"
    placement_strategies: Sequence[PlacementStrategy] = ()
    placement_constraints: Sequence[ServicePlacementConstraint] = ()
    health_check_grace_seconds: int | None = None
    execute_command: bool = False
    service_connect: ServiceConnect | None = None
    service_discovery: ServiceDiscovery | None = None
    availability_zone_rebalancing: bool | None = None
    propagate_tags: Literal["SERVICE", "TASK_DEFINITION"] | None = "SERVICE"
    grants: Sequence[Grant] = ()
    managed_policies: Sequence[Value] = ()
    execution_grants: Sequence[Grant] = ()
    repositories: Sequence[RepositoryReference] = ()
    log_retention_days: int = 30
    first_images: Mapping[str, Value] = field(default_factory=dict)
    writer: Literal["pipeline", "cloudformation"] = "pipeline"
    overrides: Mapping[str, Mapping[str, Data]] = field(default_factory=dict)

    @property
    def cluster_name(self) -> Value:
        return Cluster.of(self.cluster).name

    @property
    def balanced(self) -> bool:
        return self.load_balancer is not None

    @property
    def through_codedeploy(self) -> bool:
        return isinstance(self.deployment, CodeDeploy)

    @property
    def way(self) -> Literal["rolling", "codedeploy", "shifting"]:
        """Who moves the traffic to new tasks: nobody, CodeDeploy or ECS."""
        if isinstance(self.deployment, CodeDeploy):
            return "codedeploy"
        return "rolling" if isinstance(self.deployment, Rolling) else "shifting"

    @property
    def fargate(self) -> bool:
        return self.launch_type == "FARGATE" if self.launch_type else self.task_definition.is_for_fargate

    @property
    def target(self) -> tuple[str, int] | None:
        """The container and the port that the load balancer sends traffic to, where that is clear."""
        if self.load_balancer is None:
            return None
        container, port = self.load_balancer.container, self.load_balancer.port
        found = [
            (each.name, number)
            for each in self.task_definition.containers
            for number in self.task_definition.ports_of(each.name)
            if container in (None, each.name) and port in (None, number)
        ]
        return found[0] if len(found) == 1 else None

    @property
    def makes_security_group(self) -> bool:
        """Whether its tasks get a security group that the stack makes."""
        mode = self.task_definition.network_mode
        return mode == "awsvpc" and self.network is not None and self.network.security_groups == ()
