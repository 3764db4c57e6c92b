"""The cases from nothing but a VPC: registry, services and pipeline deployed in that order by the real AWS CLI, and
then what the cloud shows of them."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Pipegen
from tests.end_to_end.test_examples_deployed import Deployed, deploy, deploy_stacks, example_named, parameter_values
from tests.examples import Example
from tests.support.cloud import Cloud, CommandFailed, aws_program


class Seen:
    """What the cloud tells of one deployed service."""

    def __init__(self, cloud: Cloud, cluster: str, name: str) -> None:
        self.cloud = cloud
        [self.service] = cloud.aws_json("ecs", "describe-services", "--cluster", cluster, "--services", name)[
            "services"
        ]

    def task_definition(self) -> Mapping[str, Any]:
        named = self.service["taskDefinition"]
        return dict(
            self.cloud.aws_json("ecs", "describe-task-definition", "--task-definition", named)["taskDefinition"]
        )

    def target_groups(self) -> list[Mapping[str, Any]]:
        """Those of its load balancer, the one that takes the traffic at first before the other."""
        first = self.service["loadBalancers"][0]
        arns = [first["targetGroupArn"]]
        arns += [each for each in [first.get("advancedConfiguration", {}).get("alternateTargetGroupArn")] if each]
        return list(
            self.cloud.aws_json("elbv2", "describe-target-groups", "--target-group-arns", *arns)["TargetGroups"]
        )

    def attributes(self) -> Mapping[str, str]:
        arn = self.service["loadBalancers"][0]["targetGroupArn"]
        found = self.cloud.aws_json("elbv2", "describe-target-group-attributes", "--target-group-arn", arn)
        return {each["Key"]: each["Value"] for each in found["Attributes"]}


def outputs(cloud: Cloud, stack: str) -> dict[str, str]:
    [found] = cloud.aws_json("cloudformation", "describe-stacks", "--stack-name", stack)["Stacks"]
    return {each["OutputKey"]: each["OutputValue"] for each in found["Outputs"]}


def physical(cloud: Cloud, stack: str, logical_id: str) -> str:
    command = ("cloudformation", "describe-stack-resource", "--stack-name", stack, "--logical-resource-id", logical_id)
    return str(cloud.aws_json(*command)["StackResourceDetail"]["PhysicalResourceId"])


def allowed(cloud: Cloud, role: str, action: str) -> list[str]:
    """The resources on which a role's policies allow an action."""
    found: list[str] = []
    for name in cloud.aws_json("iam", "list-role-policies", "--role-name", role)["PolicyNames"]:
        policy = cloud.aws_json("iam", "get-role-policy", "--role-name", role, "--policy-name", name)["PolicyDocument"]
        for statement in policy["Statement"]:
            if action in statement["Action"]:
                found += statement["Resource"]
    return found


def test_case_a_blue_green_on_fargate_through_codedeploy(cloud: Cloud) -> None:
    deploy(example_named("service_blue_green"), cloud)
    production_is_as_asked(cloud)
    a_person_lets_traffic_move_in_production(cloud)
    traffic_moves_by_itself_in_staging(cloud)


def production_is_as_asked(cloud: Cloud) -> None:
    seen = Seen(cloud, "greeter-production", "greeter-production")
    assert seen.service["deploymentController"] == {"type": "CODE_DEPLOY"}
    assert (seen.service["launchType"], seen.service["desiredCount"]) == ("FARGATE", 3)
    assert seen.service["healthCheckGracePeriodSeconds"] == 60
    task = seen.task_definition()
    assert (task["family"], task["cpu"], task["memory"]) == ("greeter-production", "1024", "2048")
    assert task["networkMode"] == "awsvpc"
    [container] = task["containerDefinitions"]
    assert container["name"] == "ecs-blue-green"
    assert container["portMappings"][0]["containerPort"] == 3000
    assert container["image"].startswith("us-docker.pkg.dev/google-samples/containers/gke/hello-app@sha256:")
    assert {"name": "PORT", "value": "3000"} in container["environment"]
    assert container["logConfiguration"]["options"]["awslogs-group"] == "/ecs/greeter-production"
    [group] = seen.target_groups()
    assert (group["TargetType"], group["Port"], group["HealthCheckPath"]) == ("ip", 3000, "/health")
    assert group["HealthCheckIntervalSeconds"] == 15


