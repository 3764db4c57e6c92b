"""Options of the commands for manual deployments, and checks of their values."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from pipegen.cli import report
from pipegen.cli.completing import (
    complete_action,
    complete_definition,
    complete_definition_name,
    complete_parameter,
    complete_region,
)
from pipegen.errors import did_you_mean, one_line, quoted
from pipegen.syntax.names import PARAMETER as _PARAMETER

if TYPE_CHECKING:
    from pipegen.model.stack_settings import Parameter

PathArgument = Annotated[
    Path,
    typer.Argument(
        help="A definition: a YAML file, or a Python module that assigns Definition objects.",
        autocompletion=complete_definition,
    ),
]
ActionOption = Annotated[
    str | None,
    typer.Option(
        "--action",
        metavar="STAGE/ACTION",
        help="The deploy action; required if the definition has several.",
        autocompletion=complete_action,
    ),
]
DefinitionOption = Annotated[
    str | None,
    typer.Option(
        "--definition",
        metavar="NAME",
        help="The definition; required if a Python file has several.",
        autocompletion=complete_definition_name,
    ),
]
ParameterOption = Annotated[
    list[str] | None,
    typer.Option(
        "--parameter",
        metavar="NAME=VALUE",
        help="The value of a template parameter, of a pseudo parameter such as AWS::StackName, or of another stack's "
        "export. Required for each that is used and has no default; may be repeated.",
        autocompletion=complete_parameter,
    ),
]
AccountOption = Annotated[
    str | None, typer.Option("--account", metavar="ID", help="The account of the deployment: AWS::AccountId.")
]
RegionOption = Annotated[
    str | None,
    typer.Option(
        "--region",
        metavar="REGION",
        help="The region of the deployment: AWS::Region, which also sets AWS::Partition and AWS::URLSuffix.",
        autocompletion=complete_region,
    ),
]
ImageOption = Annotated[
    list[str] | None,
    typer.Option(
        "--image",
        metavar="CONTAINER=URI",
        help="The image of a container. Required for each container whose image the deployment sets; may be repeated.",
    ),
]

_ARN = re.compile(r"arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:task-definition/[A-Za-z0-9_-]{1,255}:[1-9][0-9]*")
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html"""
_IMAGE = re.compile(r"[A-Za-z0-9_:./#@-]+")
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html (image)"""
_OBJECT = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(.{1,1024})")
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""

_PSEUDO_FORMS = {
    "AWS::AccountId": (re.compile(r"[0-9]{12}"), "have 12 digits"),
    "AWS::Region": (re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]+"), "be a region such as eu-west-1"),
}


def usage_error(message: str) -> NoReturn:
    """Report a usage error in one line, and exit with 2."""
    report.fail(one_line(message, 10_000))
    raise typer.Exit(2)


def near(name: str, known: Iterable[str]) -> str:
    """Suggest a similar name, or list the known names."""
    known = list(known)
    names = difflib.get_close_matches(name, known, n=1)
    return did_you_mean(*names[:1]) or f"there is {', '.join(known) or 'none'}"


def pairs(option: str, texts: Sequence[str] | None) -> Iterator[tuple[str, str]]:
    """Split the values of an option into names and values. Exits on malformed or repeated ones."""
    values, faults = split_pairs(option, texts or ())
    if faults:
        usage_error(faults[0])
    yield from values.items()


def split_pairs(option: str, texts: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Split the values of an option into values by name, and messages about malformed ones."""
    values: dict[str, str] = {}
    faults = []
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            faults.append(f"{option} {quoted(text)} is not NAME=VALUE; write {option} {name or 'NAME'}=VALUE")
        elif name in values:
            faults.append(f"{option} {name} is given twice; keep one of them")
        elif not _is_text(value):
            faults.append(f"{option} {name} is not valid UTF-8; encode it in UTF-8")
        else:
            values[name] = value
    return values, faults


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def images(options: Sequence[str] | None, placeholders: Mapping[str, str], *, all_of_them: bool) -> dict[str, str]:
    """Return the URIs of `--image` by placeholder."""
    uris: dict[str, str] = {}
    for container, uri in pairs("--image", options):
        if container not in placeholders:
            usage_error(f"--image {container}: the deployment brings no image for it; {near(container, placeholders)}")
        if not _IMAGE.fullmatch(uri):
            usage_error(f"--image {container}: {quoted(uri)} is not an image URI; give the URI, with tag or digest")
        uris[placeholders[container]] = uri
    missing = [container for container, placeholder in placeholders.items() if placeholder not in uris]
    if missing and all_of_them:
        usage_error(f"images are missing; give {' '.join(f'--image {container}=URI' for container in missing)}")
    return uris


def task_definition_arn(text: str | None) -> str | None:
    if text is not None and not _ARN.fullmatch(text):
        fix = "such as arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7"
        usage_error(f"--task-definition {quoted(text)} is not the ARN of a revision; give one {fix}")
    return text


def s3_object(text: str) -> tuple[str, str]:
    """Return bucket and key of an S3 URI."""
    match = _OBJECT.fullmatch(text)
    if not match:
        usage_error(f"--s3 {quoted(text)} is not an S3 object; give s3://BUCKET/KEY")
    return match[1], match[2]


def values(
    options: Sequence[str] | None, account: str | None, region: str | None, parameters: Mapping[str, Parameter]
) -> dict[str, str]:
    """Return the values of the options by parameter, pseudo parameter or export. Names of exports cannot be names of
    parameters."""
    from pipegen.checks.stacks.parameter_values import invalid_value
    from pipegen.deploy.resolve import PSEUDO

    known = [*parameters, *(f"AWS::{each}" for each in PSEUDO)]
    by_name = dict(pairs("--parameter", options))
    for option, name, value in (("--account", "AWS::AccountId", account), ("--region", "AWS::Region", region)):
        if value is not None and by_name.setdefault(name, value) != value:
            usage_error(f"{option} and --parameter {name} differ; keep one of them")
    for name, value in by_name.items():
        if name not in known and (name.startswith("AWS::") or _PARAMETER.matches(name)):
            usage_error(f"--parameter {name}: there is no such parameter; {near(name, known)}")
        form, form_text = _PSEUDO_FORMS.get(name, (None, ""))
        if form is not None and not form.fullmatch(value):
            usage_error(f"{name} must {form_text}, got {quoted(value)}")
        if name in parameters and (reason := invalid_value(parameters[name], value)):
            usage_error(f"--parameter {name}: its value {reason}")
    return by_name
