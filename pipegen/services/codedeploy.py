"""CodeDeploy as the way of a service's deployments: blue/green with an application and a deployment group of its own.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from troposphere import GetAtt, Ref

from pipegen.deployments.appspec import Hooks
from pipegen.deployments.codedeploy import Application, DeploymentGroup, RollbackEvent, Shift
from pipegen.deployments.strategy import BlueGreen, Canary, Linear, Rolling
from pipegen.errors import Problem
from pipegen.model import ByKind, Model
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
    """CodeDeploy starts the new tasks, moves the traffic and ends the old ones. It needs a load balancer.

    application: an existing one by name; one named after the service is created unless given.
    deployment_group: the name of the group that is created; the service's unless given.
    configuration, hold_minutes, termination_wait_minutes, alarms, rollback_on, revision_bucket: see `DeploymentGroup`.
    hooks: what says whether a deployment goes on.
    """

    kind: Literal["codedeploy"] = "codedeploy"
    application: Value | None = None
    deployment_group: str | None = None
    configuration: Shift = "CodeDeployDefault.ECSAllAtOnce"
    hold_minutes: int | None = None
    termination_wait_minutes: int = 15
    alarms: Sequence[Value] | None = None
    rollback_on: Sequence[RollbackEvent] | None = None
    revision_bucket: Value | None = None
    hooks: Hooks = field(default_factory=Hooks)

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
        for problem in self.of_service(service).problems():
            yield problem.under("application")
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