def a_person_lets_traffic_move_in_production(cloud: Cloud) -> None:
    command = ("--application-name", "greeter-production", "--deployment-group-name", "greeter-production")
    made = cloud.aws_json("deploy", "get-deployment-group", *command)["deploymentGroupInfo"]
    assert made["ecsServices"] == [{"serviceName": "greeter-production", "clusterName": "greeter-production"}]
    [pair] = made["loadBalancerInfo"]["targetGroupPairInfoList"]
    assert pair["prodTrafficRoute"]["listenerArns"] == [physical(cloud, "greeter-production", "Listener")]
    assert pair["testTrafficRoute"]["listenerArns"] == [physical(cloud, "greeter-production", "TestListener")]
    assert len({each["name"] for each in pair["targetGroups"]}) == 2
    assert all(len(each["name"]) <= 32 for each in pair["targetGroups"])
    ready = made["blueGreenDeploymentConfiguration"]
    assert ready["deploymentReadyOption"] == {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 240}
    assert ready["terminateBlueInstancesOnDeploymentSuccess"]["terminationWaitTimeInMinutes"] == 120
    assert made["autoRollbackConfiguration"]["events"] == [
        "DEPLOYMENT_FAILURE",
        "DEPLOYMENT_STOP_ON_REQUEST",
        "DEPLOYMENT_STOP_ON_ALARM",
    ]

    arn = physical(cloud, "greeter-production", "LoadBalancer")
    listeners = cloud.aws_json("elbv2", "describe-listeners", "--load-balancer-arn", arn)["Listeners"]
    assert {(each["Port"], each["Protocol"], each["DefaultActions"][0]["Type"]) for each in listeners} == {
        (443, "HTTPS", "forward"),
        (80, "HTTP", "redirect"),
        (8443, "HTTPS", "forward"),
    }


def traffic_moves_by_itself_in_staging(cloud: Cloud) -> None:
    command = ("--application-name", "greeter-staging", "--deployment-group-name", "greeter-staging")
    made = cloud.aws_json("deploy", "get-deployment-group", *command)["deploymentGroupInfo"]
    ready = made["blueGreenDeploymentConfiguration"]
    assert ready["deploymentReadyOption"] == {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0}
    assert ready["terminateBlueInstancesOnDeploymentSuccess"]["terminationWaitTimeInMinutes"] == 5


def test_case_b_every_hook_is_wired_and_the_check_asks_the_test_listener(cloud: Cloud) -> None:
    deployed = deploy(example_named("service_validated"), cloud)
    [project] = [deployed.project(action) for action in deployed.actions("CodeBuild")]
    buildspec = project["source"]["buildspec"]
    hooks = (
        "BeforeInstall: quoter-announce",
        "AfterAllowTestTraffic: quoter-contract-tests",
        "BeforeAllowTraffic: CodeDeployHook_quoter-production-before_allow_traffic",
        "AfterAllowTraffic: quoter-announce",
    )
    assert [hook for hook in hooks if hook not in buildspec] == []
    function = cloud.aws_json(
        "lambda", "get-function", "--function-name", "CodeDeployHook_quoter-production-before_allow_traffic"
    )["Configuration"]
    name = outputs(cloud, "quoter-production")["LoadBalancerDnsName"]
    assert function["Environment"]["Variables"]["URL"] == f"https://{name}:9443/health"
    seen = Seen(cloud, "quoter", "quoter-production")
    assert seen.service["deploymentController"] == {"type": "CODE_DEPLOY"}
    assert seen.service["enableExecuteCommand"] is True
    assert seen.service["loadBalancers"][0]["containerName"] == "proxy"
    role = physical(cloud, "quoter-production", "ExecutionRole")
    assert allowed(cloud, role, "secretsmanager:GetSecretValue") == [
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:quoter/database-a1B2c3"
    ]
    assert "arn:aws:ssm:eu-west-1:123456789012:parameter/quoter/log-level" in allowed(cloud, role, "ssm:GetParameters")
    assert allowed(cloud, role, "ecr:BatchGetImage") == [
        "arn:aws:ecr:eu-west-1:123456789012:repository/quoter",
        "arn:aws:ecr:eu-west-1:123456789012:repository/quoter-proxy",
        "arn:aws:ecr:eu-west-1:123456789012:repository/hello",
    ]
    assert allowed(cloud, role, "logs:PutLogEvents") == [
        "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/quoter-production:*"
    ]
    task = physical(cloud, "quoter-production", "TaskRole")
    assert allowed(cloud, task, "dynamodb:GetItem") == ["arn:aws:dynamodb:eu-west-1:123456789012:table/quotes"]


