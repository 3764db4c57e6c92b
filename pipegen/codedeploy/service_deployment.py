"""Deployments of a service by CodeDeploy: blue/green with its own application and deployment group.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field, fields
from typing import Annotated, Literal

from troposphere import GetAtt, Ref

from pipegen.codedeploy.application import NAME, Application
from pipegen.codedeploy.appspec import Hooks
from pipegen.codedeploy.budget import budget_problems
from pipegen.codedeploy.deployment_group import DeploymentGroup, DeploymentSettings
from pipegen.ecs.strategy import BlueGreen, Canary, Linear, Rolling
from pipegen.elb.balancing import Traffic
from pipegen.errors import Problem, quoted
from pipegen.fields.aws import Property
from pipegen.fields.marks import ByKind
from pipegen.frozen import frozen
from pipegen.values.value import Value


@frozen(kw_only=True)
class _OwnApplication(Application):
    """The application of a service's stack. The logical id is short because there is only one."""

    @property
    def logical_id(self) -> str:
        return "Application"


@frozen(kw_only=True)
class _OwnGroup(DeploymentGroup):
    """The deployment group of a service's stack. The logical ids are short because there is only one."""

    def logical_id(self, noun: str) -> str:
        return noun


@frozen(kw_only=True)
class CodeDeploy(DeploymentSettings):
    """Deployments by CodeDeploy, which starts the new tasks, shifts the traffic and terminates the old tasks. Requires
    a load balancer.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html"""

    kind: Literal["codedeploy"] = "codedeploy"
    application: Annotated[Value, NAME, Property("ApplicationName")] | None = None
    """The name of an existing application. Default: the stack creates one with the name of the service."""
    deployment_group: Annotated[str, NAME, Property("DeploymentGroupName")] | None = None
    """The name of the deployment group that the stack creates. Default: the name of the service."""
    hooks: Hooks = field(default_factory=Hooks)
    """What decides during a deployment whether it continues."""

    def of_service(self, name: str) -> Application:
        """The application of the service with this name."""
        if self.application is not None:
            return Application(name=self.application)
        return _OwnApplication(name=name, create=True)

    def group(self, cluster: Value, service: str, traffic: Traffic | None) -> DeploymentGroup:
        """The deployment group. Without `traffic`, only its name and its times are meaningful."""
        groups = [GetAtt(each, "TargetGroupName") for each in traffic.target_groups] if traffic else ("blue", "green")
        return _OwnGroup(
            cluster=cluster,
            service=service,
            target_groups=groups,
            production_listener=traffic.production_listener if traffic else Ref("Listener"),
            test_listener=traffic.test_listener if traffic else None,
            name=self.deployment_group or service,
            **{each.name: getattr(self, each.name) for each in fields(DeploymentSettings)},
        )

    def problems(self, cluster: Value, service: str) -> Iterator[Problem]:
        for name in ("application", "deployment_group"):
            if getattr(self, name) is None and not NAME.matches(service):
                text = f"the name of the service, {quoted(service, 120)}, is not a valid name of the {name}"
                yield Problem("codedeploy-name", (name,), text, f"set {name} to {NAME.words}")
        group = self.group(cluster, service, None)
        yield from budget_problems(group, self.hooks.minutes)
        for problem in group.problems():
            field_name, *rest = problem.path
            if field_name not in ("cluster", "service"):  # reported for the service
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
