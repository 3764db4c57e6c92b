"""Customer managed keys: every resource that takes one has it, and every role that needs one may use it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from pipegen import Foundation, FoundationReference, render
from pipegen.loading.definition import read
from pipegen.loading.yaml.parsing import parse
from tests.examples import EXAMPLES, Example
from tests.support.command import run
from tests.templates import BUILD, DEPLOY, allowed, definition, statements

KEY = "arn:aws:kms:eu-west-1:123456789012:key/0c6b8b6e-4f63-4c6b-b0d2-0a1b2c3d4e5f"
OWN = "arn:aws:kms:eu-west-1:123456789012:key/5e0a5c0e-0000-4c6b-b0d2-0a1b2c3d4e5f"
EXPORT = "company-key"
"""The name under which another stack of each account and region exports its key."""
OWN_KEYS = {"accounts": ["ArtifactKey"], "sidecars": ["ArtifactKey"]}
"""The keys that the artifact stores of examples have."""
SCANNED = ("CKV_AWS_26", "CKV_AWS_136", "CKV_AWS_158", "CKV_AWS_173")
"""Checks of checkov that ask for a key."""

OPTIONAL = {
    "AWS::ECS::Cluster": "the storage of tasks, which has a key policy of its own, and sessions of ECS Exec",
    "AWS::ECS::Service": "volumes and TLS certificates, which definitions do not have",
}
"""Types that have a key property, which `encryption_key` does not set, and why."""

CREATED: dict[str, Any] = BUILD | {
    "images": [{"container": "app", "repository": {"name": "app", "create": True}}],
}
SERVICE: dict[str, Any] = {
    "cluster": "main",
    "task_definition": {"cpu": 256, "memory": 512, "containers": [{"name": "app", "ports": [8080]}]},
    "network": {"vpc_id": "vpc-1", "subnets": ["subnet-1", "subnet-2"]},
    "load_balancer": {"test_port": 8443},
    "deployment": {
        "kind": "blue-green",
        "hooks": [{"function": {"host": "app.example.com"}, "stages": ["POST_TEST_TRAFFIC_SHIFT"]}],
    },
}


def resources(text: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for logical_id, resource in json.loads(text)["Resources"].items():
        yield logical_id, resource["Type"], resource


def rendered(data: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The resources of all stacks, by logical id."""
    stacks = render(read(data), format="json").stacks
    return {logical_id: resource for stack in stacks for logical_id, _, resource in resources(stack.text)}


def with_service(**fields: Any) -> dict[str, Any]:
    deploy = {"kind": "ecs-deploy", "name": "Deploy", "service": "web"}
    return definition(build=CREATED, deploy=deploy, **{"services": {"web": SERVICE}, **fields})


def takes_key(resource_type: str) -> bool:
    """Whether CloudFormation's schema of the type has a property with a KMS key."""
    if resource_type == "AWS::KMS::Key":
        return False
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-west-1", resource_type).schema
    names = json.dumps({name: schema.get(name) for name in ("properties", "definitions")}).lower()
    return "kms" in names or "encryptionkey" in names


def templates_of(source: str, directory: Path) -> Iterator[dict[str, Any]]:
    file = directory / "definition.yaml"
    others = re.sub(r"^encryption_key: .*$", "", source, flags=re.MULTILINE)
    file.write_text(f"{others}\nencryption_key: !ImportValue {EXPORT}\n")
    result = run("render", file, "--output", directory / "templates")
    assert result.exit_code == 0, result.stderr
    written = [*(directory / "templates").glob("*.yaml")]
    assert written
    yield from (parse(each.read_text(), each.name).data for each in written)


def added_to(definition: dict[str, Any]) -> Iterator[str]:
    """Return the logical ids of the resources that the definition itself adds."""
    for part in (
        definition.get("pipeline", {}),
        definition.get("registry", {}),
        *definition.get("services", {}).values(),
    ):
        yield from part.get("resources", {})


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.name)
def test_every_resource_that_takes_a_key_has_it(example: Example, tmp_path: Path) -> None:
    source = example.yaml.read_text()
    added = set(added_to(parse(source, example.yaml.name).data))
    for template in templates_of(source, tmp_path):
        for logical_id, resource in template["Resources"].items():
            if takes_key(resource["Type"]) and resource["Type"] not in OPTIONAL and logical_id not in added:
                keys = (EXPORT, *OWN_KEYS.get(example.name, ()))
                assert any(key in json.dumps(resource) for key in keys), (logical_id, resource["Type"])


@pytest.mark.parametrize("resource_type", OPTIONAL)
def test_what_is_left_out_takes_a_key(resource_type: str) -> None:
    assert takes_key(resource_type)


