"""Checks of where the tasks of a service run: launch type, capacity providers, placement."""

from __future__ import annotations

from collections.abc import Iterator

from pipegen.ecs.capacity import capacity_problems
from pipegen.ecs.cluster import Cluster, provider_problems
from pipegen.ecs.placement import placement_problems
from pipegen.ecs.tasks.platform import platform_problems
from pipegen.errors import Problem, quoted
from pipegen.fields.gaps import is_known
from pipegen.services.service import EcsService
from pipegen.values.shape import shown

_OF_FARGATE = ("FARGATE", "FARGATE_SPOT")

_ZONES = "attribute:ecs.availability-zone"


def launch_problems(service: EcsService) -> Iterator[Problem]:
    compatible = service.task_definition.requires_compatibilities
    launch = service.launch_type
    if launch is not None and launch not in compatible:
        text = f"the task definition is for {', '.join(compatible)}, not {launch}"
        fix = f"remove launch_type, or set requires_compatibilities: [{launch}] in the task definition"
        yield Problem("service-capacity", ("launch_type",), text, fix)
    if launch is None and not service.capacity_providers and not {"FARGATE", "EC2"}.intersection(compatible):
        text = f"the task definition is for {', '.join(compatible) or 'nothing'}, but launch_type is missing"
        yield Problem("service-capacity", ("launch_type",), text, "add launch_type or capacity_providers")
    if launch is not None and service.capacity_providers:
        text = "launch_type and capacity_providers cannot both be set"
        yield Problem("service-capacity", ("launch_type",), text, "remove one of them")
    problems = capacity_problems(service.capacity_providers, "service-capacity")
    yield from (problem.under("capacity_providers") for problem in problems)
    is_clear = launch is None or launch in compatible
    on_fargate = service.fargate and is_clear
    if service.platform_version is not None and is_clear and not on_fargate:
        text = "platform_version can only be set on Fargate"
        yield Problem("service-capacity", ("platform_version",), text, "remove it")
    elif on_fargate:
        yield from platform_problems(service.platform_version, service.task_definition)
    yield from _provider_problems(service)
    daemon = service.scheduling_strategy == "DAEMON"
    if daemon and on_fargate:
        text = "scheduling_strategy DAEMON is not supported on Fargate"
        yield Problem("service-capacity", ("scheduling_strategy",), text, "remove scheduling_strategy")
    yield from placement_problems(
        service.placement_strategies,
        service.placement_constraints,
        fargate=on_fargate,
        daemon=daemon,
        of_task=len(service.task_definition.placement_constraints),
    )


def _provider_problems(service: EcsService) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html"""
    providers = [each.provider for each in service.capacity_providers]
    of_fargate = [each in _OF_FARGATE for each in providers if is_known(each)]
    path = ("capacity_providers",)
    if any(of_fargate) and not all(of_fargate):
        known = [(index, each) for index, each in enumerate(providers) if is_known(each)]
        index, other = next(each for each, there in zip(known, of_fargate, strict=True) if there != of_fargate[0])
        text = f"{shown(other)} and {shown(known[0][1])}: Fargate and other capacity providers cannot be combined"
        yield Problem("service-capacity", (*path, index, "provider"), text, "use only one kind")
    elif any(of_fargate) and "FARGATE" not in service.task_definition.requires_compatibilities:
        text = "the task definition does not support Fargate"
        yield Problem("service-capacity", path, text, "add FARGATE to its requires_compatibilities")
    for index, each in enumerate(providers):
        wrong = [problem.under(*path, index, "provider") for problem in provider_problems(each)]
        yield from wrong
        only = not any(of_fargate) and service.task_definition.requires_compatibilities == ("FARGATE",)
        if only and is_known(each) and not wrong:
            text = f"the task definition supports only FARGATE, but {shown(each)} provides instances"
            fix = "add EC2 or MANAGED_INSTANCES to its requires_compatibilities, or use FARGATE or FARGATE_SPOT"
            yield Problem("service-capacity", (*path, index, "provider"), text, fix)
    if "FARGATE_SPOT" in providers and service.task_definition.is_windows:
        yield Problem("service-capacity", path, "Fargate Spot does not support Windows", "use only FARGATE")
    cluster = Cluster.of(service.cluster)
    for index, each in enumerate(providers):
        if cluster.create and is_known(each) and each not in cluster.capacity_providers:
            text = f"the cluster of the stack does not have capacity provider {quoted(each)}"
            fix = "add it to cluster: {capacity_providers: […]}"
            yield Problem("cluster-capacity", (*path, index, "provider"), text, fix)


def anywhere_problems(service: EcsService) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-anywhere.html"""
    external = service.launch_type == "EXTERNAL"
    if external and service.load_balancer is not None:
        text = "load_balancer cannot be set with launch_type EXTERNAL"
        yield Problem("service-capacity", ("load_balancer",), text, "remove it, or use another launch_type")
    if external and service.availability_zone_rebalancing:
        text = "availability_zone_rebalancing cannot be set with launch_type EXTERNAL"
        yield Problem("service-rebalancing", ("availability_zone_rebalancing",), text, "remove it")
    first = next(iter(service.placement_strategies), None)
    if service.availability_zone_rebalancing and first is not None and first.field != _ZONES:
        text = "availability_zone_rebalancing needs a first placement strategy that spreads over availability zones"
        fix = f"add {{type: spread, field: {_ZONES}}} as the first, or remove placement_strategies"
        yield Problem("service-rebalancing", ("placement_strategies",), text, fix)
