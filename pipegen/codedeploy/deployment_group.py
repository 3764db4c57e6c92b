"""CodeDeploy resources for blue/green deployments to ECS: application, deployment group and configuration, role.
https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-groups-create-ecs.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar, Literal

from troposphere import AWSObject, GetAtt, Join, Ref, Split, codedeploy

from pipegen.codedeploy.application import NAME, Application
from pipegen.codedeploy.shift import PREDEFINED, CanaryShift, LinearShift, Shift
from pipegen.ecs.access import pass_roles
from pipegen.errors import Problem, did_you_mean
from pipegen.facts import closest
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Between, Length
from pipegen.fields.gaps import is_known
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant, ServiceRole
from pipegen.references.arn_parts import BOTH
from pipegen.references.kinds import ALARM, BUCKET, CLUSTER, LISTENER, SERVICE, TARGET_GROUP
from pipegen.references.mark import Refers
from pipegen.syntax import names
from pipegen.values.create import create
from pipegen.values.number import IntegerValue
from pipegen.values.shape import Shape, each_branch, shown
from pipegen.values.value import Value, arn, concat

_DESCRIBING = (
    "the action does not support resources; "
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html"
)
_ALARMS = (
    "the alarms are looked up by name; "
    "https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-create-alarms.html"
)
HOLD = Between(1, 2880)
"""https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentReadyOption.html"""
WAIT_MINUTES = Between(0, 2880)
"""https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_BlueInstanceTerminationOption.html"""
ALARMS = Length(0, 10, "alarms")
"""https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_AlarmConfiguration.html"""


RollbackEvent = Literal["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST", "DEPLOYMENT_STOP_ON_ALARM"]


@frozen(kw_only=True)
class DeploymentSettings(Model):
    """The settings of a deployment group that do not depend on the service."""

    aws_type: ClassVar[str] = "AWS::CodeDeploy::DeploymentGroup"

    configuration: Annotated[Shift, Property("DeploymentConfigName")] = "CodeDeployDefault.ECSAllAtOnce"
    """How production traffic shifts: the name of a deployment configuration, or a canary or linear one that the stack
    creates. Default: all at once.
    https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html"""
    hold_minutes: Annotated[IntegerValue, HOLD, Property("DeploymentReadyOption.WaitTimeInMinutes")] | None = None
    """Minutes for which every deployment waits for a person to continue it before production traffic shifts; then it is
    stopped. Default: traffic shifts as soon as the hooks succeed."""
    termination_wait_minutes: Annotated[
        IntegerValue, WAIT_MINUTES, Property("BlueInstanceTerminationOption.TerminationWaitTimeInMinutes")
    ] = 15
    """Minutes for which the old tasks keep running, for a rollback. The action of the pipeline is in progress until
    they are terminated. CodeDeploy's own default is 60."""
    alarms: Annotated[Sequence[Value], Refers(ALARM), ALARMS, Property("Alarm.Name")] | None = None
    """The names of CloudWatch alarms that stop a deployment. An empty list means that none are intended."""
    rollback_on: Annotated[Sequence[RollbackEvent], Property("AutoRollbackConfiguration.Events")] | None = None
    """The events after which CodeDeploy rolls back automatically; an empty list for none. Default: a failure, a stop by
    a person and, with alarms, a stop by an alarm."""
    revision_bucket: Annotated[Value, Refers(BUCKET)] | None = None
    """The name of the bucket from which manual deployments read their AppSpec."""


