"""ECS services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from moto.core.common_models import CloudFormationModel
from moto.core.utils import utcnow
from moto.ecs.models import EC2ContainerServiceBackend, ecs_backends
from moto.elbv2.models import elbv2_backends

from tests.moto_cloudformation.conversion import (
    Properties,
    api_shape,
    as_structure,
    refuse,
    replace,
    underscored,
    without,
)
from tests.moto_cloudformation.resource import TemplateResource, require_trust
from tests.moto_cloudformation.resources.containers import check_strategy

# What UpdateService takes for a service that CodeDeploy deploys, and the tags, which are not its business.
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
CODE_DEPLOY_CHANGES = (
    "DeploymentConfiguration",
    "DeploymentController",
    "DesiredCount",
    "EnableECSManagedTags",
    "HealthCheckGracePeriodSeconds",
    "PlacementConstraints",
    "PlacementStrategies",
    "PropagateTags",
    "Tags",
)

# What a service keeps where an update leaves it out; an empty value takes it away.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-service.html
KEPT_WHERE_ABSENT = (
    "enable_execute_command",
    "load_balancers",
    "placement_constraints",
    "placement_strategy",
    "service_connect_configuration",
    "service_registries",
    "volume_configurations",
)

# What a deployment shows of its service.
DEPLOYED = (
    "capacityProviderStrategy",
    "launchType",
    "networkConfiguration",
    "platformVersion",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
)


class Service(TemplateResource, CloudFormationModel):
    """moto's own knows the cluster, the task definition and the count alone."""

    kind = "AWS::ECS::Service"
    named_by = "ServiceName"
    fixed = ("Cluster", "Role", "SchedulingStrategy")
    service: Any

    @classmethod
    def needs_replacing(cls, before: Properties, after: Properties) -> bool:
        launched = before.get("LaunchType"), after.get("LaunchType")
        # From a launch type to capacity providers and back, a service may change as it is.
        moved = None not in launched and launched[0] != launched[1]
        return moved or super().needs_replacing(before, after)

    def asked(self) -> Properties:
        """As CreateService has it, with the defaults that its documentation gives."""
        given = without(self.properties, "ServiceName", "PlacementStrategies", "ForceNewDeployment")
        if "PlacementStrategies" in self.properties:
            given["PlacementStrategy"] = self.properties["PlacementStrategies"]
        asked = as_structure(given, api_shape("ecs", "CreateServiceRequest"), "")
        defaults = {"deploymentController": {"type": "ECS"}, "schedulingStrategy": "REPLICA", "propagateTags": "NONE"}
        cluster = self.here(ecs_backends)._get_cluster(asked.get("cluster", "default"))
        strategy = cluster.default_capacity_provider_strategy
        if "launchType" not in asked and "capacityProviderStrategy" not in asked:
            defaults |= {"capacityProviderStrategy": strategy} if strategy else {"launchType": "EC2"}
        return defaults | asked

    def create(self) -> None:
        backend, asked = self.here(ecs_backends), self.asked()
        cluster = backend._get_cluster(asked.get("cluster", "default"))
        previous = backend.services.get(f"{cluster.name}:{self.name}")
        self.refuse_taken([self.name] if previous is not None and previous.status == "ACTIVE" else [])
        self.service = backend.create_service(
            cluster.name, self.name, 0, deployment_controller=asked["deploymentController"]
        )
        self.service.desired_count = 1

    def settle(self) -> None:
        asked, service = self.asked(), self.service
        self.check(asked)
        network = asked.get("networkConfiguration")
        if network is not None:
            aws_vpc = {"securityGroups": []} | network["awsvpcConfiguration"]
            service._validate_network({"awsvpcConfiguration": aws_vpc})
        if "taskDefinition" in asked:
            asked["taskDefinition"] = self.newest(asked["taskDefinition"]).arn
        lists = ("load_balancers", "placement_constraints", "placement_strategy", "service_registries", "tags")
        members = api_shape("ecs", "CreateServiceRequest").members
        nothing = underscored(dict.fromkeys(members)) | {name: [] for name in lists}
        nothing |= {name: vars(service)[name] for name in KEPT_WHERE_ABSENT if vars(service).get(name)}
        apart = ("cluster", "service_name", "client_token", "desired_count", "role", "launch_type")
        # The attributes, because moto's update_service() and create_service() each know some of the fields only.
        vars(service).update(without(nothing | underscored(asked), *apart))
        service.role_arn, service.launch_type = asked.get("role"), asked.get("launchType")
        self.run(asked.get("desiredCount", service.desired_count))
        self.deploy(asked)

    def run(self, count: int) -> None:
        """Start and stop tasks at once; a stack waits for it too."""
        backend, service = self.here(ecs_backends), self.service
        cluster = backend._get_cluster(service.cluster_name)
        backend.update_cluster_resources(cluster, count - service.running_count)
        service.desired_count = service.running_count = count
        service.pending_count = 0

    def deploy(self, asked: Properties) -> None:
        """Tell the same of the deployment; one of another controller than ECS has task sets instead."""
        service = self.service
        first = {"id": f"ecs-svc/{uuid4().int}", "status": "PRIMARY", "createdAt": utcnow(), "updatedAt": utcnow()}
        ecs = service.deployment_controller["type"] == "ECS"
        service.deployments = (service.deployments or [first]) if ecs else []
        counts = {"desiredCount": service.desired_count, "runningCount": service.running_count, "pendingCount": 0}
        about = {"taskDefinition": service.task_definition, "rolloutState": "COMPLETED"}
        for deployment in service.deployments:
            about["rolloutStateReason"] = f"ECS deployment {deployment['id']} completed."
            deployment |= counts | about | {name: asked.get(name) for name in DEPLOYED}

    def check_change(self, properties: Properties) -> None:
        controller = (self.properties.get("DeploymentController") or {}).get("Type")
        if controller != "CODE_DEPLOY" or properties.get("DeploymentController") != {"Type": "CODE_DEPLOY"}:
            return
        names = sorted(self.properties.keys() | properties.keys())
        changed = [name for name in names if self.properties.get(name) != properties.get(name)]
        refused = [name for name in changed if name not in CODE_DEPLOY_CHANGES]
        if refused:
            # https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1529
            what = "task definition" if "TaskDefinition" in refused else refused[0]
            refuse(
                f"Unable to update {what} on services with a CODE_DEPLOY deployment controller. "
                "Use AWS CodeDeploy to trigger a new deployment."
            )

    def change(self, properties: Properties) -> None:
        """Keep what CodeDeploy has deployed since: UpdateService has no say in it."""
        kept = ("task_definition", "load_balancers", "network_configuration", "platform_version")
        live = {name: vars(self.service)[name] for name in kept}
        super().change(properties)
        if self.service.deployment_controller["type"] == "CODE_DEPLOY":
            vars(self.service).update(live)

    def newest(self, name: str) -> Any:
        """A task definition, of a family alone its newest active revision."""
        backend = self.here(ecs_backends)
        family, _, revision = name.split("/")[-1].partition(":")
        active = [each for each in backend.task_definitions.get(family, {}).values() if each.status == "ACTIVE"]
        if not active or (revision and int(revision) not in [each.revision for each in active]):
            refuse(f"TaskDefinition not found: {name}")
        return backend.describe_task_definition(f"{family}:{revision}") if revision else active[-1]

    def check(self, asked: Properties) -> None:
        """Refuse what CreateService and UpdateService do."""
        if "launchType" in asked and "capacityProviderStrategy" in asked:
            refuse("Specifying both a launch type and capacity provider strategy is not supported.")
        cluster = self.here(ecs_backends)._get_cluster(asked.get("cluster", "default"))
        check_strategy(asked.get("capacityProviderStrategy", []), cluster.capacity_providers or [])
        if "healthCheckGracePeriodSeconds" in asked and not asked.get("loadBalancers"):
            # https://github.com/hashicorp/terraform-provider-aws/issues/31104
            refuse("Health check grace period is only valid for services configured to use load balancers")
        for balancer in asked.get("loadBalancers", []):
            self.check_balancer(balancer)
            self.check_port(balancer, asked)

    def check_balancer(self, balancer: Mapping[str, Any]) -> None:
        backend = self.here(elbv2_backends)
        advanced = balancer.get("advancedConfiguration", {})
        groups = [each for each in (balancer.get("targetGroupArn"), advanced.get("alternateTargetGroupArn")) if each]
        for arn in groups:
            backend.describe_target_groups(None, [arn], None)
        if groups and not backend.target_groups[groups[0]].load_balancer_arns:
            # https://github.com/aws/aws-cdk/issues/1160
            refuse(f"The target group with targetGroupArn {groups[0]} does not have an associated load balancer.")
        for rule in (advanced.get("productionListenerRule"), advanced.get("testListenerRule")):
            if rule is not None and ":listener-rule/" in rule:
                backend.describe_rules(None, [rule])
            elif rule is not None:
                backend.describe_listeners(None, [rule])
        if "roleArn" in advanced:
            require_trust(advanced["roleArn"], "ecs.amazonaws.com", self.account_id)

    def check_port(self, balancer: Mapping[str, Any], asked: Properties) -> None:
        if "taskDefinition" not in asked:
            return
        name, port = balancer["containerName"], balancer["containerPort"]
        containers = self.newest(asked["taskDefinition"]).container_definitions
        ports = {each["name"]: [one["containerPort"] for one in each.get("portMappings", [])] for each in containers}
        if name not in ports:
            # https://github.com/aws/amazon-ecs-agent/issues/1276
            refuse(f"The container {name} does not exist in the task definition.")
        if port not in ports[name]:
            # https://github.com/pulumi/pulumi-awsx/issues/1172
            refuse(f"The container {name} did not have a container port {port} defined.")

    def remove(self) -> None:
        self.here(ecs_backends).delete_service(self.service.cluster_name, self.name, force=True)
        self.service.desired_count = self.service.running_count = 0

    def reference(self) -> str:
        return str(self.service.arn)

    def attributes(self) -> Mapping[str, Any]:
        return {"Name": self.name, "ServiceArn": self.service.arn}


def update_service(backend: Any, properties: Properties) -> Any:
    """Resolve a task definition and tell the deployment of it; moto keeps what was typed."""
    named = properties.get("task_definition")
    if named:
        properties["task_definition"] = backend.describe_task_definition(named).arn
    service = original_update_service(backend, properties)
    for deployment in service.deployments:
        counts = {"desiredCount": service.desired_count, "runningCount": service.running_count}
        deployment |= {"taskDefinition": service.task_definition} | counts
    return service


original_update_service = replace(EC2ContainerServiceBackend, "update_service", update_service)
