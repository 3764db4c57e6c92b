"""Where containers write their logs.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Annotated, Literal

from pipegen import facts
from pipegen.ecs.serialization import aws, named_sources
from pipegen.ecs.tasks.log_options import driver_problems, router_option_problems
from pipegen.errors import Problem, quoted
from pipegen.fields.gaps import GAP, is_known
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.references.kinds import PARAMETER, PARAMETER_NAME, PART_OF_SECRET
from pipegen.references.mark import Refers
from pipegen.values.shape import Shape, shapes, shown
from pipegen.values.value import TextValue, Value

if TYPE_CHECKING:
    from pipegen.ecs.tasks.container import Container

_BOTH_VERSIONS = re.compile("arn:.*:secret:[^:]+:[^:]*:[^:]+:[^:]+")
_KEY_ALONE = re.compile(rf"{GAP}:(?!secret:)[A-Za-z_][A-Za-z0-9_-]*:?")


def _doubt(text: str) -> str:
    """A text that begins with a gap begins with what is probably the whole ARN of a secret."""
    if _KEY_ALONE.fullmatch(text):
        return "ends in a JSON key without both of the colons after it"
    return "names both a stage and an id of the secret's version" if _BOTH_VERSIONS.fullmatch(text) else ""


TASK_SECRET = Refers(
    PART_OF_SECRET,
    PARAMETER,
    PARAMETER_NAME,
    is_secret=True,
    doubt=_doubt,
    fix="give the ARN of a secret, with both colons after a JSON key, arn:aws:secretsmanager:REGION:ACCOUNT:secret:"
    "NAME:JSON-KEY::, or a parameter's ARN or name, /PATH/NAME, without a version",
)
"""What ECS reads when a container starts, for the container or its log driver."""


@frozen(kw_only=True)
class LogConfiguration(Model):
    """Where a container writes its log.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html"""

    driver: Value = field(metadata=aws("logDriver"))
    """The log driver: awslogs, splunk or awsfirelens; on instances also fluentd, gelf, json-file, journald or
    syslog."""
    options: Mapping[str, TextValue] = field(default_factory=dict)
    """The options of the driver by name. awslogs requires awslogs-group and awslogs-region, and on Fargate
    awslogs-stream-prefix."""
    secret_options: Mapping[str, Annotated[Value, TASK_SECRET]] = field(
        default_factory=dict, metadata=aws(convert=named_sources)
    )
    """Options whose values ECS reads when the container starts: by name the ARN of a Secrets Manager secret, or the
    name or ARN of an SSM parameter."""


@frozen(kw_only=True)
class FirelensConfiguration(Model):
    """Makes a container the log router of its task.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_firelens.html"""

    type: Literal["fluentd", "fluentbit"]
    """The log router that the container runs."""
    options: Mapping[str, TextValue] = field(default_factory=dict)
    """Options of the router: enable-ecs-log-metadata; config-file-type (file, or on instances s3) together with
    config-file-value (its path in the image, or its ARN).
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/firelens-taskdef.html"""


ROUTER = "awsfirelens"
_ON_FARGATE = ("awslogs", "splunk", ROUTER)
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html"""


def log_problems(containers: Sequence[Container], *, fargate: bool) -> Iterator[Problem]:
    """Paths start at the list of containers.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_firelens.html"""
    routers = [index for index, container in enumerate(containers) if container.firelens_configuration is not None]
    for index in routers[1:]:
        text = "a task has one log router"
        yield Problem("task-log", (index, "firelens_configuration"), text, "keep one of them")
    for index, container in enumerate(containers):
        router, log = container.firelens_configuration, container.log_configuration
        if router is not None:
            yield from (
                problem.under(index, "firelens_configuration")
                for problem in _of_router(router, container.image, fargate)
            )
        if log is not None:
            found = (*_routed(log, container, bool(routers)), *own_log_problems(log, fargate=fargate))
            yield from (problem.under(index, "log_configuration") for problem in found)


def _of_router(router: FirelensConfiguration, image: Value | None, fargate: bool) -> Iterator[Problem]:
    yield from (problem.under("options") for problem in router_problems(router, fargate=fargate))
    yield from router_option_problems(router)
    other = {"fluentd": "fluent-bit", "fluentbit": "fluentd"}[router.type]
    if is_known(image) and other in image and router.type not in image:
        text = f"type is {router.type}, and the image is {shown(image)}"
        yield Problem("task-log", ("type",), text, f"type: {other.replace('-', '')}, or another image", "warning")


