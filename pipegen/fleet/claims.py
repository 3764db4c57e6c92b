"""Names that a definition takes for itself in an account and region, and whether another has one of them.

A claim is `TYPE NAME`, or `TYPE SCOPE NAME` where a name is free again in another scope. Parameters stand in it as
`${Name}` or `${Name=default}`, and come to what an environment gives for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pipegen.errors import Problem

if TYPE_CHECKING:
    from pipegen.environment import Environment

_PARAMETER = re.compile(r"\$\{([A-Za-z0-9:]+)(?:=([^}]*))?\}")
_SUBSTITUTED = re.compile(r"\$\{([^}]*)\}")
DEFINITION, STACK, EXPORT = "definition", "stack", "export"
RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
_UNKNOWN: Mapping[str, Any] = {"account": None, "region": None, "parameters": {}}
_PSEUDO = ("AWS::AccountId", "AWS::Region", "AWS::Partition", "AWS::URLSuffix")


@dataclass(frozen=True, slots=True)
class _Named:
    """How the resources of a type are named. scope: the property in which a name is unique; else it is so in the
    region, in the whole `account`, or in the `world`."""

    words: str
    name: str
    scope: str = ""
    reach: str = "region"


NAMED: Mapping[str, _Named] = {
    "AWS::CloudWatch::Alarm": _Named("alarm", "AlarmName"),
    "AWS::CodeBuild::Project": _Named("build project", "Name"),
    "AWS::CodeDeploy::Application": _Named("CodeDeploy application", "ApplicationName"),
    "AWS::CodeDeploy::DeploymentConfig": _Named("deployment configuration", "DeploymentConfigName"),
    "AWS::CodeDeploy::DeploymentGroup": _Named("deployment group", "DeploymentGroupName", "ApplicationName"),
    "AWS::CodePipeline::Pipeline": _Named("pipeline", "Name"),
    "AWS::ECR::Repository": _Named("repository", "RepositoryName"),
    "AWS::ECS::CapacityProvider": _Named("capacity provider", "Name"),
    "AWS::ECS::Cluster": _Named("cluster", "ClusterName"),
    "AWS::ECS::Service": _Named("service", "ServiceName", "Cluster"),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _Named("load balancer", "Name"),
    "AWS::ElasticLoadBalancingV2::TargetGroup": _Named("target group", "Name"),
    RULE: _Named("priority", "Priority", "ListenerArn"),
    "AWS::Events::Rule": _Named("event rule", "Name", "EventBusName"),
    "AWS::IAM::ManagedPolicy": _Named("policy", "ManagedPolicyName", reach="account"),
    "AWS::IAM::Role": _Named("role", "RoleName", reach="account"),
    "AWS::KMS::Alias": _Named("key alias", "AliasName"),
    "AWS::Lambda::Function": _Named("function", "FunctionName"),
    "AWS::Logs::LogGroup": _Named("log group", "LogGroupName"),
    "AWS::S3::Bucket": _Named("bucket", "BucketName", reach="world"),
    "AWS::SNS::Topic": _Named("topic", "TopicName"),
    "AWS::SSM::Parameter": _Named("parameter in Parameter Store", "Name"),
    "AWS::ServiceDiscovery::Service": _Named("discovery service", "Name", "NamespaceId"),
    DEFINITION: _Named("definition", "", reach="world"),
    STACK: _Named("stack", ""),
    EXPORT: _Named("export", ""),
}
"""By the names of https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html"""


def claims_of(stack: str, document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a stack claims, with the logical id of the resource; none for the stack itself and what it exports."""
    parameters = _mapping(document.get("Parameters"))
    yield f"{STACK} {stack}", ""
    for logical_id, resource in document["Resources"].items():
        named = NAMED.get(resource["Type"])
        properties = _mapping(resource.get("Properties"))
        if named is None or named.name not in properties:
            continue
        words = [resource["Type"], spelled(properties[named.name], parameters)]
        if named.scope:
            words.insert(1, spelled(properties.get(named.scope, "default"), parameters))
        if None not in words:
            yield " ".join(map(str, words)), logical_id
    for output in _mapping(document.get("Outputs")).values():
        name = spelled(_mapping(_mapping(output).get("Export")).get("Name"), parameters)
        if name is not None:
            yield f"{EXPORT} {name}", ""


