"""Every field that permissions are derived from, in every form of a value, through the front door: the permission is
for the resource that the value stands for, or there is a problem."""

from __future__ import annotations

import contextlib
import fnmatch
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from troposphere import FindInMap, If, ImportValue, Join, Ref, Select, Split, Sub

from pipegen import Foundation, InvalidDefinition, Parameter, render
from pipegen.loading.definition import read
from pipegen.values.value import Value
from tests.strategies import fuzzing
from tests.templates import BUILD, DEPLOY, definition
from tests.values.test_shape import OWN, forms

HERE = "eu-west-1:123456789012"
CONNECTION = f"arn:aws:codeconnections:{HERE}:connection/b7c1d2e3-aaaa-bbbb-cccc-1234567890ab"
SECRET = f"arn:aws:secretsmanager:{HERE}:secret:shop/db-a1B2c3"
PARAMETER = f"arn:aws:ssm:{HERE}:parameter/shop/db"
KEY = f"arn:aws:kms:{HERE}:key/0a1b2c3d-0000-1111-2222-333344445555"
ROLE = "arn:aws:iam::123456789012:role/shop-task"
TOPIC = f"arn:aws:sns:{HERE}:approvals"
FUNCTION = f"arn:aws:lambda:{HERE}:function:check"
LISTENER = f"arn:aws:elasticloadbalancing:{HERE}:listener/app/shared/50dc6c495c0c9188/0467ef3c8400ae65"
REPOSITORY = f"arn:aws:ecr:{HERE}:repository/shop/web"
URI = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web"

WELL_FORMED = re.compile(r"arn:(aws[a-z-]*|\*):[a-z0-9-]+:([a-z0-9-]*|\*):(\d{12}|\*)?:(?!.*arn:)[^\s{}$]+")

Build = Callable[[Any], dict[str, Any]]


@dataclass(frozen=True)
class Field:
    """A field with a literal for it, and what that makes somebody be allowed to do with which resource.

    opaque: whether a value whose text CloudFormation alone knows stands for what the literal is.
    """

    build: Build
    literal: str
    action: str
    resource: str
    opaque: bool = True


def _source(**changes: Any) -> dict[str, Any]:
    return definition(source={"name": "App"} | changes)


def _built(**changes: Any) -> dict[str, Any]:
    return definition(build={"kind": "codebuild", "name": "Image", "commands": ["make"]} | changes, deploy=APPROVAL)


def _deployed(**changes: Any) -> dict[str, Any]:
    return definition(deploy=DEPLOY | changes)


APPROVAL = {"kind": "approval", "name": "Approve"}
RULE = {"name": "Check"}


def _ruled(**rule: Any) -> dict[str, Any]:
    found = definition(deploy=APPROVAL)
    found["pipeline"]["stages"][1]["on_success"] = {"result": "FAIL", "rules": [RULE | rule]}
    return found


CODEDEPLOY: dict[str, Any] = {
    "kind": "codedeploy-ecs",
    "name": "Deploy",
    "application": "shop",
    "deployment_group": "web",
    "task_definition": {
        "family": "web",
        "cpu": 256,
        "memory": 512,
        "execution_role": "exec",
        "containers": [{"name": "app", "ports": [8080]}],
    },
}
GROUP = {
    "cluster": "main",
    "service": "web",
    "target_groups": ["blue", "green"],
    "production_listener": LISTENER,
    "name": "web",
    "alarms": [],
}


def _group(**changes: Any) -> dict[str, Any]:
    return definition(deploy=CODEDEPLOY | {"deployment_group": GROUP | changes})


def _task(**changes: Any) -> dict[str, Any]:
    return definition(deploy=CODEDEPLOY | {"task_definition": CODEDEPLOY["task_definition"] | changes})


CONTAINER = {"name": "app", "ports": [8080]}
SERVICE = {
    "cluster": "main",
    "network": {"vpc_id": "vpc-0a1b2c3d", "subnets": ["subnet-0a1b2c3d", "subnet-0a1b2c3e"]},
    "first_images": {"app": "public.ecr.aws/docker/library/httpd:2.4"},
}


