"""Commands of the AWS CLI that deploy rendered stacks."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from itertools import chain

from pipegen.deploy.parameters import secrets, takes_file
from pipegen.deploy.remarks import remarks
from pipegen.model.environment import Environment
from pipegen.rendering import INLINE_LIMIT, RenderedStack
from pipegen.stacks.stack import Document, Stack, capabilities_of, resources_of

_CONTINUED = " \\\n    "


def deploy_command(rendered: RenderedStack, file: str) -> str:
    """Return `aws cloudformation deploy` for a stack, with VALUE for parameters that neither a default nor the stack's
    environment sets."""
    stack = rendered.stack
    values = {name: value for name in stack.template.parameters if (value := _value(stack, name)) is not None}
    overrides = [shlex.quote(f"{name}={value}") for name, value in values.items()]
    overrides += [f"{parameter}=VALUE" for parameter in stack.open_parameters if parameter not in values]
    return _deploy(stack.name, file, stack.capabilities, rendered.needs_bucket, overrides, _where(stack.environment))


def _value(stack: Stack, parameter: str) -> str | None:
    return stack.environment.value(parameter) if stack.environment else None


def _where(environment: Environment | None) -> Sequence[str]:
    """Return the options for the region and the credentials of an environment."""
    if environment is None:
        return ()
    options = {"--region": environment.region, "--profile": environment.profile}
    return [f"{option} {shlex.quote(value)}" for option, value in options.items() if value]


def needs(stack: Stack) -> Iterator[str]:
    """Yield comments about the account of a stack, and about values that are outputs of stacks before it."""
    if stack.environment is not None:
        yield f"# With credentials of the account {stack.environment.account}:"
    for parameter, source in stack.inputs.items():
        yield f"# {parameter} is the output {source.output} of {source.stack}"


def environment_command(rendered: RenderedStack, file: str, environment: Environment, parameters: str) -> str:
    """Return the command for an environment. parameters: the path of its parameter file.

    It sets no tags: the template tags everything that can be tagged, and CloudFormation would add the tags of the stack
    to the same resources. The AWS CLI accepts a file or parameters, not both, so a comment lists NoEcho parameters.
    """
    stack = rendered.stack
    overrides = [shlex.quote(f"file://{parameters}")] if takes_file([rendered]) else []
    where = _where(environment)
    command = _deploy(stack.name, file, stack.capabilities, rendered.needs_bucket, overrides, where)
    hidden = secrets([rendered])
    if not hidden:
        return command
    words = " ".join(f'"{name}=…"' for name in hidden)
    return f"# NoEcho: to create {stack.name}, use a copy of the parameter file that also has {words}\n{command}"


def deploy_document_command(name: str, document: Document, text: str, file: str, parameters: Sequence[str]) -> str:
    """Return the command for a template that is given as data and as text. parameters: those that need a value."""
    overrides = [f"{parameter}=VALUE" for parameter in parameters]
    return _deploy(name, file, capabilities_of(document), len(text.encode()) > INLINE_LIMIT, overrides)


def _deploy(
    name: str,
    file: str,
    capabilities: Sequence[str],
    needs_bucket: bool,
    overrides: Sequence[str],
    where: Sequence[str] = (),
) -> str:
    """https://docs.aws.amazon.com/cli/latest/reference/cloudformation/deploy/index.html"""
    parts = ["aws cloudformation deploy", *where, f"--stack-name {name}", f"--template-file {shlex.quote(file)}"]
    if capabilities:
        parts.append(f"--capabilities {' '.join(capabilities)}")
    if needs_bucket:
        parts.append("--s3-bucket BUCKET")
    if overrides:
        parts.append(f"--parameter-overrides {' '.join(overrides)}")
    parts.append("--no-fail-on-empty-changeset")
    return _CONTINUED.join(parts)


def delete_command(name: str) -> str:
    """https://docs.aws.amazon.com/cli/latest/reference/cloudformation/delete-stack.html"""
    return f"aws cloudformation delete-stack --stack-name {name}"


def transition_command(pipeline: str, stage: str, *, enable: bool) -> str:
    """Return the command that disables or enables the transition to a stage.
    https://docs.aws.amazon.com/cli/latest/reference/codepipeline/disable-stage-transition.html"""
    verb = "enable" if enable else "disable"
    words = ["aws", "codepipeline", f"{verb}-stage-transition", "--pipeline-name", pipeline, "--stage-name", stage]
    words += ["--transition-type", "Inbound"]
    return shlex.join(words if enable else [*words, "--reason", "the deployment strategy changes"])


def has_service(rendered: RenderedStack) -> bool:
    """Whether the stack has an ECS service."""
    return any(True for _ in resources_of(rendered.document, "AWS::ECS::Service"))


def deploy_notes(rendered: Sequence[RenderedStack]) -> str:
    """Return comments about what the commands do not check, unlike `deploy.sh`.
    https://github.com/aws/aws-cli/blob/v2/awscli/customizations/cloudformation/deployer.py"""
    services = [each.stack.name for each in rendered if has_service(each)]
    if not services:
        return ""
    return (
        f"# Update {', '.join(services)} only while no deployment of the service is in progress (see\n"
        "# aws ecs list-service-deployments) and the image of the last one is recorded: an update deploys that image.\n"
        "# The AWS CLI waits for an hour at most. If it times out, the stack deployment continues:\n"
        "# aws cloudformation describe-stacks --stack-name NAME\n"
    )


def deploy_commands(rendered: Sequence[tuple[RenderedStack, str]]) -> str:
    lines = (
        (*remarks(each.stack.name, each.document), *needs(each.stack), deploy_command(each, file))
        for each, file in rendered
    )
    return "\n".join(chain.from_iterable(lines))