@frozen(kw_only=True)
class DeploymentGroup(DeploymentSettings):
    """A deployment group that the stack creates for one ECS service with the CODE_DEPLOY controller.
    https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-groups-create-ecs.html"""

    cluster: Annotated[Value, Refers(CLUSTER), Property("ECSService.ClusterName")]
    """The name of the service's cluster."""
    service: Annotated[Value, Refers(SERVICE), Property("ECSService.ServiceName")]
    """The name of the service."""
    target_groups: Annotated[Sequence[Annotated[Value, Refers(TARGET_GROUP)]], Property("TargetGroupInfo.Name")]
    """The names of two target groups: one for the running tasks, and one for the new ones."""
    production_listener: Annotated[Value, Refers(LISTENER, near=BOTH), Property("TrafficRoute.ListenerArns")]
    """The ARN of the load balancer's listener for production traffic."""
    test_listener: Annotated[Value, Refers(LISTENER, near=BOTH), Property("TrafficRoute.ListenerArns")] | None = None
    """The ARN of another listener of the load balancer, whose traffic reaches the new tasks before production traffic
    does."""
    name: Annotated[str, NAME, Property("DeploymentGroupName")] | None = None
    """The name of the group. Default: CLUSTER-SERVICE; required if one of these names is an expression."""

    @property
    def group_name(self) -> str:
        return self.name or names.shorten(f"{self.cluster}-{self.service}", 100)

    @property
    def shift_minutes(self) -> int:
        """The minutes that shifting all production traffic takes; 0 if they are not known."""
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
            created = create(
                codedeploy.DeploymentConfig,
                self.logical_id("DeploymentConfiguration"),
                ComputePlatform="ECS",
                TrafficRoutingConfig=self.configuration.routing(),
            )
            yield created
            configuration = Ref(created.title)
        else:
            configuration = self.configuration
        optional: dict[str, Any] = {"AlarmConfiguration": self._alarm_configuration()} if self.alarms else {}
        # CloudFormation creates ECS deployment groups, though its older pages say that it does not.
        # https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/37
        yield create(
            codedeploy.DeploymentGroup,
            self.logical_id("DeploymentGroup"),
            ApplicationName=Ref(application.logical_id) if application.create else application.name,
            DeploymentGroupName=self.group_name,
            ServiceRoleArn=GetAtt(self.logical_id("DeploymentRole"), "Arn"),
            DeploymentConfigName=configuration,
            DeploymentStyle=create(
                codedeploy.DeploymentStyle, DeploymentType="BLUE_GREEN", DeploymentOption="WITH_TRAFFIC_CONTROL"
            ),
            ECSServices=[create(codedeploy.ECSService, ClusterName=self.cluster, ServiceName=self.service)],
            LoadBalancerInfo=self._load_balancer(),
            BlueGreenDeploymentConfiguration=self._blue_green(),
            AutoRollbackConfiguration=self._rollback(),
            **optional,
        )

    def _load_balancer(self) -> codedeploy.LoadBalancerInfo:
        routes: dict[str, Any] = {
            "ProdTrafficRoute": create(codedeploy.TrafficRoute, ListenerArns=[self.production_listener])
        }
        if self.test_listener is not None:
            routes["TestTrafficRoute"] = create(codedeploy.TrafficRoute, ListenerArns=[self.test_listener])
        groups = [create(codedeploy.TargetGroupInfo, Name=name) for name in self.target_groups]
        pair = create(codedeploy.TargetGroupPairInfo, TargetGroups=groups, **routes)
        return create(codedeploy.LoadBalancerInfo, TargetGroupPairInfoList=[pair])

    def _blue_green(self) -> codedeploy.BlueGreenDeploymentConfiguration:
        ready: dict[str, Any] = {"ActionOnTimeout": "CONTINUE_DEPLOYMENT", "WaitTimeInMinutes": 0}
        if self.hold_minutes is not None:
            ready = {"ActionOnTimeout": "STOP_DEPLOYMENT", "WaitTimeInMinutes": self.hold_minutes}
        return create(
            codedeploy.BlueGreenDeploymentConfiguration,
            DeploymentReadyOption=create(codedeploy.DeploymentReadyOption, **ready),
            TerminateBlueInstancesOnDeploymentSuccess=create(
                codedeploy.BlueInstanceTerminationOption,
                Action="TERMINATE",
                TerminationWaitTimeInMinutes=self.termination_wait_minutes,
            ),
        )

    def _rollback(self) -> codedeploy.AutoRollbackConfiguration:
        events = list(self.rollback_events)
        if not events:
            return create(codedeploy.AutoRollbackConfiguration, Enabled=False)
        return create(codedeploy.AutoRollbackConfiguration, Enabled=True, Events=events)

    def _alarm_configuration(self) -> codedeploy.AlarmConfiguration:
        alarms = [create(codedeploy.Alarm, Name=name) for name in self.alarms or ()]
        return create(codedeploy.AlarmConfiguration, Enabled=True, Alarms=alarms)

    def role(self, application: Value, passed: Sequence[Value], functions: Sequence[Value]) -> ServiceRole:
        """The service role of CodeDeploy: the permissions of AWSCodeDeployRoleForECS, restricted to this service.
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
            because="starts the new tasks and terminates the old ones",
        )
        describing = ("DescribeListeners", "DescribeRules", "DescribeTargetGroups")
        yield Grant(
            actions=[f"elasticloadbalancing:{action}" for action in describing], resources=("*",), because=_DESCRIBING
        )
        listeners = [self.production_listener, *([self.test_listener] if self.test_listener is not None else [])]
        yield Grant(
            actions=("elasticloadbalancing:ModifyListener",),
            resources=listeners,
            because="shifts the traffic of a listener",
        )
        yield Grant(
            actions=("elasticloadbalancing:ModifyRule",),
            resources=[rules_of(each) for each in listeners],
            because="shifts the traffic of the rules of a listener",
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
                because="reads the AppSpec of manual deployments",
            )
        yield pass_roles(passed)


def rules_of(listener: Value) -> Value:
    """The pattern of the ARNs of a listener's rules.
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html"""
    return each_branch(listener, _rules_of)


def _rules_of(listener: Shape) -> Value:
    if ":listener/" in listener.text:
        return concat(listener.value(listener.text.replace(":listener/", ":listener-rule/", 1)), "/*")
    if listener.is_late:
        return arn("elasticloadbalancing", "listener-rule/*")
    return concat(Join(":listener-rule/", Split(":listener/", listener.value())), "/*")


def _name_problems(group: DeploymentGroup) -> Iterator[Problem]:
    if group.name is None and not (isinstance(group.cluster, str) and isinstance(group.service, str)):
        text = "name is missing; it cannot be derived from a cluster or service that is an expression"
        yield Problem("codedeploy-name", ("name",), text, "add name")


def _traffic_problems(group: DeploymentGroup) -> Iterator[Problem]:
    if len(group.target_groups) != 2 or group.target_groups[0] == group.target_groups[-1]:
        shown_shift = "the same one twice" if len(group.target_groups) == 2 else str(len(group.target_groups))
        text = f"target_groups must contain two different target groups, got {shown_shift}"
        fix = "list two target groups, between which deployments alternate"
        yield Problem("codedeploy-target-groups", ("target_groups",), text, fix)
    if group.test_listener is not None and group.test_listener == group.production_listener:
        text = "test_listener and production_listener must differ"
        yield Problem("codedeploy-listener", ("test_listener",), text, "use a separate listener for test traffic")
    shift = group.configuration
    if is_known(shift) and shift not in PREDEFINED:
        full = f"CodeDeployDefault.{shift.rpartition('.')[2]}"
        near = closest(shift, PREDEFINED) if shift.startswith("CodeDeployDefault.") else full * (full in PREDEFINED)
        fix = did_you_mean(near) or f"use one of {', '.join(PREDEFINED)}"
        text = f"configuration {shown(shift)} is not one of CodeDeploy's predefined configurations for ECS"
        if shift.startswith("CodeDeployDefault."):
            yield Problem("codedeploy-configuration", ("configuration",), text, fix)
        elif near:
            text = f"configuration {shown(shift)} looks like a predefined configuration of CodeDeploy"
            yield Problem("codedeploy-configuration", ("configuration",), text, fix, "warning")


def _time_problems(group: DeploymentGroup) -> Iterator[Problem]:
    if group.termination_wait_minutes == 0:
        text = "termination_wait_minutes is 0, so a rollback requires a new deployment"
        fix = "keep the old tasks for as long as it takes to notice a problem"
        yield Problem("codedeploy-wait", ("termination_wait_minutes",), text, fix, severity="warning")


def _alarm_problems(group: DeploymentGroup) -> Iterator[Problem]:
    if group.alarms is None:
        text = "alarms is missing, so only a failing task or hook stops a deployment"
        yield Problem("codedeploy-alarms", ("alarms",), text, "list CloudWatch alarms, or set alarms: []", "warning")
    if "DEPLOYMENT_STOP_ON_ALARM" in (group.rollback_on or ()) and not group.alarms:
        text = "rollback_on DEPLOYMENT_STOP_ON_ALARM requires alarms"
        yield Problem("codedeploy-alarms", ("rollback_on",), text, "list alarms, or remove the event")
