"""What services are deployed into, on the cloud on loopback: its VPC and subnets, and a listener that they share."""

from __future__ import annotations

from collections.abc import Mapping

from tests.support.cloud import Cloud

CLUSTERS = ("instances", "instances-test", "instances-production", "shop", "parcels")


def prepare_network(cloud: Cloud, parameters: Mapping[str, str]) -> dict[str, str]:
    """Values of the parameters of that sort, of what is made or found for them."""
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
