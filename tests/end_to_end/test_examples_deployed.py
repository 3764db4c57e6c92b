"""Every example deployed to a cloud on loopback by the real AWS CLI, and its builds really run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from cfnlint.decode import cfn_yaml

from pipegen.graph.outline import lower, outline
from tests.blueprints import BLUEPRINTS
from tests.examples import EXAMPLES, ROOT, TREES, Example
from tests.networks import prepare_network
from tests.support.cloud import Cloud
from tests.support.codebuild import COMMIT, BuildResult, run_build
from tests.support.registry import Registry

IN_ONE_ACCOUNT = [each for each in (*EXAMPLES, *BLUEPRINTS) if not each.several_accounts]
each_example = pytest.mark.parametrize("example", IN_ONE_ACCOUNT, ids=lambda example: example.label)


@dataclass(frozen=True, slots=True)
class Deployed:
    """An example's stack as the cloud has it."""

    example: Example
    cloud: Cloud
    pipeline: Mapping[str, Any]

    def actions(self, provider: str = "") -> Iterator[Mapping[str, Any]]:
        for stage in self.pipeline["stages"]:
            for action in stage["actions"]:
                if provider in ("", action["actionTypeId"]["provider"]):
                    yield action

    def project(self, action: Mapping[str, Any]) -> Mapping[str, Any]:
        name = action["configuration"]["ProjectName"]
        [project] = self.cloud.aws_json("codebuild", "batch-get-projects", "--names", name)["projects"]
        return dict(project)

    def environment(self, action: Mapping[str, Any]) -> dict[str, str]:
        """The build's variables as CodeBuild would resolve them, from the project and from the action."""
        found = list(self.project(action)["environment"].get("environmentVariables", ()))
        found += json.loads(action["configuration"].get("EnvironmentVariables", "[]"))
        return {variable["name"]: self._resolved(variable) for variable in found}

    def _resolved(self, variable: Mapping[str, str]) -> str:
        value = variable["value"]
        if variable["type"] == "PARAMETER_STORE":
            return str(self.cloud.aws_json("ssm", "get-parameter", "--name", value)["Parameter"]["Value"])
        if variable["type"] == "SECRETS_MANAGER":
            secret, key = value.split(":")[:2]
            found = self.cloud.aws_json("secretsmanager", "get-secret-value", "--secret-id", secret)
            return str(json.loads(found["SecretString"])[key])
        for pipeline_variable in self.pipeline.get("variables", ()):
            value = value.replace(f"#{{variables.{pipeline_variable['name']}}}", pipeline_variable["defaultValue"])
        return value


def deploy(example: Example, cloud: Cloud) -> Deployed:
    """Every stack of the example, in its order."""
    cloud.reset()
    deploy_stacks(example, cloud, parameter_values(example, cloud))
    name = next(
        output["OutputValue"]
        for output in cloud.aws_json("cloudformation", "describe-stacks", "--stack-name", example.stack)["Stacks"][0][
            "Outputs"
        ]
        if output["OutputKey"] == "PipelineName"
    )
    return Deployed(example, cloud, cloud.aws_json("codepipeline", "get-pipeline", "--name", name)["pipeline"])


def parameter_values(example: Example, cloud: Cloud) -> dict[str, str]:
    """The example's parameters; those that name what must be there already, as it really is there."""
    return {**example.parameters, **prepare_network(cloud, example.parameters)}


def deploy_stacks(example: Example, cloud: Cloud, parameters: Mapping[str, str]) -> list[str]:
    """What the CLI says of each."""
    said = []
    for stack, golden in zip(example.stacks, example.goldens, strict=True):
        declared = cfn_yaml.loads(golden.read_text()).get("Parameters", {})
        wanted = {name: value for name, value in parameters.items() if name in declared}
        done = cloud.deploy(golden, stack, parameters=wanted)
        said.append(done.stdout + done.stderr)
    return said


