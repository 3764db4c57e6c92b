"""Find what an account must have before stacks can be deployed, and the commands that find or create it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pipegen.checks.values.constraints import declared_of, references_of
from pipegen.definition import Definition
from pipegen.frozen import frozen
from pipegen.references.contents import parameters_of
from pipegen.references.forms import Form
from pipegen.references.kinds import (
    APPLICATION_LISTENER,
    CERTIFICATE,
    CONNECTION,
    LISTENER,
    SECURITY_GROUP,
    SUBNET,
    VPC,
)
from pipegen.references.mark import LocatedReference

_HOSTED = ("GitHubEnterpriseServer", "GitLabSelfManaged")
"""Connections of these types belong to a host."""
_CONNECTION_NAME = 32
"""The maximum number of characters: https://docs.aws.amazon.com/codeconnections/latest/APIReference/API_CreateConnection.html"""


@frozen
class Prerequisite:
    """A parameter of the stacks that has no default. find, create: commands, or the page to open."""

    parameter: str
    description: str
    find: str = ""
    create: str = ""


def prerequisites(definition: Definition) -> Iterator[Prerequisite]:
    """Return the parameters that a deployment of the definition must set, in order."""
    uses = _uses(definition)
    for name, parameter in definition.parameters.items():
        if parameter.default is None:
            reference = uses.get(name)
            guide = None if reference is None else _GUIDES.get(reference.mark.forms[0])
            commands = ("", "") if guide is None or reference is None else guide(definition, reference)
            yield Prerequisite(name, parameter.description or "", *commands)


def _uses(definition: Definition) -> Mapping[str, LocatedReference]:
    """Find the first use of each parameter in a field that takes references."""
    declared = declared_of(definition)
    uses: dict[str, LocatedReference] = {}
    for reference in references_of(definition):
        for name, _ in parameters_of(reference.value, declared):
            uses.setdefault(name, reference)
    return uses


def _connection(definition: Definition, reference: LocatedReference) -> tuple[str, str]:
    """A new connection is pending until a person completes it:
    https://docs.aws.amazon.com/dtconsole/latest/userguide/connections-update.html
    https://docs.aws.amazon.com/cli/latest/reference/codeconnections/create-connection.html"""
    provider = str(getattr(_owner(definition, reference), "provider_type", "GitHub"))
    kind = "--host-arn HOST_ARN" if provider in _HOSTED else f"--provider-type {provider}"
    create = f"aws codeconnections create-connection {kind} --connection-name {definition.name[:_CONNECTION_NAME]}"
    page = "https://console.aws.amazon.com/codesuite/settings/connections"
    find = f"aws codeconnections list-connections --provider-type-filter {provider}"
    return find, f"{create}; then complete it on {page}"


def _owner(definition: Definition, reference: LocatedReference) -> Any:
    """Return the model that has the field."""
    owner: Any = definition
    for part in reference.path[:-1]:
        owner = owner[part] if isinstance(part, int) or isinstance(owner, Mapping) else getattr(owner, part, None)
    return owner


def _certificate(_definition: Definition, _reference: LocatedReference) -> tuple[str, str]:
    """https://docs.aws.amazon.com/cli/latest/reference/acm/request-certificate.html
    https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html"""
    create = "aws acm request-certificate --domain-name NAME --validation-method DNS"
    page = "https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html"
    return "aws acm list-certificates --certificate-statuses ISSUED", f"{create}; then validate it: {page}"


def _vpc(_definition: Definition, _reference: LocatedReference) -> tuple[str, str]:
    """https://docs.aws.amazon.com/cli/latest/reference/ec2/describe-vpcs.html"""
    return "aws ec2 describe-vpcs", "https://docs.aws.amazon.com/vpc/latest/userguide/create-vpc.html"


def _subnet(_definition: Definition, _reference: LocatedReference) -> tuple[str, str]:
    """https://docs.aws.amazon.com/cli/latest/reference/ec2/describe-subnets.html"""
    return "aws ec2 describe-subnets --filters Name=vpc-id,Values=VPC_ID", ""


def _security_group(_definition: Definition, _reference: LocatedReference) -> tuple[str, str]:
    """https://docs.aws.amazon.com/cli/latest/reference/ec2/describe-security-groups.html"""
    return "aws ec2 describe-security-groups --filters Name=vpc-id,Values=VPC_ID", ""


def _listener(_definition: Definition, _reference: LocatedReference) -> tuple[str, str]:
    """https://docs.aws.amazon.com/cli/latest/reference/elbv2/describe-listeners.html"""
    return "aws elbv2 describe-listeners --load-balancer-arn LOAD_BALANCER_ARN", ""


_GUIDES: Mapping[Form, Callable[[Definition, LocatedReference], tuple[str, str]]] = {
    CONNECTION: _connection,
    CERTIFICATE: _certificate,
    VPC: _vpc,
    SUBNET: _subnet,
    SECURITY_GROUP: _security_group,
    LISTENER: _listener,
    APPLICATION_LISTENER: _listener,
}
