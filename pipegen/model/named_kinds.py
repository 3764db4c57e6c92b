"""Resource types whose names are unique: in an account and region, or further."""

from __future__ import annotations

from collections.abc import Mapping

from pipegen.frozen import frozen


@frozen
class NamedKind:
    """How resources of a type are named.

    name: the property with the name. scope: the property that the name is unique in. reach: without such a property,
    the name is unique in its `region`, its `account` or the `world`.
    """

    words: str
    name: str
    scope: str = ""
    reach: str = "region"


KINDS: Mapping[str, NamedKind] = {
    "AWS::Chatbot::MicrosoftTeamsChannelConfiguration": NamedKind(
        "configuration of a channel", "ConfigurationName", reach="account"
    ),
    "AWS::Chatbot::SlackChannelConfiguration": NamedKind(
        "configuration of a channel", "ConfigurationName", reach="account"
    ),
    "AWS::CloudWatch::Alarm": NamedKind("alarm", "AlarmName"),
    "AWS::CodeBuild::Project": NamedKind("build project", "Name"),
    "AWS::CodeDeploy::Application": NamedKind("CodeDeploy application", "ApplicationName"),
    "AWS::CodeDeploy::DeploymentConfig": NamedKind("deployment configuration", "DeploymentConfigName"),
    "AWS::CodeDeploy::DeploymentGroup": NamedKind("deployment group", "DeploymentGroupName", "ApplicationName"),
    "AWS::CodePipeline::Pipeline": NamedKind("pipeline", "Name"),
    "AWS::CodeStarNotifications::NotificationRule": NamedKind("notification rule", "Name"),
    "AWS::ECR::Repository": NamedKind("repository", "RepositoryName"),
    "AWS::ECS::CapacityProvider": NamedKind("capacity provider", "Name"),
    "AWS::ECS::Cluster": NamedKind("cluster", "ClusterName"),
    "AWS::ECS::Service": NamedKind("service", "ServiceName", "Cluster"),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": NamedKind("load balancer", "Name"),
    "AWS::ElasticLoadBalancingV2::TargetGroup": NamedKind("target group", "Name"),
    "AWS::ElasticLoadBalancingV2::ListenerRule": NamedKind("priority", "Priority", "ListenerArn"),
    "AWS::Events::Rule": NamedKind("event rule", "Name", "EventBusName"),
    "AWS::IAM::ManagedPolicy": NamedKind("policy", "ManagedPolicyName", reach="account"),
    "AWS::IAM::Role": NamedKind("role", "RoleName", reach="account"),
    "AWS::KMS::Alias": NamedKind("key alias", "AliasName"),
    "AWS::Lambda::Function": NamedKind("function", "FunctionName"),
    "AWS::Logs::LogGroup": NamedKind("log group", "LogGroupName"),
    "AWS::Route53::RecordSet": NamedKind("DNS record", "Name", "HostedZoneId"),
    "AWS::S3::Bucket": NamedKind("bucket", "BucketName", reach="world"),
    "AWS::SNS::Topic": NamedKind("topic", "TopicName"),
    "AWS::SSM::Parameter": NamedKind("parameter in Parameter Store", "Name"),
    "AWS::ServiceDiscovery::Service": NamedKind("discovery service", "Name", "NamespaceId"),
}
"""Types and properties: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html"""
