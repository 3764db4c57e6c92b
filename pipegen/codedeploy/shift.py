"""How CodeDeploy shifts traffic: its predefined deployment configurations, and custom ones.
https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html"""

from __future__ import annotations

from math import ceil
from typing import Annotated, ClassVar

from troposphere import codedeploy

from pipegen.fields.aws import Property
from pipegen.fields.constraints import Between
from pipegen.fields.marks import Keyed
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.values.create import create
from pipegen.values.expression import Expression
from pipegen.values.number import IntegerValue, known
from pipegen.values.value import Value

PREDEFINED = {
    "CodeDeployDefault.ECSAllAtOnce": 0,
    "CodeDeployDefault.ECSLinear10PercentEvery1Minutes": 9,
    "CodeDeployDefault.ECSLinear10PercentEvery3Minutes": 27,
    "CodeDeployDefault.ECSCanary10Percent5Minutes": 5,
    "CodeDeployDefault.ECSCanary10Percent15Minutes": 15,
}
"""CodeDeploy's predefined configurations for ECS, and the minutes that each takes to shift all traffic.
https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html"""

_PERCENTAGE = Between(1, 99)

_INTERVAL = Between(1, 2880)
"""Minutes. https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html"""


@frozen(kw_only=True)
class CanaryShift(Model):
    """Shifts a part of the traffic first, and the rest after an interval.
    https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_TimeBasedCanary.html"""

    aws_type: ClassVar[str] = "AWS::CodeDeploy::DeploymentConfig.TimeBasedCanary"

    canary_percentage: Annotated[IntegerValue, _PERCENTAGE, Property("CanaryPercentage")]
    """The size of the first part in percent."""
    interval_minutes: Annotated[IntegerValue, _INTERVAL, Property("CanaryInterval")]
    """Minutes between the two shifts."""

    @property
    def minutes(self) -> int:
        return known(self.interval_minutes) or 0

    def routing(self) -> codedeploy.TrafficRoutingConfig:
        shift = create(
            codedeploy.TimeBasedCanary, CanaryPercentage=self.canary_percentage, CanaryInterval=self.interval_minutes
        )
        return create(codedeploy.TrafficRoutingConfig, Type="TimeBasedCanary", TimeBasedCanary=shift)


@frozen(kw_only=True)
class LinearShift(Model):
    """Shifts equal parts of the traffic, one after the other.
    https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_TimeBasedLinear.html"""

    aws_type: ClassVar[str] = "AWS::CodeDeploy::DeploymentConfig.TimeBasedLinear"

    linear_percentage: Annotated[IntegerValue, _PERCENTAGE, Property("LinearPercentage")]
    """The size of each part in percent."""
    interval_minutes: Annotated[IntegerValue, _INTERVAL, Property("LinearInterval")]
    """Minutes between two shifts."""

    @property
    def minutes(self) -> int:
        return (ceil(100 / max(known(self.linear_percentage) or 100, 1)) - 1) * (known(self.interval_minutes) or 0)

    def routing(self) -> codedeploy.TrafficRoutingConfig:
        shift = create(
            codedeploy.TimeBasedLinear, LinearPercentage=self.linear_percentage, LinearInterval=self.interval_minutes
        )
        return create(codedeploy.TrafficRoutingConfig, Type="TimeBasedLinear", TimeBasedLinear=shift)


Shift = Annotated[
    str | Expression | CanaryShift | LinearShift,
    Keyed(canary_percentage=CanaryShift, linear_percentage=LinearShift, otherwise=Value),
]
