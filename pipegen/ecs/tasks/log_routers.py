"""Problems with the logs of a task's containers and with its log router."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipegen.ecs.tasks.container import Container
from pipegen.ecs.tasks.log_options import log_problems, router_option_problems, router_problems
from pipegen.ecs.tasks.logs import ROUTER, FirelensConfiguration, LogConfiguration
from pipegen.errors import Problem, quoted
from pipegen.fields.gaps import is_known
from pipegen.values.shape import shown
from pipegen.values.value import Value


def container_log_problems(containers: Sequence[Container], *, fargate: bool) -> Iterator[Problem]:
    """Check the log configurations of a task's containers. Paths start at the list of containers.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_firelens.html"""
    routers = [index for index, container in enumerate(containers) if container.firelens_configuration is not None]
    for index in routers[1:]:
        text = "a task can have only one log router"
        yield Problem(
            "task-log", (index, "firelens_configuration"), text, "remove firelens_configuration from the others"
        )
    for index, container in enumerate(containers):
        router, log = container.firelens_configuration, container.log_configuration
        if router is not None:
            yield from (
                problem.under(index, "firelens_configuration")
                for problem in _router_problems(router, container.image, fargate)
            )
        if log is not None:
            problems = (*_routing_problems(log, container, bool(routers)), *log_problems(log, fargate=fargate))
            yield from (problem.under(index, "log_configuration") for problem in problems)


def _router_problems(router: FirelensConfiguration, image: Value | None, fargate: bool) -> Iterator[Problem]:
    yield from (problem.under("options") for problem in router_problems(router, fargate=fargate))
    yield from router_option_problems(router)
    other = {"fluentd": "fluent-bit", "fluentbit": "fluentd"}[router.type]
    if is_known(image) and other in image and router.type not in image:
        text = f"type is {router.type}, but the image is {shown(image)}"
        fix = f"set type: {other.replace('-', '')}, or use another image"
        yield Problem("task-log", ("type",), text, fix, "warning")


def _routing_problems(log: LogConfiguration, container: Container, has_router: bool) -> Iterator[Problem]:
    """Check that a router receives the log of a container. Paths start at the log configuration."""
    if log.driver != ROUTER:
        return
    if not has_router:
        text = f"the log driver {ROUTER} requires a log router, and no container of the task is one"
        yield Problem("task-log", ("driver",), text, "add firelens_configuration to the router's container")
    elif container.firelens_configuration is not None:
        text = f"the container {quoted(container.name)} is the log router and would send its own log to itself"
        yield Problem("task-log", ("driver",), text, "use awslogs for the router's own log", "warning")
