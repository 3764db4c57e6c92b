"""What tests of deployed stacks share: writing a template, reading the stack, and a network with a load balancer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.support.cloud import Cloud

NO_CHANGES = "No changes to deploy"

NETWORK = """\
Parameters:
  Vpc: {Type: AWS::EC2::VPC::Id}
  Subnets: {Type: List<AWS::EC2::Subnet::Id>}
  Priority: {Type: Number, Default: 10}
  Weight: {Type: Number, Default: 100}
"""

BALANCED = """\
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {Subnets: !Ref Subnets}
  Blue: &group
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {VpcId: !Ref Vpc, Protocol: HTTP, Port: 3000, TargetType: ip}
  Green: *group
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: "404", ContentType: text/plain}}]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "template.yaml"
    path.write_text(text)
    return path


def changed(text: str, changes: Mapping[str, str]) -> str:
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    return text


def outputs(cloud: Cloud, stack: str) -> dict[str, str]:
    found = cloud.aws_json("cloudformation", "describe-stacks", "--stack-name", stack)["Stacks"][0]["Outputs"]
    return {output["OutputKey"]: output["OutputValue"] for output in found}


def status_of(cloud: Cloud, stack: str) -> str:
    found = cloud.aws_json("cloudformation", "describe-stacks", "--stack-name", stack)["Stacks"]
    return str(found[0]["StackStatus"])


def network(cloud: Cloud) -> dict[str, str]:
    """Parameters for the network that every account has."""
    subnets = cloud.aws_json("ec2", "describe-subnets")["Subnets"][:2]
    return {"Vpc": subnets[0]["VpcId"], "Subnets": ",".join(subnet["SubnetId"] for subnet in subnets)}
