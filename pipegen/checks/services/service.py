"""Checks of a service: of its parts, and of their combinations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from pipegen.checks.services.alarms import alarm_problems, dns_problems
from pipegen.checks.services.capacity import anywhere_problems, launch_problems
from pipegen.checks.services.combinations import exec_problems, progress_problems, volume_problems
from pipegen.checks.services.http_checks import check_problems
from pipegen.codedeploy.service_deployment import CodeDeploy
from pipegen.ecs.cluster import Cluster
from pipegen.ecs.strategy import Rolling
from pipegen.ecs.tasks.ports import mapping
from pipegen.ecs.tasks.task_problems import task_problems
from pipegen.elb.balancing import balancing_problems, label_problems
from pipegen.elb.listener import SharedListener
from pipegen.errors import Path, Problem
from pipegen.model.repository import Repository
from pipegen.services.images import image_problems
from pipegen.services.named_service import NamedService
from pipegen.services.service import EcsService
from pipegen.services.tasks import imported_task_definition


def service_problems(named: NamedService) -> Iterator[Problem]:
    """Find problems of a service. Paths start at the service."""
    yield from image_problems(named)
    yield from _name_problems(named)
    yield from _task_problems(named)
    yield from _deployment_problems(named)
    if named.service.service_discovery is not None:
        discovery = named.service.service_discovery
        yield from _under("service_discovery", discovery.problems(named.service.task_definition, named.name))
    for check in _CHECKS:
        yield from check(named.service)


def _under(field: str, problems: Iterator[Problem]) -> Iterator[Problem]:
    return (problem.under(field) for problem in problems)


def _name_problems(named: NamedService) -> Iterator[Problem]:
    if named.key in ("pipeline", "registry"):
        text = f"{named.stack_name} is also the name of another stack of the definition"
        yield Problem("service-key", (), text, "use another key for the service")


def _task_problems(named: NamedService) -> Iterator[Problem]:
    service, task_definition = named.service, named.service.task_definition
    completed = imported_task_definition(named)
    if service.launch_type is not None and service.launch_type not in completed.requires_compatibilities:
        completed = replace(completed, requires_compatibilities=(service.launch_type,))  # reported at launch_type
    added: set[Path] = {("family",)} if task_definition.family is None else set()
    added |= {
        ("containers", index, "log_configuration")
        for index, each in enumerate(task_definition.containers)
        if each.log_configuration is None
    }
    problems = (each for each in task_problems(completed) if each.path[:1] not in added and each.path[:3] not in added)
    yield from _under("task_definition", problems)
    for role, names in (
        (task_definition.task_role, ("grants", "managed_policies", "execute_command")),
        (task_definition.execution_role, ("execution_grants",)),
    ):
        for field in names:
            if role is not None and getattr(service, field):
                text = f"{field} cannot be added to an existing role in the task definition"
                fix = f"remove {field} and change that role, or remove the role: the stack then creates one"
                yield Problem("service-role", (field,), text, fix)


def _deployment_problems(named: NamedService) -> Iterator[Problem]:
    service, deployment = named.service, named.service.guarded_deployment
    if isinstance(deployment, CodeDeploy):
        yield from _under("deployment", deployment.problems(named.cluster_name, named.name))
        yield from _codedeploy_problems(service, deployment)
    else:
        yield from _under("deployment", deployment.problems())


def _codedeploy_problems(service: EcsService, deployment: CodeDeploy) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html"""
    if service.load_balancer is None:
        text = "CodeDeploy needs a load balancer, but load_balancer is missing"
        yield Problem("service-deployment", ("deployment",), text, "add load_balancer, or use another deployment")
    without = {
        "service_connect": service.service_connect is not None,
        "scheduling_strategy": service.scheduling_strategy == "DAEMON",
        "availability_zone_rebalancing": service.availability_zone_rebalancing is not None,
        "deployed_by": service.deployed_by == "cloudformation",
    }
    for field, is_set in without.items():
        if is_set:
            text = f"{field} cannot be set in a service that CodeDeploy deploys to"
            if field == "deployed_by":
                text = "CloudFormation cannot change the task definition of a service that CodeDeploy deploys to"
            yield Problem("service-deployment", (field,), text, f"remove {field}, or use another deployment")
    tested = isinstance(service.load_balancer, SharedListener) and service.load_balancer.test is not None
    tested |= getattr(service.load_balancer, "test_port", None) is not None
    if deployment.hooks.after_allow_test_traffic is not None and not tested:
        text = "hook after_allow_test_traffic needs test traffic, but the load balancer has no test listener"
        fix = "add a test_port or a test rule to the load balancer, or use another hook"
        yield Problem("appspec-hook", ("deployment", "hooks", "after_allow_test_traffic"), text, fix)


