"""What the options of log drivers may be.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html (options)"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pipegen.errors import Problem
from pipegen.facts import closest
from pipegen.fields.gaps import is_known
from pipegen.values.shape import shown

if TYPE_CHECKING:
    from pipegen.ecs.tasks.logs import FirelensConfiguration, LogConfiguration

_AWSLOGS = (
    *("awslogs-create-group", "awslogs-region", "awslogs-group", "awslogs-stream-prefix"),
    *("awslogs-datetime-format", "awslogs-multiline-pattern", "awslogs-endpoint", "awslogs-format"),
    *("awslogs-force-flush-interval-seconds", "awslogs-max-buffered-events", "awslogs-credentials-endpoint"),
    *("mode", "max-buffer-size", "tag", "labels", "labels-regex", "env", "env-regex"),
)
"""https://docs.docker.com/engine/logging/drivers/awslogs/"""
_ROUTER = ("enable-ecs-log-metadata", "config-file-type", "config-file-value")
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_FirelensConfiguration.html"""

_SIZE = r"[0-9]+(?:\.[0-9]+)?\s?(?:[kmgtp]i?)?b?"
_BOOLEAN = "1|t|T|TRUE|true|True|0|f|F|FALSE|false|False"
_FORMS: Mapping[str, tuple[str, str]] = {
    "mode": ("blocking|non-blocking", "blocking or non-blocking"),
    "max-buffer-size": (f"(?i:{_SIZE})", "a size such as 25m"),
    "awslogs-create-group": (_BOOLEAN, "true or false"),
    "awslogs-region": ("[a-z]{2,4}(?:-[a-z]+)+-[0-9]+", "a region such as eu-west-1"),
    "awslogs-group": (r"[A-Za-z0-9_/.#-]{1,512}", "the name of a log group: letters, digits, _ - / . #"),
    "awslogs-stream-prefix": ("[^:*]{1,512}", "a text without : and *"),
}
"""https://docs.docker.com/engine/logging/configure/ (mode, max-buffer-size)
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html"""


def driver_problems(log: LogConfiguration) -> Iterator[Problem]:
    """Paths start at the log configuration."""
    for name in log.secret_options.keys() & log.options.keys():
        text = f"{name} is an option and a secret option too"
        yield Problem("task-log", ("secret_options", name), text, "keep one of them")
    yield from _form_problems(log.options)
    yield from _buffer_problems(log.options)
    if log.driver == "awslogs":
        yield from _unknown(log.options, _AWSLOGS, "awslogs")
        if {"awslogs-datetime-format", "awslogs-multiline-pattern"} <= log.options.keys():
            text = "awslogs-datetime-format and awslogs-multiline-pattern exclude each other"
            yield Problem("task-log", ("options", "awslogs-multiline-pattern"), text, "keep one of them")
    if log.driver == "splunk":
        given = {*log.options, *log.secret_options}
        missing = [name for name in ("splunk-token", "splunk-url") if name not in given]
        if missing:
            text = f"splunk needs {' and '.join(missing)}"
            yield Problem("task-log", ("options",), text, "add what is missing, the token under secret_options")


def router_option_problems(router: FirelensConfiguration) -> Iterator[Problem]:
    """Paths start at the router's configuration."""
    yield from _unknown(router.options, _ROUTER, "a log router")
    metadata = router.options.get("enable-ecs-log-metadata")
    if is_known(metadata) and metadata not in ("true", "false"):
        text = f"enable-ecs-log-metadata is {shown(metadata)}"
        yield Problem("task-log", ("options", "enable-ecs-log-metadata"), text, 'expected "true" or "false"')


def _form_problems(options: Mapping[str, object]) -> Iterator[Problem]:
    for name, (form, words) in _FORMS.items():
        value = options.get(name)
        if is_known(value) and not value.startswith("arn:") and not re.fullmatch(form, value):
            yield Problem("task-log", ("options", name), f"{name} is {shown(value)}", f"expected {words}")


def _buffer_problems(options: Mapping[str, object]) -> Iterator[Problem]:
    """Docker starts no container with a buffer that it does not use.
    https://docs.docker.com/engine/logging/configure/#configure-the-delivery-mode-of-log-messages-from-container-to-log-driver
    """
    if options.get("mode") == "blocking" and "max-buffer-size" in options:
        text = f"max-buffer-size is {options['max-buffer-size']}, which is for mode: non-blocking, and mode is blocking"
        yield Problem("task-log", ("options", "max-buffer-size"), text, "leave it out, or use mode: non-blocking")


def _unknown(options: Mapping[str, object], known: tuple[str, ...], of: str) -> Iterator[Problem]:
    for name in options:
        if name not in known:
            near = closest(name, known)
            fix = f"did you mean {near}?" if near else f"known are {', '.join(known)}"
            yield Problem(
                "task-log", ("options", name), f"{of} has no option {shown(name)} that is known", fix, "warning"
            )
