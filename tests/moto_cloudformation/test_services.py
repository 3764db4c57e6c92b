"""ECS services, how they scale and how they are found in the tests' cloud: the real CLI deploys and reads back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.cloud import Cloud, CommandFailed
from tests.support.deployed import BALANCED, NETWORK, NO_CHANGES, changed, network, outputs, status_of, written

BLUE_GREEN = """\
Parameters:
  Vpc: {Type: AWS::EC2::VPC::Id}
  Subnets: {Type: List<AWS::EC2::Subnet::Id>}
Resources:
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      Subnets: !Ref Subnets
      LoadBalancerAttributes: [{Key: idle_timeout.timeout_seconds, Value: "30"}]
  Blue: &target-group
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      VpcId: !Ref Vpc
      Protocol: HTTP
      Port: 3000
      TargetType: ip
      HealthCheckPath: /health
      HealthyThresholdCount: 4
      Matcher: {HttpCode: "200"}
      TargetGroupAttributes: [{Key: deregistration_delay.timeout_seconds, Value: "15"}]
  Green: *target-group
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions:
        - Type: forward
          ForwardConfig:
            TargetGroups: [{TargetGroupArn: !Ref Blue, Weight: 1}, {TargetGroupArn: !Ref Green, Weight: 0}]
  Cluster:
    Type: AWS::ECS::Cluster
    Properties: {ClusterSettings: [{Name: containerInsights, Value: enabled}]}
  TaskRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: sts:AssumeRole}
          - {Effect: Allow, Principal: {Service: codedeploy.amazonaws.com}, Action: sts:AssumeRole}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: orders
      Cpu: 256
      Memory: 512
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      ExecutionRoleArn: !GetAtt TaskRole.Arn
      ContainerDefinitions:
        - Name: app
          Image: app:1
          PortMappings: [{ContainerPort: 3000}]
          Environment: [{Name: STAGE, Value: production}]
          LogConfiguration: {LogDriver: awslogs, Options: {awslogs-stream-prefix: App}}
  Service:
    Type: AWS::ECS::Service
    DependsOn: [Listener, Task]
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: orders
      DesiredCount: 2
      LaunchType: FARGATE
      DeploymentController: {Type: CODE_DEPLOY}
      DeploymentConfiguration: {MaximumPercent: 200, MinimumHealthyPercent: 100}
      HealthCheckGracePeriodSeconds: 60
      LoadBalancers: [{ContainerName: app, ContainerPort: 3000, TargetGroupArn: !Ref Blue}]
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: !Ref Subnets}}
  Application:
    Type: AWS::CodeDeploy::Application
    Properties: {ComputePlatform: ECS}
  Pace:
    Type: AWS::CodeDeploy::DeploymentConfig
    Properties:
      ComputePlatform: ECS
      TrafficRoutingConfig:
        Type: TimeBasedCanary
        TimeBasedCanary: {CanaryInterval: 5, CanaryPercentage: 25}
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      ComparisonOperator: GreaterThanThreshold
      EvaluationPeriods: 1
      Namespace: AWS/ApplicationELB
      MetricName: HTTPCode_Target_5XX_Count
      Period: 60
      Statistic: Sum
      Threshold: 5
      Dimensions: [{Name: TargetGroup, Value: !GetAtt Green.TargetGroupFullName}]
  Group:
    Type: AWS::CodeDeploy::DeploymentGroup
    Properties:
      ApplicationName: !Ref Application
      DeploymentConfigName: !Ref Pace
      ServiceRoleArn: !GetAtt TaskRole.Arn
      DeploymentStyle: {DeploymentType: BLUE_GREEN, DeploymentOption: WITH_TRAFFIC_CONTROL}
      ECSServices: [{ClusterName: !Ref Cluster, ServiceName: !GetAtt Service.Name}]
      AlarmConfiguration: {Enabled: true, Alarms: [{Name: !Ref Alarm}]}
      AutoRollbackConfiguration: {Enabled: true, Events: [DEPLOYMENT_FAILURE]}
      BlueGreenDeploymentConfiguration:
        DeploymentReadyOption: {ActionOnTimeout: STOP_DEPLOYMENT, WaitTimeInMinutes: 60}
        TerminateBlueInstancesOnDeploymentSuccess: {Action: TERMINATE, TerminationWaitTimeInMinutes: 30}
      LoadBalancerInfo:
        TargetGroupPairInfoList:
          - TargetGroups: [{Name: !GetAtt Blue.TargetGroupName}, {Name: !GetAtt Green.TargetGroupName}]
            ProdTrafficRoute: {ListenerArns: [!Ref Listener]}
