"""Log configurations of containers.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, field
from typing import Annotated, Literal

from pipegen.ecs.serialization import aws, named_sources
from pipegen.fields.gaps import GAP
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.references.kinds import PARAMETER, PARAMETER_NAME, PART_OF_SECRET
from pipegen.references.mark import Refers
from pipegen.values.shape import Shape, shapes
from pipegen.values.value import TextValue, Value

_BOTH_VERSIONS = re.compile("arn:.*:secret:[^:]+:[^:]*:[^:]+:[^:]+")
_ONLY_KEY = re.compile(rf"{GAP}:(?!secret:)[A-Za-z_][A-Za-z0-9_-]*:?")


def _doubt(text: str) -> str:
    """Why a reference to a part of a secret is probably wrong; a gap at its start is probably the ARN of the secret."""
    if _ONLY_KEY.fullmatch(text):
        return "ends in a JSON key without both of the colons after it"
    return "names both a stage and an id of the secret's version" if _BOTH_VERSIONS.fullmatch(text) else ""


TASK_SECRET = Refers(
    PART_OF_SECRET,
    PARAMETER,
    PARAMETER_NAME,
    is_secret=True,
    doubt=_doubt,
    fix="use the ARN of a secret, with both colons after a JSON key, arn:aws:secretsmanager:REGION:ACCOUNT:secret:"
    "NAME:JSON-KEY::, or a parameter's ARN or name, /PATH/NAME, without a version",
)
"""A secret or parameter that ECS reads when a container starts, for the container or its log driver."""


@frozen
class LogConfiguration(Model):
    """Where a container writes its log.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html"""

    driver: Value = field(metadata=aws("logDriver"))
    """The log driver: awslogs, splunk or awsfirelens; on instances also fluentd, gelf, json-file, journald or
    syslog."""
    _: KW_ONLY
    options: Mapping[str, TextValue] = field(default_factory=dict)
    """The options of the driver by name. awslogs requires awslogs-group and awslogs-region, and on Fargate
    awslogs-stream-prefix."""
    secret_options: Mapping[str, Annotated[Value, TASK_SECRET]] = field(
        default_factory=dict, metadata=aws(convert=named_sources)
    )
    """Options whose values ECS reads when the container starts: by name the ARN of a Secrets Manager secret, or the
    name or ARN of an SSM parameter."""


@frozen
class FirelensConfiguration(Model):
    """Makes a container the log router of its task.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_firelens.html"""

    type: Literal["fluentd", "fluentbit"]
    """The log router that the container runs."""
    _: KW_ONLY
    options: Mapping[str, TextValue] = field(default_factory=dict)
    """Options of the router: enable-ecs-log-metadata; config-file-type (file, or on instances s3) together with
    config-file-value (its path in the image, or its ARN).
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/firelens-taskdef.html"""


ROUTER = "awsfirelens"
FILE_TYPE, FILE_VALUE = "config-file-type", "config-file-value"


def router_file(router: FirelensConfiguration) -> Iterator[Value]:
    """The possible ARNs of the router's configuration file in S3."""
    value = router.options.get(FILE_VALUE)
    if value is not None and any(kind.text == "s3" for kind in router_file_types(router)):
        yield from (each.value() for each in shapes(value) if not each.text.startswith("/"))


def router_file_types(router: FirelensConfiguration) -> Iterator[Shape]:
    """The possible values of config-file-type."""
    if FILE_TYPE in router.options:
        yield from shapes(router.options[FILE_TYPE])