def _routed(log: LogConfiguration, container: Container, has_router: bool) -> Iterator[Problem]:
    """Whether a router gets the log of a container. Paths start at the log configuration."""
    if log.driver != ROUTER:
        return
    if not has_router:
        text = "no container of the task is a log router"
        yield Problem("task-log", ("driver",), text, "give the router's container a firelens_configuration")
    elif container.firelens_configuration is not None:
        text = f"container {quoted(container.name)} is the log router, and would send its own log to itself"
        yield Problem("task-log", ("driver",), text, "use awslogs for the router's own log", "warning")


def own_log_problems(log: LogConfiguration, *, fargate: bool) -> Iterator[Problem]:
    """What is wrong with the driver and its options. Paths start at the log configuration."""
    if fargate and is_known(log.driver) and log.driver not in _ON_FARGATE:
        text = f"Fargate has no log driver {quoted(log.driver)}"
        yield Problem("task-fargate", ("driver",), text, f"one of {', '.join(_ON_FARGATE)}")
    elif not fargate and is_known(log.driver) and log.driver not in (known := facts.enum("ecs.LogDriver")):
        yield facts.unlisted("unknown-name", ("driver",), log.driver, known, "log driver")
    yield from option_problems(log, fargate=fargate)
    yield from driver_problems(log)


_FILE_TYPE, _FILE_VALUE = "config-file-type", "config-file-value"


def router_file(router: FirelensConfiguration) -> Iterator[Value]:
    """The ARN of the router's configuration in S3, or ARNs that it may have."""
    value = router.options.get(_FILE_VALUE)
    if value is not None and any(kind.text == "s3" for kind in _file_types(router)):
        yield from (each.value() for each in shapes(value) if not each.text.startswith("/"))


def _file_types(router: FirelensConfiguration) -> Iterator[Shape]:
    if _FILE_TYPE in router.options:
        yield from shapes(router.options[_FILE_TYPE])


def router_problems(router: FirelensConfiguration, *, fargate: bool) -> Iterator[Problem]:
    """Paths start at the router's options.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/firelens-taskdef.html"""
    for kind in _file_types(router):
        if re.search(GAP, kind.text):
            text = f"{_FILE_TYPE} is known only at deployment, and the tasks' permissions depend on it"
            yield Problem("task-log", (_FILE_TYPE,), text, "write file or s3, or !If with these two")
        elif fargate and kind.text == "s3":
            text = f"on Fargate {_FILE_TYPE} is file: tasks do not get the router's configuration from S3"
            fix = f"put the file into the router's image: {{{_FILE_TYPE}: file, {_FILE_VALUE}: /path/in/the/image}}"
            yield Problem("task-log", (_FILE_TYPE,), text, fix)
        elif kind.text not in ("file", "s3"):
            text = f"there is no {_FILE_TYPE} {quoted(kind.text)}"
            yield Problem("task-log", (_FILE_TYPE,), text, "file, or on instances s3")
    if (_FILE_TYPE in router.options) != (_FILE_VALUE in router.options):
        text = f"{_FILE_TYPE} and {_FILE_VALUE} go together, and one of them is missing"
        yield Problem("task-log", (), text, "give both: the type, and the path or the ARN of the object")


def option_problems(log: LogConfiguration, *, fargate: bool) -> Iterator[Problem]:
    """Paths start at the log configuration."""
    needed = ["awslogs-group", "awslogs-region", *(["awslogs-stream-prefix"] if fargate else ())]
    missing = [name for name in needed if name not in {**log.options, **log.secret_options}]
    if log.driver == "awslogs" and missing:
        text = f"awslogs needs {' and '.join(missing)}"
        yield Problem("task-log", ("options",), text, "add what is missing under options")
    group = log.options.get("awslogs-group")
    if log.driver == "awslogs" and group is not None and any(each.is_arn for each in shapes(group)):
        text = f"{shown(group)} is not the name of a log group"
        yield Problem("task-log", ("options", "awslogs-group"), text, "give its name, not its ARN, such as /ecs/web")