def _service(
    container: Mapping[str, Any] = {}, task: Mapping[str, Any] = {}, sidecar: Mapping[str, Any] = {}, **changes: Any
) -> dict[str, Any]:
    others = [{"name": "side", "image": "public.ecr.aws/x/y:1"} | dict(sidecar)] if sidecar else []
    containers = [CONTAINER | dict(container), *others]
    service = SERVICE | {"task_definition": {"cpu": 256, "memory": 512, "containers": containers} | dict(task)}
    deploy = {"kind": "ecs-deploy", "name": "Deploy", "service": "web"}
    return definition(deploy=deploy, services={"web": service | changes})


S3FILES = f"arn:aws:s3files:{HERE}:file-system/fs-0a1b2c3d"
EFS = {"transit_encryption": "ENABLED", "authorization_config": {"iam": "ENABLED"}}


def _mounting(**volume: Any) -> dict[str, Any]:
    mounts = {"mount_points": [{"source_volume": "data", "container_path": "/data"}]}
    return _service(container=mounts, task=ON_INSTANCES | {"volumes": [{"name": "data"} | volume]})


ON_INSTANCES = {"requires_compatibilities": ["EC2"]}


def _fsx(credentials: Any) -> dict[str, Any]:
    authorization = {"credentials_parameter": credentials, "domain": "example.com"}
    given = {"file_system_id": "fs-0a1b2c3d", "root_directory": "share", "authorization_config": authorization}
    return {"fsx_windows_file_server_volume_configuration": given}


def _log(**options: Any) -> dict[str, Any]:
    return {"driver": "awslogs", "options": {"awslogs-region": "eu-west-1", "awslogs-stream-prefix": "a"} | options}


def _stack(**changes: Any) -> dict[str, Any]:
    given = {"kind": "cloudformation", "name": "Deploy", "stack_name": "shop", "role": "deployer"}
    return definition(
        build={"kind": "codebuild", "name": "Image", "commands": ["make"]},
        deploy=given | {"template": {"path": "a.yaml", "artifact": "App"}} | changes,
    )


