"""The ecs-rollout kind, through the command and really run: bash, jq and the aws CLI against moto, which has no service
deployments; those are played by `tests.support.service_deployments`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.session import get_session

from pipegen.actions.ecs_rollout import READ_ONLY
from tests.conftest import Pipegen
from tests.support.cloud import Cloud
from tests.support.codebuild import BuildResult, run_build
from tests.support.registry import Registry
from tests.support.service_deployments import Stage, in_front_of
from tests.templates import DEPLOY, action, allowed, definition, resources, statements

pytestmark = pytest.mark.slow

HOSTILE = "a 'b' \"c\" $(touch pwned) `touch pwned` ${HOME} $HOME; touch pwned #\\ |&"
OLD, NEW = "example.com/app:1", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app@sha256:" + "0" * 64
ROLLOUT = DEPLOY | {"kind": "ecs-rollout", "poll_seconds": 1}
TASK: dict[str, Any] = {
    "family": "orders",
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
    "cpu": "256",
    "memory": "512",
    "taskRoleArn": "arn:aws:iam::123456789012:role/app-task",
    "executionRoleArn": "arn:aws:iam::123456789012:role/app-execution",
    "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
    "volumes": [{"name": "scratch"}],
    "containerDefinitions": [
        {
            "name": "app",
            "image": OLD,
            "essential": True,
            "environment": [{"name": "ODD", "value": HOSTILE}],
            "secrets": [{"name": "TOKEN", "valueFrom": "/orders/token"}],
            "portMappings": [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}],
        },
        {"name": "proxy", "image": "example.com/proxy:7", "essential": True},
    ],
    "tags": [{"key": "team", "value": "shop"}],
}

Roll = Callable[..., BuildResult]


@pytest.fixture
def service(cloud: Cloud) -> Iterator[Cloud]:
    """A cloud with the service `app` in the cluster `main`."""
    cloud.reset()
    make_service(cloud, "main", "app")
    yield cloud
    cloud.reset()


def make_service(cloud: Cloud, cluster: str, name: str, task: Mapping[str, Any] = TASK) -> None:
    cloud.aws("ecs", "create-cluster", f"--cluster-name={cluster}")
    cloud.aws("ecs", "register-task-definition", "--cli-input-json", json.dumps(task))
    arguments = (f"--cluster={cluster}", f"--service-name={name}", "--task-definition=orders", "--desired-count=1")
    cloud.aws("ecs", "create-service", *arguments)


@pytest.fixture
def roll(pipegen: Pipegen, registry: Registry, service: Cloud, tmp_path: Path) -> Roll:
    """Render a definition with the command, then run the build that is in the template, in front of moto."""

    def roll(stage: Stage, *, images: Any = None, variables: Mapping[str, str] | None = None, **fields: Any) -> Any:
        rollout = ROLLOUT | {"name": "Deploy"} | {key: fields.pop(key) for key in [*fields] if key != "programs"}
        file = tmp_path / "app.yaml"
        file.write_text(yaml.safe_dump(definition(deploy=rollout, parameters={"ConnectionArn": {}, "Name": {}})))
        rendered = pipegen("render", file, "--template-format", "json")
        assert rendered.returncode == 0, rendered.stderr
        project = json.loads(rendered.stdout)["Resources"]["DeployProject"]["Properties"]
        given = {each["Name"]: each["Value"] for each in project["Environment"].get("EnvironmentVariables", ())}
        assert given.keys() == (variables or {}).keys()
        source = tmp_path / "source"
        source.mkdir()
        definitions = [{"name": "app", "imageUri": NEW}] if images is None else images
        (source / rollout.get("file_name", "imagedefinitions.json")).write_text(json.dumps(definitions))
        with in_front_of(service.endpoint, stage):
            return run_build(
                project["Source"]["BuildSpec"],
                source=source,
                environment={**service.environment, "AWS_ENDPOINT_URL": stage.endpoint, **(variables or {})},
                registry=registry,
                path=tmp_path / "work",
                **{"programs": impatient(tmp_path), **fields},
            )

    return roll


def impatient(directory: Path) -> Path:
    """A `sleep` that takes no second for one, and nothing but the seconds of the definition."""
    programs = directory / "impatient"
    programs.mkdir()
    (programs / "sleep").write_text(
        '#!/bin/bash\n[[ "$*" == 1 ]] && exec /bin/sleep 0.02\necho "sleep $*" >&2; exit 1\n'
    )
    (programs / "sleep").chmod(0o755)
    return programs


def revision(cloud: Cloud, name: str = "orders") -> dict[str, Any]:
    """The newest revision, with its tags, as it was given."""
    found = cloud.aws_json("ecs", "describe-task-definition", "--task-definition", name, "--include", "TAGS")
    known = {key: value for key, value in found["taskDefinition"].items() if key not in READ_ONLY}
    return known | {"tags": found.get("tags", [])}


def used(cloud: Cloud, cluster: str = "main", name: str = "app") -> str:
    """The revision that the service has."""
    [found] = cloud.aws_json("ecs", "describe-services", f"--cluster={cluster}", f"--services={name}")["services"]
    return str(found["taskDefinition"]).rsplit("/", 1)[1]


def said_by(result: BuildResult) -> list[str]:
    """What the script said of the deployment's way."""
    return re.findall(r"^\d\d:\d\d:\d\d (.*)$", result.log, re.MULTILINE)


