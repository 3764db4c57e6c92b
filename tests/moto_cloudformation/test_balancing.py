"""Load balancers, listener rules and networks in the tests' cloud: the real CLI deploys them and reads them back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.cloud import Cloud, CommandFailed
from tests.support.deployed import BALANCED, NETWORK, NO_CHANGES, changed, network, outputs, status_of, written

RULES = f"""\
{NETWORK}\
Resources:
{BALANCED}\
  Shared:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Listener
      Priority: !Ref Priority
      Conditions:
        - {{Field: path-pattern, Values: [/orders/*]}}
        - {{Field: host-header, HostHeaderConfig: {{Values: [a.example, b.example]}}}}
        - {{Field: http-header, HttpHeaderConfig: {{HttpHeaderName: X-Canary, Values: ["yes"]}}}}
        - {{Field: http-request-method, HttpRequestMethodConfig: {{Values: [GET]}}}}
      Actions:
        - Type: forward
          ForwardConfig:
            TargetGroupStickinessConfig: {{Enabled: true, DurationSeconds: 60}}
            TargetGroups:
              - {{TargetGroupArn: !Ref Blue, Weight: !Ref Weight}}
              - {{TargetGroupArn: !Ref Green, Weight: 0}}
      Tags: [{{Key: team, Value: orders}}]
  Fixed:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Listener
      Priority: 20
      Conditions:
        - {{Field: path-pattern, PathPatternConfig: {{Values: [/down, /down/*]}}}}
        - {{Field: source-ip, SourceIpConfig: {{Values: [10.0.0.0/8]}}}}
      Actions: [{{Type: fixed-response, FixedResponseConfig: {{StatusCode: "503", MessageBody: down}}}}]
  Redirect:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Listener
      Priority: 30
      Conditions: [{{Field: query-string, QueryStringConfig: {{Values: [{{Key: old, Value: "1"}}]}}}}]
      Actions: [{{Type: redirect, RedirectConfig: {{Protocol: HTTPS, Port: "443", StatusCode: HTTP_301}}}}]
Outputs:
  Balancer: {{Value: !Ref Balancer}}
  Listener: {{Value: !Ref Listener}}
  Blue: {{Value: !Ref Blue}}
  Green: {{Value: !Ref Green}}
  Shared: {{Value: !Ref Shared}}
  SharedArn: {{Value: !GetAtt Shared.RuleArn}}
  Fixed: {{Value: !Ref Fixed}}
  Redirect: {{Value: !Ref Redirect}}
"""

EDGE = """\
Parameters:
  Certificate: {Type: String}
  Policy: {Type: String, Default: ELBSecurityPolicy-TLS13-1-2-2021-06}
  Interval: {Type: Number, Default: 20}
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.1.0.0/16, EnableDnsHostnames: true, Tags: [{Key: Name, Value: edge}]}
  First:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: 10.1.0.0/24
      AvailabilityZone: !Select [0, !GetAZs ""]
      MapPublicIpOnLaunch: true
  Second:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Vpc, CidrBlock: 10.1.1.0/24, AvailabilityZone: !Select [1, !GetAZs {Ref: AWS::Region}]}
  Public:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: Who may come in
      VpcId: !Ref Vpc
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0, Description: everybody}
        - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIpv6: "::/0"}
      Tags: [{Key: team, Value: orders}]
  Tasks:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: The tasks
      VpcId: !Ref Vpc
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 3000, ToPort: 3000, SourceSecurityGroupId: !GetAtt Public.GroupId}
      SecurityGroupEgress: [{IpProtocol: "-1", CidrIp: 10.0.0.0/8}]
  Metrics:
    Type: AWS::EC2::SecurityGroupIngress
    Properties:
      GroupId: !Ref Tasks
      IpProtocol: tcp
      FromPort: 9000
      ToPort: 9001
      SourceSecurityGroupId: !Ref Public
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      Scheme: internal
      Subnets: [!Ref First, !Ref Second]
      SecurityGroups: [!Ref Public]
      LoadBalancerAttributes:
        - {Key: idle_timeout.timeout_seconds, Value: 30}
        - {Key: routing.http.drop_invalid_header_fields.enabled, Value: true}
      Tags: [{Key: team, Value: orders}]
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      VpcId: !Ref Vpc
      Protocol: HTTP
      ProtocolVersion: HTTP2
      Port: 3000
      TargetType: ip
      HealthCheckEnabled: true
      HealthCheckIntervalSeconds: !Ref Interval
      HealthCheckPath: /health
      HealthCheckPort: "8080"
      HealthCheckProtocol: HTTP
      HealthCheckTimeoutSeconds: 4
      HealthyThresholdCount: 3
      UnhealthyThresholdCount: 6
      Matcher: {HttpCode: 200-299}
      TargetGroupAttributes:
        - {Key: deregistration_delay.timeout_seconds, Value: 3600}
        - {Key: slow_start.duration_seconds, Value: 60}
        - {Key: stickiness.enabled, Value: true}
        - {Key: load_balancing.algorithm.type, Value: least_outstanding_requests}
  Plain:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: redirect, RedirectConfig: {Protocol: HTTPS, Port: "443", StatusCode: HTTP_301}}]
  Secure:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 443
      Protocol: HTTPS
      SslPolicy: !Ref Policy
      Certificates: [{CertificateArn: !Ref Certificate}]
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref Group}]
Outputs:
  Vpc: {Value: !Ref Vpc}
  First: {Value: !Ref First}
  Zone: {Value: !GetAtt Second.AvailabilityZone}
  Public: {Value: !GetAtt Public.GroupId}
  Tasks: {Value: !Ref Tasks}
  Metrics: {Value: !GetAtt Metrics.Id}
  Balancer: {Value: !Ref Balancer}
  Domain: {Value: !GetAtt Balancer.DNSName}
  FullName: {Value: !GetAtt Balancer.LoadBalancerFullName}
  Group: {Value: !Ref Group}
  GroupName: {Value: !GetAtt Group.TargetGroupName}
  GroupFullName: {Value: !GetAtt Group.TargetGroupFullName}
  Plain: {Value: !Ref Plain}
  Secure: {Value: !GetAtt Secure.ListenerArn}
"""


@pytest.fixture(scope="module")
def cloud(cloud: Cloud) -> Iterator[Cloud]:
    """The cloud of all tests, empty at first and afterwards."""
    cloud.reset()
    yield cloud
    cloud.reset()


def rule_of(cloud: Cloud, arn: str) -> Any:
    return cloud.aws_json("elbv2", "describe-rules", "--rule-arns", arn)["Rules"][0]


def test_listener_rules_come_back_as_their_template_asks(cloud: Cloud, tmp_path: Path) -> None:
    template = written(tmp_path, RULES)
    cloud.deploy(template, "rules", parameters=network(cloud))
    assert NO_CHANGES in cloud.deploy(template, "rules").stdout
    made = outputs(cloud, "rules")
    shared = rule_of(cloud, made["Shared"])
    assert (made["SharedArn"], shared["Priority"], shared["IsDefault"]) == (made["Shared"], "10", False)
    assert shared["Conditions"] == [
        {"Field": "path-pattern", "Values": ["/orders/*"]},
        {"Field": "host-header", "HostHeaderConfig": {"Values": ["a.example", "b.example"]}},
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Canary", "Values": ["yes"]}},
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET"]}},
    ]
    assert weights(shared) == {made["Blue"]: 100, made["Green"]: 0}
    stickiness = shared["Actions"][0]["ForwardConfig"]["TargetGroupStickinessConfig"]
    assert stickiness == {"Enabled": True, "DurationSeconds": 60}
    tags = cloud.aws_json("elbv2", "describe-tags", "--resource-arns", made["Shared"])["TagDescriptions"]
    assert tags[0]["Tags"] == [{"Key": "team", "Value": "orders"}]

    fixed, redirect = rule_of(cloud, made["Fixed"]), rule_of(cloud, made["Redirect"])
    assert fixed["Conditions"] == [
        {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/down", "/down/*"]}},
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}},
    ]
    assert fixed["Actions"][0]["FixedResponseConfig"] == {"StatusCode": "503", "MessageBody": "down"}
    query = {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "old", "Value": "1"}]}}
    assert redirect["Conditions"] == [query]
    to = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    assert redirect["Actions"][0]["RedirectConfig"] == to


def weights(rule: Any) -> dict[str, int]:
    groups = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
    return {group["TargetGroupArn"]: group["Weight"] for group in groups}


def balancers_of(cloud: Cloud, group: str) -> list[str]:
    found = cloud.aws_json("elbv2", "describe-target-groups", "--target-group-arns", group)["TargetGroups"][0]
    return list(found.get("LoadBalancerArns", []))


def test_a_listener_rule_changes_in_place_and_only_where_it_is_asked_to(cloud: Cloud, tmp_path: Path) -> None:
    cloud.deploy(written(tmp_path, RULES), "ruling", parameters=network(cloud))
    made = outputs(cloud, "ruling")
    shifted = [{"TargetGroupArn": made["Blue"], "Weight": 0}, {"TargetGroupArn": made["Green"], "Weight": 100}]
    forward = [{"Type": "forward", "ForwardConfig": {"TargetGroups": shifted}}]
    cloud.aws("elbv2", "modify-rule", "--rule-arn", made["Shared"], "--actions", json.dumps(forward))
    # A deployment shifted traffic; the template does not take it back until it says another thing.
    cloud.deploy(written(tmp_path, RULES.replace("MessageBody: down", "MessageBody: later")), "ruling")
    assert weights(rule_of(cloud, made["Shared"])) == {made["Blue"]: 0, made["Green"]: 100}
    fixed = rule_of(cloud, made["Fixed"])["Actions"][0]["FixedResponseConfig"]
    assert fixed["MessageBody"] == "later"

    moved = RULES.replace("Values: [/orders/*]", "Values: [/invoices/*]")
    cloud.deploy(written(tmp_path, moved), "ruling", parameters={"Priority": "15", "Weight": "90"})
    assert outputs(cloud, "ruling") == made
    shared = rule_of(cloud, made["Shared"])
    assert (shared["Priority"], weights(shared)) == ("15", {made["Blue"]: 90, made["Green"]: 0})
    assert shared["Conditions"][0]["Values"] == ["/invoices/*"]
    assert balancers_of(cloud, made["Green"]) == [made["Balancer"]]

    without_rule = moved[: moved.index("  Shared:")] + moved[moved.index("  Fixed:") :]
    without_rule = "".join(line for line in without_rule.splitlines(True) if "  Shared" not in line)
    cloud.deploy(written(tmp_path, without_rule), "ruling")
    rules = cloud.aws_json("elbv2", "describe-rules", "--listener-arn", made["Listener"])["Rules"]
    assert [rule["Priority"] for rule in rules] == ["20", "30", "default"]
    assert balancers_of(cloud, made["Green"]) == []
    redirect = 'Type: redirect, RedirectConfig: {Protocol: HTTPS, Port: "443", StatusCode: HTTP_301}'
    forwarding = changed(without_rule, {redirect: "Type: forward, TargetGroupArn: !Ref Green"})
    cloud.deploy(written(tmp_path, forwarding), "ruling")
    assert balancers_of(cloud, made["Green"]) == [made["Balancer"]]


def test_two_rules_of_a_listener_may_not_have_one_priority(cloud: Cloud, tmp_path: Path) -> None:
    with pytest.raises(CommandFailed) as created:
        cloud.deploy(written(tmp_path, RULES), "crowded", parameters=network(cloud) | {"Priority": "20"})
    assert "PriorityInUse" in created.value.__notes__[0]
    assert status_of(cloud, "crowded") == "ROLLBACK_COMPLETE"
    cloud.deploy(written(tmp_path, RULES), "crowding", parameters=network(cloud))
    with pytest.raises(CommandFailed) as updated:
        cloud.deploy(written(tmp_path, RULES), "crowding", parameters={"Priority": "30", "Weight": "1"})
    assert "PriorityInUse" in updated.value.__notes__[0]
    shared = rule_of(cloud, outputs(cloud, "crowding")["Shared"])
    assert (shared["Priority"], set(weights(shared).values())) == ("10", {100, 0})


@pytest.fixture(scope="module")
def edge(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The outputs of a network with its load balancer, deployed once for the tests that only read."""
    requested = cloud.aws_json("acm", "request-certificate", "--domain-name", "shop.example")
    made = {"Certificate": requested["CertificateArn"]}
    cloud.deploy(written(tmp_path_factory.mktemp("edge"), EDGE), "edge", parameters=made)
    return outputs(cloud, "edge") | made


def attributes_of(cloud: Cloud, what: str, arn: str) -> dict[str, str]:
    found = cloud.aws_json("elbv2", f"describe-{what}-attributes", f"--{what}-arn", arn)["Attributes"]
    return {each["Key"]: each["Value"] for each in found}


def listener_of(cloud: Cloud, arn: str) -> Any:
    return cloud.aws_json("elbv2", "describe-listeners", "--listener-arns", arn)["Listeners"][0]


def target_group_of(cloud: Cloud, arn: str) -> Any:
    return cloud.aws_json("elbv2", "describe-target-groups", "--target-group-arns", arn)["TargetGroups"][0]


HEALTH_CHECK = {
    "HealthCheckEnabled": True,
    "HealthCheckIntervalSeconds": 20,
    "HealthCheckPath": "/health",
    "HealthCheckPort": "8080",
    "HealthCheckProtocol": "HTTP",
    "HealthCheckTimeoutSeconds": 4,
    "HealthyThresholdCount": 3,
    "UnhealthyThresholdCount": 6,
    "Matcher": {"HttpCode": "200-299"},
}


def test_a_load_balancer_and_its_target_group_come_back(cloud: Cloud, edge: dict[str, str]) -> None:
    found = cloud.aws_json("elbv2", "describe-load-balancers", "--load-balancer-arns", edge["Balancer"])
    balancer = found["LoadBalancers"][0]
    assert (balancer["Scheme"], balancer["Type"], balancer["VpcId"]) == ("internal", "application", edge["Vpc"])
    assert (balancer["SecurityGroups"], balancer["DNSName"]) == ([edge["Public"]], edge["Domain"])
    assert edge["FullName"] in edge["Balancer"]
    attributes = attributes_of(cloud, "load-balancer", edge["Balancer"])
    assert attributes["idle_timeout.timeout_seconds"] == "30"
    assert attributes["routing.http.drop_invalid_header_fields.enabled"] == "true"

    group = target_group_of(cloud, edge["Group"])
    same = {"TargetGroupName": edge["GroupName"], "ProtocolVersion": "HTTP2", "TargetType": "ip", "Port": 3000}
    expected = HEALTH_CHECK | same | {"LoadBalancerArns": [edge["Balancer"]]}
    assert {name: group[name] for name in expected} == expected
    assert edge["GroupFullName"] == edge["Group"].rsplit(":", 1)[1]
    attributes = attributes_of(cloud, "target-group", edge["Group"])
    assert attributes["deregistration_delay.timeout_seconds"] == "3600"
    assert attributes["slow_start.duration_seconds"] == "60"
    assert attributes["stickiness.enabled"] == "true"
    assert attributes["load_balancing.algorithm.type"] == "least_outstanding_requests"


def test_listeners_come_back_as_their_template_asks(cloud: Cloud, edge: dict[str, str]) -> None:
    plain, secure = listener_of(cloud, edge["Plain"]), listener_of(cloud, edge["Secure"])
    to = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    assert plain["DefaultActions"] == [{"Type": "redirect", "RedirectConfig": to}]
    assert "SslPolicy" not in plain
    assert (secure["Port"], secure["Protocol"]) == (443, "HTTPS")
    assert secure["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    assert secure["Certificates"] == [{"CertificateArn": edge["Certificate"]}]
    assert secure["DefaultActions"] == [{"Type": "forward", "TargetGroupArn": edge["Group"]}]


def test_a_network_and_its_security_groups_come_back(cloud: Cloud, edge: dict[str, str]) -> None:
    subnet = cloud.aws_json("ec2", "describe-subnets", "--subnet-ids", edge["First"])["Subnets"][0]
    where = (subnet["VpcId"], subnet["CidrBlock"], subnet["AvailabilityZone"], subnet["MapPublicIpOnLaunch"])
    assert where == (edge["Vpc"], "10.1.0.0/24", "eu-west-1a", True)
    assert edge["Zone"] == "eu-west-1b"
    asked = ("--vpc-id", edge["Vpc"], "--attribute", "enableDnsHostnames")
    hostnames = cloud.aws_json("ec2", "describe-vpc-attribute", *asked)["EnableDnsHostnames"]
    assert hostnames == {"Value": True}
    public, tasks = (security_group_of(cloud, edge[name]) for name in ("Public", "Tasks"))
    [web] = public["IpPermissions"]
    assert (web["FromPort"], web["ToPort"], web["IpProtocol"]) == (443, 443, "tcp")
    assert web["IpRanges"] == [{"CidrIp": "0.0.0.0/0", "Description": "everybody"}]
    assert web["Ipv6Ranges"] == [{"CidrIpv6": "::/0"}]
    assert [each["IpRanges"] for each in public["IpPermissionsEgress"]] == [[{"CidrIp": "0.0.0.0/0"}]]
    assert sources(tasks) == {3000: [edge["Public"]], 9000: [edge["Public"]]}
    assert [each["IpRanges"] for each in tasks["IpPermissionsEgress"]] == [[{"CidrIp": "10.0.0.0/8"}]]


def security_group_of(cloud: Cloud, identifier: str) -> Any:
    return cloud.aws_json("ec2", "describe-security-groups", "--group-ids", identifier)["SecurityGroups"][0]


def sources(group: Any) -> dict[int, list[str]]:
    permissions = group["IpPermissions"]
    return {each["FromPort"]: [pair["GroupId"] for pair in each["UserIdGroupPairs"]] for each in permissions}


def test_what_a_template_names_is_not_replaced(cloud: Cloud, tmp_path: Path) -> None:
    text = f"""{NETWORK}\
Resources:
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {{Name: named, VpcId: !Ref Vpc, Protocol: HTTP, Port: !Ref Priority, TargetType: ip}}
"""
    cloud.deploy(written(tmp_path, text), "named", parameters=network(cloud))
    with pytest.raises(CommandFailed) as failure:
        cloud.deploy(written(tmp_path, text), "named", parameters={"Priority": "20"})
    assert "custom-named resource requires replacing. Rename named" in failure.value.__notes__[0]
    found = cloud.aws_json("elbv2", "describe-target-groups", "--names", "named")["TargetGroups"]
    assert [group["Port"] for group in found] == [10]


def test_load_balancers_change_in_place(cloud: Cloud, edge: dict[str, str], tmp_path: Path) -> None:
    cloud.deploy(written(tmp_path, EDGE), "edging", parameters={"Certificate": edge["Certificate"]})
    before = outputs(cloud, "edging")
    changes = {
        "Value: least_outstanding_requests": "Value: round_robin",
        "Value: 30}": "Value: 90}",
        "      UnhealthyThresholdCount: 6\n": "",
        "/health": "/ready",
        "        - {Key: slow_start.duration_seconds, Value: 60}\n": "",
        "StatusCode: HTTP_301": "StatusCode: HTTP_302",
    }
    parameters = {"Interval": "25", "Policy": "ELBSecurityPolicy-2016-08"}
    cloud.deploy(written(tmp_path, changed(EDGE, changes)), "edging", parameters=parameters)
    assert outputs(cloud, "edging") == before
    health = {"HealthCheckIntervalSeconds": 25, "HealthCheckPath": "/ready", "UnhealthyThresholdCount": 2}
    group = target_group_of(cloud, before["Group"])
    expected = HEALTH_CHECK | health
    assert {name: group[name] for name in expected} == expected
    attributes = attributes_of(cloud, "target-group", before["Group"])
    assert attributes["slow_start.duration_seconds"] == "0"
    assert attributes["load_balancing.algorithm.type"] == "round_robin"
    assert attributes_of(cloud, "load-balancer", before["Balancer"])["idle_timeout.timeout_seconds"] == "90"
    assert listener_of(cloud, before["Secure"])["SslPolicy"] == "ELBSecurityPolicy-2016-08"
    redirect = listener_of(cloud, before["Plain"])["DefaultActions"][0]["RedirectConfig"]
    assert redirect["StatusCode"] == "HTTP_302"


def test_security_groups_change_in_place_and_go_with_their_network(
    cloud: Cloud, edge: dict[str, str], tmp_path: Path
) -> None:
    cloud.deploy(written(tmp_path, EDGE), "guarding", parameters={"Certificate": edge["Certificate"]})
    before = outputs(cloud, "guarding")
    changes = {
        '        - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIpv6: "::/0"}\n': "",
        "CidrIp: 0.0.0.0/0, Description: everybody": "CidrIp: 192.0.2.0/24",
        '      SecurityGroupEgress: [{IpProtocol: "-1", CidrIp: 10.0.0.0/8}]\n': "",
    }
    cloud.deploy(written(tmp_path, changed(EDGE, changes)), "guarding")
    assert outputs(cloud, "guarding") == before
    public, tasks = (security_group_of(cloud, before[name]) for name in ("Public", "Tasks"))
    [web] = public["IpPermissions"]
    assert (web["IpRanges"], web["Ipv6Ranges"]) == ([{"CidrIp": "192.0.2.0/24"}], [])
    assert sources(tasks) == {3000: [before["Public"]], 9000: [before["Public"]]}
    assert [each["IpRanges"] for each in tasks["IpPermissionsEgress"]] == [[{"CidrIp": "0.0.0.0/0"}]]

    cloud.aws("cloudformation", "delete-stack", "--stack-name", "guarding")
    networks = cloud.aws_json("ec2", "describe-vpcs", "--query", "Vpcs[].VpcId")
    assert before["Vpc"] not in networks
    assert edge["Vpc"] in networks


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("HealthCheckTimeoutSeconds: 4", "HealthCheckTimeoutSeconds: 20", "must be smaller than the interval"),
        ("Key: slow_start.duration_seconds", "Key: slow_start.seconds", "'slow_start.seconds' is not recognized"),
        ("Key: idle_timeout.timeout_seconds", "Key: idle_timeout", "'idle_timeout' is not recognized"),
        ("Subnets: [!Ref First, !Ref Second]", "Subnets: [!Ref First]", "two different Availability Zones"),
        ("Port: 443\n", "Port: 80\n", "A listener already exists on this port"),
        ("SslPolicy: !Ref Policy", "SslPolicy: Best", "SSL policy 'Best' not found"),
        ("      Certificates: [{CertificateArn: !Ref Certificate}]\n", "", "A certificate must be specified"),
        ("CertificateArn: !Ref Certificate", "CertificateArn: !Sub '${Certificate}0'", "is not valid"),
        ("CidrIp: 0.0.0.0/0", "CidrIp: everywhere", "everywhere"),
    ],
)
def test_a_load_balancer_that_aws_would_reject_is_rejected(
    cloud: Cloud, edge: dict[str, str], tmp_path: Path, before: str, after: str, message: str
) -> None:
    assert before in EDGE
    parameters = {"Certificate": edge["Certificate"]}
    with pytest.raises(CommandFailed) as failure:
        cloud.deploy(written(tmp_path, EDGE.replace(before, after)), "edgeless", parameters=parameters)
    assert message in failure.value.__notes__[0]
    cloud.aws("cloudformation", "delete-stack", "--stack-name", "edgeless")