def _cluster_and_grants(service: EcsService) -> Iterator[Problem]:
    yield from _under("cluster", Cluster.of(service.cluster).problems())
    for field, grants in (("grants", service.grants), ("execution_grants", service.execution_grants)):
        for index, grant in enumerate(grants):
            for problem in grant.problems():
                yield problem.under(field, index)
    for index, reference in enumerate(service.repositories):
        repository = Repository.of(reference)
        for problem in repository.problems():
            yield problem.under("repositories", index)
        if repository.create:
            text = "create cannot be set here: the repository must exist"
            yield Problem("repository-create", ("repositories", index), text, "remove create")


def _network(service: EcsService) -> Iterator[Problem]:
    mode = service.task_definition.network_mode
    if service.network is None:
        if mode == "awsvpc":
            text = "network is missing, which tasks in network mode awsvpc need"
            yield Problem("service-network", (), text, "add network: {vpc_id: …, subnets: […]}")
        elif service.load_balancer is not None:
            text = "network is missing, which the load balancer needs"
            yield Problem("service-network", (), text, "add network: {vpc_id: …, subnets: […]}")
        return
    problems = service.network.problems(fargate=service.fargate, interfaces=mode == "awsvpc")
    yield from _under("network", problems)
    if mode != "awsvpc" and service.network.security_groups != ():
        text = f"security_groups cannot be set in network mode {mode}, where tasks use those of their instance"
        yield Problem("service-network", ("network", "security_groups"), text, "remove security_groups")


def _load_balancer(service: EcsService) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html"""
    balancer = service.load_balancer
    if balancer is None:
        yield from _ungraced(service)
        return
    subnets = service.network.subnets if service.network else None
    dynamic = service.task_definition.network_mode == "bridge" and any(
        not mapping(port).host_port for each in service.task_definition.containers for port in each.ports
    )
    yield from _under("load_balancer", balancing_problems(balancer, service.traffic_mode, subnets, dynamic))
    yield from _target(service)
    if isinstance(balancer, SharedListener) and balancer.security_group is None and service.creates_security_group:
        text = "security_group is missing, which the security group of the tasks must allow"
        fix = "set security_group of the load balancer, or network: {security_groups: […]} with your own"
        yield Problem("service-network", ("load_balancer", "security_group"), text, fix)


def _target(service: EcsService) -> Iterator[Problem]:
    if service.target is not None:
        yield from _protocol_problems(service, *service.target)
    if service.target is not None or service.load_balancer is None:
        return
    task = service.task_definition
    ports = [f"{each.name} {port}" for each in task.containers for port in task.ports_of(each.name)]
    container, port = service.load_balancer.container, service.load_balancer.port
    if not ports:
        text, fix = "no container has a port for the traffic", "add ports to one of them"
        yield Problem("service-target", ("task_definition", "containers"), text, fix)
    elif container is None and port is None:
        text = "the task has several ports for the traffic"
        yield Problem("service-target", ("load_balancer",), text, f"add container and port: {', '.join(ports)}")
    else:
        asked = {"container": container, "port": port}
        said = ", ".join(f"{noun}: {value}" for noun, value in asked.items() if value is not None)
        text = f"{said} is not a port of the task"
        has_port = any(port in task.ports_of(each.name) for each in task.containers)
        wrong = "container" if container is not None and (has_port or port is None) else "port"
        yield Problem("service-target", ("load_balancer", wrong), text, f"ports are {', '.join(ports)}")


def _protocol_problems(service: EcsService, container: str, port: int) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html"""
    for index, each in enumerate(service.task_definition.containers):
        for number, given in enumerate(each.ports):
            made = mapping(given)
            if each.name == container and port in made.ports and made.protocol == "udp":
                path = ("task_definition", "containers", index, "ports", number, "protocol")
                text = f"protocol of port {port} is udp, but an application load balancer uses TCP"
                yield Problem("service-target", path, text, "remove protocol")


