"""Values that are written down as types, so that type checkers know them, are those of AWS's own models."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any, get_args, get_type_hints

import botocore.session
import pytest

from pipegen import facts
from pipegen.actions.cloudformation import Capability
from pipegen.codebuild.curated import IMAGES
from pipegen.codedeploy.deployment_group import RollbackEvent
from pipegen.conditions.alarm import AlarmState
from pipegen.ecs.lifecycle import LifecycleStage
from pipegen.ecs.placement import PlacementStrategy, ServicePlacementConstraint
from pipegen.ecs.tasks.container import ContainerDependency
from pipegen.ecs.tasks.linux import Device
from pipegen.ecs.tasks.logs import FirelensConfiguration
from pipegen.ecs.tasks.ports import PortMapping
from pipegen.ecs.tasks.task_definition import Compatibility, NetworkMode
from pipegen.elb.target_group import Protocol, TargetType
from pipegen.iam.condition_block import CONDITION_OPERATORS
from pipegen.pipeline.condition import RetryMode
from pipegen.pipeline.pipeline import ExecutionMode
from pipegen.pipeline.trigger import PullRequestEvent
from pipegen.services.service import EcsService

ALL = {
    "cloudformation.Capability": Capability,
    "cloudwatch.StateValue": AlarmState,
    "codedeploy.AutoRollbackEvent": RollbackEvent,
    "codepipeline.ExecutionMode": ExecutionMode,
    "codepipeline.GitPullRequestEventType": PullRequestEvent,
    "codepipeline.StageRetryMode": RetryMode,
    "ecs.Compatibility": Compatibility,
    "ecs.ContainerCondition": (ContainerDependency, "condition"),
    "ecs.DeploymentLifecycleHookStage": LifecycleStage,
    "ecs.DeviceCgroupPermission": (Device, "permissions"),
    "ecs.FirelensConfigurationType": (FirelensConfiguration, "type"),
    "ecs.NetworkMode": NetworkMode,
    "ecs.PlacementConstraintType": (ServicePlacementConstraint, "type"),
    "ecs.PlacementStrategyType": (PlacementStrategy, "type"),
    "ecs.SchedulingStrategy": (EcsService, "scheduling_strategy"),
    "ecs.TransportProtocol": (PortMapping, "protocol"),
}
"""By AWS's type: those of which every value is taken."""
SOME = {
    "ecs.LaunchType": (EcsService, "launch_type"),
    "elbv2.ProtocolEnum": Protocol,
    "elbv2.TargetTypeEnum": TargetType,
}


def aws_values(name: str) -> set[str]:
    service, _, shape = name.partition(".")
    return set(botocore.session.get_session().get_service_model(service).shape_for(shape).enum)


def values(given: Any) -> set[str]:
    kind = get_type_hints(given[0], localns={"EcsService": EcsService})[given[1]] if isinstance(given, tuple) else given
    found, waiting = set[str](), [kind]
    while waiting:
        each = waiting.pop()
        found |= {each} if isinstance(each, str) else set()
        waiting += get_args(each)
    return found


@pytest.mark.parametrize("name", ALL)
def test_a_type_has_every_value_of_aws(name: str) -> None:
    assert values(ALL[name]) == aws_values(name)


@pytest.mark.parametrize("name", SOME)
def test_a_type_has_values_of_aws_only(name: str) -> None:
    found = values(SOME[name])
    assert found
    assert found < aws_values(name)


def test_the_default_build_images_are_the_newest_of_their_kind() -> None:
    for _, image in IMAGES.values():
        series, _, version = image.partition(":")
        known = [each.partition(":")[2] for each in facts.enum("codebuild.Image") if each.startswith(f"{series}:")]
        assert version == max(each for each in known if each.replace(".", "").isdecimal())


def test_the_condition_operators_are_those_that_the_linter_knows() -> None:
    policy = json.loads(files("cfnlint.data.schemas.other.iam").joinpath("policy.json").read_text())
    patterns = policy["definitions"]["Condition"]["patternProperties"]
    named = [each for each in CONDITION_OPERATORS if "Binary" not in each]  # which AWS documents
    unknown = [each for each in named if not any(re.search(pattern, each) for pattern in patterns)]
    unused = [pattern for pattern in patterns if not any(re.search(pattern, each) for each in CONDITION_OPERATORS)]
    assert (unknown, unused) == ([], [])
