"""What examples need on the cloud on loopback: a VPC and subnets, a listener that services share, and functions."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tests.support.cloud import Cloud

CLUSTERS = ("instances", "instances-test", "instances-production", "shop", "parcels")


def prepare_network(cloud: Cloud, parameters: Mapping[str, str]) -> dict[str, str]:
    """Values of the parameters of that sort, of what is made or found for them."""
    for arn in (value for name, value in parameters.items() if name.endswith("FunctionArn")):
        _create_function(cloud, arn.rpartition(":")[2])
    if "VpcId" not in parameters:
        return {}
    for cluster in CLUSTERS:
        cloud.aws("ecs", "create-cluster", "--cluster-name", cluster)
    [vpc] = cloud.aws_json("ec2", "describe-vpcs", "--filters", "Name=is-default,Values=true")["Vpcs"]
    subnets = [subnet["SubnetId"] for subnet in cloud.aws_json("ec2", "describe-subnets")["Subnets"]]
    found = {"VpcId": vpc["VpcId"]}
    found |= {name: ",".join(subnets[:2]) for name in parameters if name.endswith("Subnets")}
    if "CertificateArn" in parameters:
        made = cloud.aws_json("acm", "request-certificate", "--domain-name", "shop.example.com")
        found["CertificateArn"] = str(made["CertificateArn"])
    if "LoadBalancerSecurityGroup" in parameters:
        groups = cloud.aws_json("ec2", "describe-security-groups", "--filters", f"Name=vpc-id,Values={vpc['VpcId']}")
        found["LoadBalancerSecurityGroup"] = str(groups["SecurityGroups"][0]["GroupId"])
    if "HostedZoneId" in parameters:
        zone = ("--name", "example.com", "--caller-reference", "example")
        made = cloud.aws_json("route53", "create-hosted-zone", *zone)
        found["HostedZoneId"] = str(made["HostedZone"]["Id"]).removeprefix("/hostedzone/")
    if "WebAclArn" in parameters:
        rules = ("--default-action", "Allow={}", "--visibility-config", _VISIBILITY)
        made = cloud.aws_json("wafv2", "create-web-acl", "--name", "company", "--scope", "REGIONAL", *rules)
        found["WebAclArn"] = str(made["Summary"]["ARN"])
    if "ListenerArn" in parameters:
        found["ListenerArn"] = _listener(cloud, subnets)
    return {name: value for name, value in found.items() if name in parameters}


_VISIBILITY = "SampledRequestsEnabled=true,CloudWatchMetricsEnabled=true,MetricName=company"


def _create_function(cloud: Cloud, name: str) -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = ("--assume-role-policy-document", json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    role = cloud.aws_json("iam", "create-role", "--role-name", name, *policy)["Role"]
    image = ("--package-type", "Image", "--code", f"ImageUri={name}:1")
    cloud.aws("lambda", "create-function", "--function-name", name, "--role", role["Arn"], *image)


def _listener(cloud: Cloud, subnets: list[str]) -> str:
    made = cloud.aws_json("elbv2", "create-load-balancer", "--name", "shared", "--subnets", *subnets[:2])
    [balancer] = made["LoadBalancers"]
    nothing = "Type=fixed-response,FixedResponseConfig={StatusCode=404}"
    made = cloud.aws_json(
        "elbv2",
        "create-listener",
        "--load-balancer-arn",
        balancer["LoadBalancerArn"],
        "--protocol",
        "HTTP",
        "--port",
        "80",
        "--default-actions",
        nothing,
    )
    return str(made["Listeners"][0]["ListenerArn"])
