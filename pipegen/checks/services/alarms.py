"""Checks of the alarms and the DNS name of a service."""

from __future__ import annotations

from collections.abc import Iterator

from pipegen.codedeploy.deployment_group import ALARMS
from pipegen.codedeploy.service_deployment import CodeDeploy
from pipegen.ecs.strategy import Rolling
from pipegen.elb.balancing import label_problems, target_group_ids
from pipegen.errors import Problem
from pipegen.services.service import EcsService
from pipegen.values.number import known


def alarm_problems(service: EcsService) -> Iterator[Problem]:
    """Find problems of the alarms that the stack creates. Paths start at the service."""
    if service.alarms is None:
        return
    yield from (problem.under("alarms") for problem in service.alarms.problems())
    if service.load_balancer is None:
        text = "alarms requires load_balancer, whose target groups are measured"
        fix = "add load_balancer, or list the names of your own alarms in deployment: {alarms: […]}"
        yield Problem("alarm-balancer", ("alarms",), text, fix)
        return
    yield from label_problems(service.load_balancer, "alarm-balancer", ("alarms",))
    yield from _number_problems(service)
    yield from _time_problems(service)


def _number_problems(service: EcsService) -> Iterator[Problem]:
    deployment = service.guarded_deployment
    if service.alarms is None or not isinstance(deployment, CodeDeploy):
        return
    if not ALARMS.admits(deployment.alarms):
        number = len(deployment.alarms or ())
        created = len(service.alarms.logical_ids(target_group_ids(service.traffic_mode)))
        text = (
            f"a deployment by CodeDeploy must have at most {ALARMS.high} alarms, got {number}: {created} of alarms, "
            f"two for each metric, and {number - created} of deployment"
        )
        yield Problem("alarm-number", ("alarms",), text, "remove some of them")


def _time_problems(service: EcsService) -> Iterator[Problem]:
    """Find alarms that change their state after the old tasks are gone. ECS waits for alarms in rolling deployments.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html"""
    deployment = service.deployment
    if service.alarms is None or isinstance(deployment, Rolling):
        return
    wait, minutes = "bake_minutes", getattr(deployment, "bake_minutes", 0)
    if isinstance(deployment, CodeDeploy):
        wait, minutes = "termination_wait_minutes", deployment.termination_wait_minutes
    if (minutes := known(minutes)) is None:
        return
    for name, alarm in service.alarms.by_field().items():
        if alarm.minutes is not None and alarm.minutes > minutes and not any(alarm.problems()):
            text = f"{name} takes {alarm.minutes} minutes to go off, but {wait} of the deployment is {minutes}"
            fix = f"raise {wait} to {alarm.minutes} or more, or lower period_seconds or evaluation_periods"
            yield Problem("alarm-time", ("alarms", name), text, fix, "warning")


def dns_problems(service: EcsService) -> Iterator[Problem]:
    """Find problems of the DNS name. Paths start at the service."""
    if service.dns is None:
        return
    if service.load_balancer is None:
        text = "dns requires load_balancer, which the name leads to"
        yield Problem("dns-target", ("dns",), text, "add load_balancer, or use service_discovery for the tasks")
        return
    yield from (problem.under("dns") for problem in service.dns.problems(service.load_balancer))
