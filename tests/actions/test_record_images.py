"""The record-images kind, through rendered templates and really run: shells, jq and the aws CLI against moto."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from pipegen import InvalidDefinition, RecordImages, render
from pipegen.actions import Artifact
from pipegen.loading.definition import read
from tests.support.cloud import Cloud, aws_program
from tests.templates import BUILD, DEPLOY, action, allowed, definition, resources

APP, WORKER = "/pipegen/orders/production/app", "/pipegen/orders/production/worker"
OLD = "example.com/app:1"
REGISTRY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
NEW = f"{REGISTRY}/team/app@sha256:" + "0" * 64
NEWER = f"{REGISTRY}/team/worker:1.2.3-rc_1"
HOSTILE = 'out/it\'s "$(touch pwned)" `touch pwned` ${HOME}.json'
RECORD: dict[str, Any] = {"kind": "record-images", "name": "Record", "run_order": 2, "parameters": {"app": APP}}
TWO = BUILD | {"images": [*BUILD["images"], {"container": "worker", "repository": "worker"}]}
BOTH = RECORD | {"parameters": {"app": APP, "worker": WORKER}}
DETAILS = BOTH | {"source": "image-details"}

Files = Mapping[str, object]
"""The content of the one file of each artifact, as JSON."""
Run = Callable[..., subprocess.CompletedProcess[str]]


def recorded(record: Mapping[str, Any], build: Mapping[str, Any] = BUILD, **deploy: Any) -> dict[str, Any]:
    """A pipeline that records after a deployment."""
    found = definition(build=build, deploy=DEPLOY | deploy, parameters={"ConnectionArn": {}, "Name": {}})
    found["pipeline"]["stages"][2]["actions"].append(dict(record))
    return found


def as_deployed(data: Mapping[str, Any], cloud: Cloud, directory: Path) -> dict[str, Any]:
    """The action `Record` of the deployed pipeline, as CodePipeline tells of it."""
    [rendered] = render(read(data)).stacks
    template = directory / "template.yaml"
    template.write_text(rendered.text)
    cloud.deploy(template, "app-pipeline", parameters={"ConnectionArn": "arn:aws:connection", "Name": "orders"})
    stages = cloud.aws_json("codepipeline", "get-pipeline", "--name", "app")["pipeline"]["stages"]
    [found] = [each for stage in stages for each in stage["actions"] if each["name"] == "Record"]
    return dict(found)


def run_commands(
    commands: Sequence[str], directory: Path, environment: Mapping[str, str], shell: str
) -> subprocess.CompletedProcess[str]:
    """Each command in a shell of its own, up to the first that fails."""
    path = f"{aws_program().parent}:{os.environ['PATH']}"
    given = {"PATH": path, "HOME": os.devnull, **environment}
    for command in commands:
        done = subprocess.run([shell, "-c", command], cwd=directory, env=given, capture_output=True, text=True)
        if done.returncode or command == commands[-1]:
            return done
    raise AssertionError("no commands")


@pytest.fixture
def run(cloud: Cloud, tmp_path: Path) -> Iterator[Run]:
    """Run the commands of a pipeline's action `Record` on artifacts with these contents. With `deploy`, they are those
    that the deployed pipeline has."""

    def run(
        data: Mapping[str, Any],
        artifacts: Files,
        *,
        file: str = "imagedefinitions.json",
        primary: int = 0,
        shell: str = "bash",
        secondary: bool = True,
        deploy: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        found = action(data, "Record")
        inputs, commands = [each["Name"] for each in found["InputArtifacts"]], found["Commands"]
        if deploy:
            commands = as_deployed(data, cloud, tmp_path)["commands"]
        assert inputs == [*artifacts]
        for name, content in artifacts.items():
            place = tmp_path / name / file
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(json.dumps(content))
        main = tmp_path / inputs.pop(primary)
        variables = {f"CODEBUILD_SRC_DIR_{name}": str(tmp_path / name) for name in inputs if secondary}
        environment = {**cloud.environment, "CODEBUILD_SRC_DIR": str(main), **variables}
        done = run_commands(commands, main, environment, shell)
        assert [each.name for each in main.rglob("*") if each.is_file()] == [Path(file).name]
        return done

    cloud.reset()
    yield run
    cloud.reset()


def parameters(cloud: Cloud) -> dict[str, str]:
    found = cloud.aws_json("ssm", "get-parameters-by-path", "--path=/", "--recursive")["Parameters"]
    assert {each["Type"] for each in found} <= {"String"}
    return {each["Name"]: each["Value"] for each in found}


def value(cloud: Cloud, name: str) -> str:
    return str(cloud.aws_json("ssm", "get-parameter", "--name", name)["Parameter"]["Value"])


def definitions(**images: object) -> list[dict[str, object]]:
    return [{"name": name, "imageUri": image} for name, image in images.items()]


def make(cloud: Cloud, name: str) -> None:
    cloud.aws("ssm", "put-parameter", f"--name={name}", f"--value={OLD}", "--type=String")


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_the_images_of_a_rolling_deployment_are_recorded(run: Run, cloud: Cloud, shell: str) -> None:
    make(cloud, APP)
    images = {"Image_definitions": definitions(worker=NEWER, app=NEW)}
    done = run(recorded(BOTH, TWO), images, shell=shell)
    assert done.returncode == 0, done.stderr
    assert parameters(cloud) == {APP: NEW, WORKER: NEWER}


def test_codepipeline_has_the_commands_as_they_are_in_the_template(cloud: Cloud, tmp_path: Path) -> None:
    cloud.reset()
    data = recorded(DETAILS, TWO)
    found = as_deployed(data, cloud, tmp_path)
    assert found["actionTypeId"] == {"category": "Compute", "owner": "AWS", "provider": "Commands", "version": "1"}
    assert found["commands"] == action(data, "Record")["Commands"]
    assert [each["name"] for each in found["inputArtifacts"]] == ["Image_detail_app", "Image_detail_worker"]


def test_an_update_of_a_stack_then_keeps_the_image_that_runs(run: Run, cloud: Cloud, tmp_path: Path) -> None:
    make(cloud, APP)
    service = tmp_path / "service.json"

    def update(memory: str) -> tuple[str, int]:
        container = {"Name": "app", "Image": {"Ref": "Image"}, "Memory": memory}
        task = {"Family": "orders", "ContainerDefinitions": [container]}
        image = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": APP}
        resource = {"Type": "AWS::ECS::TaskDefinition", "Properties": task}
        service.write_text(json.dumps({"Parameters": {"Image": image}, "Resources": {"Task": resource}}))
        cloud.deploy(service, "orders-service")
        found = cloud.aws_json("ecs", "describe-task-definition", "--task-definition=orders")["taskDefinition"]
        [made] = found["containerDefinitions"]
        return made["image"], made["memory"]

    assert update("128") == (OLD, 128)
    assert run(recorded(RECORD), {"Image_definitions": definitions(app=NEW)}).returncode == 0
    assert update("256") == (NEW, 256)


@pytest.mark.parametrize(
    ("name", "written", "granted"),
    [
        ({"Ref": "Name"}, "orders", ["parameter/orders", "parameterorders"]),
        ({"Fn::Sub": "/pipegen/${Name}/app"}, "/pipegen/orders/app", ["parameter/pipegen/orders/app"]),
    ],
    ids=["name", "path"],
)
def test_a_parameter_may_be_named_by_an_expression(
    run: Run, cloud: Cloud, name: Any, written: str, granted: list[str]
) -> None:
    data = recorded(RECORD | {"parameters": {"app": name}})
    assert run(data, {"Image_definitions": definitions(app=NEW)}, deploy=True).returncode == 0
    assert value(cloud, written) == NEW
    arns = [each["Fn::Sub"].replace("${Name}", "orders") for each in allowed(role(data), "ssm:PutParameter")]
    assert [each.rpartition(":")[2] for each in arns] == granted


def test_a_file_with_any_name_is_read(run: Run, cloud: Cloud) -> None:
    data = recorded(RECORD | {"file_name": HOSTILE}, file_name=HOSTILE)
    assert run(data, {"Image_definitions": definitions(app=NEW)}, file=HOSTILE).returncode == 0
    assert parameters(cloud) == {APP: NEW}


def test_with_a_missing_container_nothing_is_written(run: Run, cloud: Cloud) -> None:
    make(cloud, APP)
    done = run(recorded(BOTH, TWO), {"Image_definitions": definitions(app=NEW, other=NEWER)})
    assert done.returncode != 0
    assert parameters(cloud) == {APP: OLD}


NO_IMAGES: tuple[object, ...] = (
    "",
    " ",
    None,
    7,
    [],
    "a b",
    f"{NEW}\n{NEW}",
    "-a",
    "--value",
    "file:///etc/passwd",
    "https://a.b/c",
)
NO_DEFINITIONS: tuple[object, ...] = (
    [],
    {},
    {"app": NEW},
    NEW,
    None,
    [NEW],
    [*definitions(app=NEW), *definitions(app=NEWER)],
)
NAMES = ("localhost:5000/a/b:c", f"{REGISTRY}/a__b/c-d.e@sha256:{'f' * 64}")


def test_what_names_no_image_is_not_recorded(run: Run, cloud: Cloud) -> None:
    for image in NO_IMAGES:
        content = definitions(app=NEW, worker=image)
        assert run(recorded(BOTH, TWO), {"Image_definitions": content}).returncode != 0, image
        detail = {"Image_deployment": {"ImageURI": image}}
        record = RECORD | {"source": "image-details"}
        assert run(recorded(record), detail, file="imageDetail.json").returncode != 0, image
    assert parameters(cloud) == {}


def test_what_is_not_an_image_definitions_file_is_not_recorded(run: Run, cloud: Cloud) -> None:
    for content in NO_DEFINITIONS:
        assert run(recorded(RECORD), {"Image_definitions": content}).returncode != 0, content
    assert parameters(cloud) == {}


def test_every_form_of_an_images_name_is_recorded(run: Run, cloud: Cloud) -> None:
    for image in NAMES:
        assert run(recorded(RECORD), {"Image_definitions": definitions(app=image)}).returncode == 0
        assert value(cloud, APP) == image


def test_the_image_of_a_deployment_through_codedeploy_is_recorded(run: Run, cloud: Cloud) -> None:
    record = RECORD | {"source": "image-details"}
    done = run(recorded(record), {"Image_deployment": {"ImageURI": NEW}}, file="imageDetail.json")
    assert done.returncode == 0, done.stderr
    assert parameters(cloud) == {APP: NEW}


SEVERAL = {"Image_detail_app": {"ImageURI": NEW}, "Image_detail_worker": {"ImageURI": NEWER}}


@pytest.mark.parametrize("shell", ["bash", "sh"])
@pytest.mark.parametrize("primary", [0, 1])
def test_each_image_detail_is_found_whichever_artifact_is_the_primary_one(
    run: Run, cloud: Cloud, primary: int, shell: str
) -> None:
    done = run(recorded(DETAILS, TWO), SEVERAL, file="imageDetail.json", primary=primary, shell=shell)
    assert done.returncode == 0, done.stderr
    assert parameters(cloud) == {APP: NEW, WORKER: NEWER}


def test_an_image_is_never_taken_for_another_containers(run: Run, cloud: Cloud) -> None:
    done = run(recorded(DETAILS, TWO), SEVERAL, file="imageDetail.json", secondary=False)
    assert done.returncode != 0
    assert parameters(cloud) == {}


def test_with_a_missing_image_detail_nothing_is_written(run: Run, cloud: Cloud) -> None:
    done = run(recorded(DETAILS, TWO), SEVERAL | {"Image_detail_worker": {}}, file="imageDetail.json")
    assert done.returncode != 0
    assert parameters(cloud) == {}


def test_the_image_of_a_source_is_recorded(run: Run, cloud: Cloud) -> None:
    """ECR's imageDetail.json says more than the image's URI."""
    data = recorded(RECORD | {"source": "image-details", "inputs": {"app": "Base"}})
    source = {"kind": "ecr", "name": "Base", "repository": "team/app"}
    data["pipeline"]["stages"][0]["actions"].append(source)
    data["pipeline"]["stages"][1]["actions"][0]["input"] = "App"
    detail = {"ImageSizeInBytes": "1", "ImageTags": ["latest"], "RepositoryName": "team/app", "ImageURI": NEW}
    assert run(data, {"Base_image": detail}, file="imageDetail.json").returncode == 0
    assert parameters(cloud) == {APP: NEW}


OWN = {
    "kind": "codebuild",
    "name": "Image",
    "commands": ["make"],
    "outputs": [
        {"name": "Definitions", "files": ["imagedefinitions.json"]},
        {"name": "Detail", "files": ["imageDetail.json"]},
    ],
}


@pytest.mark.parametrize(
    ("source", "artifact"), [("image-definitions", "Image_Definitions"), ("image-details", "Image_Detail")]
)
def test_a_custom_build_may_make_the_file(source: str, artifact: str) -> None:
    found = action(recorded(RECORD | {"source": source}, OWN), "Record")
    assert [each["Name"] for each in found["InputArtifacts"]] == [artifact]


def test_it_is_the_commands_action_without_any_configuration() -> None:
    found = action(recorded(RECORD), "Record")
    kind = {"Category": "Compute", "Owner": "AWS", "Provider": "Commands", "Version": "1"}
    assert found["ActionTypeId"] == kind
    assert not {"Configuration", "OutputArtifacts", "Namespace"} & found.keys()
    assert all("\n" not in command for command in found["Commands"])


def role(data: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = resources(data)["PipelineRole"]
    return found


def test_the_pipeline_may_write_these_parameters_and_no_others() -> None:
    data = recorded(RECORD | {"parameters": {"app": APP, "worker": "worker.image"}}, TWO)
    arn = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter"
    assert allowed(role(data), "ssm:PutParameter") == [{"Fn::Sub": f"{arn}{APP}"}, {"Fn::Sub": f"{arn}/worker.image"}]


def test_the_pipeline_may_write_the_log_of_its_commands_and_no_other() -> None:
    data = recorded(RECORD)
    data["pipeline"]["name"] = "orders.v2"
    group = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/codepipeline/orders.v2"
    for each in ("CreateLogGroup", "CreateLogStream", "PutLogEvents"):
        assert allowed(role(data), f"logs:{each}") == [{"Fn::Sub": group}, {"Fn::Sub": f"{group}:*"}]


def build_script(data: Mapping[str, Any]) -> str:
    return str(resources(data)["ImageProject"]["Source"]["BuildSpec"])


@pytest.mark.parametrize("containers", [[], ["app"], ["worker", "app"]])
def test_recording_does_not_change_what_is_deployed(containers: list[str]) -> None:
    data = recorded(RECORD, TWO, containers=containers)
    without = definition(build=TWO, deploy=DEPLOY | {"containers": containers})
    assert build_script(data) == build_script(without)


def test_a_file_that_nothing_else_reads_has_all_images() -> None:
    data = recorded(RECORD | {"file_name": "recorded.json"}, TWO, containers=["app"])
    assert '[{"name":"app","imageUri":"%s"},{"name":"worker","imageUri":"%s"}]' in build_script(data)
    assert "./recorded.json" in build_script(data)


def test_a_deploy_that_leaves_out_a_recorded_container_is_reported() -> None:
    with pytest.raises(InvalidDefinition, match=r"reads worker in \S+, but Deploy/Deploy excludes it"):
        action(recorded(BOTH, TWO, containers=["app"]), "Record")


def test_an_artifact_is_part_of_a_variables_name_however_long_the_action_is_called() -> None:
    long = TWO | {"name": "I" * 100}
    found = action(recorded(DETAILS, long), "Record")
    artifacts = [each["Name"] for each in found["InputArtifacts"]]
    assert len(set(artifacts)) == 2
    for artifact in artifacts:
        assert len(artifact) <= 100
        assert artifact.replace("_", "").isalnum()
        assert f"${{CODEBUILD_SRC_DIR_{artifact}:-.}}" in found["Commands"][0]


def test_it_is_written_in_python_too() -> None:
    record = RecordImages("Record", parameters={"app": APP}, input=Artifact("Image.definitions"))
    assert [each.artifact for each in record.reads()] == [record.input]
    details = RecordImages("Record", parameters={"app": APP}, source="image-details", inputs={"app": Artifact("Image")})
    assert [(each.path, each.artifact) for each in details.reads()] == [(("inputs", "app"), Artifact("Image"))]
