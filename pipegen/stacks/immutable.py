"""Properties of running stacks that must not change, and why."""

from __future__ import annotations

from collections.abc import Sequence

from pipegen.errors import Severity
from pipegen.frozen import frozen


@frozen(kw_only=True)
class ImmutableProperties:
    """Immutable properties of one resource. because: the consequence of a change. fix: what to do instead.

    properties: a property inside others is a path, such as `Budget.BudgetName`; `*` in it is any item of a list.
    others: the consequence of a change of any other property, with fix_of_others; empty if other properties can change.
    """

    properties: Sequence[str]
    because: str
    fix: str
    others: str = ""
    fix_of_others: str = ""
    severity: Severity = "error"


def recorded_image() -> ImmutableProperties:
    """The properties of the Systems Manager parameter that records an image.
    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html"""
    return ImmutableProperties(
        properties=("AllowedPattern", "DataType", "Description", "Name", "Policies", "Tags", "Tier", "Type", "Value"),
        because="CloudFormation would replace the running image with the first one",
        fix="restore it; first_images of the service can name the image of the previous template",
    )


def moved_traffic(properties: Sequence[str]) -> ImmutableProperties:
    """The properties of a listener or listener rule whose target groups deployments swap. A change of its load balancer
    or listener replaces it. Users report that an update of any other property resets its actions to those of the
    template: https://github.com/aws/aws-cdk/issues/36649"""
    return ImmutableProperties(
        properties=(*properties, "ListenerArn", "LoadBalancerArn"),
        because="deployments have moved its traffic since, and CloudFormation would move it back",
        fix="restore it, or follow the steps of pipegen migrate",
        others="CloudFormation may reset its actions, which moves traffic back to the first target group",
        fix_of_others="deploy it only while the first target group of the template serves the traffic",
    )


def replaced(properties: Sequence[str]) -> ImmutableProperties:
    """The properties of a load balancer or target group that CloudFormation would replace."""
    return ImmutableProperties(
        properties=properties,
        because="CloudFormation would create a new one, without the running tasks",
        fix="restore it, or create a second service: see pipegen migrate",
    )


ENCRYPTED_REPOSITORY = ImmutableProperties(
    properties=("EncryptionConfiguration",),
    because="CloudFormation would replace the repository, and its name is in use",
    fix="restore the key, or create a repository with another name",
)
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-repository.html"""

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
    because="CloudFormation cannot change it while CodeDeploy controls the service's deployments",
    fix="restore it, or create a second service: see pipegen migrate",
)
"""The properties that UpdateService of ECS does not list for a service with this deployment controller.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html"""
