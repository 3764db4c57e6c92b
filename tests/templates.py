"""Templates for tests: a definition as data, rendered through the same door as a file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pipegen import render
from pipegen.loading.definition import read

SOURCE: dict[str, Any] = {
    "kind": "github",
    "name": "App",
    "repository": "acme/app",
    "branch": "main",
    "connection": {"Ref": "ConnectionArn"},
}
BUILD: dict[str, Any] = {
    "kind": "docker-build",
    "name": "Image",
    "images": [{"container": "app", "repository": "app"}],
}
DEPLOY: dict[str, Any] = {
    "kind": "ecs-deploy",
    "name": "Deploy",
    "cluster": "main",
    "service": "app",
    "roles": ["app-task"],
}


def definition(
    source: Mapping[str, Any] = SOURCE,
    build: Mapping[str, Any] = BUILD,
    deploy: Mapping[str, Any] = DEPLOY,
    **fields: Any,
) -> dict[str, Any]:
    """A pipeline of three stages, as data."""
    stages = [
        {"name": "Source", "actions": [dict(source)]},
        {"name": "Build", "actions": [dict(build)]},
        {"name": "Deploy", "actions": [dict(deploy)]},
    ]
    found = {"name": "app", "parameters": {"ConnectionArn": {}}, "pipeline": {"stages": stages}}
    return found | fields


def template(data: Mapping[str, Any]) -> dict[str, Any]:
    """The template of the definition's one stack."""
    [rendered] = render(read(data), format="json").stacks
    found: dict[str, Any] = json.loads(rendered.text)
    return found


def resources(data: Mapping[str, Any], resource_type: str = "") -> dict[str, Any]:
    """Properties by logical id, of one type or of all."""
    return {
        logical_id: resource.get("Properties", {})
        for logical_id, resource in template(data)["Resources"].items()
        if resource_type in ("", resource["Type"])
    }


def statements(role: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for policy in role["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def allowed(role: Mapping[str, Any], action: str) -> list[Any]:
    """The resources on which a role may do that."""
    return [
        resource
        for statement in statements(role)
        if action in statement["Action"]
        for resource in statement["Resource"]
    ]


def action(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An action of the pipeline as the template has it."""
    [pipeline] = resources(data, "AWS::CodePipeline::Pipeline").values()
    return next(each for stage in pipeline["Stages"] for each in stage["Actions"] if each["Name"] == name)