def spelled(value: Any, parameters: Mapping[str, Any]) -> str | None:
    """A value with its parameters in `${…}`; None where it cannot be told, or is of this stack alone."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    [(function, argument)] = value.items()
    if function == "Ref":
        return _reference(str(argument), parameters)
    if function == "Fn::ImportValue":
        name = spelled(argument, parameters)
        return None if name is None else f"!ImportValue:{name}"
    if function != "Fn::Sub" or not isinstance(argument, str):
        return None
    found = [_reference(name, parameters) for name in _SUBSTITUTED.findall(argument)]
    if None in found:
        return None
    replacements = iter(found)
    return _SUBSTITUTED.sub(lambda _: str(next(replacements)), argument)


def _reference(name: str, parameters: Mapping[str, Any]) -> str | None:
    if name in _PSEUDO:
        return f"${{{name}}}"
    if name not in parameters:
        return None  # of the stack itself, or its own name
    parameter = _mapping(parameters[name])
    if str(parameter.get("NoEcho")).lower() == "true":
        return None  # its value is for nobody to compare
    default = parameter.get("Default")
    return f"${{{name}={default}}}" if isinstance(default, str) and "}" not in default else f"${{{name}}}"


def _mapping(data: Any) -> Mapping[str, Any]:
    return data if isinstance(data, Mapping) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimant:
    """A definition, and its file."""

    name: str
    source: str
    environments: tuple[str, ...]
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clash:
    """A claim of a definition that an earlier one has too."""

    claimant: Claimant
    claim: str
    earlier: Claimant

    def problem(self, place: str, source: str) -> Problem:
        """Told at a place; `source`: the other's file as it is told."""
        other = source if not place.startswith(f"{source}:") else ""
        return replace(self._problem(source), place=place, other=other)

    def _problem(self, source: str) -> Problem:
        kind, name, fix = self.claim.partition(" ")[0], _name(self.claim), "rename one of the two"
        if kind == DEFINITION:
            text = f"{source} has a definition named {self.earlier.name} already"
            return Problem("duplicate-definition", (), text, fix)
        if kind == STACK:
            return Problem("duplicate-stack", (), f"{source} makes the stack {name} too", fix)
        if kind == RULE:
            text = f"the priority {name} on this listener is taken by {self.earlier.name} ({source})"
            fix = "give each rule on a listener a priority of its own"
            return Problem("listener-priority", (), text, fix)
        shown = _PARAMETER.sub(lambda found: f"${{{found[1]}}}", name)
        return Problem("duplicate-resource", (), f"{source} makes the {NAMED[kind].words} {shown} too", fix)


def environments_of(environments: Mapping[str, Environment]) -> dict[str, Any]:
    """A fleet's environments as claims see them."""
    return {
        name: {
            "account": each.account,
            "region": each.region,
            "parameters": {parameter: each.value(parameter) for parameter in sorted(each.parameters)},
        }
        for name, each in environments.items()
    }


def with_what_is_claimed(environments: Mapping[str, Any], claims: Iterable[str]) -> dict[str, Any]:
    """The environments as a manifest has them: with the values that these claims use, and no others. None of them is of
    a NoEcho parameter, or of one that no template declares."""
    used = {found[1] for claim in claims for found in _PARAMETER.finditer(claim)}
    return {
        name: {**each, "parameters": {key: value for key, value in each["parameters"].items() if key in used}}
        for name, each in environments.items()
    }


def clashes(claimants: Iterable[Claimant], environments: Mapping[str, Any]) -> Iterator[Clash]:
    """The first clash of each claimant with one before it; its claims are held all the same.

    environments: by name, with `account`, `region` and `parameters`. Two definitions clash where an environment of the
    one is, or could be, in the account and region of one of the other.
    """
    taken: dict[str, list[tuple[Claimant, tuple[str, ...]]]] = {}
    for claimant in claimants:
        told = False
        for claim, text, where in _resolved(claimant, environments):
            reach = NAMED[text.partition(" ")[0]].reach
            holders = taken.setdefault(text, [])
            for earlier, there in holders:
                if not told and earlier is not claimant and _meet(where, there, reach, environments):
                    told = True
                    yield Clash(claimant, claim, earlier)
            holders.append((claimant, where))


def _resolved(claimant: Claimant, environments: Mapping[str, Any]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Each claim, what it comes to, and where. A scope may stay open: it is the same parameter then."""
    for claim in claimant.claims:
        if "${" not in claim:
            yield claim, claim, claimant.environments
            continue
        for name in claimant.environments or ("",):
            text = _filled(claim, environments.get(name))
            if "${" not in _name(text):
                yield claim, text, (name,) if name else ()


def _name(claim: str) -> str:
    """A claim without type and scope; there may be spaces in it."""
    kind, _, name = claim.partition(" ")
    return name.partition(" ")[2] if NAMED[kind].scope else name


def _filled(claim: str, environment: Any) -> str:
    given = environment or _UNKNOWN
    known = {"AWS::AccountId": given["account"], "AWS::Region": given["region"], **given["parameters"]}

    def value(found: re.Match[str]) -> str:
        default = found[2] if found[2] is not None else found[0]
        return str(known.get(found[1]) or default)

    return _PARAMETER.sub(value, claim)


def _meet(ours: tuple[str, ...], theirs: tuple[str, ...], reach: str, environments: Mapping[str, Any]) -> bool:
    if reach == "world" or not ours or not theirs:
        return True
    parts = ("account",) if reach == "account" else ("account", "region")
    return any(
        one == other
        or all(
            _may_be_one(environments.get(one, _UNKNOWN)[part], environments.get(other, _UNKNOWN)[part])
            for part in parts
        )
        for one in ours
        for other in theirs
    )


def _may_be_one(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other
