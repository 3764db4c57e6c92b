"""The foundation: its stack, the pipelines that use it in three ways, and both deployed by the real AWS CLI."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from troposphere import Ref, Sub

from pipegen import (
    Foundation,
    FoundationReference,
    InvalidDefinition,
    Parameter,
    check,
    load,
    render,
)
from pipegen.deploy.commands import deploy_command
from pipegen.loading.definition import read
from pipegen.pipeline.foundation import EXPORTED
from pipegen.rendering import RenderedStack
from tests.examples import ROOT
from tests.support.cloud import ACCOUNT, REGION, Cloud, CommandFailed
from tests.support.command import run
from tests.support.deployed import NO_CHANGES, outputs
from tests.templates import DEPLOY, allowed, definition, statements

SOURCE: dict[str, Any] = {"kind": "codecommit", "name": "App", "repository": "app", "branch": "main"}
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0c6b8b6e-4f63-4c6b-b0d2-0a1b2c3d4e5f"
DELIVERY = Foundation("delivery", create_key=True, emails=["delivery@example.com"])
PLAIN = Foundation("plain")
QUIET = Foundation(
    "quiet",
    create_key=True,
    notifications=False,
    log_retention_days=7,
    parameters={"Boundary": Parameter("Boundary")},
    permissions_boundary=Ref("Boundary"),
    role_path="/delivery/",
    tags={"team": Sub("${AWS::StackName}")},
)
WAYS: Mapping[str, dict[str, Any]] = {
    "export": {"name": "delivery", "referenced_by": "export", "has_key": True},
    "parameter": {"name": "delivery", "referenced_by": "parameter", "has_key": True},
    "name": {"name": "delivery", "referenced_by": "name", "key_arn": KEY},
}
each_foundation = pytest.mark.parametrize("foundation", [DELIVERY, PLAIN, QUIET], ids=lambda each: each.name)
each_way = pytest.mark.parametrize("way", WAYS)


def using(reference: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """A rolling pipeline from CodeCommit that uses a foundation, as data."""
    return definition(SOURCE, foundation=reference, **{"parameters": {}, **fields})


def rendered(data: Mapping[str, Any], format: Any = "json") -> RenderedStack:
    [rendered] = render(read(data), format=format).stacks
    return rendered


def template(rendered: RenderedStack) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(rendered.text)
    return found


def of_foundation(foundation: Foundation) -> dict[str, Any]:
    return template(render(foundation, format="json").stacks[0])


def properties(found: Mapping[str, Any], logical_id: str) -> dict[str, Any]:
    return dict(found["Resources"][logical_id]["Properties"])


def types(found: Mapping[str, Any]) -> list[str]:
    return sorted(each["Type"] for each in found["Resources"].values())


# Its stack


def test_it_has_what_pipelines_share_and_exports_it_under_its_name() -> None:
    found = of_foundation(DELIVERY)
    assert types(found) == [
        "AWS::Events::Rule",
        "AWS::IAM::Role",
        "AWS::IAM::Role",
        "AWS::KMS::Key",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::Topic",
        "AWS::SNS::TopicPolicy",
    ]
    exported = [output["Export"]["Name"] for output in found["Outputs"].values()]
    assert exported == [
        "delivery-ArtifactBucket",
        "delivery-ArtifactKeyArn",
        "delivery-EventRoleArn",
        "delivery-NotificationTopicArn",
        "delivery-BuildLogGroup",
    ]


def test_its_exports_are_the_resources_that_checks_of_imports_take_them_for() -> None:
    found = of_foundation(DELIVERY)
    kinds = {name: kind_of(output["Value"], found["Resources"]) for name, output in found["Outputs"].items()}
    assert kinds == EXPORTED


def kind_of(value: Mapping[str, Any], resources: Mapping[str, Any]) -> str:
    """The type of a resource, or its attribute."""
    if "Ref" in value:
        return str(resources[value["Ref"]]["Type"])
    name, attribute = value["Fn::GetAtt"]
    return f"{resources[name]['Type']}.{attribute}"


def test_its_rule_reports_the_events_that_it_names() -> None:
    failures = properties(of_foundation(PLAIN), "FailureRule")["EventPattern"]
    assert failures == {
        "source": ["aws.codepipeline"],
        "detail-type": ["CodePipeline Pipeline Execution State Change"],
        "detail": {"state": ["FAILED"]},
    }
    more = Foundation("more", events=["pipeline-execution-failed", "manual-approval-needed"])
    rule = properties(of_foundation(more), "FailureRule")
    assert [each["detail"] for each in rule["EventPattern"]["$or"]] == [
        {"state": ["FAILED"]},
        {"state": ["STARTED"], "type": {"category": ["Approval"]}},
    ]
    assert rule["Description"] == "Reports events of all pipelines of the account and region"


def test_events_require_notifications() -> None:
    unheard = Foundation("quiet", notifications=False, events=["pipeline-execution-started"])
    assert codes(unheard) == [("foundation-email", ("events",))]


def test_without_key_and_notifications_there_is_nothing_of_them() -> None:
    assert set(of_foundation(PLAIN)["Outputs"]) == set(of_foundation(DELIVERY)["Outputs"]) - {"ArtifactKeyArn"}
    assert "AWS::KMS::Key" not in types(of_foundation(PLAIN))
    quiet = of_foundation(QUIET)
    assert set(quiet["Outputs"]) == {"ArtifactBucket", "ArtifactKeyArn", "EventRoleArn", "BuildLogGroup"}
    assert not [each for each in types(quiet) if each.startswith(("AWS::SNS", "AWS::Events"))]


def test_its_bucket_is_that_of_a_pipeline_with_another_name() -> None:
    bucket = of_foundation(DELIVERY)["Resources"]["ArtifactBucket"]
    own = template(rendered(definition(artifacts={"create_key": True})))["Resources"]["ArtifactBucket"]
    name = bucket["Properties"].pop("BucketName")
    assert name == {"Fn::Sub": "delivery-${AWS::AccountId}-${AWS::Region}"}
    assert bucket == own


def test_its_role_may_only_start_the_pipelines_of_account_and_region_for_their_rules() -> None:
    role = properties(of_foundation(PLAIN), "EventRole")
    [statement] = statements(role)
    place = "${AWS::Region}:${AWS::AccountId}"
    assert statement["Action"] == ["codepipeline:StartPipelineExecution"]
    assert statement["Resource"] == [{"Fn::Sub": f"arn:${{AWS::Partition}}:codepipeline:{place}:*"}]
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "events.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
        "ArnLike": {"aws:SourceArn": {"Fn::Sub": f"arn:${{AWS::Partition}}:events:{place}:rule/*"}},
    }


def test_the_rule_for_failed_pipelines_publishes_with_a_role_that_only_it_can_use() -> None:
    found = of_foundation(DELIVERY)
    rule, topic = properties(found, "FailureRule"), properties(found, "NotificationTopic")
    assert rule["EventPattern"]["detail"] == {"state": ["FAILED"]}
    assert rule["EventPattern"]["detail-type"] == ["CodePipeline Pipeline Execution State Change"]
    role_arn = {"Fn::GetAtt": ["NotificationRole", "Arn"]}
    assert rule["Targets"] == [{"Id": "Topic", "Arn": {"Ref": "NotificationTopic"}, "RoleArn": role_arn}]
    assert topic["KmsMasterKeyId"] == {"Fn::GetAtt": ["ArtifactKey", "Arn"]}
    assert topic["Subscription"] == [{"Protocol": "email", "Endpoint": "delivery@example.com"}]
    role = properties(found, "NotificationRole")
    assert allowed(role, "sns:Publish") == [{"Ref": "NotificationTopic"}]
    for action in ("kms:Decrypt", "kms:GenerateDataKey"):
        assert allowed(role, action) == [{"Fn::GetAtt": ["ArtifactKey", "Arn"]}]
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    source = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/delivery-failures"
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
        "ArnLike": {"aws:SourceArn": {"Fn::Sub": source}},
    }


@each_foundation
def test_services_may_only_assume_roles_and_publish_to_the_topic_under_conditions(foundation: Foundation) -> None:
    """No statement of a key, topic or bucket lets in a service that any account can make act."""
    for name, each in of_foundation(foundation)["Resources"].items():
        found = each["Properties"]
        for document in (found.get("KeyPolicy"), found.get("PolicyDocument"), found.get("AssumeRolePolicyDocument")):
            for statement in (document or {}).get("Statement", ()):
                if "Service" in statement["Principal"]:
                    keys = {key for each in statement["Condition"].values() for key in each}
                    assert (name, statement["Action"], keys) in (
                        ("EventRole", ["sts:AssumeRole"], {"aws:SourceAccount", "aws:SourceArn"}),
                        ("NotificationRole", ["sts:AssumeRole"], {"aws:SourceAccount", "aws:SourceArn"}),
                        ("NotificationTopicPolicy", ["sns:Publish"], {"aws:SourceAccount"}),
                        ("ArtifactKey", ["kms:Decrypt", "kms:GenerateDataKey*"], {"kms:ViaService"}),
                    )


def test_its_role_and_everything_else_is_governed_as_that_of_a_definition() -> None:
    found = of_foundation(QUIET)
    role = properties(found, "EventRole")
    assert (role["PermissionsBoundary"], role["Path"]) == ({"Ref": "Boundary"}, "/delivery/")
    assert found["Parameters"] == {"Boundary": {"Type": "String"}}
    untagged = {name for name, each in found["Resources"].items() if "Tags" not in each["Properties"]}
    assert untagged == {"ArtifactBucketPolicy"}


def codes(foundation: Foundation) -> list[tuple[str, tuple[str | int, ...]]]:
    with pytest.raises(InvalidDefinition) as raised:
        render(foundation).stacks[0]
    generic = ("out-of-range", "wrong-form", "wrong-reference", "wrong-value")
    assert all(problem.fix or problem.code in generic for problem in raised.value.problems)
    return [(problem.code, problem.path) for problem in raised.value.problems]


def test_its_warnings_are_reported_by_check_and_by_rendering_a_fleet(tmp_path: Path) -> None:
    [problem] = check(Foundation("delivery", expire_days=1))
    assert (problem.code, problem.path, problem.severity) == ("artifact-expiry", ("expire_days",), "warning")
    (tmp_path / "services").mkdir()
    (tmp_path / "pipegen.yaml").write_text("foundation: {name: delivery, expire_days: 1}\n")
    result = run("render", tmp_path, "-o", tmp_path / "out")
    assert result.exit_code == 0
    assert re.search(r"pipegen.yaml:1:\d+: warning: .*\[artifact-expiry\]", result.output)


def test_everything_wrong_with_one_is_reported_at_once() -> None:
    wrong = Foundation(
        "xn--delivery",
        expire_days=0,
        log_retention_days=10,
        emails=["delivery", "a@", Ref("Address")],
        parameters={"Address": Parameter("Address", type="Text"), "My-Address": Parameter("My-Address")},
        tags={"aws:team": "shop"},
        permissions_boundary="boundary",
        role_path="delivery",
    )
    assert codes(wrong) == [
        ("wrong-form", ("name",)),
        ("out-of-range", ("expire_days",)),
        ("wrong-value", ("log_retention_days",)),
        ("wrong-form", ("emails", 0)),
        ("wrong-form", ("emails", 1)),
        ("wrong-reference", ("permissions_boundary",)),
        ("wrong-form", ("role_path",)),
        ("tags", ("tags", "aws:team")),
        ("wrong-form", ("parameters", "My-Address")),  # created in a later line
        ("parameter-type", ("parameters", "Address", "Type")),
    ]


def test_addresses_want_notifications_and_expressions_lead_somewhere() -> None:
    assert codes(Foundation(notifications=False, emails=["a@example.com"])) == [("foundation-email", ("emails",))]
    assert codes(Foundation(emails=["a@example.com", Ref("Address")])) == [("unknown-reference", ("emails", 1))]
    clash = Foundation(parameters={"ArtifactBucket": Parameter("ArtifactBucket")})
    assert codes(clash) == [("logical-id", ("parameters", "ArtifactBucket"))]


@pytest.mark.parametrize("length", [1, 32])
def test_the_longest_name_leaves_room_for_account_and_region(length: int) -> None:
    found = of_foundation(Foundation("d" * length))
    longest = {"${AWS::AccountId}": ACCOUNT, "${AWS::Region}": "us-isof-south-1"}
    for logical_id, name, limit in (("ArtifactBucket", "BucketName", 63), ("EventRole", "RoleName", 64)):
        text = properties(found, logical_id)[name]["Fn::Sub"]
        assert len(re.sub("|".join(map(re.escape, longest)), lambda each: longest[each[0]], text)) <= limit


def test_a_foundation_says_how_pipelines_refer_to_it() -> None:
    assert DELIVERY.reference() == FoundationReference("delivery", referenced_by="export", has_key=True)
    assert PLAIN.reference("parameter") == FoundationReference("plain", referenced_by="parameter")
    named = QUIET.reference("name", key_arn=KEY)
    assert named == FoundationReference(
        "quiet", referenced_by="name", has_key=True, key_arn=KEY, has_topic=False, role_path="/delivery/"
    )
    role = rendered(using({"name": "quiet", "referenced_by": "name", "role_path": "/delivery/"})).text
    assert "role/delivery/quiet-events-${AWS::Region}" in role


# Pipelines that use it


@each_way
def test_a_pipeline_has_four_resources_beside_its_project(way: str) -> None:
    found = template(rendered(using(WAYS[way])))
    assert {name: each["Type"] for name, each in found["Resources"].items()} == {
        "ImageProject": "AWS::CodeBuild::Project",
        "ImageProjectRole": "AWS::IAM::Role",
        "PipelineRole": "AWS::IAM::Role",
        "Pipeline": "AWS::CodePipeline::Pipeline",
        "AppRule": "AWS::Events::Rule",
    }
    assert set(found["Outputs"]) == {"PipelineName", "PipelineArn", "PipelineRoleArn", "PipelineUrl"}


def test_only_the_pipeline_of_a_definition_with_services_refers_to_it() -> None:
    [definition] = load(ROOT / "examples" / "service_rolling.yaml")
    shared = replace(definition, foundation=FoundationReference(referenced_by="parameter"))
    declared = {each.stack.name: list(each.stack.template.parameters) for each in render(shared).stacks}
    told = {stack: [name for name in names if name.startswith("Foundation")] for stack, names in declared.items()}
    names = ["FoundationBucket", "FoundationEventRoleArn", "FoundationLogGroup"]
    others = ("espresso-registry", "espresso-staging", "espresso-production")
    assert told == {**{name: [] for name in others}, "espresso-pipeline": names}


def test_a_build_may_write_only_its_own_streams() -> None:
    found = template(rendered(using(WAYS["name"])))
    logs = properties(found, "ImageProject")["LogsConfig"]["CloudWatchLogs"]
    assert logs == {"Status": "ENABLED", "GroupName": "/delivery/builds", "StreamName": "app-Image"}
    group = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/delivery/builds"
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        streams = allowed(properties(found, "ImageProjectRole"), action)
        assert streams == [{"Fn::Sub": f"{group}:log-stream:app-Image/*"}]


def test_parameters_are_declared_without_defaults_and_only_those_that_are_used() -> None:
    made = rendered(using(WAYS["parameter"]))
    names = ("FoundationBucket", "FoundationKeyArn", "FoundationEventRoleArn", "FoundationLogGroup")
    assert made.stack.open_parameters == names
    github = definition(foundation={"referenced_by": "parameter"})
    assert rendered(github).stack.open_parameters == ("ConnectionArn", "FoundationBucket", "FoundationLogGroup")


def test_a_parameter_of_the_definition_is_taken_in_place_of_one_of_these() -> None:
    own = {"FoundationBucket": {"Default": "delivery-artifacts"}}
    found = template(rendered(using(WAYS["parameter"], parameters=own)))
    assert found["Parameters"]["FoundationBucket"] == {"Type": "String", "Default": "delivery-artifacts"}


def store(data: Mapping[str, Any]) -> Any:
    return properties(template(rendered(data)), "Pipeline")["ArtifactStore"]


def test_what_the_definition_says_of_its_artifacts_wins() -> None:
    shared = {"Fn::ImportValue": "delivery-ArtifactBucket"}
    key = {"Id": {"Fn::ImportValue": "delivery-ArtifactKeyArn"}, "Type": "KMS"}
    exported = WAYS["export"]
    assert store(using(exported)) == {"Type": "S3", "Location": shared, "EncryptionKey": key}
    assert store(using(exported, artifacts={"bucket": "own"})) == {"Type": "S3", "Location": "own"}
    own = template(rendered(using(exported, artifacts={"bucket": "own"})))
    assert own["Outputs"]["ArtifactBucketName"]["Value"] == "own"
    with_key = store(using(exported, artifacts={"key_arn": KEY}))
    assert with_key == {"Type": "S3", "Location": shared, "EncryptionKey": {"Id": KEY, "Type": "KMS"}}
    created = template(rendered(using(exported, artifacts={"create_key": True})))
    assert "AWS::KMS::Key" in types(created)
    assert "AWS::S3::Bucket" not in types(created)


def test_artifacts_in_a_separate_bucket_may_expire() -> None:
    assert store(using(WAYS["export"], artifacts={"bucket": "own", "expire_days": 7}))["Location"] == "own"


def test_an_approval_without_a_topic_stays_without_one() -> None:
    data = using(WAYS["export"])
    data["pipeline"]["stages"][2]["actions"] = [{"kind": "approval", "name": "Release"}, {**DEPLOY, "run_order": 2}]
    assert "NotificationArn" not in rendered(data).text
    assert "sns:" not in rendered(data).text


# Deployed


def deploy(rendered: RenderedStack, cloud: Cloud, folder: Path, parameters: Mapping[str, str] | None = None) -> str:
    """As the command that is printed for it does; what the CLI says."""
    file = folder / rendered.file_name
    file.write_text(rendered.text)
    command = shlex.split(deploy_command(rendered, str(file)).replace("\\\n", " "))
    assert command.pop(0) == "aws"
    given = {f"{name}=VALUE": f"{name}={value}" for name, value in (parameters or {}).items()}
    done = cloud.aws(*(given.get(word, word) for word in command))
    return done.stdout + done.stderr


@pytest.fixture
def foundation(cloud: Cloud, tmp_path: Path) -> Iterator[Mapping[str, str]]:
    """The outputs of a foundation that is deployed."""
    cloud.reset()
    deploy(render(DELIVERY).stacks[0], cloud, tmp_path)
    yield outputs(cloud, "delivery")
    cloud.reset()


def parameters_of(way: str, foundation: Mapping[str, str]) -> dict[str, str]:
    """The parameters of a pipeline's stack."""
    given = {
        "FoundationBucket": foundation["ArtifactBucket"],
        "FoundationKeyArn": foundation["ArtifactKeyArn"],
        "FoundationEventRoleArn": foundation["EventRoleArn"],
        "FoundationLogGroup": foundation["BuildLogGroup"],
    }
    return given if way == "parameter" else {}