def spoken(result: BuildResult) -> str:
    """The log between the two places where it shows the script itself."""
    [said] = re.findall(r"^\)\n(.*?)^\[Container\]", result.log, re.MULTILINE | re.DOTALL)
    return str(said)


def step(status: str, stage: str, **more: Any) -> dict[str, Any]:
    return {"status": status, "lifecycleStage": stage, **more}


def test_a_rollout_is_followed_through_all_its_stages_until_it_succeeded(roll: Roll, service: Cloud) -> None:
    stages = ("SCALE_UP", "SCALE_UP", "TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME")
    script = [{"status": "PENDING"}, *(step("IN_PROGRESS", each) for each in stages), step("SUCCESSFUL", "CLEAN_UP")]
    before = revision(service)
    result = roll(Stage(script=script))
    assert result.succeeded, result.log
    seen = list(dict.fromkeys(stages))
    assert said_by(result) == ["PENDING -", *(f"IN_PROGRESS {each}" for each in seen), "SUCCESSFUL CLEAN_UP"]
    assert used(service) == "orders:2"
    after = revision(service)
    assert [each["image"] for each in after["containerDefinitions"]] == [NEW, "example.com/proxy:7"]
    after["containerDefinitions"][0]["image"] = OLD
    assert after == before
    assert before["tags"] == [{"key": "team", "value": "shop"}]
    assert "continues" not in spoken(result)


def test_a_rollback_is_followed_to_its_end_and_fails_the_build_with_its_reason(roll: Roll) -> None:
    script = [
        step("IN_PROGRESS", "PRODUCTION_TRAFFIC_SHIFT"),
        step("ROLLBACK_REQUESTED", "PRODUCTION_TRAFFIC_SHIFT"),
        step("ROLLBACK_IN_PROGRESS", "PRODUCTION_TRAFFIC_SHIFT"),
        step("ROLLBACK_SUCCESSFUL", "CLEAN_UP", statusReason="An alarm\twas found:\nerrors"),
    ]
    stage = Stage(script=script)
    result = roll(stage)
    assert not result.succeeded
    assert len(said_by(result)) == 4
    assert "the deployment ended as ROLLBACK_SUCCESSFUL: An alarm\\twas found:\\nerrors\n" in spoken(result)
    look = f"  aws ecs describe-service-deployments --service-deployment-arns {stage.own['serviceDeploymentArn']}\n"
    assert look in spoken(result)
    assert "continues" not in spoken(result)


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        ({"status": "STOPPED", "statusReason": "asked by a person"}, "STOPPED: asked by a person"),
        ({"status": "STOPPED"}, "STOPPED: no reason from ECS"),
        ({"status": "ROLLBACK_FAILED", "rollback": {"reason": "a hook"}}, "ROLLBACK_FAILED: a hook"),
    ],
)
def test_a_deployment_that_ends_otherwise_fails_the_build(roll: Roll, last: dict[str, Any], reason: str) -> None:
    result = roll(Stage(script=[{"status": "IN_PROGRESS"}, {"status": "STOP_REQUESTED"}, last]))
    assert not result.succeeded
    assert f"the deployment ended as {reason}\n" in spoken(result)


