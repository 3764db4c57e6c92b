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
        cloud.api("ecs", "create_cluster", clusterName=cluster)
    default = [{"Name": "is-default", "Values": ["true"]}]
    [vpc] = cloud.api("ec2", "describe_vpcs", Filters=default)["Vpcs"]
    subnets = [subnet["SubnetId"] for subnet in cloud.api("ec2", "describe_subnets")["Subnets"]]
    found = {"VpcId": vpc["VpcId"]}
    found |= {name: ",".join(subnets[:2]) for name in parameters if name.endswith("Subnets")}
    if "CertificateArn" in parameters:
        made = cloud.api("acm", "request_certificate", DomainName="shop.example.com")
        found["CertificateArn"] = str(made["CertificateArn"])
    if "LoadBalancerSecurityGroup" in parameters:
        of_vpc = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
        groups = cloud.api("ec2", "describe_security_groups", Filters=of_vpc)
        found["LoadBalancerSecurityGroup"] = str(groups["SecurityGroups"][0]["GroupId"])
    if "HostedZoneId" in parameters:
        made = cloud.api("route53", "create_hosted_zone", Name="example.com", CallerReference="example")
        found["HostedZoneId"] = str(made["HostedZone"]["Id"]).removeprefix("/hostedzone/")
    if "WebAclArn" in parameters:
        rules = {"DefaultAction": {"Allow": {}}, "VisibilityConfig": _VISIBILITY}
        made = cloud.api("wafv2", "create_web_acl", Name="company", Scope="REGIONAL", **rules)
        found["WebAclArn"] = str(made["Summary"]["ARN"])
    if "ListenerArn" in parameters:
        found["ListenerArn"] = _listener(cloud, subnets)
    return {name: value for name, value in found.items() if name in parameters}


_VISIBILITY = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "company"}


def _create_function(cloud: Cloud, name: str) -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = ("--assume-role-policy-document", json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    role = cloud.aws_json("iam", "create-role", "--role-name", name, *policy)["Role"]
    image = ("--package-type", "Image", "--code", f"ImageUri={name}:1")
    cloud.aws("lambda", "create-function", "--function-name", name, "--role", role["Arn"], *image)


def _listener(cloud: Cloud, subnets: list[str]) -> str:
    made = cloud.api("elbv2", "create_load_balancer", Name="shared", Subnets=subnets[:2])
    nothing = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    made = cloud.api(
        "elbv2",
        "create_listener",
        LoadBalancerArn=made["LoadBalancers"][0]["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[nothing],
    )
    return str(made["Listeners"][0]["ListenerArn"])