def test_an_image_record_cannot_be_encrypted() -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html"""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-west-1", "AWS::SSM::Parameter").schema
    assert "SecureString" not in schema["properties"]["Type"]["enum"]


def test_what_a_scanner_asks_for_is_not_suppressed() -> None:
    with_key, without = (json.dumps(rendered(with_service(**each))) for each in ({"encryption_key": KEY}, {}))
    assert not [each for each in SCANNED if f'"{each}"' in with_key]
    assert [each for each in SCANNED if f'"{each}"' in without] == ["CKV_AWS_136", "CKV_AWS_158", "CKV_AWS_173"]


def test_a_resource_keeps_its_own_key() -> None:
    service = SERVICE | {"encryption_key": OWN}
    build = BUILD | {
        "images": [{"container": "app", "repository": {"name": "app", "create": True, "encryption_key": OWN}}],
        "encryption_key": OWN,
    }
    deploy = {"kind": "ecs-deploy", "name": "Deploy", "service": "web"}
    found = rendered(definition(build=build, deploy=deploy, services={"web": service}, encryption_key=KEY))
    keys = {
        "LogGroup": "KmsKeyId",
        "AppWebCheck": "KmsKeyArn",
        "AppWebCheckLogGroup": "KmsKeyId",
        "ImageLogGroup": "KmsKeyId",
    }
    assert {each: found[each]["Properties"][name] for each, name in keys.items()} == dict.fromkeys(keys, OWN)
    assert found["AppRepository"]["Properties"]["EncryptionConfiguration"] == {"EncryptionType": "KMS", "KmsKey": OWN}
    assert found["ImageProject"]["Properties"]["EncryptionKey"] == KEY


def test_a_check_keeps_its_own_key() -> None:
    hook = {"host": "app.example.com", "encryption_key": OWN}
    deployment = {"kind": "blue-green", "hooks": [{"function": hook, "stages": ["POST_TEST_TRAFFIC_SHIFT"]}]}
    service = SERVICE | {"deployment": deployment, "encryption_key": KEY}
    found = rendered(with_service(services={"web": service}))
    assert found["AppWebCheck"]["Properties"]["KmsKeyArn"] == OWN
    assert found["LogGroup"]["Properties"]["KmsKeyId"] == KEY
    assert allowed(found["AppWebCheckRole"]["Properties"], "kms:Decrypt") == [OWN]


@pytest.mark.parametrize("kind", ["blue-green", "codedeploy"])
def test_a_check_may_read_only_its_own_variables(kind: str) -> None:
    hooks = {"before_allow_traffic": {"host": "app.example.com"}}
    deployment = SERVICE["deployment"] if kind == "blue-green" else {"kind": kind, "alarms": [], "hooks": hooks}
    found = rendered(with_service(services={"web": SERVICE | {"deployment": deployment}}, encryption_key=KEY))
    [name] = [each for each, resource in found.items() if resource["Type"] == "AWS::Lambda::Function"]
    [use] = [each for each in statements(found[f"{name}Role"]["Properties"]) if each["Action"] == ["kms:Decrypt"]]
    [function] = use["Condition"]["ArnLike"].values()
    assert use["Resource"] == [KEY]
    assert function == {
        "Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:"
        + found[name]["Properties"]["FunctionName"]
    }


def test_the_pipeline_and_its_builds_may_use_the_key() -> None:
    found = rendered(with_service(encryption_key=KEY))
    for role in ("PipelineRole", "ImageProjectRole"):
        assert KEY in allowed(found[role]["Properties"], "kms:GenerateDataKey*")
    assert found["Pipeline"]["Properties"]["ArtifactStore"]["EncryptionKey"] == {"Id": KEY, "Type": "KMS"}


def test_the_artifact_store_keeps_its_own_key() -> None:
    found = rendered(with_service(encryption_key=KEY, artifacts={"key_arn": OWN}))
    assert found["Pipeline"]["Properties"]["ArtifactStore"]["EncryptionKey"]["Id"] == OWN
    assert found["ImageProject"]["Properties"]["EncryptionKey"] == OWN
    assert found["ImageLogGroup"]["Properties"]["KmsKeyId"] == KEY


def test_an_existing_bucket_gets_artifacts_that_are_encrypted_with_the_key() -> None:
    found = rendered(with_service(encryption_key=KEY, artifacts={"bucket": "artifacts"}))
    assert found["Pipeline"]["Properties"]["ArtifactStore"]["EncryptionKey"]["Id"] == KEY


def test_an_approval_may_publish_to_an_encrypted_topic() -> None:
    topic = "arn:aws:sns:eu-west-1:123456789012:approvals"
    approval = {"kind": "approval", "name": "Release", "topic": topic, "encryption_key": OWN}
    role = rendered(definition(deploy=approval))["PipelineRole"]["Properties"]
    assert allowed(role, "sns:Publish") == [topic]
    assert [each["Action"] for each in statements(role) if each["Resource"] == [OWN]] == [
        ["kms:Decrypt", "kms:GenerateDataKey*"]
    ]


def test_a_foundation_encrypts_everything_with_an_existing_key() -> None:
    [stack] = render(Foundation("shared", encryption_key=KEY), format="json").stacks
    for logical_id, resource_type, resource in resources(stack.text):
        if takes_key(resource_type):
            assert KEY in json.dumps(resource), logical_id
    assert json.loads(stack.text)["Outputs"]["ArtifactKeyArn"]["Value"] == KEY
    assert not [each for each in SCANNED if f'"{each}"' in stack.text]


def test_pipelines_use_the_key_of_their_foundation() -> None:
    foundation = Foundation("shared", encryption_key=KEY)
    assert foundation.reference() == FoundationReference("shared", has_key=True)
    assert foundation.reference("name").key_arn == KEY
    found = rendered(definition(foundation={"name": "shared", "has_key": True}, encryption_key=OWN))
    assert found["Pipeline"]["Properties"]["ArtifactStore"]["EncryptionKey"]["Id"] == {
        "Fn::ImportValue": "shared-ArtifactKeyArn"
    }


def test_a_foundation_without_a_key_leaves_the_definition_to_encrypt_its_artifacts() -> None:
    found = rendered(definition(foundation={"name": "shared"}, encryption_key=OWN))
    assert found["Pipeline"]["Properties"]["ArtifactStore"]["EncryptionKey"]["Id"] == OWN


def test_a_created_key_encrypts_the_artifacts_and_notifications_of_a_foundation() -> None:
    foundation = Foundation("shared", create_key=True, encryption_key=KEY)
    found = {
        each: json.dumps(resource) for each, _, resource in resources(render(foundation, format="json").stacks[0].text)
    }
    assert KEY in found["BuildLogGroup"]
    for each in ("ArtifactBucket", "NotificationTopic", "NotificationRole"):
        assert "ArtifactKey" in found[each]
        assert KEY not in found[each]


def test_a_fleet_gives_its_key_to_its_foundation_and_definitions(tmp_path: Path) -> None:
    (tmp_path / "pipegen.yaml").write_text(
        f"foundation: {{name: shared}}\ndefinitions: [app.yaml]\ndefaults: {{encryption_key: '{KEY}'}}\n"
    )
    (tmp_path / "app.yaml").write_text(json.dumps(definition(build=CREATED)))
    assert run("render", tmp_path, "--output", tmp_path / "out").exit_code == 0
    templates = [parse(each.read_text(), "template").data for each in (tmp_path / "out").rglob("*.yaml")]
    found = {logical_id: each for template in templates for logical_id, each in template["Resources"].items()}
    encrypted = {logical_id: KEY in json.dumps(each) for logical_id, each in found.items() if takes_key(each["Type"])}
    assert encrypted == dict.fromkeys(
        ["AppRepository", "ArtifactBucket", "BuildLogGroup", "NotificationTopic"], True
    ) | {"ImageProject": False, "Pipeline": False}
    key = {"Fn::ImportValue": "shared-ArtifactKeyArn"}
    assert found["ImageProject"]["Properties"]["EncryptionKey"] == key
    assert found["Pipeline"]["Properties"]["ArtifactStore"]["EncryptionKey"]["Id"] == key


PAGE = Path(__file__).parents[2] / "docs/how-to/encrypt-with-your-own-key.md"


def test_the_documented_policy_lets_every_log_group_be_encrypted() -> None:
    [block] = re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)
    [logs] = [each for each in json.loads(block)["Statement"] if "Service" in each["Principal"]]
    assert logs["Principal"]["Service"] == "logs.eu-west-1.amazonaws.com"
    [pattern] = logs["Condition"]["ArnLike"].values()
    found = rendered(with_service(encryption_key=KEY)).values()
    names = [each["Properties"]["LogGroupName"] for each in found if each["Type"] == "AWS::Logs::LogGroup"]
    assert names
    for name in names:
        assert fnmatchcase(f"arn:aws:logs:eu-west-1:123456789012:log-group:{name}", pattern)


def test_an_existing_repository_can_keep_its_encryption(tmp_path: Path) -> None:
    file, kept = tmp_path / "app.yaml", {"AppRepository": {"EncryptionConfiguration": {"Ref": "AWS::NoValue"}}}
    changes: list[dict[str, Any]] = [{}, {"encryption_key": KEY, "overrides": kept}]
    for fields in changes:
        file.write_text(json.dumps(definition(build=CREATED, **fields)))
        result = run("render", file, "--output", tmp_path / "templates")
        assert result.exit_code == 0, result.stderr


@pytest.mark.parametrize("deploy", [DEPLOY, {"kind": "ecs-deploy", "name": "Deploy", "service": "web"}])
def test_the_key_of_a_repository_cannot_change(deploy: dict[str, Any], tmp_path: Path) -> None:
    services = {"services": {"web": SERVICE}} if "cluster" not in deploy else {}
    file = tmp_path / "app.json.yaml"

    def render_with(**fields: Any) -> Any:
        file.write_text(json.dumps(definition(build=CREATED, deploy=deploy, **services, **fields)))
        return run("render", file, "--output", tmp_path / "templates")

    assert render_with().exit_code == 0
    changed = render_with(encryption_key=KEY)
    assert changed.exit_code == 1
    assert "EncryptionConfiguration of AppRepository would change" in changed.stderr
    assert "KmsKeyId" not in changed.stderr