def test_a_pause_is_reported_once_with_the_command_that_ends_it(roll: Roll) -> None:
    hook = {"hookId": "ecs-pause-1", "targetType": "PAUSE", "expiresAt": 1800000000, "timeoutAction": "ROLLBACK"}
    asks = {"targetType": "AWS_LAMBDA", "hookId": "ecs-lambda-1", "status": "AWAITING_ACTION"}
    held = step("IN_PROGRESS", "POST_SCALE_UP", lifecycleHookDetails=[asks, hook | {"status": "AWAITING_ACTION"}])
    gone = step("IN_PROGRESS", "BAKE_TIME", lifecycleHookDetails=[hook | {"status": "SUCCEEDED"}])
    stage = Stage(script=[held, held, gone, step("SUCCESSFUL", "CLEAN_UP")])
    result = roll(stage)
    assert result.succeeded, result.log
    arn = stage.own["serviceDeploymentArn"]
    command = f"aws ecs continue-service-deployment --service-deployment-arn {arn} --hook-id ecs-pause-1"
    assert spoken(result).count(f"  {command} --action CONTINUE\n") == 1
    assert "then: ROLLBACK" in spoken(result)
    assert "ecs-lambda-1" not in spoken(result)


def test_the_deployment_of_somebody_else_at_the_same_moment_is_not_taken_for_ones_own(roll: Roll) -> None:
    other = "arn:aws:ecs:eu-west-1:123456789012:task-definition/orders:1"
    stage = Stage(others=(other, other), invisible=2)
    result = roll(stage)
    assert result.succeeded, result.log
    assert len(stage.deployments) == 3
    assert f"waiting for {stage.own['serviceDeploymentArn']}\n" in spoken(result)


def test_of_two_deployments_of_the_same_revision_the_first_is_ones_own(roll: Roll) -> None:
    same = "arn:aws:ecs:eu-west-1:123456789012:task-definition/orders:2"
    stage = Stage(others=("orders:1", same))
    result = roll(stage)
    assert result.succeeded, result.log
    assert f"waiting for {stage.own['serviceDeploymentArn']}\n" in spoken(result)


def test_a_deployment_that_never_shows_up_fails_the_build_and_says_what_goes_on(roll: Roll) -> None:
    result = roll(Stage(invisible=99))
    assert not result.succeeded
    assert "ECS does not list a deployment of orders:2 to the service app\n" in spoken(result)
    registered = "arn:aws:ecs:eu-west-1:123456789012:task-definition/orders:2"
    assert f"the service app was updated to {registered}, and the deployment continues" in spoken(result)


def test_throttled_and_failed_calls_are_tried_again_by_the_cli(roll: Roll) -> None:
    throttled, failed = (400, "ThrottlingException"), (500, "ServerException")
    stage = Stage(faults={"UpdateService": [throttled], "DescribeServiceDeployments": [failed, throttled, failed]})
    result = roll(stage)
    assert result.succeeded, result.log
    assert stage.asked.count("UpdateService") == 2
    assert stage.asked.count("DescribeServiceDeployments") == 4
    assert "ServerException" not in spoken(result)


def test_a_look_that_fails_for_good_is_followed_by_another(roll: Roll) -> None:
    stage = Stage(faults={"DescribeServiceDeployments": [(400, "ClientException")] * 2})
    result = roll(stage)
    assert result.succeeded, result.log
    assert spoken(result).count("ClientException") == 2


def test_looks_that_go_on_failing_end_the_build_and_say_what_goes_on(roll: Roll) -> None:
    stage = Stage(faults={"DescribeServiceDeployments": [(400, "AccessDeniedException")] * 99})
    result = roll(stage)
    assert not result.succeeded
    assert "the state of the deployment cannot be read from ECS\n" in spoken(result)
    assert f"stop-service-deployment --service-deployment-arn {stage.own['serviceDeploymentArn']}" in spoken(result)