@each_way
def test_a_pipeline_is_deployed_after_its_foundation_and_uses_it(
    way: str, foundation: Mapping[str, str], cloud: Cloud, tmp_path: Path
) -> None:
    reference = WAYS[way] if way != "name" else {**WAYS[way], "key_arn": foundation["ArtifactKeyArn"]}
    made, parameters = rendered(using(reference), "yaml"), parameters_of(way, foundation)
    deploy(made, cloud, tmp_path, parameters)
    pipeline = cloud.aws_json("codepipeline", "get-pipeline", "--name", "app")["pipeline"]
    assert pipeline["artifactStore"] == {
        "type": "S3",
        "location": foundation["ArtifactBucket"],
        "encryptionKey": {"id": foundation["ArtifactKeyArn"], "type": "KMS"},
    }
    [project] = cloud.aws_json("codebuild", "batch-get-projects", "--names", "app-Image")["projects"]
    logs = project["logsConfig"]["cloudWatchLogs"]
    assert (logs["groupName"], logs["streamName"]) == (foundation["BuildLogGroup"], "app-Image")
    [group] = cloud.aws_json("logs", "describe-log-groups")["logGroups"]
    assert (group["logGroupName"], group["retentionInDays"]) == (logs["groupName"], 90)
    [target] = cloud.aws_json("events", "list-targets-by-rule", "--rule", "app-App")["Targets"]
    assert target["RoleArn"] == foundation["EventRoleArn"]
    assert '"revisionType": "COMMIT_ID"' in target["InputTransformer"]["InputTemplate"]
    assert NO_CHANGES in deploy(made, cloud, tmp_path, parameters)


