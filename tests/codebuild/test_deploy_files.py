"""The files of a deployment as the build's script writes them: run in bash, whatever is in them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.templates import definition, resources

EVIL = "a \"q\" 's' $HOME $(touch pwned) `touch pwned` \\ b\\n ${X} #{x} <<END\nEND\n\tünï"
GIVEN = 'v "q" $(touch pwned) `id` \\ \\n \n\tü'
"""What an expression turns out to be."""


def deploy(**fields: Any) -> dict[str, Any]:
    return {
        "kind": "codedeploy-ecs",
        "name": "De.ploy@1",
        "task_definition": {
            "family": "app",
            "cpu": 256,
            "memory": 512,
            "task_role": "app-task",
            "execution_role": {"Ref": "Role"},
            "containers": [
                {
                    "name": "app",
                    "ports": [3000],
                    "command": [EVIL, {"Ref": "Value"}],
                    "environment": {
                        "EVIL": EVIL,
                        "LATE": {"Ref": "Value"},
                        "Both": {"Fn::Join": ["-", ["a", {"Ref": "Value"}]]},
                    },
                    "docker_labels": {"odd key": {"Ref": "Value"}, "END": EVIL},
                }
            ],
        },
        "appspec": {
            "container": "app",
            "port": 3000,
            "platform_version": {"Ref": "Value"},
            "network": {
                "subnets": [{"Ref": "Value"}, "subnet-1"],
                "security_groups": ["sg-1"],
                "assign_public_ip": "DISABLED",
            },
            "hooks": {"before_install": {"Ref": "Hook"}, "after_install": "migrate"},
        },
        "deployment_group": "app",
        **fields,
    }


PARAMETERS: dict[str, Any] = {"ConnectionArn": {}, "Value": {}, "Hook": {}, "Role": {}}


def written(data: dict[str, Any], path: Path) -> Path:
    """What the part of the script leaves behind that comes before any image is built."""
    project = resources(data, "AWS::CodeBuild::Project")["ImageProject"]
    script = yaml.safe_load(project["Source"]["BuildSpec"])["phases"]["build"]["commands"][-1]
    function = script[script.index("json_text() {") : script.index("\n}\n", script.index("json_text() {")) + 3]
    files = script[script.index("# Task definitions and AppSpecs of deployments.") : script.index("# Build all images")]
    environment = {each["Name"]: GIVEN for each in project["Environment"]["EnvironmentVariables"]}
    command = ("bash", "-euo", "pipefail", "-c", function + files)
    subprocess.run(command, cwd=path, env={"PATH": os.environ["PATH"], **environment}, check=True)
    assert [each.name for each in path.iterdir()] == ["deployment-files"]
    return path / "deployment-files" / "deployment"


def test_every_text_comes_out_as_it_went_in(tmp_path: Path) -> None:
    path = written(definition(deploy=deploy(), parameters=PARAMETERS), tmp_path)
    request = json.loads((path / "taskdef-Deploy.De.ploy@1.json").read_text())
    [container] = request["containerDefinitions"]
    assert container["image"] == "<IMAGE1_NAME>"
    assert container["command"] == [EVIL, GIVEN]
    assert container["environment"] == [
        {"name": "EVIL", "value": EVIL},
        {"name": "LATE", "value": GIVEN},
        {"name": "Both", "value": GIVEN},
    ]
    assert container["dockerLabels"] == {"odd key": GIVEN, "END": EVIL}
    assert request["executionRoleArn"] == request["taskRoleArn"] == GIVEN

    appspec = yaml.safe_load((path / "appspec-Deploy.De.ploy@1.yaml").read_text())
    assert appspec["version"] == 0.0
    properties = appspec["Resources"][0]["TargetService"]["Properties"]
    assert properties["TaskDefinition"] == "<TASK_DEFINITION>"
    assert properties["LoadBalancerInfo"] == {"ContainerName": "app", "ContainerPort": 3000}
    assert properties["PlatformVersion"] == GIVEN
    assert properties["NetworkConfiguration"]["AwsvpcConfiguration"]["Subnets"] == [GIVEN, "subnet-1"]
    assert appspec["Hooks"] == [{"BeforeInstall": GIVEN}, {"AfterInstall": "migrate"}]


def test_the_variables_of_two_environments_do_not_meet(tmp_path: Path) -> None:
    """Names that differ in nothing that a variable can hold, and one that begins with a digit."""
    other = deploy(name="De-ploy-1")
    other["task_definition"] = {**other["task_definition"], "task_role": "other-task"}
    data = definition(deploy=deploy(), parameters=PARAMETERS)
    data["pipeline"]["stages"][-1] = {"name": "1st", "actions": [deploy(), other]}
    project = resources(data, "AWS::CodeBuild::Project")["ImageProject"]
    variables = {each["Name"]: each["Value"] for each in project["Environment"]["EnvironmentVariables"]}
    roles = [value["Fn::Sub"].rpartition("/")[2] for name, value in variables.items() if "TASK_ROLE" in name]
    assert roles == ["app-task", "other-task"]
    assert all(name[0].isalpha() or name[0] == "_" for name in variables)
    assert len(list(written(data, tmp_path).iterdir())) == 4


def test_a_variable_of_the_users_keeps_its_name(tmp_path: Path) -> None:
    name = "DEPLOY_DE_PLOY_1_LATE"
    build = {
        "kind": "docker-build",
        "name": "Image",
        "images": [{"container": "app", "repository": "app"}],
        "environment": {name: "mine"},
    }
    project = resources(definition(build=build, deploy=deploy(), parameters=PARAMETERS), "AWS::CodeBuild::Project")
    given = {each["Name"]: each["Value"] for each in project["ImageProject"]["Environment"]["EnvironmentVariables"]}
    assert given[name] == "mine"
    assert given[f"{name}_2"] == {"Ref": "Value"}
