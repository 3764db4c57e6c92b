"""CodeDeploy's side of a blue/green deployment to ECS: application, deployment group, how traffic shifts, service role.
https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-groups-create-ecs.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from math import ceil
from typing import Annotated, Any, Literal

from troposphere import AWSHelperFn, AWSObject, GetAtt, Join, Ref, Split, codedeploy

from pipegen import names
from pipegen.arns import LISTENER
from pipegen.deployments.access import name_problems, pass_roles
from pipegen.deployments.alarms import alarm_problems
from pipegen.errors import Problem
from pipegen.fields.gaps import is_known
from pipegen.grant import Grant, ServiceRole
from pipegen.model import Keyed, Mapped, Model
from pipegen.shape import Shape, contradicts, each_branch, shown
from pipegen.values import Value, arn, concat

PREDEFINED = {
    "CodeDeployDefault.ECSAllAtOnce": 0,
    "CodeDeployDefault.ECSLinear10PercentEvery1Minutes": 9,
    "CodeDeployDefault.ECSLinear10PercentEvery3Minutes": 27,
    "CodeDeployDefault.ECSCanary10Percent5Minutes": 5,
    "CodeDeployDefault.ECSCanary10Percent15Minutes": 15,
}
"""The configurations that CodeDeploy has for ECS, and the minutes that each takes to shift all traffic.
https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html"""

_APPLICATION = names.NamePattern(
    r"[A-Za-z0-9+=,.@_-]{1,100}",
    "1 to 100 letters, digits, or + = , . @ _ -",
    "https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateApplication.html",
    noun="name of CodeDeploy",
)
_DESCRIBING = (
    "the action takes no resource; "
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html"
)
_ALARMS = (
    "the alarms are asked for by name; "
    "https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-create-alarms.html"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryShift(Model):
    """So many percent of the traffic first, 1 to 99; the rest after the interval, in minutes."""

    canary_percentage: int
    interval_minutes: int

    @property
    def minutes(self) -> int:
        return self.interval_minutes

    @property
    def percentage(self) -> int:
        return self.canary_percentage

    def routing(self) -> codedeploy.TrafficRoutingConfig:
        shift = codedeploy.TimeBasedCanary(
            CanaryPercentage=self.canary_percentage, CanaryInterval=self.interval_minutes
        )
        return codedeploy.TrafficRoutingConfig(Type="TimeBasedCanary", TimeBasedCanary=shift)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearShift(Model):
    """So many percent of the traffic at a time, 1 to 99, with the interval between, in minutes."""

    linear_percentage: int
    interval_minutes: int

    @property
    def minutes(self) -> int:
        return (ceil(100 / max(self.linear_percentage, 1)) - 1) * self.interval_minutes

    @property
    def percentage(self) -> int:
        return self.linear_percentage

    def routing(self) -> codedeploy.TrafficRoutingConfig:
        shift = codedeploy.TimeBasedLinear(
            LinearPercentage=self.linear_percentage, LinearInterval=self.interval_minutes
        )
        return codedeploy.TrafficRoutingConfig(Type="TimeBasedLinear", TimeBasedLinear=shift)


Shift = Annotated[str | AWSHelperFn | CanaryShift | LinearShift, Keyed(CanaryShift, LinearShift, otherwise=Value)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Application(Model):
    """A CodeDeploy application for ECS by name; `create`: let the stack create it."""

    name: Value
    create: bool = False

    @staticmethod
    def of(reference: Value | Application) -> Application:
        return reference if isinstance(reference, Application) else Application(name=reference)

    @property
    def logical_id(self) -> str:
        return names.logical_id(str(self.name), "Application")

    def resources(self) -> tuple[AWSObject, ...]:
        if not self.create:
            return ()
        return (codedeploy.Application(self.logical_id, ApplicationName=self.name, ComputePlatform="ECS"),)

    def problems(self) -> Iterator[Problem]:
        if contradicts(self.name, _APPLICATION.matches):
            text = f"{shown(self.name)} is not a valid name for a CodeDeploy application"
            yield Problem("codedeploy-name", ("name",), text, _APPLICATION.words)
        if self.create and not isinstance(self.name, str):
            text = "the name of an application to create is an expression"
            yield Problem("codedeploy-name", ("name",), text, "give it as plain text")


ApplicationReference = Annotated[str | AWSHelperFn | Application, Mapped(Application, otherwise=Value)]

RollbackEvent = Literal["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST", "DEPLOYMENT_STOP_ON_ALARM"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentGroup(Model):
    """A deployment group that the stack creates for one ECS service with the CODE_DEPLOY controller.

    cluster, service: their names. name: `<cluster>-<service>` unless given.
    target_groups: the names of two, one for the running tasks and one for the new ones.
    production_listener, test_listener: ARNs of listeners of the same load balancer; traffic of the test listener
        reaches the new tasks before production's does.
    configuration: how traffic shifts: a deployment configuration by name, or a canary or linear one that the stack
        creates. All at once unless given.
    hold_minutes: hold every deployment before production's traffic shifts until a person lets it go on; after so many
        minutes it is stopped. Without it traffic shifts as soon as the hooks say so.
    termination_wait_minutes: how long the old tasks stay, ready to take the traffic back; 0 to 2880, 15 by default
        (60 is CodeDeploy's own). The pipeline's action stays in progress until they are gone.
    alarms: CloudWatch alarms, at most 10, that stop a deployment; an empty list says that there are none on purpose.
    rollback_on: what makes CodeDeploy go back by itself; everything that can happen unless given.
    revision_bucket: the bucket from which deployments outside the pipeline take their appspec, if any do.
    """

    cluster: Value
    service: Value
    target_groups: Sequence[Value]
    production_listener: Value
    test_listener: Value | None = None
    name: str | None = None
    configuration: Shift = "CodeDeployDefault.ECSAllAtOnce"
    hold_minutes: int | None = None
    termination_wait_minutes: int = 15
    alarms: Sequence[Value] | None = None
    rollback_on: Sequence[RollbackEvent] | None = None
    revision_bucket: Value | None = None

    @property
    def group_name(self) -> str:
        return self.name or names.shorten(f"{self.cluster}-{self.service}", 100)

    @property
    def shift_minutes(self) -> int:
        """How long all of production's traffic takes to shift; 0 where a configuration is known by name alone."""
        if isinstance(self.configuration, CanaryShift | LinearShift):
            return self.configuration.minutes
        return PREDEFINED.get(self.configuration, 0) if isinstance(self.configuration, str) else 0

    @property
    def rollback_events(self) -> Sequence[str]:
        if self.rollback_on is not None:
            return self.rollback_on
        alarm = ("DEPLOYMENT_STOP_ON_ALARM",) if self.alarms else ()
        return ("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST", *alarm)

    def logical_id(self, noun: str) -> str:
        return names.logical_id(self.group_name, noun)

    def problems(self) -> Iterator[Problem]:
        yield from _name_problems(self)
        yield from _traffic_problems(self)
        yield from _time_problems(self)
        yield from _alarm_problems(self)

    def arn(self, application: Value) -> Value:
        return arn("codedeploy", "deploymentgroup:", application, "/", self.group_name)

    def resources(self, application: Application) -> Iterator[AWSObject]:
        configuration: Value
        if isinstance(self.configuration, CanaryShift | LinearShift):
            made = codedeploy.DeploymentConfig(
                self.logical_id("DeploymentConfiguration"),
                ComputePlatform="ECS",
                TrafficRoutingConfig=self.configuration.routing(),
            )
            yield made
            configuration = Ref(made.title)
        else:
            configuration = self.configuration
        optional: dict[str, Any] = {"AlarmConfiguration": self._alarm_configuration()} if self.alarms else {}
        # CloudFormation creates ECS deployment groups, though its older pages say that it does not.
        # https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/37
        yield codedeploy.DeploymentGroup(
            self.logical_id("DeploymentGroup"),
            ApplicationName=Ref(application.logical_id) if application.create else application.name,
            DeploymentGroupName=self.group_name,
            ServiceRoleArn=GetAtt(self.logical_id("DeploymentRole"), "Arn"),
            DeploymentConfigName=configuration,
            DeploymentStyle=codedeploy.DeploymentStyle(
                DeploymentType="BLUE_GREEN", DeploymentOption="WITH_TRAFFIC_CONTROL"
            ),
            ECSServices=[codedeploy.ECSService(ClusterName=self.cluster, ServiceName=self.service)],
            LoadBalancerInfo=self._load_balancer(),
            BlueGreenDeploymentConfiguration=self._blue_green(),
            AutoRollbackConfiguration=self._rollback(),
            **optional,
        )

    def _load_balancer(self) -> codedeploy.LoadBalancerInfo:
        routes: dict[str, Any] = {"ProdTrafficRoute": codedeploy.TrafficRoute(ListenerArns=[self.production_listener])}
        if self.test_listener is not None:
            routes["TestTrafficRoute"] = codedeploy.TrafficRoute(ListenerArns=[self.test_listener])
        groups = [codedeploy.TargetGroupInfo(Name=name) for name in self.target_groups]
        pair = codedeploy.TargetGroupPairInfo(TargetGroups=groups, **routes)
        return codedeploy.LoadBalancerInfo(TargetGroupPairInfoList=[pair])

    def _blue_green(self) -> codedeploy.BlueGreenDeploymentConfiguration:
        ready: dict[str, Any] = {"ActionOnTimeout": "CONTINUE_DEPLOYMENT", "WaitTimeInMinutes": 0}
        if self.hold_minutes is not None:
            ready = {"ActionOnTimeout": "STOP_DEPLOYMENT", "WaitTimeInMinutes": self.hold_minutes}
        return codedeploy.BlueGreenDeploymentConfiguration(
            DeploymentReadyOption=codedeploy.DeploymentReadyOption(**ready),
            TerminateBlueInstancesOnDeploymentSuccess=codedeploy.BlueInstanceTerminationOption(
                Action="TERMINATE", TerminationWaitTimeInMinutes=self.termination_wait_minutes
            ),
        )

    def _rollback(self) -> codedeploy.AutoRollbackConfiguration:
        events = list(self.rollback_events)
        if not events:
            return codedeploy.AutoRollbackConfiguration(Enabled=False)
        return codedeploy.AutoRollbackConfiguration(Enabled=True, Events=events)

    def _alarm_configuration(self) -> codedeploy.AlarmConfiguration:
        alarms = [codedeploy.Alarm(Name=name) for name in self.alarms or ()]
        return codedeploy.AlarmConfiguration(Enabled=True, Alarms=alarms)

    def role(self, application: Value, passed: Sequence[Value], functions: Sequence[Value]) -> ServiceRole:
        """The role of CodeDeploy itself: what AWSCodeDeployRoleForECS allows, for this service alone.
        https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html"""
        return ServiceRole(
            logical_id=self.logical_id("DeploymentRole"),
            service="codedeploy.amazonaws.com",
            grants=[*self._grants(passed, functions)],
            source_arn=self.arn(application),
        )

    def _grants(self, passed: Sequence[Value], functions: Sequence[Value]) -> Iterator[Grant]:
        task_sets = ("CreateTaskSet", "DeleteTaskSet", "DescribeServices", "UpdateServicePrimaryTaskSet")
        service = concat(self.cluster, "/", self.service)
        yield Grant(
            actions=[f"ecs:{action}" for action in task_sets],
            resources=(arn("ecs", "service/", service), arn("ecs", "task-set/", service, "/*")),
            because="starts the new tasks beside the old ones, and ends these",
        )
        describing = ("DescribeListeners", "DescribeRules", "DescribeTargetGroups")
        yield Grant(
            actions=[f"elasticloadbalancing:{action}" for action in describing], resources=("*",), because=_DESCRIBING
        )
        listeners = [self.production_listener, *([self.test_listener] if self.test_listener is not None else [])]
        yield Grant(
            actions=("elasticloadbalancing:ModifyListener",),
            resources=listeners,
            because="moves the traffic of a listener",
        )
        yield Grant(
            actions=("elasticloadbalancing:ModifyRule",),
            resources=[rules_of(each) for each in listeners],
            because="moves the traffic of the rules of a listener",
        )
        if functions:
            yield Grant(
                actions=("lambda:InvokeFunction",), resources=functions, because="calls the hooks of a deployment"
            )
        if self.alarms:
            yield Grant(actions=("cloudwatch:DescribeAlarms",), resources=("*",), because=_ALARMS)
        if self.revision_bucket is not None:
            objects = arn("s3", self.revision_bucket, "/*", region="", account="")
            yield Grant(
                actions=("s3:GetObject", "s3:GetObjectVersion"),
                resources=(objects,),
                because="reads the appspec of deployments outside the pipeline",
            )
        yield pass_roles(passed)


def rules_of(listener: Value) -> Value:
    """The ARN pattern of a listener's rules.
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html"""
    return each_branch(listener, _rules_of)


def _rules_of(listener: Shape) -> Value:
    if ":listener/" in listener.text:
        return concat(listener.value(listener.text.replace(":listener/", ":listener-rule/", 1)), "/*")
    if listener.is_late:
        return arn("elasticloadbalancing", "listener-rule/*")
    return concat(Join(":listener-rule/", Split(":listener/", listener.value())), "/*")


def _name_problems(group: DeploymentGroup) -> Iterator[Problem]:
    yield from name_problems(cluster=group.cluster, service=group.service)
    if group.name is None and not (isinstance(group.cluster, str) and isinstance(group.service, str)):
        text = "the deployment group has no name, and none can be made of a cluster or service that is an expression"
        yield Problem("codedeploy-name", ("name",), text, "add name:")
    elif group.name is not None and not _APPLICATION.matches(group.name):
        text = f"{group.name!r} is not a valid name for a deployment group"
        yield Problem("codedeploy-name", ("name",), text, _APPLICATION.words)


def _traffic_problems(group: DeploymentGroup) -> Iterator[Problem]:
    if len(group.target_groups) != 2 or group.target_groups[0] == group.target_groups[-1]:
        count = len(group.target_groups)
        text = "both target groups are the same" if count == 2 else f"the number of target groups is {count}"
        fix = "name two different ones: traffic moves from one to the other and back"
        yield Problem("codedeploy-target-groups", ("target_groups",), text, fix)
    for field_name in ("production_listener", "test_listener"):
        value = getattr(group, field_name)
        if LISTENER.refuses(value):
            text = f"{shown(value)} is not the ARN of a listener"
            yield Problem(
                "codedeploy-listener", (field_name,), text, "give it: arn:aws:elasticloadbalancing:…:listener/…"
            )
    if group.test_listener is not None and group.test_listener == group.production_listener:
        text = "test and production traffic come by the same listener"
        yield Problem("codedeploy-listener", ("test_listener",), text, "give the test traffic a listener of its own")
    shift = group.configuration
    if is_known(shift) and shift.startswith("CodeDeployDefault.") and shift not in PREDEFINED:
        text = f"CodeDeploy has no {shift} for ECS"
        yield Problem("codedeploy-configuration", ("configuration",), text, f"one of {', '.join(PREDEFINED)}")
    if isinstance(shift, CanaryShift | LinearShift):
        if not 1 <= shift.percentage <= 99:
            text = f"a shift of {shift.percentage} percent"
            path = ("configuration", fields(shift)[0].name)
            yield Problem("codedeploy-configuration", path, text, "1 to 99; all at once is the default")
        if not 1 <= shift.interval_minutes <= 2880:
            text = f"an interval of {shift.interval_minutes:,} minutes"
            yield Problem("codedeploy-configuration", ("configuration", "interval_minutes"), text, "1 to 2,880")


def _time_problems(group: DeploymentGroup) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_BlueInstanceTerminationOption.html"""
    if not 0 <= group.termination_wait_minutes <= 2880:
        text = f"old tasks that stay for {group.termination_wait_minutes:,} minutes"
        yield Problem("codedeploy-wait", ("termination_wait_minutes",), text, "0 to 2,880, two days")
    elif group.termination_wait_minutes == 0:
        text = "the old tasks end at once, so going back takes a new deployment"
        fix = "let them stay for as long as it takes to see that something is wrong"
        yield Problem("codedeploy-wait", ("termination_wait_minutes",), text, fix, severity="warning")
    if group.hold_minutes is not None and not 1 <= group.hold_minutes <= 2880:
        text = f"a hold of {group.hold_minutes} minutes"
        fix = "1 to 2,880, or leave it out: traffic then shifts by itself"
        yield Problem("codedeploy-wait", ("hold_minutes",), text, fix)


def _alarm_problems(group: DeploymentGroup) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_AlarmConfiguration.html"""
    if group.alarms is None:
        text = "no alarm guards the deployment, so only a failing task or hook stops it"
        fix = "name CloudWatch alarms under alarms, or say alarms: []"
        yield Problem("codedeploy-alarms", ("alarms",), text, fix, severity="warning")
    elif len(group.alarms) > 10:
        yield Problem("codedeploy-alarms", ("alarms",), f"{len(group.alarms)} alarms", "10 at most")
    yield from alarm_problems(group.alarms or (), "codedeploy-alarms")
    if "DEPLOYMENT_STOP_ON_ALARM" in (group.rollback_on or ()) and not group.alarms:
        text = "there is no alarm to roll back on"
        yield Problem("codedeploy-alarms", ("rollback_on",), text, "name alarms, or take the event off")
