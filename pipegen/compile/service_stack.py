"""The resources, parameters and outputs of a service's stack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from troposphere import AWSObject, GetAtt, Output, Parameter, Ref, ecs

from pipegen.codedeploy.service_deployment import CodeDeploy
from pipegen.compile.service_roles import passed_roles, task_roles
from pipegen.ecs.cluster import Cluster
from pipegen.ecs.lifecycle import BoundHooks, bind_hooks
from pipegen.ecs.network import ServiceNetwork
from pipegen.ecs.placement import placement_properties
from pipegen.ecs.serialization import properties
from pipegen.ecs.traffic import TrafficShift
from pipegen.elb.balancing import Balancing, Traffic, bind_own, bind_shared
from pipegen.elb.listener import SharedListener
from pipegen.elb.load_balancer import LOAD_BALANCER, LoadBalancer
from pipegen.frozen import frozen
from pipegen.iam.grant import ServiceRole
from pipegen.model.encryption import encrypt
from pipegen.model.log_group import log_group
from pipegen.model.retention import KEPT
from pipegen.services.exports import EXPORTED
from pipegen.services.images import parameters
from pipegen.services.named_service import NamedService
from pipegen.services.service import EcsService
from pipegen.services.tasks import task_definition, writes_log
from pipegen.stacks.exports import exported, outputs_of
from pipegen.stacks.immutable import CODEDEPLOY_CONTROLLED, ImmutableProperties, moved_traffic, replaced
from pipegen.values.create import create, create_from
from pipegen.values.value import Value, concat

_SERVICE, _TASK_DEFINITION, _SECURITY_GROUP = "Service", "TaskDefinition", "ServiceSecurityGroup"
_INFRASTRUCTURE_ROLE, _LOG_GROUP = "InfrastructureRole", "LogGroup"


@frozen(kw_only=True)
class BoundService:
    """A service as parts of a stack. immutable: the immutable properties of logical ids."""

    resources: Sequence[AWSObject | ServiceRole]
    parameters: Sequence[Parameter]
    outputs: Mapping[str, Output]
    immutable: Mapping[str, ImmutableProperties] = field(default_factory=dict)


@frozen
class _Parts:
    """The parts of a service that its ECS service refers to."""

    traffic: Traffic | None
    hooks: BoundHooks
    shift: TrafficShift | None
    encryption_key: Value | None


def bind_service(named: NamedService, encryption_key: Value | None = None) -> BoundService:
    """Return a service as parts of a stack. encryption_key: the default key of the definition."""
    own = named.service.encryption_key
    parts = _parts(named, encryption_key if own is None else own)
    resources = [*_resources(named, parts)]
    return BoundService(
        resources=resources,
        parameters=[*parameters(named)],
        outputs=dict(_outputs(named, parts.traffic, resources)),
        immutable=dict(_immutable(named, parts.traffic)),
    )


def _parts(named: NamedService, encryption_key: Value | None) -> _Parts:
    service, traffic = named.service, None
    if service.load_balancer is not None and service.target is not None and service.network is not None:
        balancing = Balancing(
            subject=named.name,
            vpc=service.network.vpc_id,
            subnets=service.network.subnets,
            port=service.target[1],
            target_type="ip" if service.task_definition.network_mode == "awsvpc" else "instance",
            mode=service.traffic_mode,
        )
        balancer = service.load_balancer
        if isinstance(balancer, SharedListener):
            traffic = bind_shared(balancer, balancing)
        else:
            traffic = bind_own(balancer, balancing)
    hooks = () if isinstance(service.deployment, CodeDeploy) else service.deployment.hooks
    shift = _shift(traffic) if service.traffic_mode == "shifting" else None
    bound = bind_hooks(hooks, named.name, named.cluster_name, encryption_key)
    return _Parts(traffic, bound, shift, encryption_key)


def _shift(traffic: Traffic | None) -> TrafficShift | None:
    if traffic is None or traffic.production_rule is None:
        return None
    first, second = traffic.target_groups
    return TrafficShift(
        target_group=Ref(first),
        alternate_target_group=Ref(second),
        production_rule=traffic.production_rule,
        test_rule=traffic.test_rule,
    )


def _resources(named: NamedService, parts: _Parts) -> Iterator[AWSObject | ServiceRole]:
    """Yield the resources in the order that is easiest to read."""
    service = named.service
    yield from Cluster.of(service.cluster).resources()
    yield from parts.traffic.resources if parts.traffic else ()
    if writes_log(named):
        why = "CloudWatch Logs encrypts with its own key; a customer managed key is not required"
        group = log_group(_LOG_GROUP, named.log_group_name, service.log_retention_days, why)
        yield encrypt(group, parts.encryption_key)
    yield from task_roles(named)
    yield _task_definition(named)
    if (security_group := _security_group(named, parts.traffic)) is not None:
        yield security_group
    if parts.shift is not None:
        yield parts.shift.role(_INFRASTRUCTURE_ROLE)
    yield from _hook_resources(parts.hooks)
    if service.service_discovery is not None:
        yield from service.service_discovery.resources(named.name)
    if parts.traffic is not None and service.alarms is not None:
        traffic = parts.traffic
        yield from service.alarms.resources(named.name, traffic.balancer_name, traffic.target_groups)
    if service.load_balancer is not None and service.dns is not None:
        yield from service.dns.resources(service.load_balancer)
    yield _service(named, parts)
    if service.autoscaling is not None:
        label = parts.traffic.request_label if parts.traffic else None
        yield from service.autoscaling.resources(_cluster(named), GetAtt(_SERVICE, "Name"), label)
    if isinstance(service.guarded_deployment, CodeDeploy):
        yield from _codedeploy(named, service.guarded_deployment, parts)


def _hook_resources(hooks: BoundHooks) -> Iterator[AWSObject | ServiceRole]:
    for function in hooks.functions:
        yield from function.resources
        yield function.role
    if hooks.role is not None:
        yield hooks.role


def _task_definition(named: NamedService) -> ecs.TaskDefinition:
    """Return the task definition. Older revisions are retained, since a service can be rolled back to them."""
    images: dict[str, Value] = {each: Ref(named.image_parameter(each)) for each in named.containers}
    task, execution = passed_roles(named)
    completed = task_definition(named, task, execution, Ref(_LOG_GROUP) if writes_log(named) else None)
    resource = create_from(ecs.TaskDefinition, _TASK_DEFINITION, completed.properties(images))
    resource.resource.update(KEPT)
    if "RuntimePlatform" in resource.properties:  # troposphere requires both fields, and knows only some values
        resource.properties["RuntimePlatform"].no_validation()
    return resource


def _security_group(named: NamedService, traffic: Traffic | None) -> AWSObject | None:
    network, target = named.service.network, named.service.target
    if network is None or not named.service.creates_security_group:
        return None
    ingress: list[tuple[int, Value, str]] = []
    if traffic is not None and traffic.security_group is not None and target is not None:
        ingress += [(port, traffic.security_group, "From the load balancer") for port in _balancer_ports(named.service)]
    containers = named.service.task_definition.containers
    ports = [port for each in containers for port in named.service.task_definition.ports_of(each.name)]
    ingress += [(port, client, "From a client") for client in network.client_security_groups for port in ports]
    return network.security_group(_SECURITY_GROUP, named.name, ingress)


def _balancer_ports(service: EcsService) -> list[int]:
    """Return the ports that the load balancer connects to, for requests and for health checks."""
    ports = [] if service.target is None else [service.target[1]]
    if service.load_balancer is not None and service.load_balancer.target_group.health_check.port is not None:
        ports.append(service.load_balancer.target_group.health_check.port)
    return sorted(set(ports))


def _cluster(named: NamedService) -> Value:
    return Cluster.of(named.service.cluster).reference


def _service(named: NamedService, parts: _Parts) -> ecs.Service:
    service, task = named.service, named.service.task_definition
    optional: dict[str, Any] = {
        "ServiceName": named.name,
        "Cluster": _cluster(named),
        **_deployment(named, parts),
        **_capacity(named),
        "NetworkConfiguration": _network(named, service.network),
        **_load_balancers(named, parts),
        "HealthCheckGracePeriodSeconds": service.health_check_grace_seconds,
        "ServiceConnectConfiguration": service.service_connect and service.service_connect.configuration(task),
        **placement_properties(service.placement_strategies, service.placement_constraints),
        "EnableExecuteCommand": service.execute_command or None,
        "EnableECSManagedTags": True,
        "PropagateTags": service.propagate_tags,
    }
    if service.service_discovery is not None:
        optional["ServiceRegistries"] = [service.service_discovery.registry()]
    depends = [*(parts.traffic.before_service if parts.traffic else ())]
    depends += [_TASK_DEFINITION] if service.through_codedeploy else []
    properties: dict[str, Any] = {name: value for name, value in optional.items() if value is not None}
    properties |= {name: value for name, value in _removed(service).items() if name not in properties}
    resource = create(ecs.Service, _SERVICE, **properties)
    if depends:
        resource.DependsOn = depends
    return resource


def _removed(service: EcsService) -> dict[str, Any]:
    """Return the values that remove properties from a running service: ECS keeps a property that is absent. Services
    with CodeDeploy accept few of these, and an empty value is dropped where its property is not allowed.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-service.html
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html (enableExecuteCommand)"""
    if service.through_codedeploy:
        return {}
    removed: dict[str, Any] = {"EnableExecuteCommand": False}
    if service.launch_type != "EXTERNAL":
        removed |= {"LoadBalancers": [], "ServiceRegistries": []}
        if service.task_definition.network_mode in ("awsvpc", "bridge"):
            removed["ServiceConnectConfiguration"] = create(ecs.ServiceConnectConfiguration, Enabled=False)
    if not service.fargate:
        removed["PlacementConstraints"] = []
        if service.scheduling_strategy == "REPLICA":
            removed["PlacementStrategies"] = []
    return removed


def _deployment(named: NamedService, parts: _Parts) -> dict[str, Any]:
    """Return the properties of the deployment. A service with CodeDeploy names only the family: ECS rejects any other
    change of this property."""
    service, deployment = named.service, named.service.guarded_deployment
    if isinstance(deployment, CodeDeploy):
        return {
            "TaskDefinition": named.family,
            "DeploymentController": create(ecs.DeploymentController, Type="CODE_DEPLOY"),
        }
    configuration = deployment.configuration(parts.hooks.properties)
    if service.scheduling_strategy == "DAEMON":  # it runs one task on each instance and accepts no maximum
        configuration.properties.pop("MaximumPercent", None)
    return {
        "TaskDefinition": Ref(_TASK_DEFINITION),
        "DeploymentConfiguration": configuration,
        "AvailabilityZoneRebalancing": _switch(service.availability_zone_rebalancing),
    }


def _switch(on: bool | None) -> str | None:
    return None if on is None else "ENABLED" if on else "DISABLED"


def _capacity(named: NamedService) -> dict[str, Any]:
    service = named.service
    daemon = service.scheduling_strategy == "DAEMON"
    counted = not daemon and service.autoscaling is None
    where: dict[str, Any] = {"LaunchType": service.launch_type or ("FARGATE" if service.fargate else "EC2")}
    if service.launch_type is None and Cluster.of(service.cluster).default_strategy:
        where = {}
    if service.capacity_providers:
        providers = [
            create(ecs.CapacityProviderStrategyItem, **properties(each)) for each in service.capacity_providers
        ]
        where = {"CapacityProviderStrategy": providers}
    return {
        **where,
        "PlatformVersion": service.platform_version,
        "SchedulingStrategy": "DAEMON" if daemon else None,
        "DesiredCount": (1 if service.desired_count is None else service.desired_count) if counted else None,
    }


def _network(named: NamedService, network: ServiceNetwork | None) -> ecs.NetworkConfiguration | None:
    if network is None or named.service.task_definition.network_mode != "awsvpc":
        return None
    created = (GetAtt(_SECURITY_GROUP, "GroupId"),)
    return network.awsvpc(created if named.service.creates_security_group else network.security_groups)


def _load_balancers(named: NamedService, parts: _Parts) -> dict[str, Any]:
    target = named.service.target
    if parts.traffic is None or target is None:
        return {}
    optional: dict[str, Any] = {}
    if parts.shift is not None:
        optional["AdvancedConfiguration"] = parts.shift.configuration(GetAtt(_INFRASTRUCTURE_ROLE, "Arn"))
    balancer = create(
        ecs.LoadBalancer,
        ContainerName=target[0],
        ContainerPort=target[1],
        TargetGroupArn=Ref(parts.traffic.target_groups[0]),
        **optional,
    )
    return {"LoadBalancers": [balancer]}


def _codedeploy(named: NamedService, deployment: CodeDeploy, parts: _Parts) -> Iterator[AWSObject | ServiceRole]:
    application = deployment.of_service(named.name)
    group = deployment.group(named.cluster_name, named.name, parts.traffic)
    functions = deployment.hooks.functions(named.name, group.arn(application.name), parts.encryption_key)
    for function in functions:
        yield from function.resources
        yield function.role
    yield from application.resources()
    invoked = [*(function.arn for function in functions), *deployment.hooks.arns()]
    yield group.role(application.name, passed_roles(named), invoked)
    for resource in group.resources(application):
        if resource.resource_type == "AWS::CodeDeploy::DeploymentGroup":
            resource.DependsOn = [_SERVICE]
        yield resource


def _outputs(
    named: NamedService, traffic: Traffic | None, resources: Iterable[AWSObject | ServiceRole]
) -> Iterator[tuple[str, Output]]:
    stack = named.stack_name
    for role in named.created_roles:
        yield f"{role}Arn", exported(stack, f"{role}Arn", GetAtt(role, "Arn"))
    if not Cluster.of(named.service.cluster).create:
        yield "ClusterName", exported(stack, "ClusterName", named.cluster_name)
    for name, value in {**(traffic.outputs if traffic else {}), **_url(named.service)}.items():
        yield name, create(Output, name, Value=value)
    for resource in resources:
        if isinstance(resource, AWSObject):
            yield from ((name, each) for name, each in outputs_of(stack, resource) if name in EXPORTED)


def _url(service: EcsService) -> Mapping[str, Value]:
    """Return the output with the URL of the DNS name; a wildcard has none."""
    balancer, dns = service.load_balancer, service.dns
    if dns is None or not isinstance(balancer, LoadBalancer) or str(dns.name).startswith("*"):
        return {}
    name = dns.name.rstrip(".") if isinstance(dns.name, str) else dns.name
    return {"Url": concat("http://" if balancer.certificate is None else "https://", name, "/")}


def _titles(traffic: Traffic) -> list[str]:
    return [str(resource.title) for resource in traffic.resources]


def _immutable(named: NamedService, traffic: Traffic | None) -> Iterator[tuple[str, ImmutableProperties]]:
    for logical_id, properties_moved in (traffic.immutable if traffic else {}).items():
        yield logical_id, moved_traffic(properties_moved)
    if traffic is not None:
        for logical_id in traffic.target_groups:
            yield logical_id, replaced(("Port", "Protocol", "ProtocolVersion", "TargetType", "VpcId"))
        if LOAD_BALANCER in _titles(traffic):
            yield LOAD_BALANCER, replaced(("Name", "Scheme", "Type"))
    if named.service.through_codedeploy:
        yield _SERVICE, CODEDEPLOY_CONTROLLED
