"""Deployments outside the pipeline: what is printed is what the real AWS CLI takes, and what is wrong is said."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.session import get_session
from troposphere import Base64, GetAtt, Join, Ref, Select, Split

from pipegen import Parameter
from pipegen.checks.stacks.parameter_values import invalid_value
from pipegen.deploy.resolve import Resolved, partition, resolve
from tests.conftest import Pipegen
from tests.examples import EXAMPLES, ROOT
from tests.seeds import SEEDS
from tests.support.cloud import Cloud, aws_program, own_environment
from tests.support.command import run, without_summary

WEB = (ROOT / "tests" / "support" / "web.yaml").read_text()
PLACE = ("--account", "123456789012", "--region", "eu-west-1")
DNS = ("--parameter", "Dns=web.example.com")
ARN = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7"
URI = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web@sha256:" + "a" * 64
SECOND = """\
    - name: Canary
      actions:
        - kind: codedeploy-ecs
          name: Deploy
          application: canary
          deployment_group: canary-group
          task_definition: {file: deploy/taskdef.json}
          appspec: {file: deploy/appspec.yaml}
          roles: [web-task]
          images: [{container: app}]
"""
ROLLING = """\
name: rolling
parameters:
  Cluster: {Type: String, Default: main}
pipeline:
  stages:
    - name: Source
      actions:
        - {kind: codecommit, name: App, repository: web, branch: main}
    - name: Build
      actions:
        - {kind: docker-build, name: Image, images: [{container: app, repository: web}]}
    - name: Test
      actions:
        - {kind: ecs-deploy, name: Deploy, cluster: test, service: web, roles: [web-task]}
    - name: Production
      actions:
        - {kind: ecs-deploy, name: Deploy, cluster: !Ref Cluster, service: web, roles: [web-task]}
