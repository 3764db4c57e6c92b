"""Log drivers, log routers and their options.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html (options)"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pipegen import facts
from pipegen.ecs.tasks.logs import (
    FILE_TYPE,
    FILE_VALUE,
    ROUTER,
    FirelensConfiguration,
    LogConfiguration,
    router_file_types,
)
from pipegen.errors import Problem, did_you_mean, quoted
from pipegen.facts import closest
from pipegen.fields.gaps import GAP, is_known
from pipegen.values.shape import shapes, shown

_AWSLOGS = (
    *("awslogs-create-group", "awslogs-region", "awslogs-group", "awslogs-stream-prefix"),
    *("awslogs-datetime-format", "awslogs-multiline-pattern", "awslogs-endpoint", "awslogs-format"),
    *("awslogs-force-flush-interval-seconds", "awslogs-max-buffered-events", "awslogs-credentials-endpoint"),
    *("mode", "max-buffer-size", "tag", "labels", "labels-regex", "env", "env-regex"),
)
"""https://docs.docker.com/engine/logging/drivers/awslogs/"""
_ON_FARGATE = ("awslogs", "splunk", ROUTER)
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html"""
_ROUTER = ("enable-ecs-log-metadata", "config-file-type", "config-file-value")
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_FirelensConfiguration.html (options)"""

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


def log_problems(log: LogConfiguration, *, fargate: bool) -> Iterator[Problem]:
    """Check the driver and its options. Paths start at the log configuration."""
    if fargate and is_known(log.driver) and log.driver not in _ON_FARGATE:
        text = f"driver must be one of {', '.join(_ON_FARGATE)} on Fargate, got {quoted(log.driver)}"
        yield Problem("task-fargate", ("driver",), text, "use one of these, or run the task on EC2")
    elif not fargate and is_known(log.driver) and log.driver not in (known := facts.enum("ecs.LogDriver")):
        yield facts.unlisted("unknown-name", ("driver",), log.driver, known, "log driver")
    yield from option_problems(log, fargate=fargate)
    yield from driver_problems(log)


def option_problems(log: LogConfiguration, *, fargate: bool) -> Iterator[Problem]:
    """Check the options of awslogs. Paths start at the log configuration."""
    needed = ["awslogs-group", "awslogs-region", *(["awslogs-stream-prefix"] if fargate else ())]
    missing = [name for name in needed if name not in {**log.options, **log.secret_options}]
    if log.driver == "awslogs" and missing:
        text = f"the log driver awslogs requires {' and '.join(missing)}"
        yield Problem("task-log", ("options",), text, f"add {' and '.join(missing)} to options")
    group = log.options.get("awslogs-group")
    if log.driver == "awslogs" and group is not None and any(each.is_arn for each in shapes(group)):
        text = f"awslogs-group must be the name of a log group, got {shown(group)}"
        yield Problem("task-log", ("options", "awslogs-group"), text, "use the name, such as /ecs/web, not the ARN")


def driver_problems(log: LogConfiguration) -> Iterator[Problem]:
    """Check options that do not depend on where the task runs. Paths start at the log configuration."""
    for name in log.secret_options.keys() & log.options.keys():
        text = f"{quoted(name)} is set in both options and secret_options"
        yield Problem("task-log", ("secret_options", name), text, "remove one of them")
    yield from _form_problems(log.options)
    yield from _buffer_problems(log.options)
    if log.driver == "awslogs":
        yield from _unknown(log.options, _AWSLOGS, "awslogs")
        if {"awslogs-datetime-format", "awslogs-multiline-pattern"} <= log.options.keys():
            text = "awslogs-datetime-format and awslogs-multiline-pattern cannot both be set"
            yield Problem("task-log", ("options", "awslogs-multiline-pattern"), text, "remove one of them")
    if log.driver == "splunk":
        options = {*log.options, *log.secret_options}
        missing = [name for name in ("splunk-token", "splunk-url") if name not in options]
        if missing:
            text = f"the log driver splunk requires {' and '.join(missing)}"
            yield Problem(
                "task-log", ("options",), text, "add splunk-url to options and splunk-token to secret_options"
            )


def router_problems(router: FirelensConfiguration, *, fargate: bool) -> Iterator[Problem]:
    """Check the configuration file of a log router. Paths start at the router's options.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/firelens-taskdef.html"""
    for kind in router_file_types(router):
        if re.search(GAP, kind.text):
            text = f"{FILE_TYPE} must be known when the template is rendered, because permissions depend on it"
            yield Problem("task-log", (FILE_TYPE,), text, "write file or s3, or !If with these two")
        elif fargate and kind.text == "s3":
            text = f"{FILE_TYPE} must be file on Fargate, got s3"
            fix = f"put the file into the router's image: {{{FILE_TYPE}: file, {FILE_VALUE}: /path/in/the/image}}"
            yield Problem("task-log", (FILE_TYPE,), text, fix)
        elif kind.text not in ("file", "s3"):
            text = f"{FILE_TYPE} must be file or s3, got {quoted(kind.text)}"
            yield Problem("task-log", (FILE_TYPE,), text, "use file, or on instances s3")
    if (FILE_TYPE in router.options) != (FILE_VALUE in router.options):
        text = f"{FILE_TYPE} and {FILE_VALUE} must be set together"
        yield Problem("task-log", (), text, "set both: the type, and the path or the ARN of the object")


def router_option_problems(router: FirelensConfiguration) -> Iterator[Problem]:
    """Check the options of a log router. Paths start at the router's configuration."""
    yield from _unknown(router.options, _ROUTER, "a log router")
    metadata = router.options.get("enable-ecs-log-metadata")
    if is_known(metadata) and metadata not in ("true", "false"):
        text = f"enable-ecs-log-metadata must be true or false, got {shown(metadata)}"
        yield Problem("task-log", ("options", "enable-ecs-log-metadata"), text, 'use "true" or "false"')


def _form_problems(options: Mapping[str, object]) -> Iterator[Problem]:
    for name, (form, words) in _FORMS.items():
        value = options.get(name)
        if is_known(value) and not value.startswith("arn:") and not re.fullmatch(form, value):
            yield Problem("task-log", ("options", name), f"{name} must be {words}, got {shown(value)}", "correct it")


def _buffer_problems(options: Mapping[str, object]) -> Iterator[Problem]:
    """Docker does not start a container with a buffer size that it does not use.
    https://docs.docker.com/engine/logging/configure/#configure-the-delivery-mode-of-log-messages-from-container-to-log-driver
    """
    if options.get("mode") == "blocking" and "max-buffer-size" in options:
        text = f"max-buffer-size {options['max-buffer-size']} requires mode non-blocking, but mode is blocking"
        yield Problem(
            "task-log", ("options", "max-buffer-size"), text, "remove max-buffer-size, or set mode: non-blocking"
        )


def _unknown(options: Mapping[str, object], known: tuple[str, ...], of: str) -> Iterator[Problem]:
    for name in options:
        if name not in known:
            near = closest(name, known)
            fix = did_you_mean(near) or f"use one of {', '.join(known)}"
            yield Problem("task-log", ("options", name), f"unknown option {shown(name)} of {of}", fix, "warning")