FIELDS: Mapping[str, Field] = {
    "connection": Field(
        lambda value: _source(kind="github", repository="acme/app", branch="main", connection=value),
        CONNECTION,
        "codeconnections:UseConnection",
        CONNECTION,
    ),
    "connection of a full clone": Field(
        lambda value: _source(kind="github", repository="acme/app", branch="main", connection=value, clone="full"),
        CONNECTION,
        "codestar-connections:UseConnection",
        CONNECTION,
    ),
    "CodeCommit repository": Field(
        lambda value: _source(kind="codecommit", repository=value, branch="main"),
        "shop.web",
        "codecommit:GetBranch",
        f"arn:aws:codecommit:{HERE}:shop.web",
    ),
    "ECR source": Field(
        lambda value: _ecr(value),
        "shop/web",
        "ecr:DescribeImages",
        REPOSITORY,
    ),
    "S3 source bucket": Field(
        lambda value: _source(kind="s3", bucket=value, key="app.zip"),
        "shop.releases",
        "s3:GetObject",
        "arn:aws:s3:::shop.releases/app.zip",
    ),
    "S3 source key": Field(
        lambda value: _source(kind="s3", bucket="shop-releases", key=value),
        "a/b/app.zip",
        "s3:GetObjectVersion",
        "arn:aws:s3:::shop-releases/a/b/app.zip",
    ),
    "artifact bucket": Field(
        lambda value: definition(artifacts={"bucket": value}),
        "shop.artifacts",
        "s3:PutObject",
        "arn:aws:s3:::shop.artifacts/*",
    ),
    "artifact key": Field(lambda value: definition(artifacts={"key_arn": value}), KEY, "kms:Decrypt", KEY),
    "default key": Field(lambda value: definition(encryption_key=value), KEY, "kms:Decrypt", KEY),
    "key of a topic": Field(
        lambda value: definition(deploy=APPROVAL | {"topic": TOPIC, "encryption_key": value}),
        KEY,
        "kms:Decrypt",
        KEY,
    ),
    "build image": Field(lambda value: _built(image=value), f"{URI}:1", "ecr:BatchGetImage", REPOSITORY, opaque=False),
    "build secret": Field(
        lambda value: _built(environment={"A": {"secrets_manager": value}}),
        f"{SECRET}:password::",
        "secretsmanager:GetSecretValue",
        SECRET,
        opaque=False,
    ),
    "build secret ARN": Field(
        lambda value: _built(environment={"A": {"secrets_manager": value}}),
        SECRET,
        "secretsmanager:GetSecretValue",
        SECRET,
    ),
    "build parameter": Field(
        lambda value: _built(action_environment={"A": {"parameter_store": value}}),
        "/shop/db",
        "ssm:GetParameters",
        PARAMETER,
    ),
    "build decrypt key": Field(lambda value: _built(decrypt_keys=[value]), KEY, "kms:Decrypt", KEY),
    "build cache": Field(
        lambda value: _built(cache={"s3": value, "paths": ["/root/**/*"]}),
        "shop.cache/web/",
        "s3:PutObject",
        "arn:aws:s3:::shop.cache/web/*",
        opaque=False,
    ),
    "pushed repository by name": Field(
        lambda value: definition(build=BUILD | {"images": [{"container": "app", "repository": value}]}),
        "shop/web",
        "ecr:PutImage",
        REPOSITORY,
    ),
    "pushed repository by URI": Field(
        lambda value: definition(build=BUILD | {"images": [{"container": "app", "repository": value}]}),
        URI,
        "ecr:PutImage",
        REPOSITORY,
        opaque=False,
    ),
    "pushed repository by ARN": Field(
        lambda value: definition(build=BUILD | {"images": [{"container": "app", "repository": value}]}),
        REPOSITORY,
        "ecr:PutImage",
        REPOSITORY,
        opaque=False,
    ),
    "cluster of ecs-deploy": Field(
        lambda value: _deployed(cluster=value), "main", "ecs:UpdateService", f"arn:aws:ecs:{HERE}:service/main/app"
    ),
    "service of ecs-deploy": Field(
        lambda value: _deployed(service=value), "app", "ecs:UpdateService", f"arn:aws:ecs:{HERE}:service/main/app"
    ),
    "family of ecs-deploy": Field(
        lambda value: _deployed(family=value),
        "app",
        "ecs:RegisterTaskDefinition",
        f"arn:aws:ecs:{HERE}:task-definition/app:*",
    ),
    "role of ecs-deploy": Field(lambda value: _deployed(roles=[value]), ROLE, "iam:PassRole", ROLE),
    "role of ecs-deploy by name": Field(
        lambda value: _deployed(roles=[value]),
        "apps/shop-task",
        "iam:PassRole",
        "arn:aws:iam::*:role/apps/shop-task",
        opaque=False,
    ),
    "cluster of ecs-rollout": Field(
        lambda value: _deployed(kind="ecs-rollout", cluster=value),
        "main",
        "ecs:ListServiceDeployments",
        f"arn:aws:ecs:{HERE}:service-deployment/main/app/*",
    ),
    "service of ecs-rollout": Field(
        lambda value: _deployed(kind="ecs-rollout", service=value),
        "app",
        "ecs:DescribeServiceRevisions",
        f"arn:aws:ecs:{HERE}:service-revision/main/app/*",
    ),
    "CodeDeploy application": Field(
        lambda value: definition(deploy=CODEDEPLOY | {"application": value}),
        "shop.app",
        "codedeploy:RegisterApplicationRevision",
        f"arn:aws:codedeploy:{HERE}:application:shop.app",
    ),
    "CodeDeploy group": Field(
        lambda value: definition(deploy=CODEDEPLOY | {"deployment_group": value}),
        "shop.web",
        "codedeploy:CreateDeployment",
        f"arn:aws:codedeploy:{HERE}:deploymentgroup:shop/shop.web",
    ),
    "execution role of a task": Field(lambda value: _task(execution_role=value), ROLE, "iam:PassRole", ROLE),
    "task role of a task": Field(lambda value: _task(task_role=value), ROLE, "iam:PassRole", ROLE),
    "family of a task": Field(
        lambda value: _task(family=value),
        "web",
        "ecs:RegisterTaskDefinition",
        f"arn:aws:ecs:{HERE}:task-definition/web:*",
    ),
    "cluster of a group": Field(
        lambda value: _group(cluster=value), "main", "ecs:CreateTaskSet", f"arn:aws:ecs:{HERE}:service/main/web"
    ),
    "service of a group": Field(
        lambda value: _group(service=value), "web", "ecs:DeleteTaskSet", f"arn:aws:ecs:{HERE}:task-set/main/web/*"
    ),
    "listener of a group": Field(
        lambda value: _group(production_listener=value), LISTENER, "elasticloadbalancing:ModifyListener", LISTENER
    ),
    "rules of a listener": Field(
        lambda value: _group(production_listener=value),
        LISTENER,
        "elasticloadbalancing:ModifyRule",
        LISTENER.replace("listener/", "listener-rule/") + "/*",
    ),
    "revision bucket": Field(
        lambda value: _group(revision_bucket=value), "shop.revisions", "s3:GetObject", "arn:aws:s3:::shop.revisions/*"
    ),
    "hook of CodeDeploy by name": Field(
        lambda value: definition(
            deploy=CODEDEPLOY
            | {
                "deployment_group": GROUP,
                "appspec": {"container": "app", "port": 8080, "hooks": {"after_install": value}},
            }
        ),
        "check",
        "lambda:InvokeFunction",
        FUNCTION,
        opaque=False,
    ),
    "hook of CodeDeploy": Field(
        lambda value: definition(
            deploy=CODEDEPLOY
            | {
                "deployment_group": GROUP,
                "appspec": {"container": "app", "port": 8080, "hooks": {"after_install": value}},
            }
        ),
        FUNCTION,
        "lambda:InvokeFunction",
        FUNCTION,
    ),
    "stack": Field(
        lambda value: _stack(stack_name=value),
        "shop",
        "cloudformation:CreateStack",
        f"arn:aws:cloudformation:{HERE}:stack/shop/*",
    ),
    "existing project": Field(
        lambda value: _built(commands=[], project=value),
        "company-build",
        "codebuild:StartBuild",
        f"arn:aws:codebuild:{HERE}:project/company-build",
    ),
    "role of a stack": Field(lambda value: _stack(role=value), ROLE, "iam:PassRole", ROLE),
    "topic": Field(lambda value: definition(deploy=APPROVAL | {"topic": value}), TOPIC, "sns:Publish", TOPIC),
    "alarm of a rule": Field(
        lambda value: _ruled(kind="alarm", alarm=value),
        "shop.errors",
        "cloudwatch:DescribeAlarms",
        f"arn:aws:cloudwatch:{HERE}:alarm:shop.errors",
    ),
    "function of a rule": Field(
        lambda value: _ruled(kind="lambda", function=value), "check", "lambda:InvokeFunction", FUNCTION
    ),
    "project of a rule": Field(
        lambda value: _ruled(kind="codebuild", project=value, input="App"),
        "verify",
        "codebuild:StartBuild",
        f"arn:aws:codebuild:{HERE}:project/verify",
    ),
    "recorded parameter": Field(lambda value: _recorded(value), "/shop/db", "ssm:PutParameter", PARAMETER),
    "secret of a container": Field(
        lambda value: _service(container={"secrets": {"A": value}}),
        f"{SECRET}:password::",
        "secretsmanager:GetSecretValue",
        SECRET,
        opaque=False,
    ),
    "secret ARN of a container": Field(
        lambda value: _service(container={"secrets": {"A": value}}), SECRET, "secretsmanager:GetSecretValue", SECRET
    ),
    "parameter of a container": Field(
        lambda value: _service(container={"secrets": {"A": value}}), PARAMETER, "ssm:GetParameters", PARAMETER
    ),
    "parameter name of a container": Field(
        lambda value: _service(container={"secrets": {"A": value}}),
        "/shop/db",
        "ssm:GetParameters",
        PARAMETER,
        opaque=False,
    ),
    "secret of a log": Field(
        lambda value: _service(
            container={
                "log_configuration": {
                    "driver": "splunk",
                    "options": {"splunk-url": "https://x"},
                    "secret_options": {"splunk-token": value},
                }
            }
        ),
        SECRET,
        "secretsmanager:GetSecretValue",
        SECRET,
    ),
    "environment file": Field(
        lambda value: _service(container={"environment_files": [value]}),
        "arn:aws:s3:::shop-config/web/app.env",
        "s3:GetObject",
        "arn:aws:s3:::shop-config/web/app.env",
    ),
    "bucket of an environment file": Field(
        lambda value: _service(container={"environment_files": [value]}),
        "arn:aws:s3:::shop-config/web/app.env",
        "s3:GetBucketLocation",
        "arn:aws:s3:::shop-config",
    ),
    "registry credentials": Field(
        lambda value: _service(sidecar={"repository_credentials": {"credentials_parameter": value}}),
        SECRET,
        "secretsmanager:GetSecretValue",
        SECRET,
    ),
    "file system of a service": Field(
        lambda value: _mounting(efs_volume_configuration=EFS | {"file_system_id": value}),
        "fs-0a1b2c3d",
        "elasticfilesystem:ClientWrite",
        f"arn:aws:elasticfilesystem:{HERE}:file-system/fs-0a1b2c3d",
    ),
    "S3 Files of a service": Field(
        lambda value: _mounting(s3files_volume_configuration={"file_system_arn": value}),
        S3FILES,
        "s3files:ClientMount",
        S3FILES,
    ),
    "secret of a volume": Field(
        lambda value: _mounting(**_fsx(value)), SECRET, "secretsmanager:GetSecretValue", SECRET
    ),
    "parameter of a volume": Field(lambda value: _mounting(**_fsx(value)), PARAMETER, "ssm:GetParameters", PARAMETER),
    "credential specification in S3": Field(
        lambda value: _service(container={"credential_specs": [value]}),
        "credentialspec:arn:aws:s3:::shop-specs/web.json",
        "s3:GetObject",
        "arn:aws:s3:::shop-specs/web.json",
        opaque=False,
    ),
    "credential specification in a parameter": Field(
        lambda value: _service(container={"credential_specs": [value]}),
        f"credentialspecdomainless:{PARAMETER}",
        "ssm:GetParameters",
        PARAMETER,
        opaque=False,
    ),
    "image of a sidecar": Field(
        lambda value: _service(sidecar={"image": value}), f"{URI}:1", "ecr:BatchGetImage", REPOSITORY, opaque=False
    ),
    "first image": Field(
        lambda value: _service(first_images={"app": value}), f"{URI}:1", "ecr:BatchGetImage", REPOSITORY, opaque=False
    ),
    "log group": Field(
        lambda value: _service(container={"log_configuration": _log(**{"awslogs-group": value})}),
        "/shop/web",
        "logs:PutLogEvents",
        f"arn:aws:logs:{HERE}:log-group:/shop/web:*",
    ),
    "cluster of a service": Field(
        lambda value: _service(cluster=value), "main", "ecs:UpdateService", f"arn:aws:ecs:{HERE}:service/main/app-web"
    ),
    "task role of a service": Field(lambda value: _service(task={"task_role": value}), ROLE, "iam:PassRole", ROLE),
    "execution role of a service": Field(
        lambda value: _service(task={"execution_role": value}), ROLE, "iam:PassRole", ROLE
    ),
    "repository of a service": Field(
        lambda value: _service(repositories=[value]), "shop/web", "ecr:BatchGetImage", REPOSITORY
    ),
    "function of an action": Field(
        lambda value: _after(kind="lambda", function=value),
        "check",
        "lambda:InvokeFunction",
        f"arn:aws:lambda:{HERE}:function:check",
    ),
    "state machine of an action": Field(
        lambda value: _after(kind="step-functions", state_machine=value),
        f"arn:aws:states:{HERE}:stateMachine:migrate",
        "states:StartExecution",
        f"arn:aws:states:{HERE}:stateMachine:migrate",
    ),
    "executions of a state machine": Field(
        lambda value: _after(kind="step-functions", state_machine=value),
        f"arn:aws:states:{HERE}:stateMachine:migrate",
        "states:DescribeExecution",
        f"arn:aws:states:{HERE}:execution:migrate:a1b2",
    ),
    "bucket of a deployment": Field(
        lambda value: _after(kind="s3-deploy", input="App", bucket=value),
        "acme-site",
        "s3:PutObject",
        "arn:aws:s3:::acme-site/index.html",
    ),
    "key of a deployment": Field(
        lambda value: _after(kind="s3-deploy", input="App", bucket="acme-site", extract=False, key=value),
        "site.zip",
        "s3:PutObject",
        "arn:aws:s3:::acme-site/site.zip",
    ),
    "encryption key of a deployment": Field(
        lambda value: _after(kind="s3-deploy", input="App", bucket="acme-site", encryption_key=value),
        KEY,
        "kms:GenerateDataKey",
        KEY,
    ),
    "started pipeline": Field(
        lambda value: _after(kind="start-pipeline", pipeline=value),
        "invoices",
        "codepipeline:StartPipelineExecution",
        f"arn:aws:codepipeline:{HERE}:invoices",
    ),
    "resource of a generic action's grant": Field(
        lambda value: _after(
            kind="action",
            category="Invoke",
            provider="Queue",
            grants=[{"actions": ["sqs:SendMessage"], "resources": [value]}],
        ),
        f"arn:aws:sqs:{HERE}:shop",
        "sqs:SendMessage",
        f"arn:aws:sqs:{HERE}:shop",
    ),
    "resource of a build's grant": Field(
        lambda value: _built(grants=[{"actions": ["sqs:SendMessage"], "resources": [value]}]),
        f"arn:aws:sqs:{HERE}:shop",
        "sqs:SendMessage",
        f"arn:aws:sqs:{HERE}:shop",
    ),
    "resource of a service's grant": Field(
        lambda value: _service(grants=[{"actions": ["sqs:SendMessage"], "resources": [value]}]),
        f"arn:aws:sqs:{HERE}:shop",
        "sqs:SendMessage",
        f"arn:aws:sqs:{HERE}:shop",
    ),
}