"""
FILES = WEB[: WEB.index("    - name: Production\n")] + SECOND


@pytest.fixture(autouse=True)
def _definitions(tmp_path: Path) -> None:
    texts = {"web": WEB, "two": WEB + SECOND, "files": FILES, "rolling": ROLLING, "wrong": "name: wrong\npipeline: 3\n"}
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text)


@pytest.fixture
def account(cloud: Cloud) -> Iterator[Cloud]:
    """An account with nothing in it, now and afterwards."""
    cloud.reset()
    yield cloud
    cloud.reset()


def text_id(text: str) -> str:
    return next(line.removeprefix("name: ") for line in text.splitlines() if line.startswith("name: "))


def printed(pipegen: Pipegen, *arguments: str) -> str:
    """What a command that is fine prints."""
    ran = pipegen(*arguments)
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stderr
    return ran.stdout


def shell(cloud: Cloud, line: str, directory: Path) -> str:
    """A printed command line, pasted into a shell."""
    search = f"{aws_program().parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = own_environment() | {"HOME": os.devnull, "PATH": search, **cloud.environment}
    command = ["bash", "-euo", "pipefail", "-c", line]
    return subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=True).stdout


def environment_of(request: Mapping[str, Any]) -> dict[str, str]:
    return {each["name"]: each["value"] for each in request["containerDefinitions"][0]["environment"]}


def test_a_task_definition_is_registered_with_its_images_and_values(
    pipegen: Pipegen, account: Cloud, tmp_path: Path
) -> None:
    text = printed(pipegen, "taskdef", "web.yaml", "--image", f"app={URI}", *PLACE, "--parameter", "Stage=live")
    (tmp_path / "taskdef.json").write_text(text)
    answer = account.aws_json("ecs", "register-task-definition", "--cli-input-json", f"file://{tmp_path}/taskdef.json")[
        "taskDefinition"
    ]
    assert (answer["family"], answer["revision"]) == ("web", 1)
    assert answer["taskRoleArn"] == "arn:aws:iam::123456789012:role/web-task"
    assert answer["containerDefinitions"][0]["image"] == URI
    assert environment_of(answer) == {
        "GREETING": 'a "quoted" $HOME `x` \\ é',
        "IMAGE": URI,
        "REF": "items",
        "SUB": "items-${Table}-eu-west-1-amazonaws.com-live",
        "VARIABLES": "own/two",
        "JOIN": "items+literal+123456789012",
        "SELECTED": "subnet-2",
        "CHOSEN": "items",
    }
    assert text.isascii()


def test_values_are_those_that_cloudformation_makes(pipegen: Pipegen, account: Cloud, tmp_path: Path) -> None:
    """The same expressions as outputs of a stack. Without spaces in the list: moto keeps them, CloudFormation trims."""
    lines = re.findall(r"^ +([A-Z]+): (!.*)$", WEB, re.MULTILINE)
    outputs = "".join(f"  {name.title()}:\n    Value: {value}\n" for name, value in lines)
    declared = re.findall(r"^  (?:Table|Stage|Subnets): .*\n", WEB, re.MULTILINE)
    (tmp_path / "stack.yaml").write_text(
        f"Parameters:\n{''.join(declared)}Resources:\n  Topic: {{Type: AWS::SNS::Topic}}\nOutputs:\n{outputs}"
    )
    given = {"Table": "orders", "Stage": "live", "Subnets": "subnet-a,subnet-b"}
    account.deploy(tmp_path / "stack.yaml", "values", parameters=given)
    [stack] = account.aws_json("cloudformation", "describe-stacks", "--stack-name", "values")["Stacks"]
    made = {output["OutputKey"].upper(): output["OutputValue"] for output in stack["Outputs"]}
    options = [option for each in given.items() for option in ("--parameter", "=".join(each))]
    request = json.loads(printed(pipegen, "taskdef", "web.yaml", "--image", f"app={URI}", *PLACE, *options))
    assert len(made) == len(lines) >= 6
    assert made.items() <= environment_of(request).items()


def test_an_appspec_keeps_its_placeholder_until_an_arn_is_given(pipegen: Pipegen) -> None:
    text = printed(pipegen, "appspec", "web.yaml", *PLACE, *DNS)
    assert text.startswith("version: 0.0\n")
    service = {
        "Type": "AWS::ECS::Service",
        "Properties": {
            "TaskDefinition": "<TASK_DEFINITION>",
            "LoadBalancerInfo": {"ContainerName": "app", "ContainerPort": 3000},
            "PlatformVersion": "web.example.com",
        },
    }
    assert yaml.safe_load(text) == {
        "version": 0.0,
        "Resources": [{"TargetService": service}],
        "Hooks": [
            {"AfterInstall": "arn:aws:lambda:eu-west-1:123456789012:function:check"},
            {"AfterAllowTestTraffic": "CodeDeployHook_production-web-after_allow_test_traffic"},
        ],
    }
    assert printed(
        pipegen, "appspec", "web.yaml", *PLACE, *DNS, "--task-definition", ARN, "--action", "Production/Deploy"
    ) == text.replace("<TASK_DEFINITION>", ARN)


def create_deployment(cloud: Cloud, application: str, group: str, text: str, directory: Path) -> Any:
    """Start a deployment as printed, in an account that has but the application and the group; what AWS knows of it."""
    role = "arn:aws:iam::123456789012:role/deploy"
    names = ("--application-name", application)
    cloud.aws("deploy", "create-application", *names, "--compute-platform", "ECS")
    group_names = ("--deployment-group-name", group, "--service-role-arn", role)
    cloud.aws("deploy", "create-deployment-group", *names, *group_names)
    (directory / "deployment.json").write_text(text)
    [made] = cloud.aws_json(
        "deploy", "create-deployment", "--cli-input-json", f"file://{directory}/deployment.json"
    ).values()
    return cloud.aws_json("deploy", "get-deployment", "--deployment-id", made)["deploymentInfo"]


def test_a_deployment_has_its_appspec_inline_with_its_digest(pipegen: Pipegen, account: Cloud, tmp_path: Path) -> None:
    text = printed(pipegen, "deployment", "web.yaml", *PLACE, *DNS, "--task-definition", ARN, "--image", f"app={URI}")
    known = create_deployment(account, "web", "production-web", text, tmp_path)
    assert (known["applicationName"], known["deploymentGroupName"]) == ("web", "production-web")
    revision = json.loads(text)["revision"]
    assert known["revision"] == revision
    assert revision["revisionType"] == "AppSpecContent"
    content = revision["appSpecContent"]["content"]
    assert content == printed(pipegen, "appspec", "web.yaml", *PLACE, *DNS, "--task-definition", ARN)
    assert ARN in content
    assert revision["appSpecContent"]["sha256"] == hashlib.sha256(content.encode()).hexdigest()


def upload_and_deploy(pipegen: Pipegen, cloud: Cloud, directory: Path, *arguments: str) -> tuple[Any, str]:
    """A deployment from S3, printed; and the object that the command beside it puts there."""
    ran = pipegen("deployment", *arguments, "--task-definition", ARN, "--s3", "s3://revisions/web/app spec.yaml")
    assert ran.returncode == 0, ran.stderr
    place = f"LocationConstraint={cloud.region}"
    cloud.aws("s3api", "create-bucket", "--bucket", "revisions", "--create-bucket-configuration", place)
    [line] = ran.stderr.splitlines()
    shell(cloud, line, directory)
    return json.loads(ran.stdout), cloud.aws("s3", "cp", "s3://revisions/web/app spec.yaml", "-").stdout


def test_a_deployment_takes_its_appspec_from_s3_and_the_command_beside_it_uploads_it(
    pipegen: Pipegen, account: Cloud, tmp_path: Path
) -> None:
    made, uploaded = upload_and_deploy(pipegen, account, tmp_path, "web.yaml", *PLACE, *DNS)
    location = {"bucket": "revisions", "key": "web/app spec.yaml", "bundleType": "YAML"}
    assert made["revision"] == {"revisionType": "S3", "s3Location": location}
    known = create_deployment(account, "web", "production-web", json.dumps(made), tmp_path)
    assert known["revision"] == made["revision"]
    assert uploaded == printed(pipegen, "appspec", "web.yaml", *PLACE, *DNS, "--task-definition", ARN)


def test_an_appspec_of_the_source_is_deployed_from_s3_with_the_arn_in_it(
    pipegen: Pipegen, account: Cloud, tmp_path: Path
) -> None:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "appspec.yaml").write_text("Properties:\n  TaskDefinition: <TASK_DEFINITION>\n")
    made, uploaded = upload_and_deploy(pipegen, account, tmp_path, "two.yaml", "--action", "Canary/Deploy")
    assert (made["applicationName"], made["deploymentGroupName"]) == ("canary", "canary-group")
    assert uploaded == f"Properties:\n  TaskDefinition: {ARN}\n"


def test_a_deployment_without_an_arn_says_the_command_that_gets_one(
    pipegen: Pipegen, account: Cloud, tmp_path: Path
) -> None:
    result = pipegen("deployment", "web.yaml", "--image", f"app={URI}", *PLACE, "--parameter", "Table=two words")
    assert (result.returncode, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    assert line.startswith("pipegen: a deployment takes a registered task definition: --task-definition ARN; ")
    arn = shell(account, line.split("to get one: ")[1], tmp_path).strip()
    assert arn == "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1"
    known = account.aws_json("ecs", "describe-task-definition", "--task-definition", arn)["taskDefinition"]
    assert environment_of(known)["REF"] == "two words"
    assert printed(pipegen, "deployment", "web.yaml", *PLACE, *DNS, "--task-definition", arn)


def test_services_are_redeployed_by_the_printed_lines(pipegen: Pipegen, account: Cloud, tmp_path: Path) -> None:
    lines = printed(pipegen, "redeploy", "rolling.yaml", "--parameter", "Cluster=live").splitlines()
    assert lines == [
        f"aws ecs update-service --cluster {cluster} --service web --force-new-deployment"
        for cluster in ("test", "live")
    ]
    container = json.dumps([{"name": "app", "image": URI, "memory": 64}])
    account.aws("ecs", "register-task-definition", "--family", "web", "--container-definitions", container)
    for cluster in ("test", "live"):
        account.aws("ecs", "create-cluster", "--cluster-name", cluster)
        service = ("--cluster", cluster, "--service-name", "web", "--task-definition", "web", "--desired-count", "1")
        account.aws("ecs", "create-service", *service)
    for cluster, line in zip(("test", "live"), lines, strict=True):
        answer = json.loads(shell(account, line, tmp_path))["service"]
        assert answer["serviceArn"].endswith(f"service/{cluster}/web")


def test_a_service_that_two_actions_deploy_to_is_redeployed_once(pipegen: Pipegen, tmp_path: Path) -> None:
    again = "        - {kind: ecs-deploy, name: Again, cluster: test, service: web, roles: [web-task]}\n"
    (tmp_path / "rolling.yaml").write_text(ROLLING + again)
    ran = pipegen("redeploy", "rolling.yaml")
    assert [line.split()[4] for line in ran.stdout.splitlines()] == ["test", "main"]


def test_one_service_is_redeployed_where_its_action_is_named(pipegen: Pipegen) -> None:
    shown = printed(pipegen, "redeploy", "rolling.yaml", "--action", "Production/Deploy")
    assert shown == "aws ecs update-service --cluster main --service web --force-new-deployment\n"


def test_names_are_quoted_for_the_shell(pipegen: Pipegen) -> None:
    shown = printed(pipegen, "redeploy", "rolling.yaml", "--parameter", "Cluster=$(id) it's")
    assert shown.splitlines()[1] == (
        """aws ecs update-service --cluster '$(id) it'"'"'s' --service web --force-new-deployment"""
    )


def test_a_definition_of_several_is_named(pipegen: Pipegen, tmp_path: Path) -> None:
    (tmp_path / "several.py").write_text(
        "from pathlib import Path\n"
        "from dataclasses import replace\n"
        "from pipegen import load\n"
        f"web = load(Path({str(tmp_path / 'web.yaml')!r}))[0]\n"
        "several = [replace(web, name='shop'), replace(web, name='blog')]\n"
        "del web\n"
    )
    arguments = ("deployment", "several.py", *PLACE, *DNS)
    result = pipegen(*arguments, "--task-definition", ARN)
    assert result.returncode == 2
    assert result.stderr == ("pipegen: the file has several definitions; give --definition with one of shop, blog\n")
    unknown = pipegen(*arguments, "--definition", "blogs")
    assert unknown.stderr == 'pipegen: --definition blogs: there is no such definition; did you mean "blog"?\n'
    named = (*arguments, "--definition", "blog")
    assert '--definition blog)" --query' in pipegen(*named).stderr
    assert json.loads(printed(pipegen, *named, "--task-definition", ARN))["applicationName"] == "blog"


def test_a_definition_with_problems_is_rejected_as_by_render(pipegen: Pipegen, tmp_path: Path) -> None:
    (tmp_path / "unknown.yaml").write_text(WEB.replace("!Ref TestListener", "!Ref TestListner"))
    for file in ("wrong.yaml", "unknown.yaml"):
        problems = pipegen("render", file).stderr
        for command in ("taskdef", "appspec", "deployment", "redeploy"):
            result = pipegen(command, file)
            assert (result.returncode, result.stdout, result.stderr) == (1, "", without_summary(problems))
            assert problems


def test_a_warning_stops_nothing(pipegen: Pipegen, tmp_path: Path) -> None:
    (tmp_path / "open.yaml").write_text(ROLLING.replace(", roles: [web-task]", ""))
    ran = pipegen("redeploy", "open.yaml")
    assert (ran.returncode, len(ran.stdout.splitlines())) == (0, 2)
    assert ran.stderr.count("[ecs-roles]") == 2


TASKDEF = ("taskdef", "web.yaml", *PLACE)
IMAGE = ("--image", f"app={URI}")
MISUSE: dict[str, tuple[tuple[str, ...], str]] = {
    "image without =": ((*TASKDEF, "--image", "app"), '--image "app" is not NAME=VALUE; write --image app=VALUE'),
    "image without name": (
        (*TASKDEF, "--image", "=x"),
        '--image "=x" is not NAME=VALUE; write --image NAME=VALUE',
    ),
    "image without URI": (
        (*TASKDEF, "--image", "app="),
        '--image app: "" is not an image URI; give the URI, with tag or digest',
    ),
    "image with space": (
        (*TASKDEF, "--image", "app=a b"),
        '--image app: "a b" is not an image URI; give the URI, with tag or digest',
    ),
    "unknown container": (
        (*TASKDEF, "--image", f"ap={URI}"),
        '--image ap: the deployment brings no image for it; did you mean "app"?',
    ),
    "no image": (TASKDEF, "images are missing; give --image app=URI"),
    "image twice": ((*TASKDEF, *IMAGE, *IMAGE), "--image app is given twice; keep one of them"),
    "unknown container of a deployment": (
        ("deployment", "web.yaml", "--task-definition", ARN, "--image", f"x={URI}"),
        "--image x: the deployment brings no image for it; there is app",
    ),
    "parameter without =": (
        (*TASKDEF, *IMAGE, "--parameter", "Table"),
        '--parameter "Table" is not NAME=VALUE; write --parameter Table=VALUE',
    ),
    "parameter twice": (
        (*TASKDEF, *IMAGE, *DNS, *DNS),
        "--parameter Dns is given twice; keep one of them",
    ),
    "unknown parameter": (
        (*TASKDEF, *IMAGE, "--parameter", "Tabel=x"),
        '--parameter Tabel: there is no such parameter; did you mean "Table"?',
    ),
    "value that is not allowed": (
        (*TASKDEF, *IMAGE, "--parameter", "Stage=prod"),
        "--parameter Stage: its value is not an allowed value; use test or live",
    ),
    "account": (("taskdef", "web.yaml", "--account", "12"), 'AWS::AccountId must have 12 digits, got "12"'),
    "region": (("taskdef", "web.yaml", "--region", "eu"), 'AWS::Region must be a region such as eu-west-1, got "eu"'),
    "region twice": (
        (*TASKDEF, *IMAGE, "--parameter", "AWS::Region=eu-west-2"),
        "--region and --parameter AWS::Region differ; keep one of them",
    ),
    "missing values": (
        ("deployment", "web.yaml", "--task-definition", ARN),
        "values are missing; give --parameter Dns=… --region REGION --account ID",
    ),
    "task definition": (
        ("deployment", "web.yaml", "--task-definition", "web:7"),
        f'--task-definition "web:7" is not the ARN of a revision; give one such as {ARN}',
    ),
    "object": (
        ("deployment", "web.yaml", "--task-definition", ARN, "--s3", "revisions/x"),
        '--s3 "revisions/x" is not an S3 object; give s3://BUCKET/KEY',
    ),
    "several actions": (
        ("taskdef", "two.yaml"),
        "there are several deployments; give --action with one of Production/Deploy, Canary/Deploy",
    ),
    "unknown action": (
        ("taskdef", "two.yaml", "--action", "Prodution/Deploy"),
        '--action Prodution/Deploy: there is no such action; did you mean "Production/Deploy"?',
    ),
    "another action": (
        ("appspec", "web.yaml", "--action", "Build/Image"),
        "--action Build/Image: Build/Image is not an action that deploys through CodeDeploy; "
        "there is Production/Deploy",
    ),
    "no deployment through CodeDeploy": (
        ("taskdef", "rolling.yaml"),
        "rolling has no action that deploys through CodeDeploy",
    ),
    "no rolling deployment": (
        ("redeploy", "web.yaml"),
        "web has no action that deploys by a service's own strategy (CodeDeploy's are started with pipegen deployment)",
    ),
    "unknown definition": (
        ("redeploy", "rolling.yaml", "--definition", "web"),
        "--definition web: there is no such definition; there is rolling",
    ),
    "task definition file": (
        ("taskdef", "files.yaml"),
        "the task definition of Canary/Deploy is the file deploy/taskdef.json in the source: register that one, with "
        "the image in place of <IMAGE1_NAME>",
    ),
    "appspec file": (
        ("appspec", "files.yaml"),
        "the appspec of Canary/Deploy is the file deploy/appspec.yaml in the source: use that one",
    ),
    "appspec file of a deployment": (
        ("deployment", "files.yaml", "--task-definition", ARN),
        "the appspec of Canary/Deploy is the file deploy/appspec.yaml in the source: put the task definition's ARN "
        "into it, upload it, and give --s3",
    ),
    "task definition file of a deployment": (
        ("deployment", "files.yaml"),
        "a deployment takes a registered task definition: --task-definition ARN; to get one: register "
        "deploy/taskdef.json of the source, with its images",
    ),
}


@pytest.mark.parametrize(("arguments", "line"), MISUSE.values(), ids=MISUSE.keys())
def test_misuse_is_reported_in_one_line(arguments: tuple[str, ...], line: str, pipegen: Pipegen) -> None:
    result = pipegen(*arguments)
    assert (result.returncode, result.stdout, result.stderr) == (2, "", f"pipegen: {line}\n")


@pytest.mark.slow
@pytest.mark.parametrize("file", [*SEEDS, *(example.yaml.read_text() for example in EXAMPLES)], ids=text_id)
@pytest.mark.parametrize("command", ["taskdef", "appspec", "deployment", "redeploy"])
def test_any_definition_gets_an_answer(
    file: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this process, so that an exception comes out here."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "any.yaml").write_text(file)
    for options in ((), PLACE, ("--action", "Nowhere/None")):
        result = run(command, "any.yaml", *options)
        assert result.exit_code in (0, 1, 2)
        assert bool(result.stdout) == (result.exit_code == 0)
        assert result.exit_code == 0 or re.search("^pipegen: ", result.stderr, re.MULTILINE)


def test_a_value_that_is_not_utf_8_is_misuse(pipegen: Pipegen) -> None:
    result = pipegen("taskdef", "web.yaml", "--parameter", b"Table=\xff".decode(errors="surrogateescape"))
    assert (result.returncode, result.stderr) == (
        2,
        "pipegen: --parameter Table is not valid UTF-8; encode it in UTF-8\n",
    )


def test_what_only_cloudformation_knows_is_reported_all_at_once_with_locations(
    pipegen: Pipegen, tmp_path: Path
) -> None:
    changes = {
        "parameters:\n": "parameters:\n  Greeting: {Type: AWS::SSM::Parameter::Value<String>, Default: /greeting}\n",
        "REF: !Ref Table": "REF: !Ref Greeting",
        'JOIN: !Join ["+", [!Ref Table, literal,': 'JOIN: !Join ["+", [!ImportValue table, !GetAtt WebRepository.Arn,',
        'SUB: !Sub "': 'SUB: !Sub "${WebRepository.RepositoryUri}',
        "'a \"quoted\" $HOME `x` \\ é'": '"{{resolve:ssm:greeting}}"',
        "production_listener: !Ref ProductionListener": "production_listener: !ImportValue listener",
    }
    text = WEB
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (tmp_path / "stacks.yaml").write_text(text)
    result = pipegen("taskdef", "stacks.yaml", *IMAGE)
    assert (result.returncode, result.stdout) == (1, "")
    otherwise = "use a parameter of type String and set its value"
    expected = {
        "GREETING": f"{{{{resolve:ssm:greeting}}}} can only be resolved by CloudFormation; {otherwise}",
        "REF": f"!Ref Greeting is read from Parameter Store by CloudFormation; {otherwise}",
        "SUB": f"!GetAtt WebRepository.RepositoryUri can only be resolved by CloudFormation; {otherwise}",
        "JOIN": f"!ImportValue table can only be resolved by CloudFormation; {otherwise}",
        "JOIN ": f"!GetAtt WebRepository.Arn can only be resolved by CloudFormation; {otherwise}",
    }
    lines = text.splitlines()
    number = {name: next(n for n, line in enumerate(lines, 1) if f"  {name.strip()}:" in line) for name in expected}
    assert result.stderr.splitlines() == [
        *(f"pipegen: stacks.yaml:{number[name]}:19: {words}" for name, words in expected.items()),
        "pipegen: values are missing; give --region REGION --account ID",
    ]


def test_an_item_after_the_end_of_a_given_list_is_reported(pipegen: Pipegen) -> None:
    result = pipegen("taskdef", "web.yaml", *IMAGE, *PLACE, "--parameter", "Subnets=subnet-a")
    assert result.returncode == 1
    assert '!Select [1, {"Ref": "Subnets"}]: index 1 is out of range' in result.stderr


def test_roles_that_a_services_stack_makes_are_asked_for_by_their_exports(pipegen: Pipegen) -> None:
    example = next(example for example in EXAMPLES if example.name == "service_blue_green")
    command = ("taskdef", example.yaml, "--action", "Production/Deploy", "--image", "ecs-blue-green=greeter:1", *PLACE)
    asked = pipegen(*command)
    assert asked.returncode == 2
    exports = re.findall(r"--parameter (\S+)=…", asked.stderr)
    assert exports == ["greeter-production-TaskRoleArn", "greeter-production-ExecutionRoleArn"]
    roles = [f"--parameter={name}=arn:aws:iam::123456789012:role/{name}" for name in exports]
    request = json.loads(pipegen(*command, *roles).stdout)
    assert request["taskRoleArn"] == "arn:aws:iam::123456789012:role/greeter-production-TaskRoleArn"
    assert request["containerDefinitions"][0]["image"] == "greeter:1"


PARAMETERS = {"List": Parameter("List", type="List<Number>", default="1, 2"), "Text": Parameter("Text", default="a-b")}
RESOLVED: tuple[tuple[Any, Resolved], ...] = (
    (Join("+", Ref("List")), Resolved("1+2", (), ())),
    (Join("+", Split("-", Ref("Text"))), Resolved("a+b", (), ())),
    (Select("1", Ref("List")), Resolved("2", (), ())),
    (Select(0, [7, True]), Resolved("7", (), ())),
    (Select(1, [7, True]), Resolved("true", (), ())),
    (Join(":", [Ref("AWS::StackName"), Ref("AWS::Partition")]), Resolved("", ("AWS::StackName", "AWS::Partition"), ())),
    (Select(0, Ref("Text")), Resolved("", (), ("!Ref Text must be a list, got text; split it with !Split",))),
    (Split("", "a"), Resolved("", (), ('!Split ["", "a"] has invalid arguments; correct them',))),
    (
        [Base64("x"), GetAtt("A", "B.C"), Ref("AWS::NoValue")],
        Resolved(
            ["", "", ""],
            (),
            tuple(
                f"{words} can only be resolved by CloudFormation; use a parameter of type String and set its value"
                for words in ("!Base64 x", "!GetAtt A.B.C", "!Ref AWS::NoValue")
            ),
        ),
    ),
)


@pytest.mark.parametrize(("data", "expected"), RESOLVED, ids=[str(index) for index in range(len(RESOLVED))])
def test_an_expression_that_only_python_can_write_is_resolved_too(data: Any, expected: Resolved) -> None:
    assert resolve(data, PARAMETERS, {}) == expected


@pytest.mark.parametrize(
    ("parameter", "value", "words"),
    [
        (Parameter("Name", allowed_pattern="[a-z]+"), "ab1", "does not match the pattern [a-z]+"),
        (Parameter("Name", allowed_pattern="[a-z]+", constraint_description="must be letters"), "1", "must be letters"),
        (Parameter("Name", allowed_pattern="[a-z]+"), "ab", ""),
        (Parameter("Name", allowed_pattern=r"\p{Lower}+"), "A", ""),  # Java's, not Python's
        (Parameter("Name", type="CommaDelimitedList", allowed_values=["a", "b"]), "a, b", ""),
        (
            Parameter("Name", type="CommaDelimitedList", allowed_values=["a", "b"]),
            "a,c",
            'contains "c", which is not an allowed value; use a or b',
        ),
    ],
)
def test_a_value_that_cloudformation_would_not_accept_is_rejected(parameter: Parameter, value: str, words: str) -> None:
    assert invalid_value(parameter, value) == words


def test_the_partition_of_every_region_is_that_of_botocore() -> None:
    known = get_session().get_component("data_loader").load_data("endpoints")["partitions"]
    found = {region: partition(region) for each in known for region in each["regions"]}
    assert found == {region: (each["partition"], each["dnsSuffix"]) for each in known for region in each["regions"]}
    assert len(found) > 30