Outputs:
  Application: {Value: !Ref Application}
  Group: {Value: !Ref Group}
  Pace: {Value: !Ref Pace}
  Cluster: {Value: !Ref Cluster}
  Service: {Value: !GetAtt Service.Name}
  Task: {Value: !Ref Task}
  Blue: {Value: !Ref Blue}
  BlueName: {Value: !GetAtt Blue.TargetGroupName}
  Listener: {Value: !Ref Listener}
"""

SERVICES = f"""\
{NETWORK}\
  Count: {{Type: String, Default: ""}}
  Image: {{Type: String, Default: app:1}}
  Bake: {{Type: Number, Default: 10}}
Conditions: {{Counted: !Not [!Equals [!Ref Count, ""]]}}
Resources:
{BALANCED}\
  Rule:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Listener
      Priority: 1
      Conditions: [{{Field: path-pattern, Values: [/*]}}]
      Actions:
        - Type: forward
          ForwardConfig:
            TargetGroups: [{{TargetGroupArn: !Ref Blue, Weight: 1}}, {{TargetGroupArn: !Ref Green, Weight: 0}}]
  Cluster:
    Type: AWS::ECS::Cluster
    Properties:
      ClusterSettings: [{{Name: containerInsights, Value: enhanced}}]
      CapacityProviders: [FARGATE, FARGATE_SPOT]
      DefaultCapacityProviderStrategy: [{{CapacityProvider: FARGATE, Weight: 1, Base: 1}}]
      Configuration: {{ExecuteCommandConfiguration: {{Logging: DEFAULT}}}}
      ServiceConnectDefaults: {{Namespace: shop}}
      Tags: [{{Key: team, Value: orders}}]
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{{Effect: Allow, Principal: {{Service: ecs.amazonaws.com}}, Action: sts:AssumeRole}}]
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Cpu: 256
      Memory: 512
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions: [{{Name: app, Image: !Ref Image, PortMappings: [{{Name: web, ContainerPort: 3000}}]}}]
  Shifting:
    Type: AWS::ECS::Service
    DependsOn: Rule
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Task
      DesiredCount: !If [Counted, !Ref Count, !Ref AWS::NoValue]
      CapacityProviderStrategy: [{{CapacityProvider: FARGATE, Base: 1}}, {{CapacityProvider: FARGATE_SPOT, Weight: 4}}]
      PlatformVersion: 1.4.0
      EnableExecuteCommand: true
      EnableECSManagedTags: true
      PropagateTags: SERVICE
      AvailabilityZoneRebalancing: ENABLED
      HealthCheckGracePeriodSeconds: 45
      DeploymentController: {{Type: ECS}}
      DeploymentConfiguration:
        Strategy: CANARY
        BakeTimeInMinutes: !Ref Bake
        CanaryConfiguration: {{CanaryPercent: 5.5, CanaryBakeTimeInMinutes: 3}}
        MaximumPercent: 200
        MinimumHealthyPercent: 100
        DeploymentCircuitBreaker: {{Enable: true, Rollback: true}}
        Alarms: {{AlarmNames: [errors], Enable: true, Rollback: true}}
        LifecycleHooks:
          - HookTargetArn: arn:aws:lambda:eu-west-1:123456789012:function:check
            RoleArn: !GetAtt Role.Arn
            LifecycleStages: [POST_TEST_TRAFFIC_SHIFT]
            HookDetails: {{url: "https://test.example"}}
          - TargetType: PAUSE
            LifecycleStages: [PRE_PRODUCTION_TRAFFIC_SHIFT]
            TimeoutConfiguration: {{TimeoutInMinutes: 60, Action: CONTINUE}}
      LoadBalancers:
        - ContainerName: app
          ContainerPort: 3000
          TargetGroupArn: !Ref Blue
          AdvancedConfiguration:
            AlternateTargetGroupArn: !Ref Green
            ProductionListenerRule: !Ref Rule
            RoleArn: !GetAtt Role.Arn
      NetworkConfiguration: {{AwsvpcConfiguration: {{AssignPublicIp: ENABLED, Subnets: !Ref Subnets}}}}
      ServiceConnectConfiguration:
        Enabled: true
        Namespace: shop
        Services: [{{PortName: web, ClientAliases: [{{Port: 80, DnsName: orders}}]}}]
      ServiceRegistries: [{{RegistryArn: "arn:aws:servicediscovery:eu-west-1:123456789012:service/srv-1"}}]
      Tags: [{{Key: team, Value: orders}}]
  Batch:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: batch
      ContainerDefinitions: [{{Name: worker, Image: !Ref Image, Memory: 64}}]
  Placed:
    Type: AWS::ECS::Service
    DependsOn: Batch
    Properties:
      Cluster: !Ref Cluster
      ServiceName: placed
      TaskDefinition: batch
      LaunchType: EC2
      DesiredCount: 2
      PlacementStrategies: [{{Type: spread, Field: "attribute:ecs.availability-zone"}}, {{Type: random}}]
      PlacementConstraints: [{{Type: distinctInstance}}]
Outputs:
  Cluster: {{Value: !Ref Cluster}}
  Task: {{Value: !Ref Task}}
  Batch: {{Value: !Ref Batch}}
  Shifting: {{Value: !Ref Shifting}}
  ShiftingName: {{Value: !GetAtt Shifting.Name}}
  Placed: {{Value: !GetAtt Placed.ServiceArn}}
  Blue: {{Value: !Ref Blue}}
  Green: {{Value: !Ref Green}}
  Rule: {{Value: !Ref Rule}}
  Role: {{Value: !GetAtt Role.Arn}}
"""

SCALED = f"""\
{NETWORK}\
  Highest: {{Type: Number, Default: 8}}
Resources:
  Names: {{Type: AWS::ServiceDiscovery::HttpNamespace, Properties: {{Name: shop, Description: Shop}}}}
  Private:
    Type: AWS::ServiceDiscovery::PrivateDnsNamespace
    Properties:
      Name: shop.local
      Vpc: !Ref Vpc
      Properties: {{DnsProperties: {{SOA: {{TTL: !Ref Weight}}}}}}
  Entry:
    Type: AWS::ServiceDiscovery::Service
    Properties:
      Name: orders
      Description: Orders
      NamespaceId: !Ref Private
      DnsConfig: {{RoutingPolicy: MULTIVALUE, DnsRecords: [{{Type: A, TTL: !Ref Priority}}]}}
      HealthCheckCustomConfig: {{FailureThreshold: 1}}
  Cluster: {{Type: AWS::ECS::Cluster}}
  Associations:
    Type: AWS::ECS::ClusterCapacityProviderAssociations
    Properties:
      Cluster: !Ref Cluster
      CapacityProviders: [FARGATE_SPOT]
      DefaultCapacityProviderStrategy: [{{CapacityProvider: FARGATE_SPOT, Weight: 1}}]
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties: {{ContainerDefinitions: [{{Name: app, Image: "app:1", Memory: 64}}]}}
  Service:
    Type: AWS::ECS::Service
    DependsOn: Associations
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Task
      ServiceRegistries: [{{RegistryArn: !GetAtt Entry.Arn}}]
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      ServiceNamespace: ecs
      ScalableDimension: ecs:service:DesiredCount
      ResourceId: !Sub "service/${{Cluster}}/${{Service.Name}}"
      MinCapacity: 2
      MaxCapacity: !Ref Highest
      SuspendedState: {{DynamicScalingInSuspended: true}}
      ScheduledActions:
        - ScheduledActionName: night
          Schedule: cron(0 22 * * ? *)
          Timezone: Europe/Paris
          ScalableTargetAction: {{MinCapacity: 1, MaxCapacity: 2}}
        - {{ScheduledActionName: morning, Schedule: "cron(0 6 * * ? *)", ScalableTargetAction: {{MinCapacity: 2}}}}
  Tracking:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyName: tracking
      PolicyType: TargetTrackingScaling
      ScalingTargetId: !Ref Target
      TargetTrackingScalingPolicyConfiguration:
        TargetValue: 55.5
        ScaleInCooldown: 120
        ScaleOutCooldown: 30
        PredefinedMetricSpecification: {{PredefinedMetricType: ECSServiceAverageCPUUtilization}}
  Stepping:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    DependsOn: Target
    Properties:
      PolicyName: stepping
      PolicyType: StepScaling
      ServiceNamespace: ecs
      ScalableDimension: ecs:service:DesiredCount
      ResourceId: !Sub "service/${{Cluster}}/${{Service.Name}}"
      StepScalingPolicyConfiguration:
        AdjustmentType: ChangeInCapacity
        Cooldown: 60
        MetricAggregationType: Average
        StepAdjustments: [{{MetricIntervalLowerBound: 0, ScalingAdjustment: 1}}]
Outputs:
  Names: {{Value: !Ref Names}}
  Private: {{Value: !Ref Private}}
  Zone: {{Value: !GetAtt Private.HostedZoneId}}
  Entry: {{Value: !Ref Entry}}
  EntryArn: {{Value: !GetAtt Entry.Arn}}
  Cluster: {{Value: !Ref Cluster}}
  Service: {{Value: !GetAtt Service.Name}}
  Target: {{Value: !Ref Target}}
  Tracking: {{Value: !Ref Tracking}}
"""


MORNING = """\
        - {ScheduledActionName: morning, Schedule: "cron(0 6 * * ? *)", ScalableTargetAction: {MinCapacity: 2}}
"""


@pytest.fixture(scope="module")
def cloud(cloud: Cloud) -> Iterator[Cloud]:
    """The cloud of all tests, empty at first and afterwards."""
    cloud.reset()
    yield cloud
    cloud.reset()


def test_a_blue_green_service_comes_back_as_its_template_asks(cloud: Cloud, tmp_path: Path) -> None:
    template = written(tmp_path, BLUE_GREEN)
    cloud.deploy(template, "blue-green", parameters=network(cloud))
    assert NO_CHANGES in cloud.deploy(template, "blue-green").stdout
    made = outputs(cloud, "blue-green")
    check_deployment_group(cloud, made)
    check_service(cloud, made)

    cloud.deploy(written(tmp_path, BLUE_GREEN.replace("app:1", "app:2")), "blue-green")
    assert outputs(cloud, "blue-green") == made | {"Task": made["Task"].replace("orders:1", "orders:2")}
    cloud.aws("cloudformation", "delete-stack", "--stack-name", "blue-green")
    assert cloud.aws_json("elbv2", "describe-target-groups") == {"TargetGroups": []}
    assert cloud.aws_json("elbv2", "describe-load-balancers") == {"LoadBalancers": []}
    assert cloud.aws_json("deploy", "list-applications") == {"applications": []}


def check_deployment_group(cloud: Cloud, made: dict[str, str]) -> None:
    chosen = ("--application-name", made["Application"], "--deployment-group-name", made["Group"])
    group = cloud.aws_json("deploy", "get-deployment-group", *chosen)["deploymentGroupInfo"]
    assert group["computePlatform"] == "ECS"
    assert group["deploymentConfigName"] == made["Pace"]
    assert group["ecsServices"] == [{"clusterName": made["Cluster"], "serviceName": made["Service"]}]
    assert group["alarmConfiguration"]["enabled"] is True
    assert group["blueGreenDeploymentConfiguration"]["deploymentReadyOption"] == {
        "actionOnTimeout": "STOP_DEPLOYMENT",
        "waitTimeInMinutes": 60,
    }
    pair = group["loadBalancerInfo"]["targetGroupPairInfoList"][0]
    assert pair["targetGroups"][0] == {"name": made["BlueName"]}
    assert pair["prodTrafficRoute"] == {"listenerArns": [made["Listener"]]}
    pace = cloud.aws_json("deploy", "get-deployment-config", "--deployment-config-name", made["Pace"])
    canary = pace["deploymentConfigInfo"]["trafficRoutingConfig"]["timeBasedCanary"]
    assert canary == {"canaryInterval": 5, "canaryPercentage": 25}


def check_service(cloud: Cloud, made: dict[str, str]) -> None:
    where = ("--cluster", made["Cluster"], "--services", made["Service"])
    service = cloud.aws_json("ecs", "describe-services", *where)["services"][0]
    assert service["deploymentController"] == {"type": "CODE_DEPLOY"}
    assert service["deploymentConfiguration"] == {"maximumPercent": 200, "minimumHealthyPercent": 100}
    assert service["healthCheckGracePeriodSeconds"] == 60
    assert service["loadBalancers"][0]["targetGroupArn"] == made["Blue"]
    described = cloud.aws_json("ecs", "describe-task-definition", "--task-definition", made["Task"])
    task = described["taskDefinition"]
    assert (task["cpu"], task["memory"], task["networkMode"]) == ("256", "512", "awsvpc")
    options = task["containerDefinitions"][0]["logConfiguration"]["options"]
    assert options == {"awslogs-stream-prefix": "App"}
    groups = cloud.aws_json("elbv2", "describe-target-group-attributes", "--target-group-arn", made["Blue"])
    assert {"Key": "deregistration_delay.timeout_seconds", "Value": "15"} in groups["Attributes"]


def renamed(text: str, **names: str) -> str:
    """The same template with other names of families and services, so that two stacks of it may be there at once."""
    for before, after in names.items():
        for property_name in ("Family", "TaskDefinition", "ServiceName"):
            text = text.replace(f"{property_name}: {before}\n", f"{property_name}: {after}\n")
    return text


def service_of(cloud: Cloud, cluster: str, name: str) -> Any:
    chosen = ("--cluster", cluster, "--services", name, "--include", "TAGS")
    return cloud.aws_json("ecs", "describe-services", *chosen)["services"][0]


@pytest.fixture(scope="module")
def services(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The outputs of a stack of services, deployed once for the tests that only read."""
    cloud.deploy(written(tmp_path_factory.mktemp("services"), SERVICES), "services", parameters=network(cloud))
    return outputs(cloud, "services")


def test_a_service_comes_back_as_its_template_asks(cloud: Cloud, services: dict[str, str]) -> None:
    service = service_of(cloud, services["Cluster"], services["ShiftingName"])
    expected = {
        "serviceArn": services["Shifting"],
        "taskDefinition": services["Task"],
        "desiredCount": 1,
        "runningCount": 1,
        "platformVersion": "1.4.0",
        "enableExecuteCommand": True,
        "enableECSManagedTags": True,
        "propagateTags": "SERVICE",
        "availabilityZoneRebalancing": "ENABLED",
        "healthCheckGracePeriodSeconds": 45,
        "deploymentController": {"type": "ECS"},
        "schedulingStrategy": "REPLICA",
        "capacityProviderStrategy": [
            {"capacityProvider": "FARGATE", "base": 1},
            {"capacityProvider": "FARGATE_SPOT", "weight": 4},
        ],
        "serviceRegistries": [{"registryArn": "arn:aws:servicediscovery:eu-west-1:123456789012:service/srv-1"}],
        "tags": [{"key": "team", "value": "orders"}],
    }
    assert {name: service[name] for name in expected} == expected
    assert "launchType" not in service
    assert service["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"] == "ENABLED"
    advanced = {
        "alternateTargetGroupArn": services["Green"],
        "productionListenerRule": services["Rule"],
        "roleArn": services["Role"],
    }
    to = {"containerName": "app", "containerPort": 3000, "targetGroupArn": services["Blue"]}
    assert service["loadBalancers"] == [to | {"advancedConfiguration": advanced}]
    [deployment] = service["deployments"]
    assert (deployment["taskDefinition"], deployment["rolloutState"]) == (services["Task"], "COMPLETED")
    [connected] = deployment["serviceConnectConfiguration"]["services"]
    assert connected == {"portName": "web", "clientAliases": [{"port": 80, "dnsName": "orders"}]}


def test_how_a_service_deploys_comes_back_as_its_template_asks(cloud: Cloud, services: dict[str, str]) -> None:
    service = service_of(cloud, services["Cluster"], services["ShiftingName"])
    assert service["deploymentConfiguration"] == {
        "strategy": "CANARY",
        "bakeTimeInMinutes": 10,
        "canaryConfiguration": {"canaryPercent": 5.5, "canaryBakeTimeInMinutes": 3},
        "maximumPercent": 200,
        "minimumHealthyPercent": 100,
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "alarms": {"alarmNames": ["errors"], "enable": True, "rollback": True},
        "lifecycleHooks": [
            {
                "hookTargetArn": "arn:aws:lambda:eu-west-1:123456789012:function:check",
                "roleArn": services["Role"],
                "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"],
                "hookDetails": {"url": "https://test.example"},
            },
            {
                "targetType": "PAUSE",
                "lifecycleStages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"],
                "timeoutConfiguration": {"timeoutInMinutes": 60, "action": "CONTINUE"},
            },
        ],
    }


def test_a_cluster_and_a_placed_service_come_back_as_their_template_asks(
    cloud: Cloud, services: dict[str, str]
) -> None:
    chosen = ("--clusters", services["Cluster"], "--include", "TAGS", "SETTINGS", "CONFIGURATIONS")
    cluster = cloud.aws_json("ecs", "describe-clusters", *chosen)["clusters"][0]
    assert cluster["settings"] == [{"name": "containerInsights", "value": "enhanced"}]
    assert cluster["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]
    default = {"capacityProvider": "FARGATE", "weight": 1, "base": 1}
    assert cluster["defaultCapacityProviderStrategy"] == [default]
    assert cluster["configuration"] == {"executeCommandConfiguration": {"logging": "DEFAULT"}}
    assert cluster["tags"] == [{"key": "team", "value": "orders"}]
    placed = service_of(cloud, services["Cluster"], "placed")
    assert (placed["serviceArn"], placed["launchType"]) == (services["Placed"], "EC2")
    assert placed["taskDefinition"] == services["Batch"]
    spread = {"type": "spread", "field": "attribute:ecs.availability-zone"}
    assert placed["placementStrategy"] == [spread, {"type": "random"}]
    assert placed["placementConstraints"] == [{"type": "distinctInstance"}]


def test_an_updated_service_changes_where_it_is_asked_to(cloud: Cloud, tmp_path: Path) -> None:
    text = renamed(SERVICES, batch="moving", placed="moved")
    cloud.deploy(written(tmp_path, text), "moving", parameters=network(cloud))
    made = outputs(cloud, "moving")

    def service() -> Any:
        return service_of(cloud, made["Cluster"], made["ShiftingName"])

    named = ("--cluster", made["Cluster"], "--service", made["ShiftingName"])
    family = made["Task"].rsplit("/")[-1].split(":")[0]
    cloud.aws("ecs", "update-service", *named, "--desired-count", "5", "--task-definition", family)
    assert service()["taskDefinition"] == made["Task"]
    cloud.deploy(written(tmp_path, text), "moving", parameters={"Bake": "20"})
    assert (service()["desiredCount"], service()["deploymentConfiguration"]["bakeTimeInMinutes"]) == (5, 20)
    cloud.deploy(written(tmp_path, text), "moving", parameters={"Count": "3"})
    assert (service()["desiredCount"], service()["runningCount"]) == (3, 3)
    assert outputs(cloud, "moving") == made

    cloud.deploy(written(tmp_path, text.replace("      EnableExecuteCommand: true\n", "")), "moving")
    assert service()["enableExecuteCommand"]
    less = text.replace("Command: true", "Command: false").replace("      PlatformVersion: 1.4.0\n", "")
    cloud.deploy(written(tmp_path, less), "moving", parameters={"Image": "app:2"})
    assert not service().get("enableExecuteCommand")
    assert "platformVersion" not in service()
    assert service()["taskDefinition"] == outputs(cloud, "moving")["Task"]
    assert service()["taskDefinition"] != made["Task"]
    assert service()["deployments"][0]["taskDefinition"] == service()["taskDefinition"]

    # A family's name did not change, whatever its newest revision is now.
    assert outputs(cloud, "moving")["Batch"].endswith("moving:2")
    assert service_of(cloud, made["Cluster"], "moved")["taskDefinition"].endswith("moving:1")
    cloud.deploy(written(tmp_path, less.replace("DesiredCount: 2", "DesiredCount: 4")), "moving")
    moved = service_of(cloud, made["Cluster"], "moved")
    assert (moved["taskDefinition"].rsplit("/")[-1], moved["desiredCount"]) == ("moving:2", 4)

    cloud.aws("cloudformation", "delete-stack", "--stack-name", "moving")
    assert service_of_none(cloud, made["Cluster"])


def service_of_none(cloud: Cloud, cluster: str) -> bool:
    result = cloud.aws("ecs", "describe-services", "--cluster", cluster, "--services", "moved", check=False)
    return "ClusterNotFoundException" in result.stderr


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("{TargetGroupArn: !Ref Blue, Weight: 1}, ", "", "does not have an associated load balancer"),
        ("ContainerName: app", "ContainerName: web", "The container web does not exist in the task definition"),
        ("ContainerPort: 3000\n", "ContainerPort: 80\n", "did not have a container port 80 defined"),
        ("TaskDefinition: batch", "TaskDefinition: patch", "TaskDefinition not found: patch"),
        ("LaunchType: EC2", "HealthCheckGracePeriodSeconds: 5", "only valid for services configured to use load"),
        ("CapacityProviders: [FARGATE, ", "CapacityProviders: [", "FARGATE is not associated with the cluster"),
        ("ecs.amazonaws.com", "ecs-tasks.amazonaws.com", "ecs.amazonaws.com is not authorized"),
        ("Strategy: CANARY", "Tactic: CANARY", "unsupported property Tactic"),
    ],
)
def test_a_service_that_ecs_would_reject_is_rejected(
    cloud: Cloud, tmp_path: Path, before: str, after: str, message: str
) -> None:
    text = renamed(SERVICES.replace(before, after), batch="refused", placed="refused")
    with pytest.raises(CommandFailed) as failure:
        cloud.deploy(written(tmp_path, text), "unserved", parameters=network(cloud))
    cloud.aws("cloudformation", "delete-stack", "--stack-name", "unserved")
    assert message in failure.value.__notes__[0]


def test_a_task_definition_that_is_replaced_goes_unless_it_is_retained(cloud: Cloud, tmp_path: Path) -> None:
    text = """\
Parameters: {Image: {Type: String, Default: app:1}}
Resources:
  Kept:
    Type: AWS::ECS::TaskDefinition
    UpdateReplacePolicy: Retain
    Properties: {Family: kept, ContainerDefinitions: [{Name: app, Image: !Ref Image, Memory: 64}]}
  Gone:
    Type: AWS::ECS::TaskDefinition
    Properties: {Family: gone, ContainerDefinitions: [{Name: app, Image: !Ref Image, Memory: 64}]}
"""
    cloud.deploy(written(tmp_path, text), "replacing")
    cloud.deploy(written(tmp_path, text), "replacing", parameters={"Image": "app:2"})
    states = {name: task_status(cloud, name) for name in ("kept:1", "kept:2", "gone:1", "gone:2")}
    assert states == {"kept:1": "ACTIVE", "kept:2": "ACTIVE", "gone:1": "INACTIVE", "gone:2": "ACTIVE"}


def task_status(cloud: Cloud, name: str) -> str:
    described = cloud.aws_json("ecs", "describe-task-definition", "--task-definition", name)
    return str(described["taskDefinition"]["status"])


def test_a_service_of_codedeploy_takes_only_what_update_service_does(cloud: Cloud, tmp_path: Path) -> None:
    text = renamed(BLUE_GREEN, orders="shifted")
    # A reference comes first, and what the service depends on before it all the same.
    first = "  First: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !GetAtt Service.Name}}\n"
    text = text.replace("Resources:\n", f"Resources:\n{first}")
    cloud.deploy(written(tmp_path, text), "shifted", parameters=network(cloud))
    made = outputs(cloud, "shifted")

    def service() -> Any:
        return service_of(cloud, made["Cluster"], made["Service"])

    assert service()["taskDefinition"] == made["Task"]
    cloud.deploy(written(tmp_path, text.replace("app:1", "app:2")), "shifted")
    assert service()["taskDefinition"] == made["Task"]
    allowed = text.replace("DesiredCount: 2", "DesiredCount: 3").replace("PeriodSeconds: 60", "PeriodSeconds: 90")
    cloud.deploy(written(tmp_path, allowed), "shifted")
    assert (service()["desiredCount"], service()["healthCheckGracePeriodSeconds"]) == (3, 90)
    assert service()["taskDefinition"] == made["Task"]
    refused = (
        ("TaskDefinition: shifted", "TaskDefinition: !Ref Task", "task definition"),
        ("TargetGroupArn: !Ref Blue}]\n      Net", "TargetGroupArn: !Ref Green}]\n      Net", "LoadBalancers"),
        ("{Subnets: !Ref Subnets}}\n", "{Subnets: !Ref Subnets, AssignPublicIp: ENABLED}}\n", "NetworkConfiguration"),
        ("LaunchType: FARGATE", "LaunchType: FARGATE\n      PlatformVersion: 1.4.0", "PlatformVersion"),
    )
    for before, after, what in refused:
        assert before in allowed
        with pytest.raises(CommandFailed) as failure:
            cloud.deploy(written(tmp_path, allowed.replace(before, after)), "shifted")
        assert f"Unable to update {what} on services with a CODE_DEPLOY" in failure.value.__notes__[0]
    assert status_of(cloud, "shifted") == "UPDATE_ROLLBACK_COMPLETE"
    assert service()["loadBalancers"][0]["targetGroupArn"] == made["Blue"]
    cloud.aws("cloudformation", "delete-stack", "--stack-name", "shifted")


def scaling(cloud: Cloud, what: str) -> Any:
    return cloud.aws_json("application-autoscaling", f"describe-{what}", "--service-namespace", "ecs")


@pytest.fixture(scope="module")
def scaled(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The outputs of a service that scales and is found by name, and of what does both."""
    cloud.deploy(written(tmp_path_factory.mktemp("scaled"), SCALED), "scaled", parameters=network(cloud))
    return outputs(cloud, "scaled")


def test_scaling_comes_back_as_its_template_asks(cloud: Cloud, scaled: dict[str, str]) -> None:
    place = f"service/{scaled['Cluster']}/{scaled['Service']}"
    [target] = scaling(cloud, "scalable-targets")["ScalableTargets"]
    assert (target["ResourceId"], target["MinCapacity"], target["MaxCapacity"]) == (place, 2, 8)
    assert target["SuspendedState"]["DynamicScalingInSuspended"] is True
    assert scaled["Target"] == f"{place}|ecs:service:DesiredCount|ecs"
    night, morning = scaling(cloud, "scheduled-actions")["ScheduledActions"]
    assert (night["Schedule"], night["Timezone"]) == ("cron(0 22 * * ? *)", "Europe/Paris")
    assert night["ScalableTargetAction"] == {"MinCapacity": 1, "MaxCapacity": 2}
    assert morning["ScheduledActionName"] == "morning"
    policies = policies_of(cloud)
    assert policies["tracking"]["PolicyARN"] == scaled["Tracking"]
    assert policies["tracking"]["TargetTrackingScalingPolicyConfiguration"] == {
        "TargetValue": 55.5,
        "ScaleInCooldown": 120,
        "ScaleOutCooldown": 30,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
    }
    assert policies["stepping"]["StepScalingPolicyConfiguration"]["Cooldown"] == 60


def policies_of(cloud: Cloud) -> dict[str, Any]:
    return {each["PolicyName"]: each for each in scaling(cloud, "scaling-policies")["ScalingPolicies"]}


def test_discovery_comes_back_as_its_template_asks(cloud: Cloud, scaled: dict[str, str]) -> None:
    check_discovery(cloud, scaled, ttl=10, soa=100)
    service = service_of(cloud, scaled["Cluster"], scaled["Service"])
    assert service["serviceRegistries"] == [{"registryArn": scaled["EntryArn"]}]
    assert service["capacityProviderStrategy"] == [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]


def test_scaling_and_discovery_change_in_place_and_go(cloud: Cloud, scaled: dict[str, str], tmp_path: Path) -> None:
    changes = {
        "TargetValue: 55.5": "TargetValue: 70",
        "cron(0 22": "cron(0 23",
        MORNING: "",
        "      SuspendedState: {DynamicScalingInSuspended: true}\n": "",
        "Description: Orders": "Description: All orders",
    }
    parameters = {"Highest": "9", "Priority": "60", "Weight": "30"}
    cloud.deploy(written(tmp_path, changed(SCALED, changes)), "scaled", parameters=parameters)
    assert outputs(cloud, "scaled") == scaled
    check_discovery(cloud, scaled, ttl=60, soa=30)
    [target] = scaling(cloud, "scalable-targets")["ScalableTargets"]
    assert (target["MaxCapacity"], target["SuspendedState"]["DynamicScalingInSuspended"]) == (9, False)
    schedules = [each["Schedule"] for each in scaling(cloud, "scheduled-actions")["ScheduledActions"]]
    assert schedules == ["cron(0 23 * * ? *)"]
    tracking = policies_of(cloud)["tracking"]
    assert tracking["PolicyARN"] == scaled["Tracking"]
    assert tracking["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 70

    cloud.aws("cloudformation", "delete-stack", "--stack-name", "scaled")
    assert scaling(cloud, "scalable-targets")["ScalableTargets"] == []
    assert scaling(cloud, "scheduled-actions")["ScheduledActions"] == []
    assert scaling(cloud, "scaling-policies")["ScalingPolicies"] == []
    assert cloud.aws_json("servicediscovery", "list-namespaces")["Namespaces"] == []
    assert cloud.aws_json("route53", "list-hosted-zones")["HostedZones"] == []


def check_discovery(cloud: Cloud, made: dict[str, str], *, ttl: int, soa: int) -> None:
    entry = cloud.aws_json("servicediscovery", "get-service", "--id", made["Entry"])["Service"]
    assert (entry["Name"], entry["NamespaceId"]) == ("orders", made["Private"])
    records = {"RoutingPolicy": "MULTIVALUE", "DnsRecords": [{"Type": "A", "TTL": ttl}]}
    assert entry["DnsConfig"] == records
    assert entry["HealthCheckCustomConfig"] == {"FailureThreshold": 1}
    private = cloud.aws_json("servicediscovery", "get-namespace", "--id", made["Private"])["Namespace"]
    assert (private["Name"], private["Type"]) == ("shop.local", "DNS_PRIVATE")
    assert private["Properties"]["DnsProperties"] == {"HostedZoneId": made["Zone"], "SOA": {"TTL": soa}}
    names = cloud.aws_json("servicediscovery", "get-namespace", "--id", made["Names"])["Namespace"]
    assert (names["Name"], names["Type"], names["Description"]) == ("shop", "HTTP", "Shop")