def test_a_build_that_is_stopped_says_that_the_deployment_goes_on(roll: Roll, tmp_path: Path) -> None:
    """The `sleep` of this build ends who started it, as stopping the build may."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "sleep").write_text("#!/bin/bash\nkill -TERM $PPID\nexec /bin/sleep 2\n")
    (programs / "sleep").chmod(0o755)
    stage = Stage(script=[step("IN_PROGRESS", "BAKE_TIME")])
    result = roll(stage, programs=programs)
    assert not result.succeeded
    assert "exit status 143" in result.log
    arn = stage.own["serviceDeploymentArn"]
    assert f"  aws ecs describe-service-deployments --service-deployment-arns {arn}\n" in spoken(result)
    command = f"aws ecs stop-service-deployment --service-deployment-arn {arn} --stop-type ROLLBACK\n"
    assert f"  {command}" in spoken(result)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (
            [{"name": "web", "imageUri": NEW}],
            "task-definition/orders:1 does not contain the container web; it contains app, proxy",
        ),
        ([], "does not contain a container"),
        ([{"name": "app"}], "is not a list of names and image URIs"),
        ({"ImageURI": NEW}, "is not a list of names and image URIs"),
    ],
)
def test_image_definitions_that_do_not_fit_change_nothing(
    roll: Roll, service: Cloud, images: Any, message: str
) -> None:
    stage = Stage()
    result = roll(stage, images=images)
    assert not result.succeeded
    assert message in spoken(result)
    assert used(service) == "orders:1"
    assert not {"RegisterTaskDefinition", "UpdateService"} & {*stage.asked}


def test_of_the_file_only_the_containers_asked_for_are_taken(roll: Roll, service: Cloud) -> None:
    images = [{"name": name, "imageUri": NEW} for name in ("app", "proxy", "web")]
    result = roll(Stage(), images=images, containers=["app"])
    assert result.succeeded, result.log
    assert [each["image"] for each in revision(service)["containerDefinitions"]] == [NEW, "example.com/proxy:7"]


def test_a_container_asked_for_that_the_file_does_not_have_fails_the_build(roll: Roll, service: Cloud) -> None:
    result = roll(Stage(), images=[{"name": "proxy", "imageUri": NEW}], containers=["app"])
    assert not result.succeeded
    assert "./imagedefinitions.json does not contain an image for app\n" in spoken(result)
    assert used(service) == "orders:1"


def test_a_service_that_is_not_there_fails_the_build(roll: Roll) -> None:
    result = roll(Stage(), service="orders")
    assert not result.succeeded
    assert "the cluster main does not have an active service orders with a task definition\n" in spoken(result)


def test_a_rollout_of_the_same_images_again_is_a_rollout(roll: Roll, service: Cloud) -> None:
    result = roll(Stage(), images=[{"name": "app", "imageUri": OLD}])
    assert result.succeeded, result.log
    assert used(service) == "orders:2"


def test_hostile_values_reach_ecs_and_no_shell(roll: Roll, service: Cloud, tmp_path: Path) -> None:
    make_service(service, HOSTILE, HOSTILE)
    uri = f"example.com/{HOSTILE}"
    result = roll(
        Stage(script=[{"status": "SUCCESSFUL", "statusReason": HOSTILE}]),
        images=[{"name": "app", "imageUri": uri}],
        variables={"ROLLOUT_CLUSTER": HOSTILE, "ROLLOUT_SERVICE": HOSTILE},
        cluster={"Ref": "Name"},
        service={"Ref": "Name"},
        file_name=HOSTILE,
    )
    assert result.succeeded, result.log
    assert not list(tmp_path.rglob("pwned"))
    assert used(service, HOSTILE, HOSTILE) == "orders:3"
    assert revision(service)["containerDefinitions"][0]["image"] == uri
    assert revision(service)["containerDefinitions"][0]["environment"][0]["value"] == HOSTILE


def test_tags_of_aws_itself_are_not_set_again(roll: Roll, service: Cloud) -> None:
    tags = [{"key": "AWS:cloudformation:stack-name", "value": "orders"}, {"key": "awsome", "value": "yes"}]
    make_service(service, "main", "tagged", TASK | {"tags": tags})
    result = roll(Stage(), service="tagged")
    assert result.succeeded, result.log
    assert revision(service)["tags"] == tags[1:]


def test_what_is_left_out_is_all_that_ecs_tells_of_a_task_definition_and_does_not_take() -> None:
    """Against the AWS API's own model."""
    model = get_session().get_service_model("ecs")
    takes = model.operation_model("RegisterTaskDefinition").input_shape.members
    assert sorted(READ_ONLY) == sorted({*model.shape_for("TaskDefinition").members} - {*takes})


