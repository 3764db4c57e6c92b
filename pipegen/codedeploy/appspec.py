"""AppSpecs: the target of CodeDeploy's traffic, the settings of the new tasks, and hooks.
https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, field, fields, replace
from math import ceil
from typing import Annotated, Any, Literal

from pipegen.ecs import serialization
from pipegen.ecs.capacity import CapacityProviders, capacity_problems
from pipegen.ecs.hook import HookFunction, hook_name, hook_resources
from pipegen.ecs.http_check import HttpCheck
from pipegen.ecs.tasks.platform import PLATFORM_VERSION
from pipegen.ecs.tasks.ports import PORT
from pipegen.errors import Problem
from pipegen.fields.constraints import Length
from pipegen.fields.marks import Mapped
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.references.kinds import FUNCTION, QUALIFIED_FUNCTION_NAME, SECURITY_GROUP, SUBNET
from pipegen.references.mark import Refers
from pipegen.syntax import names
from pipegen.syntax.names import logical_id
from pipegen.values.expression import Expression
from pipegen.values.number import known
from pipegen.values.shape import arn_or_name
from pipegen.values.value import Value


@frozen(kw_only=True)
class Network(Model):
    """The network of the new tasks, instead of that of the service.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html"""

    subnets: Annotated[Sequence[Value], Refers(SUBNET), Length(1, 16, "subnets")]
    """The ids of the subnets."""
    security_groups: Annotated[Sequence[Value], Refers(SECURITY_GROUP), Length(1, 5, "security groups")]
    """The ids of the security groups."""
    assign_public_ip: Literal["ENABLED", "DISABLED"]
    """Whether the tasks get public addresses."""


Hook = Annotated[
    str | Expression | HttpCheck,
    Mapped(HttpCheck, otherwise=Annotated[Value, Refers(QUALIFIED_FUNCTION_NAME, FUNCTION)]),
]

_LIMIT_MINUTES = 60
"""How long CodeDeploy waits for one hook.
https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html"""


@frozen(kw_only=True)
class Hooks(Model):
    """Hooks that decide whether a deployment continues: Lambda functions by name or ARN, or checks that the stack
    creates.
    https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html"""

    before_install: Hook | None = None
    """Called before the new tasks are created."""
    after_install: Hook | None = None
    """Called when the new tasks run in their target group."""
    after_allow_test_traffic: Hook | None = None
    """Called when the test listener forwards its traffic to the new tasks. Requires a test listener."""
    before_allow_traffic: Hook | None = None
    """Called before production traffic shifts to the new tasks."""
    after_allow_traffic: Hook | None = None
    """Called when production traffic has shifted to the new tasks."""

    def _hooks(self) -> Iterator[tuple[str, Value | HttpCheck]]:
        for hook in fields(self):
            value = getattr(self, hook.name)
            if value is not None:
                yield hook.name, value

    @property
    def minutes(self) -> int:
        """The longest duration of all hooks: a check lasts until its deadline, a function until CodeDeploy gives up."""
        return sum(
            ceil((known(hook.deadline_seconds) or 0) / 60) if isinstance(hook, HttpCheck) else _LIMIT_MINUTES
            for _, hook in self._hooks()
        )

    def named(self, subject: str) -> Hooks:
        """The hooks with each check replaced by the name of the function that `functions` creates for it."""
        checks = {name: hook_name(f"{subject}-{name}") for name, hook in self._hooks() if isinstance(hook, HttpCheck)}
        return replace(self, **checks)

    def functions(
        self, subject: str, deployment_group_arn: Value, encryption_key: Value | None = None
    ) -> list[HookFunction]:
        """Create the functions of the checks. encryption_key: the key of checks without their own."""
        return [
            hook_resources(
                hook,
                logical_id=logical_id(subject, *name.split("_")),
                name=f"{subject}-{name}",
                deployment_group_arn=deployment_group_arn,
                encryption_key=encryption_key,
            )
            for name, hook in self._hooks()
            if isinstance(hook, HttpCheck)
        ]

    def arns(self) -> list[Value]:
        """The ARNs of existing functions."""
        return [
            arn_or_name(hook, "lambda", "function:") for _, hook in self._hooks() if not isinstance(hook, HttpCheck)
        ]

    def problems(self) -> Iterator[Problem]:
        for name, hook in self._hooks():
            if isinstance(hook, HttpCheck):
                yield from (problem.under(name) for problem in hook.problems())


@frozen
class AppSpec(Model):
    """The container that receives the traffic, the settings of the new tasks, and hooks.
    https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html"""

    container: Annotated[str, names.CONTAINER]
    """The name of the container that receives the traffic."""
    _: KW_ONLY
    port: Annotated[int, PORT]
    """The port of that container."""
    platform_version: Annotated[Value, PLATFORM_VERSION] | None = None
    """The platform version of Fargate. Default: that of the service."""
    network: Network | None = None
    """The network of the new tasks. Default: that of the service."""
    capacity_providers: CapacityProviders = ()
    """The capacity providers of the new tasks. Default: those of the service."""
    hooks: Hooks = field(default_factory=Hooks)
    """Hooks that decide during a deployment whether it continues."""

    def content(self, task_definition: Value) -> dict[str, Any]:
        """The data of the file. Checks must have been replaced by functions (`Hooks.named`).

        task_definition: the ARN of a revision, or `<TASK_DEFINITION>`, which CodePipeline replaces.

        https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-example.html
        """
        service = {"Type": "AWS::ECS::Service", "Properties": self._properties(task_definition)}
        content: dict[str, Any] = {"version": 0.0, "Resources": [{"TargetService": service}]}
        hooks = [{event: function} for event, function in serialization.properties(self.hooks).items()]
        return {**content, "Hooks": hooks} if hooks else content

    def _properties(self, task_definition: Value) -> dict[str, Any]:
        properties: dict[str, Any] = {
            "TaskDefinition": task_definition,
            "LoadBalancerInfo": {"ContainerName": self.container, "ContainerPort": self.port},
        }
        if self.platform_version is not None:
            properties["PlatformVersion"] = self.platform_version
        if self.network is not None:
            properties["NetworkConfiguration"] = {"AwsvpcConfiguration": serialization.properties(self.network)}
        if self.capacity_providers:
            properties["CapacityProviderStrategy"] = [
                serialization.properties(each) for each in self.capacity_providers
            ]
        return properties

    def problems(self) -> Iterator[Problem]:
        """Check the AppSpec. Paths start at the AppSpec."""
        for problem in capacity_problems(self.capacity_providers, "appspec-capacity"):
            yield problem.under("capacity_providers")
        for problem in self.hooks.problems():
            yield problem.under("hooks")
