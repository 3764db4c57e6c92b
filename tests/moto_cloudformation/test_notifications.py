"""Notification rules and chat channels in the tests' cloud, which refuses what AWS refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.cloud import Cloud, CommandFailed
from tests.support.deployed import written

NOTIFIED = """\
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Rule:
    Type: AWS::CodeStarNotifications::NotificationRule
    Properties:
      Name: orders
      DetailType: FULL
      EventTypeIds: [codepipeline-pipeline-pipeline-execution-failed]
      Resource: !Sub "arn:aws:codepipeline:${AWS::Region}:${AWS::AccountId}:orders"
      Targets: [{TargetType: SNS, TargetAddress: !Ref Topic}]
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: chatbot.amazonaws.com}, Action: sts:AssumeRole}]
  Channel:
    Type: AWS::Chatbot::SlackChannelConfiguration
    Properties:
      ConfigurationName: orders
      SlackWorkspaceId: T0123456789
      SlackChannelId: C0123456789
      IamRoleArn: !GetAtt Role.Arn
      GuardrailPolicies: ["arn:aws:iam::aws:policy/AWSDenyAll"]
Outputs:
  Channel: {Value: !Ref Channel}
"""


def test_a_channel_has_the_arn_of_its_configuration(cloud: Cloud, tmp_path: Path) -> None:
    cloud.reset()
    cloud.deploy(written(tmp_path, NOTIFIED), "notified")
    [stack] = cloud.aws_json("cloudformation", "describe-stacks", "--stack-name", "notified")["Stacks"]
    [output] = stack["Outputs"]
    assert output["OutputValue"] == f"arn:aws:chatbot::{cloud.account}:chat-configuration/slack-channel/orders"


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("execution-failed", "execution-failing", "Invalid event type"),
        ("      DetailType: FULL\n", "", "DetailType is required"),
        ("TargetType: SNS", "Type: SNS", "unsupported property Type"),
        ("SlackChannelId: C0123456789", "ChannelId: C0123456789", "unsupported property ChannelId"),
        ("Service: chatbot.", "Service: lambda.", "not authorized to perform: sts:AssumeRole"),
    ],
)
def test_what_aws_refuses_fails(cloud: Cloud, tmp_path: Path, right: str, wrong: str, said: str) -> None:
    cloud.reset()
    with pytest.raises(CommandFailed):
        cloud.deploy(written(tmp_path, NOTIFIED.replace(right, wrong)), "notified")
    assert any(said in each for each in cloud.failures("notified"))


def test_names_of_rules_are_unique(cloud: Cloud, tmp_path: Path) -> None:
    cloud.reset()
    cloud.deploy(written(tmp_path, NOTIFIED), "notified")
    with pytest.raises(CommandFailed):
        cloud.deploy(written(tmp_path, NOTIFIED), "again")
    assert any("already exists" in each for each in cloud.failures("again"))