def _after(**action: Any) -> dict[str, Any]:
    """A definition with one more action at the end."""
    found = definition()
    found["pipeline"]["stages"][2]["actions"].append({"name": "After"} | action)
    return found


def _ecr(value: Any) -> dict[str, Any]:
    found = definition(deploy=APPROVAL)
    found["pipeline"]["stages"][0]["actions"].append({"kind": "ecr", "name": "Base", "repository": value})
    return found


def _recorded(value: Any) -> dict[str, Any]:
    found = definition()
    record = {"kind": "record-images", "name": "Record", "parameters": {"app": value}}
    found["pipeline"]["stages"][2]["actions"].append(record)
    return found


def _whole(text: str) -> st.SearchStrategy[tuple[Value, Mapping[str, str]]]:
    """Values of which CloudFormation alone knows the text."""
    ways: tuple[Any, ...] = (Ref("P0"), ImportValue("P0"), "{{resolve:ssm:P0}}")
    return st.sampled_from([(each, {**OWN, "P0": text}) for each in ways])


DECLARED = {
    "parameters": {"ConnectionArn": {}, **{f"P{index}": {} for index in range(40)}},
    "conditions": {"Production": {"Fn::Equals": [{"Ref": "P0"}, "x"]}},
}


def _permitted(documents: list[Mapping[str, Any]], known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each action that somebody is allowed with each resource."""
    for document in documents:
        for resource in document["Resources"].values():
            for policy in resource.get("Properties", {}).get("Policies", ()):
                for statement in policy["PolicyDocument"]["Statement"]:
                    for each in statement["Resource"]:
                        for action in statement["Action"]:
                            yield action, _text(each, known)


def _text(value: Any, known: Mapping[str, str]) -> str:
    """What CloudFormation makes of a value in a template: dynamic references are resolved last."""
    return re.sub(r"\{\{resolve:ssm:([^{}]*)\}\}", lambda match: known[match[1]], _evaluated(value, known))


def _evaluated(value: Any, known: Mapping[str, str]) -> str:
    """What functions make of a value; resources of the stack itself have invented ARNs."""
    if isinstance(value, str):
        return value
    [(function, argument)] = value.items()
    if function == "Fn::FindInMap":
        return known["Given"]
    if function in ("Ref", "Fn::ImportValue"):
        name = _evaluated(argument, known)
        return known.get(name) or _own(name)
    if function == "Fn::GetAtt":
        return _own(".".join(argument))
    if function == "Fn::Sub":
        text, own = (argument, {}) if isinstance(argument, str) else argument
        inside = {**known, **{name: _evaluated(each, known) for name, each in own.items()}}
        made = re.sub(r"\$\{([^!}]+)\}", lambda match: inside.get(match[1]) or _own(match[1]), text)
        return _evaluated(made, known)
    if function == "Fn::If":
        return _evaluated(argument[1], known)
    if function == "Fn::Join":
        items = argument[1]
        parts = [_evaluated(each, known) for each in items] if isinstance(items, list) else _split(items, known)
        return str(argument[0]).join(parts)
    if function == "Fn::Select":
        return _split(argument[1], known)[int(argument[0])]
    raise AssertionError(function)


def _split(value: Any, known: Mapping[str, str]) -> list[str]:
    if isinstance(value, list):
        return [_evaluated(each, known) for each in value]
    if "Ref" in value:
        return known[value["Ref"]].split(",")
    delimiter, text = value["Fn::Split"]
    return _evaluated(text, known).split(delimiter)


def _own(name: str) -> str:
    return f"arn:aws:own:::{name}" if name.endswith("Arn") else name


def _documents(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [json.loads(each.text) for each in render(read(data), format="json").stacks]


def _long(value: Value) -> Any:
    return value if isinstance(value, str) else json.loads(json.dumps(value.to_dict()))


def check(name: str, value: Value, known: Mapping[str, str]) -> None:
    subject = FIELDS[name]
    known = {"ConnectionArn": CONNECTION, "AWS::StackName": "stack", **known}
    made = subject.build(_long(value))
    made = made | DECLARED
    found = [*_permitted(_documents(made), known)]
    for action, resource in found:
        assert resource == "*" or WELL_FORMED.fullmatch(resource), (action, resource, _long(value))
    granted = [resource for action, resource in found if action == subject.action]
    assert any(
        fnmatch.fnmatchcase(subject.resource, each) or fnmatch.fnmatchcase(each, subject.resource) for each in granted
    ), (granted, _long(value))


@pytest.mark.parametrize("name", FIELDS)
def test_a_literal_gives_the_permission(name: str) -> None:
    check(name, FIELDS[name].literal, OWN)


@pytest.mark.slow
@pytest.mark.parametrize("name", FIELDS)
@fuzzing(12)
@given(data=st.data())
def test_every_form_gives_the_permission(name: str, data: st.DataObject) -> None:
    text = FIELDS[name].literal
    ways = st.one_of(forms(text), _whole(text)) if FIELDS[name].opaque else forms(text)
    value, known = data.draw(ways)
    check(name, value, known)


OTHER = "${AWS::Partition}:x:${AWS::Region}:${AWS::AccountId}"
WRONG = {
    "cluster of ecs-deploy": (f"arn:{OTHER}:cluster/main", "wrong-reference"),
    "cluster of a service": (f"arn:{OTHER}:cluster/main", "wrong-reference"),
    "service of ecs-rollout": ("main/${P0}", "wrong-reference"),
    "family of a task": ("${P0}:1", "wrong-reference"),
    "ECR source": ("${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/shop", "repository-name"),
    "CodeCommit repository": (f"arn:{OTHER}:shop", "wrong-form"),
    "S3 source bucket": ("s3://${P0}", "wrong-reference"),
    "artifact bucket": ("arn:${AWS::Partition}:s3:::${P0}", "wrong-reference"),
    "build cache": ("s3://${P0}/web", "bucket-name"),
    "artifact key": (f"arn:{OTHER}:alias/${{P0}}", "wrong-reference"),
    "build decrypt key": ("alias/${P0}", "wrong-reference"),
    "topic": ("approvals-${P0}", "wrong-reference"),
    "environment file": ("s3://${P0}/app.env", "wrong-reference"),
    "connection": ("connection/${P0}", "wrong-reference"),
    "listener of a group": ("listener/app/${P0}", "wrong-reference"),
    "CodeDeploy application": (f"arn:{OTHER}:application:shop", "wrong-form"),
    "alarm of a rule": (f"arn:{OTHER}:alarm:${{P0}}", "wrong-reference"),
    "function of a rule": (f"arn:{OTHER}:function:${{P0}}", "wrong-reference"),
    "project of a rule": (f"arn:{OTHER}:project/${{P0}}", "wrong-reference"),
    "stack": ("${P0}_web", "wrong-form"),
    "S3 Files of a service": ("fs-${P0}", "wrong-reference"),
    "resource of a build's grant": ("${P0}", ""),
    "resource of a service's grant": ("table/${P0}", "grant-resource"),
}


@pytest.mark.parametrize("form", [Sub, lambda text: If("Production", Ref("P0"), Sub(text))], ids=["Sub", "If"])
@pytest.mark.parametrize("name", WRONG)
def test_an_expression_that_shows_something_else_is_rejected(name: str, form: Callable[[str], Value]) -> None:
    text, code = WRONG[name]
    made = FIELDS[name].build(_long(form(text))) | DECLARED
    if not code:
        render(read(made))
        return
    with pytest.raises(InvalidDefinition) as raised:
        render(read(made))
    assert code in {problem.code for problem in raised.value.problems}


DECLARING: Mapping[str, Callable[[str], tuple[Value, Mapping[str, Any]]]] = {
    "default": lambda text: (Ref("Given"), {"parameters": {"Given": {"Default": text}}}),
    "allowed value": lambda text: (Ref("Given"), {"parameters": {"Given": {"AllowedValues": [text]}}}),
    "mapping": lambda text: (
        FindInMap("Values", Ref("AWS::Region"), "value"),
        {"mappings": {"Values": {"eu-west-1": {"value": text}}}},
    ),
    "item of a list": lambda text: (
        Select(0, Ref("Given")),
        {"parameters": {"Given": {"Type": "CommaDelimitedList", "Default": text}}},
    ),
    "joined list": lambda text: (
        Join("", Ref("Given")),
        {"parameters": {"Given": {"Type": "CommaDelimitedList", "Default": text}}},
    ),
    "part of a text": lambda text: (
        Select(1, Split(" ", Sub("x ${Given}"))),
        {"parameters": {"Given": {"Default": text}}},
    ),
}
TEXTS = ("plain-name", "path/plain-name", f"{URI}:1", "s3://bucket/key", ROLE, SECRET, "arn:aws:iam::1234:role/{}")


@pytest.mark.slow
@pytest.mark.parametrize("way", DECLARING)
@pytest.mark.parametrize("name", FIELDS)
def test_what_a_template_declares_gives_the_permission_or_is_rejected(name: str, way: str) -> None:
    for text in (FIELDS[name].literal, *TEXTS):
        value, declared = DECLARING[way](text)
        made = FIELDS[name].build(_long(value)) | {"mappings": {}} | dict(declared)
        made["parameters"] = {"ConnectionArn": {}, **declared.get("parameters", {})}
        try:
            documents = _documents(made)
        except InvalidDefinition:
            if text == FIELDS[name].literal and FIELDS[name].opaque:
                raise
            continue
        known = {"ConnectionArn": CONNECTION, "AWS::StackName": "stack", **OWN, "Given": text}
        for action, resource in _permitted(documents, known):
            assert resource == "*" or WELL_FORMED.fullmatch(resource), (action, resource, text)


@pytest.mark.parametrize("name", FIELDS)
def test_the_name_of_a_parameter_is_not_an_arn(name: str) -> None:
    made = FIELDS[name].build({"Ref": "Given"})
    made |= {"parameters": {"ConnectionArn": {}, "Given": {"Type": "AWS::SSM::Parameter::Name"}}}
    with contextlib.suppress(InvalidDefinition):
        known = {"ConnectionArn": CONNECTION, "AWS::StackName": "stack", **OWN, "Given": "/shop/db"}
        for action, resource in _permitted(_documents(made), known):
            assert resource == "*" or WELL_FORMED.fullmatch(resource), (action, resource)


def test_a_role_of_a_foundation_is_bounded_by_an_arn() -> None:
    bounded = Foundation(
        "shared",
        parameters={"Boundary": Parameter("Boundary", default="delivery-boundary")},
        permissions_boundary=Ref("Boundary"),
    )
    with pytest.raises(InvalidDefinition, match=r"error: permissions_boundary: .*\[wrong-reference\]"):
        render(bounded)


@pytest.mark.parametrize("form", ["Given", "Values"])
def test_free_text_that_a_template_declares_is_not_inserted_into_json(form: str) -> None:
    text = '{"message": "#{App.CommitMessage}"}'
    value = {"Ref": "Given"} if form == "Given" else {"Fn::FindInMap": ["Values", {"Ref": "AWS::Region"}, "message"]}
    declared = {"parameters": {"Given": {"Default": text}}, "mappings": {"Values": {"eu-west-1": {"message": text}}}}
    made = [
        _built(action_environment={"MESSAGE": value}),
        _stack(parameter_overrides={"Message": value}),
        _ruled(kind="codebuild", project="verify", input="App", environment={"MESSAGE": value}),
    ]
    for each in made:
        with pytest.raises(InvalidDefinition, match="variable-inserted"):
            render(read(each | declared))