def test_case_c_rolls_scales_and_keeps_the_image_that_was_deployed(
    cloud: Cloud, tmp_path: Path, pipegen: Pipegen
) -> None:
    deployed = deploy(example_named("service_rolling"), cloud)
    three_tasks_roll_and_the_health_check_is_as_asked(cloud)
    production_scales_on_spot_too(cloud)
    an_update_keeps_the_image_that_the_pipeline_recorded(deployed, tmp_path, pipegen)


def three_tasks_roll_and_the_health_check_is_as_asked(cloud: Cloud) -> None:
    seen = Seen(cloud, "espresso-staging", "espresso-staging")
    assert seen.service["desiredCount"] == 3
    configuration = seen.service["deploymentConfiguration"]
    assert (configuration["minimumHealthyPercent"], configuration["maximumPercent"]) == (100, 200)
    assert configuration["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert seen.service["availabilityZoneRebalancing"] == "ENABLED"
    [group] = seen.target_groups()
    checked = ("HealthCheckPath", "HealthCheckPort", "HealthCheckIntervalSeconds", "HealthyThresholdCount")
    assert [group[name] for name in (*checked, "UnhealthyThresholdCount")] == ["/status", "traffic-port", 30, 4, 2]


def production_scales_on_spot_too(cloud: Cloud) -> None:
    seen = Seen(cloud, "espresso-production", "espresso-production")
    assert seen.service["capacityProviderStrategy"] == [
        {"capacityProvider": "FARGATE", "weight": 1, "base": 2},
        {"capacityProvider": "FARGATE_SPOT", "weight": 3, "base": 0},
    ]
    assert seen.attributes()["stickiness.lb_cookie.duration_seconds"] == "3600"
    scaled = ("--service-namespace", "ecs")
    [target] = cloud.aws_json("application-autoscaling", "describe-scalable-targets", *scaled)["ScalableTargets"]
    assert target["ResourceId"] == "service/espresso-production/espresso-production"
    assert (target["MinCapacity"], target["MaxCapacity"]) == (3, 30)
    policies = cloud.aws_json("application-autoscaling", "describe-scaling-policies", *scaled)["ScalingPolicies"]
    metrics = {
        each["TargetTrackingScalingPolicyConfiguration"]["PredefinedMetricSpecification"]["PredefinedMetricType"]: each[
            "TargetTrackingScalingPolicyConfiguration"
        ]
        for each in policies
    }
    assert metrics["ECSServiceAverageCPUUtilization"]["TargetValue"] == 60
    label = metrics["ALBRequestCountPerTarget"]["PredefinedMetricSpecification"]["ResourceLabel"]
    [group] = seen.target_groups()
    assert label.startswith("app/")
    assert label.endswith(group["TargetGroupArn"].split(":")[-1])


def test_case_d_dynamic_ports_in_one_cluster_and_blue_green_in_another(cloud: Cloud) -> None:
    deployed = deploy(example_named("service_ec2"), cloud)
    plain = Seen(cloud, "instances-test", "warehouse-test")
    task = plain.task_definition()
    assert task["networkMode"] == "bridge"
    [container] = task["containerDefinitions"]
    assert container["memoryReservation"] == 128
    assert "memory" not in container
    assert container["portMappings"] == [{"containerPort": 8080, "hostPort": 0}]
    [group] = plain.target_groups()
    assert (group["TargetType"], group["HealthCheckPath"]) == ("instance", "/healthcheck")
    assert plain.service["placementStrategy"] == [
        {"type": "spread", "field": "attribute:ecs.availability-zone"},
        {"type": "binpack", "field": "memory"},
    ]
    assert plain.service["launchType"] == "EC2"
    moved = Seen(cloud, "instances-production", "warehouse-production")
    assert moved.service["deploymentController"] == {"type": "CODE_DEPLOY"}
    assert moved.target_groups()[0]["TargetType"] == "ip"
    assert moved.service["placementConstraints"] == [
        {"type": "memberOf", "expression": "attribute:ecs.instance-type =~ m7g.*"}
    ]
    [action] = deployed.actions("ECS")
    assert action["configuration"]["FileName"] == "inventory-images.json"
    assert [each["name"] for each in deployed.actions("CodeDeployToECS")] == ["Deploy"]


def test_case_e_each_service_has_a_rule_on_the_shared_listener(cloud: Cloud) -> None:
    example = example_named("service_shared_listener")
    cloud.reset()
    parameters = parameter_values(example, cloud)
    deploy_stacks(example, cloud, parameters)
    rules = cloud.aws_json("elbv2", "describe-rules", "--listener-arn", parameters["ListenerArn"])["Rules"]
    by_priority = {rule["Priority"]: rule for rule in rules}
    catalog = by_priority["110"]
    assert catalog["Conditions"][0]["PathPatternConfig"]["Values"] == ["/catalog", "/catalog/*"]
    assert {condition["Field"] for condition in by_priority["120"]["Conditions"]} == {"host-header", "http-header"}
    seen = Seen(cloud, "shop", "shelves-catalog")
    [group] = seen.target_groups()
    assert catalog["Actions"][0]["TargetGroupArn"] == group["TargetGroupArn"]
    assert (group["TargetType"], group["Matcher"]) == ("instance", {"HttpCode": "200-299"})
    assert seen.attributes()["slow_start.duration_seconds"] == "60"
    assert seen.service["schedulingStrategy"] == "REPLICA"
    assert seen.service["placementStrategy"] == [{"type": "spread", "field": "host"}]
    assert (seen.service["desiredCount"], seen.service["healthCheckGracePeriodSeconds"]) == (2, 90)
    task = seen.task_definition()
    assert task["taskRoleArn"] == "arn:aws:iam::123456789012:role/service/catalog-task"
    assert {"name": "APP_VERSION", "value": "2.4"} in task["containerDefinitions"][0]["environment"]


def test_ecs_itself_moves_traffic_with_a_weighted_rule_and_the_worker_has_none(cloud: Cloud) -> None:
    deployed = deploy(example_named("service_canary"), cloud)
    seen = Seen(cloud, "parcels", "parcel-desk-web")
    configuration = seen.service["deploymentConfiguration"]
    assert (configuration["strategy"], configuration["bakeTimeInMinutes"]) == ("CANARY", 60)
    assert configuration["canaryConfiguration"] == {"canaryPercent": 10, "canaryBakeTimeInMinutes": 30}
    [balancer] = seen.service["loadBalancers"]
    advanced = balancer["advancedConfiguration"]
    assert advanced["productionListenerRule"] == physical(cloud, "parcel-desk-web", "ListenerRule")
    assert advanced["testListenerRule"] == physical(cloud, "parcel-desk-web", "TestListenerRule")
    [rule] = cloud.aws_json("elbv2", "describe-rules", "--rule-arns", advanced["productionListenerRule"])["Rules"]
    [action] = rule["Actions"]
    assert [each["Weight"] for each in action["ForwardConfig"]["TargetGroups"]] == [1, 0]
    assert len(seen.target_groups()) == 2
    worker = Seen(cloud, "parcels", "parcel-desk-worker")
    assert worker.service["loadBalancers"] == []
    kinds = {action["name"]: action["actionTypeId"]["provider"] for action in deployed.actions()}
    assert (kinds["Worker"], kinds["Web"]) == ("ECS", "CodeBuild")


def an_update_keeps_the_image_that_the_pipeline_recorded(deployed: Deployed, tmp_path: Path, pipegen: Pipegen) -> None:
    """The pipeline's commands run for real, then the service's stack is deployed with an unrelated edit."""
    cloud = deployed.cloud
    [record] = [each for each in deployed.actions("Commands") if "/staging/" in each["commands"][-1]]
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/espresso@sha256:" + "a" * 64
    (tmp_path / "imagedefinitions.json").write_text(json.dumps([{"name": "expresso-staging", "imageUri": image}]))
    for command in record["commands"]:
        run(command, tmp_path, cloud)
    edited = (tmp_path / "edited.yaml").resolve()
    edited.write_text(deployed.example.yaml.read_text().replace("desired_count: 3", "desired_count: 4"))
    assert pipegen("render", edited, "-o", "out").returncode == 0
    cloud.deploy(tmp_path / "out" / "espresso-registry.yaml", "espresso-registry", capabilities=())
    cloud.deploy(tmp_path / "out" / "espresso-staging.yaml", "espresso-staging")
    seen = Seen(cloud, "espresso-staging", "espresso-staging")
    assert seen.service["desiredCount"] == 4
    assert [each["image"] for each in seen.task_definition()["containerDefinitions"]] == [image]


def run(command: str, directory: Path, cloud: Cloud) -> None:
    path = os.pathsep.join([str(aws_program().parent), os.environ["PATH"]])
    environment = {**cloud.environment, "PATH": path, "HOME": os.devnull}
    subprocess.run(["bash", "-c", command], cwd=directory, env=environment, check=True, capture_output=True)


@pytest.mark.parametrize("example", ["service_blue_green", "service_canary", "service_rolling"])
def test_an_unrelated_edit_leaves_what_deployments_change_as_it_is(
    example: str, tmp_path: Path, pipegen: Pipegen
) -> None:
    from cfnlint.decode import cfn_yaml

    found: Example = example_named(example)
    edited = tmp_path / found.yaml.name
    text = found.yaml.read_text()
    for old, new in (("interval_minutes: 5", "interval_minutes: 6"), ("cpu_percent: 60", "cpu_percent: 50")):
        text = text.replace(old, new)
    edited.write_text(text.replace("\nservices:", "\ndescription: Edited\n\nservices:"))
    assert pipegen("render", edited, "-o", "out").returncode == 0
    kept = ("AWS::ECS::TaskDefinition", "::Listener", "::ListenerRule", "AWS::SSM::Parameter")
    changed = 0
    for golden in found.goldens:
        before = cfn_yaml.loads(golden.read_text())["Resources"]
        after = cfn_yaml.loads((tmp_path / "out" / golden.name).read_text())["Resources"]
        changed += before != after
        for name, resource in before.items():
            if resource["Type"].endswith(kept):
                assert after[name] == resource
    assert changed


def test_a_first_deployment_that_failed_can_be_tried_again(cloud: Cloud, tmp_path: Path) -> None:
    cloud.reset()
    registry = example_named("service_rolling").golden_directory / "espresso-registry.yaml"
    text = registry.read_text()
    [*ids] = yaml.load(text, Loader=yaml.BaseLoader)["Resources"]
    broken = f"""
  Broken:
    Type: AWS::Logs::LogGroup
    DependsOn: [{", ".join(ids)}]
    Properties: {{LogGroupName: !ImportValue nothing}}
Outputs:"""
    failing = tmp_path / "failing.yaml"
    failing.write_text(text.replace("\nOutputs:", broken))
    with pytest.raises(CommandFailed):
        cloud.deploy(failing, "espresso-registry")
    cloud.aws("cloudformation", "delete-stack", "--stack-name", "espresso-registry")
    cloud.deploy(registry, "espresso-registry")


def test_case_g_alarms_of_both_target_groups_and_a_name_lead_to_the_load_balancer(cloud: Cloud) -> None:
    example = example_named("guarded_service")
    deployed = deploy(example, cloud)
    seen = Seen(cloud, "booking", "booking-api")
    watched = seen.service["deploymentConfiguration"]["alarms"]
    made = cloud.aws_json("cloudwatch", "describe-alarms")["MetricAlarms"]
    assert sorted(watched["alarmNames"]) == sorted(each["AlarmName"] for each in made)
    groups = [each["TargetGroupArn"].split(":")[-1] for each in seen.target_groups()]
    arn = physical(cloud, "booking-api", "LoadBalancer")
    for each in made:
        metrics = [query["MetricStat"]["Metric"] for query in each.get("Metrics", ()) if "MetricStat" in query]
        for metric in metrics or [each]:
            dimensions = {dimension["Name"]: dimension["Value"] for dimension in metric["Dimensions"]}
            assert dimensions["LoadBalancer"] == arn.split(":loadbalancer/")[1]
            assert dimensions["TargetGroup"] in groups
        assert each["AlarmActions"] == [example.parameters["AlarmTopicArn"]]
    assert len(made) == 6
    a_name_leads_to_it(cloud)
    logs = cloud.aws_json("logs", "describe-log-groups")["logGroups"]
    assert {each["kmsKeyId"] for each in logs} == {example.parameters["EncryptionKeyArn"]}
    [project] = [deployed.project(action) for action in deployed.actions("CodeBuild")]
    assert project["encryptionKey"] == example.parameters["EncryptionKeyArn"]


def a_name_leads_to_it(cloud: Cloud) -> None:
    [zone] = cloud.aws_json("route53", "list-hosted-zones")["HostedZones"]
    records = cloud.aws_json("route53", "list-resource-record-sets", "--hosted-zone-id", zone["Id"])
    [record] = [each for each in records["ResourceRecordSets"] if each["Type"] == "A"]
    assert record["Name"].rstrip(".") == "booking.example.com"
    assert record["AliasTarget"]["DNSName"].rstrip(".") == outputs(cloud, "booking-api")["LoadBalancerDnsName"]


def test_resources_that_pipegen_does_not_model_are_deployed_next_to_a_service(cloud: Cloud) -> None:
    example = example_named("extra_resources")
    cloud.reset()
    deploy_stacks(example, cloud, parameter_values(example, cloud))
    made = outputs(cloud, "ticket-desk")
    found = cloud.aws_json("wafv2", "get-web-acl-for-resource", "--resource-arn", made["LoadBalancerArn"])
    assert found["WebACL"]["Name"] == "company"
    table = made["TicketsTableArn"].rpartition("/")[2]
    assert cloud.aws_json("dynamodb", "describe-table", "--table-name", table)["Table"]["TableStatus"] == "ACTIVE"
    dimensions = {
        alarm["Namespace"]: {each["Name"]: each["Value"] for each in alarm["Dimensions"]}
        for alarm in cloud.aws_json("cloudwatch", "describe-alarms")["MetricAlarms"]
    }
    assert dimensions == {
        "AWS/ECS": {"ClusterName": made["ClusterName"], "ServiceName": made["ServiceName"]},
        "AWS/CodeBuild": {"ProjectName": physical(cloud, "tickets-pipeline", "ImageProject")},
    }
    exports = {each["Name"]: each["Value"] for each in cloud.aws_json("cloudformation", "list-exports")["Exports"]}
    assert exports["ticket-desk-TicketsTableArn"] == made["TicketsTableArn"]
    assert {name for name, value in made.items() if value} == made.keys()
    assert {f"ticket-desk-{name}" for name in made} <= exports.keys()
    role = made["TaskRoleArn"].rpartition("/")[2]
    assert made["TicketsTableArn"] in str(policies_of(cloud, role))


def policies_of(cloud: Cloud, role: str) -> list[Any]:
    """The inline policies of a role."""
    names = cloud.aws_json("iam", "list-role-policies", "--role-name", role)["PolicyNames"]
    return [cloud.aws_json("iam", "get-role-policy", "--role-name", role, "--policy-name", name) for name in names]