@each_example
def test_an_example_deploys_a_second_time_changes_nothing_and_its_builds_write_what_deploys_read(
    example: Example, cloud: Cloud, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    deployed = deploy(example, cloud)
    definition = _definition(example)
    written = lower(outline(definition)).actions
    assert [
        (stage["name"], [(action["name"], action.get("runOrder")) for action in stage["actions"]])
        for stage in deployed.pipeline["stages"]
    ] == [
        (stage.name, [(each.name, each.run_order) for each in written if each.stage_index == index])
        for index, stage in enumerate(definition.pipeline.stages)
    ]
    assert deployed.pipeline["pipelineType"] == "V2"
    assert deployed.pipeline["executionMode"] == definition.pipeline.execution_mode
    for said in deploy_stacks(example, cloud, {}):
        assert "No changes to deploy" in said
    if example.pushes:  # one deployment for both, as it is what takes the time
        _check_builds(deployed, request.getfixturevalue("registry"), tmp_path)


def _check_builds(deployed: Deployed, registry: Registry, path: Path) -> None:
    """What `build` checks, and that the roles of task definitions are those that the services' stacks made."""
    prepare_builds(deployed, registry, deployed.example.pushes)
    results = build(deployed, registry, path, without=deployed.example.following).values()
    artifacts = [each for result in results for each in (result.artifact, *result.secondary.values()) if each]
    written = [file for artifact in artifacts for file in artifact.rglob("taskdef-*.json")]
    for file in written:
        request = json.loads(file.read_text())
        found = deployed.cloud.aws_json("cloudformation", "describe-stacks", "--stack-name", request["family"])
        made = {output["OutputKey"]: output["OutputValue"] for output in found["Stacks"][0]["Outputs"]}
        assert request["executionRoleArn"] == made["ExecutionRoleArn"]
    assert bool(written) == bool([*deployed.actions("CodeDeployToECS")])


def _definition(example: Example) -> Any:
    from pipegen import load

    return load(example.yaml)[0]


def build(
    deployed: Deployed, registry: Registry, path: Path, *, without: tuple[str, ...] = (), **options: Any
) -> dict[str, BuildResult]:
    """Run every build of the pipeline in its order; what each made, by the action's name.

    without: builds that follow a deployment, which have tests of their own.
    """
    artifacts: dict[str, Path] = {}
    for action in deployed.actions():
        if action["actionTypeId"]["category"] == "Source":
            [output] = action["outputArtifacts"]
            artifacts[output["name"]] = TREES / deployed.example.sources[action["name"]]
    results: dict[str, BuildResult] = {}
    for action in deployed.actions("CodeBuild"):
        if action["name"] in without:
            continue
        inputs = [each["name"] for each in action["inputArtifacts"]]
        primary = action["configuration"].get("PrimarySource", inputs[0])
        result = run_build(
            _buildspec(deployed.project(action), artifacts[primary]),
            source=artifacts[primary],
            secondary_sources={name: artifacts[name] for name in inputs if name != primary},
            environment={**deployed.cloud.environment, **deployed.environment(action)},
            registry=registry,
            path=path,
            programs=ROOT / "tests" / "programs",
            **options,
        )
        results[action["name"]] = result
        assert result.succeeded, result.log
        outputs = [each["name"] for each in action.get("outputArtifacts", ())]
        if len(outputs) == 1:
            assert result.artifact is not None
            artifacts[outputs[0]] = result.artifact
        artifacts.update(result.secondary)
    _check_deploys(deployed, artifacts, registry)
    for action in deployed.actions("CodeDeployToECS"):
        _check_blue_green(deployed, action, artifacts, registry)
    return results


def _buildspec(project: Mapping[str, Any], source: Path) -> str:
    """The project's own, or the file of the source that it names."""
    text = str(project["source"]["buildspec"])
    return text if "\n" in text else (source / text).read_text()


def _check_deploys(deployed: Deployed, artifacts: Mapping[str, Path], registry: Registry) -> None:
    """Each ECS action finds its file, and in it images that are in the registry."""
    for action in deployed.actions("ECS"):
        [given] = action["inputArtifacts"]
        file = artifacts[given["name"]] / action["configuration"]["FileName"]
        definitions = json.loads(file.read_text())
        assert definitions
        for entry in definitions:
            assert set(entry) == {"name", "imageUri"}
            repository, digest = entry["imageUri"].removeprefix(f"{registry.host}/").split("@")
            assert registry.digest(repository, digest) == digest


def _check_blue_green(
    deployed: Deployed, action: Mapping[str, Any], artifacts: Mapping[str, Path], registry: Registry
) -> None:
    """What CodePipeline would make of the action's artifacts is what ECS takes, and the appspec fits to it.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html"""
    configuration = action["configuration"]
    given = {each["name"] for each in action["inputArtifacts"]}
    assert all(value in given for key, value in configuration.items() if "Artifact" in key)
    for artifact in given:
        assert sum(file.stat().st_size for file in artifacts[artifact].rglob("*") if file.is_file()) < 100_000

    def text(kind: str) -> str:
        artifact = artifacts[configuration[f"{kind}TemplateArtifact"]]
        return Path(artifact, configuration[f"{kind}TemplatePath"]).read_text()

    request = text("TaskDefinition")
    for number in range(1, 5):
        placeholder = configuration.get(f"Image{number}ContainerName")
        if placeholder is not None:
            detail = json.loads(
                (artifacts[configuration[f"Image{number}ArtifactName"]] / "imageDetail.json").read_text()
            )
            assert set(detail) == {"ImageURI"}
            repository, digest = detail["ImageURI"].removeprefix(f"{registry.host}/").split("@")
            assert registry.digest(repository, digest) == digest
            assert request.count(f'"<{placeholder}>"') == 1
            request = request.replace(f"<{placeholder}>", detail["ImageURI"])
    registered = deployed.cloud.aws_json("ecs", "register-task-definition", "--cli-input-json", request)[
        "taskDefinition"
    ]
    assert "<" not in json.dumps([container["image"] for container in registered["containerDefinitions"]])

    appspec = yaml.safe_load(text("AppSpec"))
    [resource] = appspec["Resources"]
    assert resource["TargetService"]["Properties"]["TaskDefinition"] == "<TASK_DEFINITION>"
    target = resource["TargetService"]["Properties"]["LoadBalancerInfo"]
    [container] = [each for each in registered["containerDefinitions"] if each["name"] == target["ContainerName"]]
    assert target["ContainerPort"] in [port["containerPort"] for port in container["portMappings"]]
    for hook in appspec.get("Hooks", ()):
        for function in hook.values():
            if function.startswith("CodeDeployHook_"):
                deployed.cloud.aws("lambda", "get-function", "--function-name", function)


def prepare(example: Example, cloud: Cloud, registry: Registry, repositories: tuple[str, ...]) -> Deployed:
    """The example deployed, its repositories in the registry, and what its builds read in the cloud."""
    deployed = deploy(example, cloud)
    prepare_builds(deployed, registry, repositories)
    return deployed


def prepare_builds(deployed: Deployed, registry: Registry, repositories: tuple[str, ...]) -> None:
    for repository in (*repositories, *deployed.example.existing):
        if not registry.knows(repository):
            registry.create(repository)
    aws = deployed.cloud.aws
    aws("ssm", "put-parameter", "--name", "/expresso/staging/api-url", "--value", "staging", "--type", "String")
    aws("secretsmanager", "create-secret", "--name", "expresso/npm", "--secret-string", '{"token": "t0k3n"}')


def example_named(name: str) -> Example:
    return next(example for example in EXAMPLES if example.name == name)


def read(result: BuildResult, file: str) -> list[dict[str, str]]:
    assert result.artifact is not None
    return list(json.loads((result.artifact / file).read_text()))


def test_a_tested_build_pushes_the_commit_and_hands_on_its_digest(
    cloud: Cloud, registry: Registry, tmp_path: Path
) -> None:
    deployed = prepare(example_named("rolling"), cloud, registry, ("expresso",))
    result = build(deployed, registry, tmp_path)["Image"]
    tag = COMMIT[:12]
    digest = registry.digest("expresso", tag)
    assert registry.tags("expresso") == (tag,)
    assert read(result, "imagedefinitions.json") == [
        {"name": "expresso-staging", "imageUri": f"{registry.uri('expresso')}@{digest}"}
    ]
    assert result.exported == {
        "IMAGE_TAG": tag,
        "IMAGE_URI_EXPRESSO_STAGING": f"{registry.uri('expresso')}@{digest}",
    }
    assert registry.image_config("expresso", tag)["Labels"]["environment"] == "production"
    assert "t0k3n" not in result.log


def test_a_second_run_of_a_commit_takes_the_image_that_is_there(
    cloud: Cloud, registry: Registry, tmp_path: Path
) -> None:
    deployed = prepare(example_named("rolling"), cloud, registry, ("expresso",))
    commit = "b" * 40
    registry.immutable("expresso")
    first = build(deployed, registry, tmp_path / "first", commit=commit)["Image"]
    second = build(deployed, registry, tmp_path / "second", commit=commit)["Image"]
    assert read(first, "imagedefinitions.json") == read(second, "imagedefinitions.json")
    assert [command[0] for command in second.docker_commands] == ["login", "pull", "image"]


def test_a_cached_multi_stage_build_writes_the_file_its_deploy_names(
    cloud: Cloud, registry: Registry, tmp_path: Path
) -> None:
    deployed = prepare(example_named("ec2_rolling"), cloud, registry, ())
    result = build(deployed, registry, tmp_path)["Image"]
    assert result.artifact is not None
    assert [file.name for file in result.artifact.iterdir()] == ["storefront-images.json"]
    assert registry.tags("storefront") == (COMMIT[:12],)
    assert registry.tags("storefront-cache") == ("layers-web",)
    assert set(registry.image_files("storefront", COMMIT[:12])) == {"/srv/logo.txt", "/srv/index.html"}


def test_a_monorepo_build_pushes_latest_and_a_version_made_fit_for_a_tag(
    cloud: Cloud, registry: Registry, tmp_path: Path
) -> None:
    deployed = prepare(example_named("monorepo"), cloud, registry, ("shop/catalog",))
    build(deployed, registry, tmp_path)
    tags = (COMMIT[:12], "latest", "v2.1--beta-")
    assert sorted(registry.tags("shop/catalog")) == sorted(tags)
    assert len({registry.digest("shop/catalog", tag) for tag in tags}) == 1
    assert registry.image_config("shop/catalog", "latest")["Labels"]["version"] == "v2.1 (beta)"


def test_two_images_and_two_sources_make_one_file_for_each_deploy(
    cloud: Cloud, registry: Registry, tmp_path: Path
) -> None:
    deployed = prepare(example_named("sidecars"), cloud, registry, ("billing",))
    result = build(deployed, registry, tmp_path)["Images"]
    assert [entry["name"] for entry in read(result, "staging.json")] == ["billing", "proxy"]
    assert [entry["name"] for entry in read(result, "imagedefinitions.json")] == ["billing"]
    assert registry.image_files("billing", COMMIT[:12])["/rates.csv"] == (TREES / "rates" / "rates.csv").read_bytes()


def test_a_redeploy_starts_a_new_deployment_of_the_service(cloud: Cloud, registry: Registry, tmp_path: Path) -> None:
    deployed = prepare(example_named("redeploy"), cloud, registry, ())
    container = json.dumps([{"name": "catalog", "image": "catalog", "memory": 128}])
    cloud.aws("ecs", "create-cluster", "--cluster-name", "shop")
    cloud.aws("ecs", "register-task-definition", "--family", "catalog", "--container-definitions", container)
    service = (
        "--cluster",
        "shop",
        "--service-name",
        "catalog-preview",
        "--task-definition",
        "catalog",
        "--desired-count",
        "0",
    )
    cloud.aws("ecs", "create-service", *service)
    result = build(deployed, registry, tmp_path)["Redeploy"]
    assert '"serviceName": "catalog-preview"' in result.log


def test_a_blue_green_build_writes_the_files_of_each_environment(
    cloud: Cloud, registry: Registry, tmp_path: Path
) -> None:
    deployed = prepare(example_named("blue_green"), cloud, registry, ("web-shop",))
    result = build(deployed, registry, tmp_path)["Image"]
    assert result.artifact is not None
    assert sorted(file.name for file in result.artifact.iterdir()) == [
        "appspec-Production.Deploy.yaml",
        "appspec-Staging.Deploy.yaml",
        "imageDetail.json",
        "taskdef-Production.Deploy.json",
        "taskdef-Staging.Deploy.json",
    ]
    production = json.loads((result.artifact / "taskdef-Production.Deploy.json").read_text())
    assert (production["cpu"], production["memory"]) == ("1024", "2048")
    assert production["taskRoleArn"] == "arn:aws:iam::123456789012:role/web-shop-task"


def test_two_images_have_an_artifact_each_and_one_bundle_serves_four_environments(
    cloud: Cloud, registry: Registry, tmp_path: Path
) -> None:
    deployed = prepare(example_named("validated"), cloud, registry, ("quotes", "quotes-proxy"))
    result = build(deployed, registry, tmp_path)["Images"]
    assert sorted(result.secondary) == ["Images_deployment", "Images_detail_app", "Images_detail_proxy"]
    [group] = [
        name
        for name in cloud.aws_json("deploy", "list-deployment-groups", "--application-name", "quotes")[
            "deploymentGroups"
        ]
        if name == "production-quotes"
    ]
    command = ("--application-name", "quotes", "--deployment-group-name", group)
    found = cloud.aws_json("deploy", "get-deployment-group", *command)["deploymentGroupInfo"]
    assert found["ecsServices"] == [{"serviceName": "quotes", "clusterName": "production"}]


def test_one_build_feeds_a_plain_and_a_blue_green_deploy_from_files_in_the_source(
    cloud: Cloud, registry: Registry, tmp_path: Path
) -> None:
    deployed = prepare(example_named("ec2_blue_green"), cloud, registry, ())
    result = build(deployed, registry, tmp_path)["Image"]
    assert sorted(result.secondary) == ["Image_definitions", "Image_deployment"]
    copied = (result.secondary["Image_deployment"] / "taskdef-Production.Deploy.json").read_text()
    assert copied == (TREES / "ec2_blue_green" / "deploy" / "taskdef.json").read_text()


WRONG_FILES = {
    "a placeholder is missing": (
        "taskdef.json",
        "<INVENTORY_IMAGE>",
        "inventory:1",
        "deploy/taskdef.json: no container has the image <INVENTORY_IMAGE>; its images are inventory:1",
    ),
    "a placeholder is one too many": (
        "taskdef.json",
        '"<INVENTORY_IMAGE>",',
        '"<INVENTORY_IMAGE>"}, {"name": "proxy", "image": "<PROXY>",',
        "deploy/taskdef.json: unknown placeholder <PROXY>; use one of INVENTORY_IMAGE",
    ),
    "the container is missing": (
        "appspec.yaml",
        "ContainerName: inventory",
        "ContainerName: shop",
        "deploy/appspec.yaml: deploy/taskdef.json has no container shop; it has inventory",
    ),
    "the port is missing": (
        "appspec.yaml",
        "8080",
        "80",
        "deploy/appspec.yaml: deploy/taskdef.json does not map port 80 of inventory; it maps [8080]",
    ),
    "the revision is fixed": (
        "appspec.yaml",
        "<TASK_DEFINITION>",
        "inventory:7",
        "deploy/appspec.yaml: TaskDefinition must be <TASK_DEFINITION>, got inventory:7",
    ),
    "it is no JSON": ("taskdef.json", "{", "", "deploy/taskdef.json: cannot be read: "),
    "it is another thing": (
        "appspec.yaml",
        "version: 0.0\nResources:",
        "Resources: [a]\nOther:",
        "not in the form that",
    ),
    "it is a text": ("appspec.yaml", "version: 0.0\nResources:\n", "|\n", "deploy/appspec.yaml: expected a mapping"),
}


@pytest.mark.parametrize(("file", "old", "new", "said"), WRONG_FILES.values(), ids=WRONG_FILES.keys())
def test_files_that_do_not_fit_end_the_build_before_anything_is_built(
    file: str, old: str, new: str, said: str, cloud: Cloud, registry: Registry, tmp_path: Path
) -> None:
    deployed = prepare(example_named("ec2_blue_green"), cloud, registry, ())
    source = tmp_path / "source"
    shutil.copytree(TREES / "ec2_blue_green", source)
    wrong = source / "deploy" / file
    wrong.write_text(wrong.read_text().replace(old, new, 1))
    [action] = deployed.actions("CodeBuild")
    result = run_build(
        deployed.project(action)["source"]["buildspec"],
        source=source,
        environment={**cloud.environment, **deployed.environment(action)},
        registry=registry,
        path=tmp_path,
    )
    assert not result.succeeded
    assert said in result.log
    assert "build" not in [command[0] for command in result.docker_commands]


def test_triggers_variables_and_conditions_reach_the_pipeline(cloud: Cloud, registry: Registry, tmp_path: Path) -> None:
    deployed = prepare(example_named("governed"), cloud, registry, ("parcels",))
    result = build(deployed, registry, tmp_path)["Image"]
    assert "tests: quick" in result.log
    [trigger] = deployed.pipeline["triggers"]
    assert trigger["gitConfiguration"]["pullRequest"][0]["events"] == ["OPEN", "UPDATED"]
    stages = {stage["name"]: stage for stage in deployed.pipeline["stages"]}
    assert stages["Build"]["onFailure"] == {
        "result": "RETRY",
        "retryConfiguration": {"retryMode": "FAILED_ACTIONS"},
    }
    [condition] = stages["Production"]["onSuccess"]["conditions"]
    assert (condition["result"], condition["rules"][0]["configuration"]["WaitTime"]) == ("ROLLBACK", "15")


def test_nothing_is_built_or_pushed_when_a_test_fails(cloud: Cloud, registry: Registry, tmp_path: Path) -> None:
    deployed = prepare(example_named("rolling"), cloud, registry, ("expresso",))
    source = tmp_path / "source"
    shutil.copytree(TREES / "rolling", source)
    (source / "server.js").write_text("nothing to see")
    [action] = deployed.actions("CodeBuild")
    result = run_build(
        deployed.project(action)["source"]["buildspec"],
        source=source,
        environment={**cloud.environment, **deployed.environment(action)},
        registry=registry,
        path=tmp_path,
        programs=ROOT / "tests" / "programs",
        commit="c" * 40,
    )
    assert not result.succeeded
    assert result.docker_commands == ()
    assert registry.digest("expresso", "c" * 12) is None
