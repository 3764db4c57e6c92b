"""CodeDeploy as the way of a service's deployments: blue/green with an application and a deployment group of its own.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from troposphere import GetAtt, Ref

from pipegen.deployments.appspec import Hooks
from pipegen.deployments.codedeploy import (
    ALARMS,
    HOLD_MINUTES,
    NAME,
    WAIT_MINUTES,
    Application,
    DeploymentGroup,
    RollbackEvent,
    Shift,
)
from pipegen.deployments.strategy import BlueGreen, Canary, Linear, Rolling
from pipegen.errors import Problem, one_line
from pipegen.fields.aws import Property
from pipegen.model import ByKind, Model
from pipegen.references.kinds import ALARM, BUCKET
from pipegen.references.mark import Refers
from pipegen.services.balancing import Traffic
from pipegen.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class _OwnApplication(Application):
    """The only one of a service's stack, so nothing tells it apart there."""

    @property
    def logical_id(self) -> str:
        return "Application"


@dataclass(frozen=True, slots=True, kw_only=True)
class _OwnGroup(DeploymentGroup):
    """The same."""

    def logical_id(self, noun: str) -> str:
        return noun


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeDeploy(Model):
    """Deployments by CodeDeploy, which starts the new tasks, moves the traffic and ends the old ones. They require a
    load balancer.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html"""

    aws_type: ClassVar[str] = "AWS::CodeDeploy::DeploymentGroup"

    kind: Literal["codedeploy"] = "codedeploy"
    application: Annotated[Value, NAME, Property("ApplicationName")] | None = None
    """The name of an existing application. Default: the stack creates one with the name of the service."""
    deployment_group: Annotated[str, NAME, Property("DeploymentGroupName")] | None = None
    """The name of the deployment group that the stack creates. Default: the name of the service."""
    configuration: Annotated[Shift, Property("DeploymentConfigName")] = "CodeDeployDefault.ECSAllAtOnce"
    """How production traffic shifts: the name of a deployment configuration, or a canary or linear one that the stack
    creates. Default: all at once.
    https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html"""
    hold_minutes: Annotated[int, HOLD_MINUTES, Property("DeploymentReadyOption.WaitTimeInMinutes")] | None = None
    """Minutes for which every deployment waits, before production traffic shifts, until a person continues it; then it
    is stopped. Default: traffic shifts as soon as the hooks succeed."""
    termination_wait_minutes: Annotated[
        int, WAIT_MINUTES, Property("BlueInstanceTerminationOption.TerminationWaitTimeInMinutes")
    ] = 15
    """Minutes for which the old tasks stay, ready to take the traffic back. The action of the pipeline stays in
    progress until they are gone. CodeDeploy's own default is 60."""
    alarms: Annotated[Sequence[Value], Refers(ALARM), ALARMS, Property("Alarm.Name")] | None = None
    """The names of CloudWatch alarms that stop a deployment. An empty list states that there are none on purpose."""
    rollback_on: Annotated[Sequence[RollbackEvent], Property("AutoRollbackConfiguration.Events")] | None = None
    """The events after which CodeDeploy rolls back by itself; an empty list for none. Default: a failure, a stop by a
    person and, with alarms, a stop by an alarm."""
    revision_bucket: Annotated[Value, Refers(BUCKET)] | None = None
    """The name of the bucket from which deployments outside the pipeline read their appspec."""
    hooks: Hooks = field(default_factory=Hooks)
    """What decides during a deployment whether it continues."""

    def of_service(self, name: str) -> Application:
        """The application, for the service of that name."""
        if self.application is not None:
            return Application(name=self.application)
        return _OwnApplication(name=name, create=True)

    def group(self, cluster: Value, service: str, traffic: Traffic | None) -> DeploymentGroup:
        """The deployment group; without `traffic` one to ask for its name and its times alone."""
        groups = [GetAtt(each, "TargetGroupName") for each in traffic.target_groups] if traffic else ("blue", "green")
        return _OwnGroup(
            cluster=cluster,
            service=service,
            target_groups=groups,
            production_listener=traffic.production_listener if traffic else Ref("Listener"),
            test_listener=traffic.test_listener if traffic else None,
            name=self.deployment_group or service,
            configuration=self.configuration,
            hold_minutes=self.hold_minutes,
            termination_wait_minutes=self.termination_wait_minutes,
            alarms=self.alarms,
            rollback_on=self.rollback_on,
            revision_bucket=self.revision_bucket,
        )

    def problems(self, cluster: Value, service: str) -> Iterator[Problem]:
        for name in ("application", "deployment_group"):
            if getattr(self, name) is None and not NAME.matches(service):
                text = f"{name} cannot have the name of the service, {one_line(repr(service), 120)}"
                yield Problem("codedeploy-name", (name,), text, f"give it another: {NAME.words}")
        for problem in self.group(cluster, service, None).problems():
            field_name, *rest = problem.path
            if field_name not in ("cluster", "service"):  # the service says these of itself
                yield Problem(
                    problem.code,
                    ("deployment_group" if field_name == "name" else field_name, *rest),
                    problem.text,
                    problem.fix,
                    problem.severity,
                )
        for problem in self.hooks.problems():
            yield problem.under("hooks")


Deployment = Annotated[
    Rolling | BlueGreen | Canary | Linear | CodeDeploy, ByKind(Rolling, BlueGreen, Canary, Linear, CodeDeploy)
]
