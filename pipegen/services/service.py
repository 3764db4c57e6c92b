"""ECS services as definitions describe them. Each is compiled to its own stack.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Annotated, Any, ClassVar, Literal

from troposphere import Ref

from pipegen.codedeploy.service_deployment import CodeDeploy, Deployment
from pipegen.ecs.autoscaling import Autoscaling
from pipegen.ecs.capacity import CapacityProviders
from pipegen.ecs.cluster import Cluster, ClusterReference
from pipegen.ecs.connect import ServiceConnect
from pipegen.ecs.discovery import ServiceDiscovery
from pipegen.ecs.network import ServiceNetwork
from pipegen.ecs.placement import MOST_CONSTRAINTS, MOST_STRATEGIES, PlacementStrategy, ServicePlacementConstraint
from pipegen.ecs.strategy import Rolling
from pipegen.ecs.tasks.images import IMAGE
from pipegen.ecs.tasks.platform import PLATFORM_VERSION
from pipegen.ecs.tasks.task_definition import TaskDefinition
from pipegen.elb.alarms import Alarms
from pipegen.elb.balancing import Balancer, TrafficMode, target_group_ids
from pipegen.elb.dns import DnsRecord
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Between, Length
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.model.encryption import EncryptionKey
from pipegen.model.log_group import RetentionDays
from pipegen.model.repository import RepositoryReference
from pipegen.model.stack_contents import StackOutputs, StackResources, convert_contents
from pipegen.pipeline.action import DeployedService
from pipegen.references.arn_parts import ACCOUNT_ONLY
from pipegen.references.kinds import POLICY
from pipegen.references.mark import Refers
from pipegen.services.sections import Sections
from pipegen.syntax import names
from pipegen.values.data import Data
from pipegen.values.number import IntegerValue
from pipegen.values.value import Value


@frozen(kw_only=True)
class EcsService(DeployedService):
    """An ECS service with its task definition, network and scaling, in a stack named `<definition>-<key>`.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html"""

    aws_type: ClassVar[str] = "AWS::ECS::Service"

    cluster: Annotated[ClusterReference, Property("Cluster")]
    """The name of an existing cluster, or a cluster that the stack creates."""
    task_definition: Annotated[TaskDefinition, Property("TaskDefinition")]
    """The task definition. Default family: the service's name. The stack creates roles and a log group where the task
    definition does not set them. Containers without an image run the one that the pipeline deployed last."""
    environment: str | None = None
    """The environment of the definition that the stack is deployed to. Default: the pipeline's."""
    environments: Annotated[Mapping[str, Any] | Sequence[str], Sections] = field(default_factory=dict)
    """What differs from the rest of the service in an environment, by the name of the environment: keys and values as
    in YAML. The service is deployed to each of them: `web` becomes `web-staging` and `web-production`, which actions
    name. Mappings and lists of named items are merged; other values replace those of the service. A list of names:
    nothing differs."""
    name: Annotated[str, names.ECS, Property("ServiceName")] | None = None
    """The name of the service. Default: `<definition>-<key>`."""
    network: Annotated[ServiceNetwork, Property("NetworkConfiguration")] | None = None
    """The network of the tasks. Required in the network mode awsvpc, and for a load balancer, which uses the same
    VPC."""
    load_balancer: Annotated[Balancer, Property("LoadBalancers")] | None = None
    """A load balancer that the stack creates, or a rule on an existing listener. Default: none."""
    deployment: Annotated[Deployment, Property("DeploymentConfiguration")] = field(default_factory=Rolling)
    """How new tasks replace the old ones: rolling, blue-green, canary or linear by ECS, or codedeploy. Default:
    rolling."""
    desired_count: Annotated[IntegerValue, Between(0), Property("DesiredCount")] | None = None
    """The number of tasks. Default: 1. Not with autoscaling or for a daemon."""
    autoscaling: Autoscaling | None = None
    """Changes the number of tasks automatically. Default: none."""
    alarms: Alarms | None = None
    """Alarms for the load balancer's target groups that the stack creates. They stop deployments, in addition to the
    `alarms` of the deployment. Default: none."""
    dns: DnsRecord | None = None
    """A DNS name for the load balancer, in a hosted zone of Route 53. Default: none."""
    launch_type: Annotated[Literal["FARGATE", "EC2", "EXTERNAL"], Property("LaunchType")] | None = None
    """Where tasks run. Default: FARGATE if the task definition is compatible with it, otherwise EC2."""
    capacity_providers: Annotated[CapacityProviders, Property("CapacityProviderStrategy")] = ()
    """The capacity providers for the tasks, such as FARGATE_SPOT, instead of a launch type."""
    platform_version: Annotated[Value, PLATFORM_VERSION, Property("PlatformVersion")] | None = None
    """The platform version of Fargate. AWS's default is LATEST.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-fargate.html"""
    scheduling_strategy: Annotated[Literal["REPLICA", "DAEMON"], Property("SchedulingStrategy")] = "REPLICA"
    """REPLICA runs the desired number of tasks, DAEMON one task on every instance."""
    placement_strategies: Annotated[
        Sequence[PlacementStrategy], Length(0, MOST_STRATEGIES, "strategies"), Property("PlacementStrategies")
    ] = ()
    """How tasks are distributed over instances. Not on Fargate or for a daemon."""
    placement_constraints: Annotated[
        Sequence[ServicePlacementConstraint],
        Length(0, MOST_CONSTRAINTS, "constraints"),
        Property("PlacementConstraints"),
    ] = ()
    """Conditions that instances must meet to run a task. The constraints of the task definition count towards the limit
    too. Not on Fargate."""
    health_check_grace_seconds: (
        Annotated[IntegerValue, Between(0, 2**31 - 1), Property("HealthCheckGracePeriodSeconds")] | None
    ) = None
    """Seconds for which failed health checks of a new task are ignored."""
    execute_command: Annotated[bool, Property("EnableExecuteCommand")] = False
    """Whether `aws ecs execute-command` can run commands in the containers. The task role gets the permissions for it.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html"""
    service_connect: Annotated[ServiceConnect, Property("ServiceConnectConfiguration")] | None = None
    """Short names by which services reach each other. Default: none."""
    service_discovery: Annotated[ServiceDiscovery, Property("ServiceRegistries")] | None = None
    """A DNS name for the tasks. Default: none."""
    availability_zone_rebalancing: Annotated[bool, Property("AvailabilityZoneRebalancing")] | None = None
    """Whether ECS moves tasks to balance the Availability Zones. AWS's default for new services is true.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html"""
    propagate_tags: Annotated[Literal["SERVICE", "TASK_DEFINITION"], Property("PropagateTags")] | None = "SERVICE"
    """Whether tasks get the tags of the service or of the task definition; null for none."""
    grants: Sequence[Grant] = ()
    """Permissions of the task role, which the containers have."""
    managed_policies: Annotated[
        Sequence[Annotated[Value, Refers(POLICY, near=ACCOUNT_ONLY)]], Property("AWS::IAM::Role.ManagedPolicyArns")
    ] = ()
    """The ARNs of managed policies for the task role."""
    execution_grants: Sequence[Grant] = ()
    """Additional permissions of the execution role, such as the use of your own key. It may already pull the service's
    images, read its secrets and parameters, and write to its log group."""
    repositories: Sequence[RepositoryReference] = ()
    """Existing ECR repositories of images that no build of the pipeline pushes."""
    log_retention_days: RetentionDays = 30
    """Days for which CloudWatch keeps the containers' logs; 0 keeps them forever.
    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""
    encryption_key: Annotated[EncryptionKey, Property("AWS::Logs::LogGroup.KmsKeyId")] | None = None
    """The ARN of the KMS key that encrypts the containers' log, and the log and environment variables of checks.
    Default: the `encryption_key` of the definition."""
    first_images: Mapping[str, Annotated[Value, IMAGE]] = field(default_factory=dict)
    """The image that each container runs before the first deployment. Default: a public sample by Google, pinned by
    digest, which responds to every HTTP request with 200 on the port in the variable PORT. Required for a container
    with secrets, for a service with grants, managed policies or an existing task role, and in AWS's regions in China.
    """
    deployed_by: Literal["pipeline", "cloudformation"] = "pipeline"
    """How new images are deployed: by the pipeline, or by CloudFormation in a `cloudformation` action that updates the
    service's stack."""
    overrides: Mapping[str, Mapping[str, Data]] = field(default_factory=dict)
    """Properties by logical id that are merged into the finished template of the service."""
    stack_name: Annotated[str, names.STACK_NAME] | None = None
    """The name of the stack, with which the names of its exports begin. Default: `<definition>-<key>`."""
    resources: StackResources = field(default_factory=dict)
    """Resources that the stack contains too, by logical ID. Fields of the service can refer to them, and they to every
    resource of the stack."""
    outputs: StackOutputs = field(default_factory=dict)
    """Outputs that the stack has too, by name."""

    def __post_init__(self) -> None:
        convert_contents(self)
        self._freeze()

    @property
    def cluster_name(self) -> Value:
        return Cluster.of(self.cluster).name

    @property
    def balanced(self) -> bool:
        return self.load_balancer is not None

    @property
    def guarded_deployment(self) -> Deployment:
        """The deployment with the alarms that the stack creates."""
        if self.alarms is None or self.load_balancer is None:
            return self.deployment
        created = self.alarms.logical_ids(target_group_ids(self.traffic_mode))
        return replace(self.deployment, alarms=(*(self.deployment.alarms or ()), *map(Ref, created)))

    @property
    def through_codedeploy(self) -> bool:
        return isinstance(self.deployment, CodeDeploy)

    @property
    def traffic_mode(self) -> TrafficMode:
        """How new tasks get traffic: they replace the old ones, CodeDeploy shifts it, or ECS shifts it."""
        if isinstance(self.deployment, CodeDeploy):
            return "codedeploy"
        return "rolling" if isinstance(self.deployment, Rolling) else "shifting"

    @property
    def fargate(self) -> bool:
        return self.launch_type == "FARGATE" if self.launch_type else self.task_definition.is_for_fargate

    @property
    def target(self) -> tuple[str, int] | None:
        """The container and port that the load balancer sends traffic to; None if there is not exactly one."""
        if self.load_balancer is None:
            return None
        container, port = self.load_balancer.container, self.load_balancer.port
        candidates = [
            (each.name, number)
            for each in self.task_definition.containers
            for number in self.task_definition.ports_of(each.name)
            if container in (None, each.name) and port in (None, number)
        ]
        return candidates[0] if len(candidates) == 1 else None

    @property
    def creates_security_group(self) -> bool:
        """Whether the stack creates a security group for the tasks."""
        mode = self.task_definition.network_mode
        return mode == "awsvpc" and self.network is not None and self.network.security_groups == ()