def test_its_names_are_those_that_pipelines_count_on(foundation: Mapping[str, str]) -> None:
    assert foundation["ArtifactBucket"] == f"delivery-{ACCOUNT}-{REGION}"
    assert foundation["EventRoleArn"] == f"arn:aws:iam::{ACCOUNT}:role/delivery-events-{REGION}"
    assert foundation["NotificationTopicArn"] == f"arn:aws:sns:{REGION}:{ACCOUNT}:delivery-notifications"
    assert foundation["BuildLogGroup"] == "/delivery/builds"


def test_a_second_time_a_foundation_changes_nothing(
    foundation: Mapping[str, str], cloud: Cloud, tmp_path: Path
) -> None:
    assert NO_CHANGES in deploy(render(DELIVERY).stacks[0], cloud, tmp_path)
    [subscription] = cloud.aws_json("sns", "list-subscriptions")["Subscriptions"]
    assert subscription["Endpoint"] == "delivery@example.com"
    [target] = cloud.aws_json("events", "list-targets-by-rule", "--rule", "delivery-failures")["Targets"]
    assert target["Arn"] == foundation["NotificationTopicArn"]
    assert ":role/delivery-NotificationRole" in target["RoleArn"]


def test_what_a_pipeline_imports_cannot_be_taken_away(
    foundation: Mapping[str, str], cloud: Cloud, tmp_path: Path
) -> None:
    deploy(rendered(using(WAYS["export"])), cloud, tmp_path)
    without_key = render(Foundation("delivery")).stacks[0]
    with pytest.raises(CommandFailed):
        deploy(without_key, cloud, tmp_path)
    refusal = "Export delivery-ArtifactKeyArn cannot be deleted as it is in use by app-pipeline"
    assert any(refusal in reason for reason in cloud.failures("delivery"))


