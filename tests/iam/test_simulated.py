"""The roles of deployed examples in a simulator of IAM: each may what AWS documents, and nothing with what belongs to
others."""

from __future__ import annotations

import pytest

from tests.blueprints import BLUEPRINTS
from tests.end_to_end.test_examples_deployed import Deployed, deploy
from tests.examples import EXAMPLES
from tests.support.cloud import Cloud
from tests.support.iam_calls import Call, allowed, denied, read_policies
from tests.support.iam_documented import (
    build_calls,
    foreign,
    pass_calls,
    pipeline_calls,
    place,
    publish_calls,
    rule_calls,
    shift_calls,
    task_calls,
)
from tests.support.simulator import Simulator

BY_NAME = {example.name: example for example in (*EXAMPLES, *BLUEPRINTS)}
SIMULATED = (
    "sidecars",
    "redeploy",
    "governed",
    "notifications",
    "actions",
    "service_blue_green",
    "service_rolling",
    "service_shared_listener",
)
"""Together they have every source, build, deployment, approval and notification that examples have."""


def documented(deployed: Deployed) -> list[Call]:
    """Every call that AWS documents for what an example deployed."""
    cloud, pipeline, home = deployed.cloud, deployed.pipeline, place(deployed.cloud)
    calls = list(pipeline_calls(pipeline, home))
    names = cloud.aws_json("codebuild", "list-projects")["projects"]
    for project in cloud.aws_json("codebuild", "batch-get-projects", "--names", *names)["projects"] if names else ():
        calls += build_calls(project, pipeline["artifactStore"], home)
    registry = f"{home.account}.dkr.ecr.{home.region}.amazonaws.com"
    pushed = tuple(f"{registry}/{name}" for name in deployed.example.pushes)
    changed = {value for action in deployed.actions() for value in action["configuration"].values()}
    tasks = {}
    for arn in cloud.aws_json("ecs", "list-task-definitions")["taskDefinitionArns"]:
        task = cloud.aws_json("ecs", "describe-task-definition", "--task-definition", arn)["taskDefinition"]
        tasks[task["family"]] = task
        if task["family"] in changed:  # the name of the service too
            calls += [*task_calls(task, pushed, home), *pass_calls(pipeline["roleArn"], task)]
        else:
            calls += task_calls(task, (), home)
    for rule in cloud.aws_json("events", "list-rules")["Rules"]:
        for target in cloud.aws_json("events", "list-targets-by-rule", "--rule", rule["Name"])["Targets"]:
            calls += rule_calls(rule, target, home)
    for topic in cloud.aws_json("sns", "list-topics")["Topics"]:
        calls += publish_calls(topic["TopicArn"], home)
    for name in cloud.aws_json("deploy", "list-applications")["applications"]:
        named = ("--application-name", name, "--deployment-group-name", name)
        group = cloud.aws_json("deploy", "get-deployment-group", *named)["deploymentGroupInfo"]
        calls += shift_calls(group, tasks[name], home)
    return calls


@pytest.mark.parametrize("name", SIMULATED)
def test_roles_may_what_aws_documents_and_nothing_with_resources_of_others(
    name: str, cloud: Cloud, simulator: Simulator
) -> None:
    deployed = deploy(BY_NAME[name], cloud)
    policies, calls = read_policies(cloud), documented(deployed)
    calls = [call for call in calls if call.action != "sts:AssumeRole" or call.resource in policies.trust]
    assert {call.caller for call in calls} >= {deployed.pipeline["roleArn"], "codepipeline.amazonaws.com"}
    policies = policies.with_open_buses(calls)
    assert denied(calls, policies, simulator) == []
    assert allowed((other for call in calls for other in foreign(call)), policies, simulator) == []
