"""What of a running stack must stay as it was when it was created, and why."""

from __future__ import annotations

from collections.abc import Sequence

from pipegen.frozen import frozen


@frozen(kw_only=True)
class ImmutableProperties:
    """Properties of one resource. because: what a change of them would do. fix: what to do instead.

    others: what a change of any other property may do, and fix_of_others: how to avoid it; empty where they are free.
    """

    properties: Sequence[str]
    because: str
    fix: str
    others: str = ""
    fix_of_others: str = ""


def recorded_image() -> ImmutableProperties:
    """Of an SSM parameter with an image.
    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html"""
    return ImmutableProperties(
        properties=("AllowedPattern", "DataType", "Description", "Name", "Policies", "Tags", "Tier", "Type", "Value"),
        because="CloudFormation would write the first image over the one that runs",
        fix="leave it as it was; first_images of the service can name the image that the earlier template has",
    )


def moved_traffic(properties: Sequence[str]) -> ImmutableProperties:
    """Of a listener or a rule whose target groups deployments exchange. Its load balancer or listener cannot change
    without replacing it; users report that an update of any other property writes the actions of the template again:
    https://github.com/aws/aws-cdk/issues/36649"""
    return ImmutableProperties(
        properties=(*properties, "ListenerArn", "LoadBalancerArn"),
        because="deployments have moved its traffic since, and CloudFormation would move it back",
        fix="leave it as it was, or follow the steps of pipegen migrate",
        others="CloudFormation may write its actions again, and so move traffic back that deployments have moved",
        fix_of_others="deploy it only while the target group that the template names first serves",
    )


def replaced(properties: Sequence[str]) -> ImmutableProperties:
    """Of what requests pass through on their way to the tasks, where deployments move them."""
    return ImmutableProperties(
        properties=properties,
        because="CloudFormation would make a new one, without the running tasks",
        fix="leave it as it was, or make a new service beside this one: see pipegen migrate",
    )


CODEDEPLOY_CONTROLLED = ImmutableProperties(
    properties=(
        "AvailabilityZoneRebalancing",
        "CapacityProviderStrategy",
        "DeploymentController",
        "EnableExecuteCommand",
        "LaunchType",
        "LoadBalancers",
        "NetworkConfiguration",
        "PlatformVersion",
        "ServiceConnectConfiguration",
        "ServiceRegistries",
        "TaskDefinition",
        "VolumeConfigurations",
    ),
    because="CloudFormation cannot change it of a service whose deployments CodeDeploy controls",
    fix="leave it as it was, or make a new service beside this one: see pipegen migrate",
)
"""All that ECS's UpdateService does not list for such a service.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html"""