# What scanners say


@pytest.fixture(params=[*WAYS, DELIVERY, PLAIN, QUIET], ids=lambda each: getattr(each, "name", each))
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    way = request.param
    made = render(way).stacks[0] if isinstance(way, Foundation) else rendered(using(WAYS[way]), "yaml")
    written = tmp_path / "template.yaml"
    written.write_text(made.text)
    return written


def test_cfn_lint_finds_nothing_with_every_rule(file: Path, cfn_lint: Path) -> None:
    command = [str(cfn_lint), "--include-checks", "I", "--template", str(file)]
    linted = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (linted.returncode, linted.stdout) == (0, "")


def test_checkov_finds_nothing(file: Path, checkov: Path) -> None:
    command: list[str | Path] = [
        checkov,
        "--skip-download",
        "--framework",
        "cloudformation",
        "--file",
        str(file),
        "--output",
        "json",
        "--quiet",
    ]
    scanned = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    assert scanned["summary"]["passed"] > 0
    assert [(found["check_id"], found["resource"]) for found in scanned["results"]["failed_checks"]] == []


@each_foundation
def test_json_and_yaml_are_the_same_template(foundation: Foundation) -> None:
    from cfnlint.decode import cfn_yaml

    written = json.loads(json.dumps(cfn_yaml.loads(render(foundation).stacks[0].text)))
    assert set(written["Resources"]) == set(of_foundation(foundation)["Resources"])
    assert written["Outputs"].keys() == of_foundation(foundation)["Outputs"].keys()


@pytest.mark.slow
def test_two_hash_seeds_give_the_same_bytes() -> None:
    program = (
        "from tests.pipeline.test_foundation import *\n"
        "for each in (DELIVERY, PLAIN, QUIET): print(render(each, source='pipegen.yaml').stacks[0].text)\n"
        "for each in WAYS.values(): print(rendered(using(each), 'yaml').text)\n"
    )
    texts = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "4711")
    ]
    assert texts[0] == texts[1]
    assert "# Generated by pipegen from pipegen.yaml." in texts[0]
