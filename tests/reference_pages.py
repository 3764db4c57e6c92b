"""Which models each page of `docs/reference/` is about, and the links between pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pipegen.actions.kinds import KINDS
from pipegen.conditions.kinds import KINDS as RULE_KINDS
from pipegen.definition import Definition
from pipegen.fields.model import Model
from pipegen.loading.blueprints.blueprint import BlueprintData
from pipegen.loading.fleet import FleetData
from pipegen.loading.schemas.schema import schema_of
from pipegen.notifications.kinds import KINDS as NOTIFICATION_KINDS
from pipegen.pipeline.foundation import Foundation
from pipegen.values.schemas import DEFINITIONS
from tests.aws_names import subclasses


@dataclass(frozen=True, slots=True)
class Page:
    """A page about models; others that only these use are on it too. title: of the page, where it is not a kind's."""

    name: str
    title: str
    models: tuple[str, ...]


def _kind(kind: str) -> Page:
    return Page(kind, f"`{kind}`", (KINDS[kind].__name__,))


def _rule(kind: str) -> Page:
    return Page(f"rule-{kind}", f"Rule `{kind}`", (RULE_KINDS[kind].__name__,))


def _notification(kind: str) -> Page:
    return Page(f"notification-{kind}", f"Notification `{kind}`", (NOTIFICATION_KINDS[kind].__name__,))


SOURCES = ("github", "github-enterprise", "gitlab", "gitlab-self-managed", "bitbucket", "codecommit", "s3", "ecr")
BUILDS = ("docker-build", "codebuild", "commands")
DEPLOYMENTS = ("ecs-deploy", "ecs-rollout", "codedeploy-ecs", "cloudformation", "s3-deploy")

GROUPS: Mapping[str, Sequence[Page]] = {
    "Files": (
        Page("definition", "Definition", ("Definition",)),
        Page("fleet", "Fleet: `pipegen.yaml`", ("FleetData",)),
        Page("blueprint", "Blueprint: `blueprint.yaml`", ("BlueprintData",)),
        Page("blueprint-parameter", "Parameter of a blueprint", ("BlueprintParameter",)),
        Page("foundation", "Foundation", ("Foundation",)),
    ),
    "Pipeline": (
        Page("pipeline", "Pipeline", ("Pipeline",)),
        Page("trigger", "Trigger", ("Trigger",)),
        Page("schedule", "Schedule of a pipeline", ("PipelineSchedule",)),
        Page("condition", "Conditions of a stage", ("BeforeEntry", "OnSuccess", "OnFailure")),
    ),
    "Rules of conditions": tuple(map(_rule, RULE_KINDS)),
    "Notifications": tuple(map(_notification, NOTIFICATION_KINDS)),
    "Sources": tuple(map(_kind, SOURCES)),
    "Builds": (*map(_kind, BUILDS), Page("cache", "Cache of a build", ("Cache",))),
    "Deployments": tuple(map(_kind, DEPLOYMENTS)),
    "Other actions": tuple(_kind(kind) for kind in KINDS if kind not in (*SOURCES, *BUILDS, *DEPLOYMENTS)),
    "Services": (
        Page("service", "Service", ("EcsService",)),
        Page("cluster", "Cluster", ("Cluster",)),
        Page("network", "Network of a service", ("ServiceNetwork",)),
        Page("load-balancer", "Load balancer of a service", ("LoadBalancer",)),
        Page("shared-listener", "Shared listener", ("SharedListener",)),
        Page("target-group", "Target group", ("TargetGroup",)),
        Page("autoscaling", "Autoscaling", ("Autoscaling",)),
        Page("placement", "Placement", ("PlacementStrategy", "ServicePlacementConstraint")),
        Page("service-connect", "Service Connect", ("ServiceConnect",)),
        Page("service-discovery", "Service discovery", ("ServiceDiscovery",)),
    ),
    "Ways of deployment": (
        Page("rolling", "Rolling deployment", ("Rolling",)),
        Page("blue-green", "Blue/green deployment", ("BlueGreen",)),
        Page("canary", "Canary deployment", ("Canary",)),
        Page("linear", "Linear deployment", ("Linear",)),
        Page("codedeploy", "Deployment by CodeDeploy", ("CodeDeploy",)),
        Page("lifecycle-hook", "Lifecycle hooks", ("LifecycleHook", "Pause")),
        Page("http-check", "HTTP check", ("HttpCheck",)),
        Page("appspec", "AppSpec", ("AppSpec",)),
        Page("deployment-group", "Deployment group", ("DeploymentGroup",)),
    ),
    "Tasks": (
        Page("task-definition", "Task definition", ("TaskDefinition",)),
        Page("container", "Container", ("Container",)),
        Page("volume", "Volume", ("Volume",)),
    ),
    "Parts of several kinds": (
        Page("repository", "Repository", ("Repository",)),
        Page("grant", "Grant", ("Grant",)),
        Page("resource", "Resource or output of a stack", ("StackResource", "StackOutput")),
        Page("vpc", "VPC of a build or a function", ("Vpc",)),
    ),
}
EVERY = {page.name: page for pages in GROUPS.values() for page in pages}


@cache
def models() -> Mapping[str, Any]:
    """The schema of each model."""
    found: dict[str, Any] = {}
    for root in (Definition, Foundation, FleetData, BlueprintData):
        schema = schema_of(root)
        found |= {**schema["$defs"], root.__name__: schema}
    return {name: schema for name, schema in found.items() if name not in DEFINITIONS}


@cache
def classes() -> Mapping[str, Any]:
    return {each.__name__: each for each in subclasses(Model)}


@cache
def homes() -> Mapping[str, str]:
    """The page of each model."""
    found = {model: page.name for page in EVERY.values() for model in page.models}
    for page in EVERY.values():
        for model in page.models:
            for name in _needed(model):
                found.setdefault(name, page.name)
    return found


def on(page: Page) -> list[str]:
    """The models on a page: its own, and those that are nowhere else."""
    inside = [name for model in page.models for name in _needed(model) if homes()[name] == page.name]
    return list(dict.fromkeys((*page.models, *inside)))


def _needed(model: str) -> Iterator[str]:
    """The models inside a model, without those that have pages, in the order in which its fields need them."""
    roots = {each for page in EVERY.values() for each in page.models}
    waiting, seen = [model], {model, *roots, *DEFINITIONS}
    while waiting:
        for name in _references(models()[waiting.pop(0)].get("properties", {})):
            if name not in seen:
                seen.add(name)
                waiting.append(name)
                yield name


def _references(data: Any) -> Iterator[str]:
    if isinstance(data, Mapping):
        if isinstance(data.get("$ref"), str):
            yield data["$ref"].removeprefix("#/$defs/")
        for item in data.values():
            yield from _references(item)
    elif isinstance(data, list):
        for item in data:
            yield from _references(item)


def link_to(name: str, page: str) -> str:
    if name in DEFINITIONS:
        return "data" if name == "Data" else "expression"
    home = EVERY[homes()[name]]
    anchor = "" if home.models[0] == name else f"#{name.lower()}"
    return f"[{name}]({'' if home.name == page and anchor else f'{home.name}.md'}{anchor})"


def fields_of(model: str) -> list[tuple[str, Mapping[str, Any]]]:
    """The fields of a model, the required ones first."""
    described, required = models()[model].get("properties", {}), models()[model].get("required", ())
    written = [(name, each) for name, each in described.items() if not ("const" in each and name == "kind")]
    return sorted(written, key=lambda field: field[0] not in required)