def test_every_status_that_ecs_knows_is_one_that_the_script_ends_at_or_waits_in() -> None:
    """Against the AWS API's own model: a new one would be waited in forever."""
    ends = {"SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"}
    waits = {"PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"}
    assert {*get_session().get_service_model("ecs").shape_for("ServiceDeploymentStatus").enum} == ends | waits


SERVICE = "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:%s/main/app%s"


def test_the_build_may_do_what_its_script_does_to_that_service_and_no_more() -> None:
    data = definition(deploy=ROLLOUT | {"family": "orders"})
    role = resources(data, "AWS::IAM::Role")["DeployProjectRole"]
    service = {"Fn::Sub": SERVICE % ("service", "")}
    following = [service, *({"Fn::Sub": SERVICE % (f"service-{each}", "/*")} for each in ("deployment", "revision"))]
    family = "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task-definition/orders:*"
    expected: dict[str, list[Any]] = {
        "ecs:DescribeServiceDeployments": following,
        "ecs:DescribeServiceRevisions": following,
        "ecs:DescribeServices": [service],
        "ecs:DescribeTaskDefinition": ["*"],
        "ecs:ListServiceDeployments": following,
        "ecs:RegisterTaskDefinition": [{"Fn::Sub": family}],
        "ecs:TagResource": [{"Fn::Sub": family}],
        "ecs:UpdateService": [service],
        "iam:PassRole": [{"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/app-task"}],
    }
    given = {each for statement in statements(role) for each in statement["Action"]}
    assert {each for each in given if each.startswith(("ecs:", "iam:"))} == expected.keys()
    for each, targets in expected.items():
        assert sorted(map(str, allowed(role, each))) == sorted(map(str, targets)), each
    conditions = {each["Action"][0]: each.get("Condition") for each in statements(role)}
    assert conditions["ecs:TagResource"] == {"StringEquals": {"ecs:CreateAction": "RegisterTaskDefinition"}}
    services = ["ecs.amazonaws.com", "ecs-tasks.amazonaws.com"]
    assert conditions["iam:PassRole"] == {"StringEquals": {"iam:PassedToService": services}}


def test_the_pipeline_itself_may_only_start_the_build() -> None:
    role = resources(definition(deploy=ROLLOUT), "AWS::IAM::Role")["PipelineRole"]
    given = {each for statement in statements(role) for each in statement["Action"]}
    assert not [each for each in given if each.startswith(("ecs:", "iam:"))]


def test_it_reads_the_image_definitions_that_the_image_build_before_it_writes() -> None:
    data = definition(deploy=ROLLOUT | {"file_name": "out/main.json"})
    found = action(data, "Deploy")
    assert found["ActionTypeId"] == {"Category": "Build", "Owner": "AWS", "Provider": "CodeBuild", "Version": "1"}
    assert found["InputArtifacts"] == [{"Name": "Image_definitions"}]
    projects = resources(data, "AWS::CodeBuild::Project")
    assert "out/main.json" in projects["ImageProject"]["Source"]["BuildSpec"]
    assert "definitions=./out/main.json\n" in projects["DeployProject"]["Source"]["BuildSpec"]


LONGEST = {
    "kind": "blue-green",
    "bake_minutes": 1000,
    "hooks": [{"pause_at": ["PRE_SCALE_UP"], "timeout_minutes": 1159}],
}


@pytest.mark.parametrize(
    ("fields", "minutes"),
    [
        ({}, 60),
        ({"strategy": {"kind": "blue-green", "bake_minutes": 300}}, 360),
        ({"strategy": LONGEST}, 2160),
        ({"strategy": {"kind": "blue-green", "bake_minutes": 300}, "timeout_minutes": 301}, 301),
    ],
)
def test_the_build_may_take_as_long_as_the_strategy_and_an_hour_more(fields: dict[str, Any], minutes: int) -> None:
    projects = resources(definition(deploy=ROLLOUT | fields), "AWS::CodeBuild::Project")
    assert projects["DeployProject"]["TimeoutInMinutes"] == minutes
