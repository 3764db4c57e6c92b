"""Sources: their configuration, their grants, and what starts the pipeline."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.templates import SOURCE, action, allowed, definition, resources

CONNECTION = "arn:aws:{}:eu-west-1:123456789012:connection/3a1c1a8e-8f6c-4a4c-9d0b-1f6b7a1d9b0e"
CODECOMMIT: dict[str, Any] = {"kind": "codecommit", "name": "App", "repository": "app", "branch": "main"}
S3: dict[str, Any] = {"kind": "s3", "name": "App", "bucket": "sources", "key": "app.zip"}
TAGGED: dict[str, Any] = {"kind": "ecr", "name": "Base", "repository": "base", "tag": "stable"}


@pytest.mark.parametrize(
    "connection",
    [CONNECTION.format("codeconnections"), CONNECTION.format("codestar-connections"), {"Ref": "ConnectionArn"}],
    ids=str,
)
@pytest.mark.parametrize("clone", ["zip", "full"])
def test_a_connection_may_be_used_under_both_prefixes(connection: Any, clone: str) -> None:
    roles = resources(definition(SOURCE | {"connection": connection, "clone": clone}), "AWS::IAM::Role")
    for role in ["PipelineRole"] + ["ImageProjectRole"] * (clone == "full"):
        for prefix in ("codeconnections", "codestar-connections"):
            both = [CONNECTION.format(each) for each in ("codeconnections", "codestar-connections")]
            assert allowed(roles[role], f"{prefix}:UseConnection") == (
                both if isinstance(connection, str) else [connection]
            )


@pytest.mark.parametrize("kind", ["github", "github-enterprise", "gitlab", "gitlab-self-managed", "bitbucket"])
def test_every_connected_host_is_one_provider(kind: str) -> None:
    source = action(definition(SOURCE | {"kind": kind}), "App")
    assert source["ActionTypeId"]["Provider"] == "CodeStarSourceConnection"
    assert source["Configuration"] == {
        "ConnectionArn": {"Ref": "ConnectionArn"},
        "FullRepositoryId": "acme/app",
        "BranchName": "main",
        "OutputArtifactFormat": "CODE_ZIP",
        "DetectChanges": "true",
    }


def test_a_full_clone_lets_the_build_use_the_connection() -> None:
    data = definition(SOURCE | {"clone": "full"})
    assert action(data, "App")["Configuration"]["OutputArtifactFormat"] == "CODEBUILD_CLONE_REF"
    for role in ("PipelineRole", "ImageProjectRole"):
        granted = allowed(resources(data)[role], "codeconnections:UseConnection")
        assert granted == [{"Ref": "ConnectionArn"}]
    zipped = resources(definition())["ImageProjectRole"]
    assert allowed(zipped, "codeconnections:UseConnection") == []


def test_a_full_clone_of_codecommit_lets_the_build_pull() -> None:
    roles = resources(definition(CODECOMMIT | {"clone": "full"}), "AWS::IAM::Role")
    repository = {"Fn::Sub": "arn:${AWS::Partition}:codecommit:${AWS::Region}:${AWS::AccountId}:app"}
    assert allowed(roles["ImageProjectRole"], "codecommit:GitPull") == [repository]
    assert allowed(roles["PipelineRole"], "codecommit:GetRepository") == [repository]


@pytest.mark.parametrize(
    ("source", "pattern"),
    [
        (
            CODECOMMIT,
            {
                "source": ["aws.codecommit"],
                "detail-type": ["CodeCommit Repository State Change"],
                "resources": [{"Fn::Sub": "arn:${AWS::Partition}:codecommit:${AWS::Region}:${AWS::AccountId}:app"}],
                "detail": {
                    "event": ["referenceCreated", "referenceUpdated"],
                    "referenceType": ["branch"],
                    "referenceName": ["main"],
                },
            },
        ),
        (
            S3,
            {
                "source": ["aws.s3"],
                "detail-type": ["Object Created"],
                "detail": {"bucket": {"name": ["sources"]}, "object": {"key": ["app.zip"]}},
            },
        ),
    ],
    ids=["codecommit", "s3"],
)
def test_a_source_without_connection_starts_by_an_event_and_never_polls(
    source: dict[str, Any], pattern: dict[str, Any]
) -> None:
    data = definition(source)
    assert action(data, "App")["Configuration"]["PollForSourceChanges"] == "false"
    [rule] = resources(data, "AWS::Events::Rule").values()
    assert rule["EventPattern"] == pattern
    [target] = rule["Targets"]
    assert target["RoleArn"] == {"Fn::GetAtt": ["EventRole", "Arn"]}
    role = resources(data)["EventRole"]
    assert allowed(role, "codepipeline:StartPipelineExecution") == [target["Arn"]]
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"].endswith(f":rule/{rule['Name']}")


@pytest.mark.parametrize(
    ("source", "revision_type", "event", "revision"),
    [
        (CODECOMMIT, "COMMIT_ID", {"commitId": "3e5983"}, "3e5983"),
        (S3, "S3_OBJECT_VERSION_ID", {"object": {"version-id": "IYV3p45BT0ac"}}, "IYV3p45BT0ac"),
        (TAGGED, "IMAGE_DIGEST", {"image-digest": "sha256:7f5b"}, "sha256:7f5b"),
    ],
    ids=["codecommit", "s3", "ecr"],
)
def test_an_event_starts_the_pipeline_with_the_revision_that_it_is_about(
    source: dict[str, Any], revision_type: str, event: dict[str, Any], revision: str
) -> None:
    build = {"kind": "codebuild", "name": "Image", "input": source["name"], "commands": ["make"]}
    data = definition(source, {**build, "outputs": [DEFINITIONS]})
    [rule] = resources(data, "AWS::Events::Rule").values()
    [target] = rule["Targets"]
    transformer = target["InputTransformer"]
    found: Any = {"detail": event}
    for key in transformer["InputPathsMap"]["revision"].removeprefix("$.").split("."):
        found = found[key]
    started = json.loads(transformer["InputTemplate"].replace("<revision>", found))
    assert started == {
        "sourceRevisions": [{"actionName": source["name"], "revisionType": revision_type, "revisionValue": revision}]
    }


def test_an_image_starts_the_pipeline_only_with_its_own_tag() -> None:
    build = {"kind": "codebuild", "name": "Image", "input": "Base", "commands": ["make"], "outputs": [DEFINITIONS]}
    data = definition(TAGGED, build)
    [rule] = resources(data, "AWS::Events::Rule").values()
    assert rule["EventPattern"]["detail"]["image-tag"] == ["stable"]
    assert action(data, "Base")["Configuration"] == {"RepositoryName": "base", "ImageTag": "stable"}


DEFINITIONS = {"name": "Definitions", "files": ["imagedefinitions.json"]}


def test_without_detection_nothing_starts_the_pipeline() -> None:
    assert resources(definition(CODECOMMIT | {"detect_changes": False}), "AWS::Events::Rule") == {}
    assert action(definition(SOURCE | {"detect_changes": False}), "App")["Configuration"]["DetectChanges"] == "false"


def test_several_event_sources_share_one_role() -> None:
    data = definition(CODECOMMIT, {**BUILD_FROM_APP})
    data["pipeline"]["stages"][0]["actions"].append(S3 | {"name": "Data"})
    found = resources(data)
    assert {name for name in found if name.endswith("Rule")} == {"AppRule", "DataRule"}
    [trust] = found["EventRole"]["AssumeRolePolicyDocument"]["Statement"]
    sources = trust["Condition"]["ArnLike"]["aws:SourceArn"]
    assert [source["Fn::Sub"].rpartition("/")[2] for source in sources] == ["app-App", "app-Data"]


BUILD_FROM_APP = {
    "kind": "docker-build",
    "name": "Image",
    "input": "App",
    "images": [{"container": "app", "repository": "app"}],
}
