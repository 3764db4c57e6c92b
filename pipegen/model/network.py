"""The VPC, subnets and security groups in which builds and functions run."""

from __future__ import annotations

from dataclasses import KW_ONLY
from typing import Annotated, ClassVar

from pipegen.fields.aws import Property
from pipegen.fields.constraints import Length
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.references.kinds import SECURITY_GROUP, SUBNET, VPC
from pipegen.references.mark import Refers
from pipegen.values.value import Value, Values


@frozen
class Vpc(Model):
    """The VPC configuration of a build or a function.
    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_VpcConfig.html
    https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfig.html"""

    aws_type: ClassVar[str] = "AWS::CodeBuild::Project.VpcConfig"

    vpc_id: Annotated[Value, Refers(VPC), Property("VpcId")]
    """The ID of the VPC."""
    _: KW_ONLY
    subnets: Annotated[
        Values,
        Refers(SUBNET),
        Length(1, 16, "subnets"),
        Property("Subnets"),
        Property("AWS::Lambda::Function.VpcConfig.SubnetIds"),
    ]
    """The IDs of private subnets with a route to a NAT gateway, or an expression that returns a list of them, such as
    `!Ref SubnetIds` with a parameter of the type `List<AWS::EC2::Subnet::Id>`."""
    security_groups: Annotated[
        Values,
        Refers(SECURITY_GROUP),
        Length(1, 5, "security groups"),
        Property("SecurityGroupIds"),
        Property("AWS::Lambda::Function.VpcConfig.SecurityGroupIds"),
    ]
    """The IDs of security groups, or an expression that returns a list of them."""
