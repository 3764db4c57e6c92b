"""Every kind of action in another account, and in another region of the pipeline's account."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipegen import ArtifactStore, Definition, Environment, Rendering, Stage, check, render
from pipegen.actions.kinds import KINDS
from pipegen.loading.definition import read
from tests.templates import statements

TOOLS, SHOP, HOME, FAR = "111111111111", "222222222222", "eu-west-1", "us-east-1"
PLACES = {"shop": (SHOP, HOME), "abroad": (TOOLS, FAR)}
ENVIRONMENTS = {
    "tools": {"account": TOOLS, "region": HOME},
    "shop": {"account": SHOP, "region": HOME},
    "abroad": {"account": TOOLS, "region": FAR},
}
CONNECTION = f"arn:aws:codeconnections:{HOME}:{TOOLS}:connection/0a1b2c3d"
CONNECTED = {"repository": "acme/app", "branch": "main", "connection": CONNECTION}
LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:222222222222:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2"
GROUP = {
    "cluster": "main",
    "service": "app",
    "target_groups": ["blue", "green"],
    "production_listener": {"Ref": "Listener"},
    "alarms": [],
}
SOURCES: Mapping[str, Mapping[str, Any]] = {
    **dict.fromkeys(("github", "github-enterprise", "gitlab", "gitlab-self-managed", "bitbucket"), CONNECTED),
    "codecommit": {"repository": "app", "branch": "main"},
    "s3": {"bucket": "acme-app", "key": "app.zip"},
    "ecr": {"repository": "app"},
}
DEPLOYMENTS: Mapping[str, Mapping[str, Any]] = {
    "docker-build": {"images": [{"container": "app", "repository": f"{TOOLS}.dkr.ecr.eu-west-1.amazonaws.com/app"}]},
    "codebuild": {"commands": ["make"]},
    "approval": {},
    "ecs-deploy": {"cluster": "main", "service": "app", "input": "Image"},
    "ecs-rollout": {"cluster": "main", "service": "app", "input": "Image"},
    "codedeploy-ecs": {
        "application": {"name": "app", "create": True},
        "deployment_group": GROUP,
        "images": [{"container": "app"}],
        "task_definition": {"file": "taskdef.json"},
        "appspec": {"container": "app", "port": 3000},
        "roles": ["app-task"],
    },
    "cloudformation": {
        "mode": "CREATE_UPDATE",
        "stack_name": "app",
        "template": {"artifact": "App", "path": "template.yaml"},
        "role": "deployer",
    },
    "record-images": {"parameters": {"app": "/app/image"}, "input": "Image", "source": "image-definitions"},
    "s3-deploy": {"bucket": "acme-site", "input": "App"},
    "commands": {"commands": ["make smoke"], "input": "App"},
    "lambda": {"function": "smoke"},
    "step-functions": {"state_machine": "smoke"},
    "start-pipeline": {"pipeline": "downstream"},
    "action": {
        "category": "Deploy",
        "provider": "ServiceCatalog",
        "inputs": ["App"],
        "configuration": {"ProductId": "prod-abc"},
        "grants": [
            {
                "actions": ["servicecatalog:CreateProvisioningArtifact"],
                "resources": [{"Fn::Sub": "arn:aws:catalog:${AWS::Region}:${AWS::AccountId}:product/prod-abc"}],
            }
        ],
    },
}
NOWHERE_ELSE = {"approval", *(kind for kind, fields in SOURCES.items() if fields is CONNECTED)}


def data(kind: str, runs_in: str | None) -> dict[str, Any]:
    """A definition with an action of the kind; None: in the environment of the pipeline."""
    place = {} if runs_in is None else {"runs_in": runs_in}
    source = {"kind": "codecommit", "name": "App", "repository": "app", "branch": "main"}
    build = {
        "kind": "docker-build",
        "name": "Image",
        "images": [{"container": "app", "repository": "app"}],
        "input": "App",
    }
    action = {"kind": kind, "name": "Here", **SOURCES.get(kind, DEPLOYMENTS.get(kind, {})), **place}
    if kind in ("docker-build", "codebuild"):
        action["input"] = "App"
    first = [source, action] if kind in SOURCES else [source]
    last = [{"kind": "approval", "name": "Ask"}] if kind in SOURCES else [action]
    return {
        "name": "app",
        "parameters": {"Listener": {}} if kind == "codedeploy-ecs" else {},
        "environments": ENVIRONMENTS,
        "pipelines": "tools",
        "artifacts": {"create_key": True},
        "pipeline": {
            "stages": [
                {"name": "Source", "actions": first},
                {"name": "Build", "actions": [build]},
                {"name": "Last", "actions": last},
            ]
        },
    }


def in_python(kind: str, runs_in: str) -> Definition:
    """The same, made of objects."""
    stages = read(data(kind, None)).pipeline.stages
    placed = [
        Stage(stage.name, *[replace(each, runs_in=runs_in) if each.name == "Here" else each for each in stage.actions])
        for stage in stages
    ]
    environments = {name: Environment(each["account"], each["region"]) for name, each in ENVIRONMENTS.items()}
    parameters = read(data(kind, None)).parameters
    store = ArtifactStore(create_key=True)
    return Definition(
        "app", *placed, environments=environments, pipelines="tools", artifacts=store, parameters=parameters
    )


def documents(rendering: Rendering) -> dict[str, Any]:
    return {each.name: json.loads(json.dumps(each.document)) for each in rendering.stacks}


PLACED = [
    (kind, name)
    for kind in KINDS
    for name in PLACES
    if kind not in NOWHERE_ELSE and not (kind in SOURCES and name == "abroad")
]


def test_every_kind_is_here() -> None:
    assert {*SOURCES, *DEPLOYMENTS} == {*KINDS}


@pytest.mark.parametrize("kind", sorted(NOWHERE_ELSE))
def test_a_kind_that_cannot_run_elsewhere_is_reported(kind: str) -> None:
    for name in PLACES:
        assert "environment-action" in {each.code for each in check(read(data(kind, name)))}


@pytest.mark.parametrize("kind", sorted({*SOURCES} - NOWHERE_ELSE))
def test_a_source_in_another_region_is_reported(kind: str) -> None:
    assert "environment-source" in {each.code for each in check(read(data(kind, "abroad")))}


@pytest.mark.parametrize(("kind", "name"), PLACED)
def test_an_action_elsewhere_has_a_role_with_its_permissions_there(kind: str, name: str) -> None:
    account, region = PLACES[name]
    definition = read(data(kind, name))
    assert [each for each in check(definition) if each.severity == "error"] == []
    found = documents(render(definition))
    assert documents(render(in_python(kind, name))) == found
    there, pipeline = found[f"app-support-{account}-{region}"], found["app-pipeline"]["Resources"]
    [action] = [
        action
        for stage in pipeline["Pipeline"]["Properties"]["Stages"]
        for action in stage["Actions"]
        if action["Name"] == "Here"
    ]
    assert action["RoleArn"] == {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::{account}:role/app-actions-{region}"}
    assert action.get("Region", HOME) == region

    here = documents(render(read(data(kind, None))))["app-pipeline"]["Resources"]
    own, role = permissions(here["PipelineRole"]), permissions(pipeline["PipelineRole"])
    moved = permissions(there["Resources"]["ActionRole"])
    wanted = {each for each in own - role if not each.startswith(("s3:Get", "s3:Put", "kms:"))}
    assert wanted <= moved
    assert "sts:AssumeRole" in role
    stores = pipeline["Pipeline"]["Properties"]
    if region != HOME:
        assert [each["Region"] for each in stores["ArtifactStores"]] == [HOME, FAR]
    elif account != TOOLS:
        assert f"iam::{account}:role/app-actions-{region}" in json.dumps(found[f"app-support-{TOOLS}-{HOME}"])
    configuration = json.dumps(action.get("Configuration", {}))
    assert "AWS::AccountId" not in configuration or account == TOOLS
    assert "AWS::Region" not in configuration or region == HOME
    if action.get("InputArtifacts") or action.get("OutputArtifacts"):
        bucket = f"s3:::app-artifacts-{TOOLS}-{region}"
        readable = {each for each in texts(there["Resources"]["ActionRole"]) if bucket in each}
        assert len(readable) == 2


def permissions(resource: Mapping[str, Any]) -> set[str]:
    """The actions that a role may do."""
    return {action for each in statements(resource["Properties"]) for action in each["Action"]}


def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in inside for text in texts(each)]


def test_cfn_lint_accepts_every_kind_elsewhere(cfn_lint: Path, tmp_path: Path) -> None:
    for kind, name in PLACED:
        for stack in render(read(data(kind, name))).stacks:
            region = stack.stack.environment.region if stack.stack.environment else HOME
            (tmp_path / f"{kind}.{name}.{stack.name}.{region}.yaml").write_text(stack.text)
    for region in (HOME, FAR):
        files = [*tmp_path.glob(f"*.{region}.yaml")]
        done = subprocess.run([cfn_lint, "--regions", region, "--template", *files], capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (0, "")
