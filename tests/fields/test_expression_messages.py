"""Expressions where a field takes none: the message names the function, and says what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.loading.test_messages import BEFORE
from tests.support.validating import validated

LITERAL = "write the value itself; the field does not support expressions"
FIELDS = {
    "namespace: !Ref Compute": f"namespace must be a string, got !Ref; {LITERAL}",
    "namespace: {Fn::Sub: '${Compute}'}": f"namespace must be a string, got !Sub; {LITERAL}",
    "run_order: !Ref Order": f"run_order must be an integer, got !Ref; {LITERAL}",
    "timeout_minutes: !Split [',', '5,6']": "timeout_minutes must be an integer, got !Split, which returns a list; use",
    "docker: !If [IsMain, 1, 0]": f"docker must be true or false, got !If; {LITERAL}",
    "platform: !Ref Platform": 'platform must be "amd64" or "arm64", got !Ref',
    "commands: [!Sub 'echo ${A}']": "commands do not support expressions: set environment: {NAME: !Sub …}, and use",
    "environment: !Ref All": "environment must be a mapping, got !Ref; write the mapping itself",
    "extra_configuration: !Sub All": "extra_configuration must be a mapping, got !Sub; write the",
    "vpc: !Ref Vpc": "vpc must be a mapping, got !Ref; it has the keys vpc_id, subnets",
    "outputs: [!Ref Output]": "outputs[0] must be a mapping, got !Ref; it has the keys name, files",
    "outputs: !Ref Outputs": "outputs must be a list, got !Ref; ",
}


@pytest.mark.parametrize(("field", "message"), FIELDS.items())
def test_an_expression_where_none_is_taken_is_named(field: str, message: str, tmp_path: Path) -> None:
    commands = "" if field.startswith("commands") else "          commands: [make]\n"
    [line] = validated(f"{BEFORE}{commands}          {field}\n", tmp_path)
    assert message in line


def test_a_variable_may_be_called_ref(tmp_path: Path) -> None:
    assert not any(
        "expected" in line
        for line in validated(f"{BEFORE}          commands: [make]\n          environment: {{Ref: main}}\n", tmp_path)
    )


@pytest.mark.parametrize("flag", ["true", "false", '"false"', "5"])
def test_configuration_takes_flags_and_numbers_as_text(flag: str, tmp_path: Path) -> None:
    text = f"{BEFORE}          commands: [make]\n          extra_configuration: {{PrimarySourceOnly: {flag}}}\n"
    assert not [line for line in validated(text, tmp_path) if "extra_configuration" in line]


def test_a_batch_is_rejected_for_what_it_is(tmp_path: Path) -> None:
    text = f"{BEFORE}          commands: [make]\n          extra_configuration: {{BatchEnabled: true}}\n"
    [line] = [line for line in validated(text, tmp_path) if "BatchEnabled" in line]
    assert 'error: extra_configuration sets BatchEnabled to "true"; pipegen does not create the permissions ' in line


MODULE = """\
from pipegen import CodeBuild, CodeCommit, Definition, EcsService, Stage
from pipegen.ecs import BlueGreen, Canary, Container, TaskDefinition
from troposphere import Ref

source = Stage("Source", CodeCommit("App", repository="orders", branch="main"))


def built(**build):
    return Definition("orders", source, Stage("Build", CodeBuild("Test", commands=["make"], **build)))


def served(ports=(), **service):
    task = TaskDefinition(cpu=256, memory=512, containers=[Container("web", ports=ports)])
    service = {"cluster": "main"} | service
    made = EcsService('web', task_definition=task, **service)
    return Definition("orders", pipeline=built().pipeline, services=[made])


wrong = CALL
"""
CALLS = {
    "served(deployment='canary')": "must be Rolling(...) or BlueGreen(...) or Canary(...) or Linear(...) or "
    'CodeDeploy(...), got "canary"',
    "served(deployment=None)": "or CodeDeploy(...), got None",
    "served(deployment={'kind': 'canary'})": "deployment must be Canary(...), got a mapping",
    "served(load_balancer='shared')": 'must be LoadBalancer(...) or SharedListener(...), got "shared"',
    "served(deployment=Canary(hooks=['pause']))": "hooks[0] must be LifecycleHook(...) or Pause(...), got",
    "served(ports=['http'])": 'ports[0] must be an integer or PortMapping(...), got "http"',
    "served(cluster=5)": "or Cluster(...), got the number 5",
    "built(environment={'A': []})": "or ParameterStore(...) or SecretsManager(...), got a list",
    "built(environment=Ref('All'))": "environment must be a mapping, got Ref",
    "built(run_order=Ref('All'))": "run_order must be an integer, got Ref",
}


@pytest.mark.parametrize(("call", "message"), CALLS.items())
def test_python_is_offered_each_alternative(call: str, message: str, tmp_path: Path) -> None:
    [line] = validated(MODULE.replace("CALL", call), tmp_path, "x.py")
    assert message in line


@pytest.mark.parametrize("kind", ["canary", "canry"])
def test_a_file_is_offered_what_it_can_write(kind: str, tmp_path: Path) -> None:
    web = f"{{cluster: main, deployment: {kind}, load_balancer: shared, task_definition: {{containers: []}}}}"
    service = f"services: {{web: {web}}}"
    lines = validated(f"{BEFORE}          commands: [make]\n{service}\n", tmp_path)
    assert any(f'deployment must be a mapping, got "{kind}"; write {{kind: canary}}' in line for line in lines)
    assert not any("(...)" in line for line in lines)