def _asked_port(service: EcsService) -> Iterator[Problem]:
    """Find health checks on a port that no container declares. A warning, since a program can still listen on it."""
    task, balancer = service.task_definition, service.load_balancer
    port = balancer.target_group.health_check.port if balancer is not None else None
    if (
        port is not None
        and task.network_mode != "bridge"
        and not any(port in task.ports_of(each.name) for each in task.containers)
    ):
        text = f"health checks use port {port}, but no container has it under ports"
        path = ("load_balancer", "target_group", "health_check", "port")
        yield Problem("target-group-health", path, text, "remove it, or add the port to a container", "warning")


def _ungraced(service: EcsService) -> Iterator[Problem]:
    checked = any(container.health_check for container in service.task_definition.containers)
    if service.health_check_grace_seconds is not None and not checked:
        text = "health_check_grace_seconds needs a health check, but the service has none"
        fix = "remove it, or add a load balancer or a container health check"
        yield Problem("service-grace", ("health_check_grace_seconds",), text, fix)


def _counts(service: EcsService) -> Iterator[Problem]:
    if service.desired_count is None:
        return
    if service.autoscaling is not None:
        text = "desired_count and autoscaling cannot both be set: updates would reset the number of tasks"
        yield Problem("service-count", ("desired_count",), text, "remove desired_count")
    elif service.scheduling_strategy == "DAEMON":
        text = "desired_count cannot be set with scheduling_strategy DAEMON, which runs one task on every instance"
        yield Problem("service-count", ("desired_count",), text, "remove it")


def _rolling(service: EcsService) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html"""
    rolling = service.deployment
    if not isinstance(rolling, Rolling):
        if service.scheduling_strategy == "DAEMON" and not isinstance(rolling, CodeDeploy):
            text = "this deployment runs two tasks in parallel, but an instance runs one task of a daemon"
            yield Problem("service-daemon", ("deployment",), text, "use kind: rolling with minimum_healthy_percent: 0")
        return
    if service.scheduling_strategy == "DAEMON" and rolling.minimum_healthy_percent == 100:
        text = "minimum_healthy_percent must be less than 100 for a daemon, which runs one task on an instance"
        path = ("deployment", "minimum_healthy_percent")
        yield Problem("service-daemon", path, text, "set it to 0")
    if service.availability_zone_rebalancing and (
        rolling.maximum_percent == 100 or service.scheduling_strategy == "DAEMON"
    ):
        text = "availability_zone_rebalancing needs more tasks than desired during a deployment"
        fix = "set maximum_percent above 100, or remove availability_zone_rebalancing"
        yield Problem("service-rebalancing", ("availability_zone_rebalancing",), text, fix)


def _autoscaling(service: EcsService) -> Iterator[Problem]:
    if service.autoscaling is not None:
        problems = service.autoscaling.problems(
            balanced=service.balanced,
            shifting=service.traffic_mode != "rolling",
            daemon=service.scheduling_strategy == "DAEMON",
        )
        yield from _under("autoscaling", problems)
        if service.autoscaling.requests_per_target is not None and service.load_balancer is not None:
            path = ("autoscaling", "requests_per_target")
            yield from label_problems(service.load_balancer, "autoscaling-requests", path)


def _connect(service: EcsService) -> Iterator[Problem]:
    if service.service_connect is not None:
        yield from _under("service_connect", service.service_connect.problems(service.task_definition))


_CHECKS: Sequence[Callable[[EcsService], Iterator[Problem]]] = (
    _cluster_and_grants,
    _network,
    _load_balancer,
    _asked_port,
    _counts,
    launch_problems,
    anywhere_problems,
    check_problems,
    _rolling,
    _autoscaling,
    _connect,
    exec_problems,
    progress_problems,
    volume_problems,
    alarm_problems,
    dns_problems,
)
