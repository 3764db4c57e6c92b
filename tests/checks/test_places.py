"""Where problems are: at the line that holds the mistake, also inside expressions, and at each such line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.definitions.test_messages import BEFORE
from tests.support.validating import validated

SERVICE = """\
services:
  web:
    cluster: main
    network: {vpc: vpc-1a2b3c4d, subnets: [subnet-0a1b2c3d]}
    task_definition:
      cpu: 256
      memory: 512
      containers:
        - name: app
          environment:
            COMMIT: "#{App.CommitId}"  # here
DEPLOYMENT
    deployment: {kind: codedeploy}
"""
BALANCER = "    load_balancer: {subnets: [subnet-0a1b2c3d, subnet-0a1b2c3e]}"


def places(text: str, directory: Path, code: str) -> tuple[list[int], list[int]]:
    """The lines of the problems with a code, and those that a comment marks."""
    found = [re.match(r"x\.yaml:(\d+):\d+: (?:warning: )?([a-z-]+) ", line) for line in validated(text, directory)]
    marked = [number for number, line in enumerate(text.splitlines(), start=1) if line.endswith("# here")]
    assert all(found)
    return sorted(int(each[1]) for each in found if each and each[2] == code), marked


EXPRESSIONS = {
    "a join": '!Join\n              - "-"\n              - - build\n                - "SAID"  # here\n',
    "a substitution": '!Sub\n              - "${X}"\n              - X: "SAID"  # here\n',
    "a branch": '!If\n              - IsMain\n              - "SAID"  # here\n              - main\n',
    "a list": '!Select\n              - 1\n              - - a\n                - "SAID"  # here\n',
    "the long form": '\n              Fn::Join:\n                - ""\n                - - a\n'
    '                  - "SAID"  # here\n',
}
CONDITIONS = "conditions: {IsMain: !Equals [!Ref AWS::Region, eu-west-1]}\n"


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS)
@pytest.mark.parametrize(
    ("field", "said", "code"),
    [
        ("environment", "#{App.CommitId}", "variable-unresolved"),
        ("action_environment", "#{App.Nope}", "unknown-variable"),
    ],
)
def test_a_variable_in_an_expression_has_the_line_of_its_text(
    expression: str, field: str, said: str, code: str, tmp_path: Path
) -> None:
    value = expression.replace("SAID", said)
    text = (
        f"{BEFORE}          commands: [make]\n          {field}:\n            A: a\n            B: {value}{CONDITIONS}"
    )
    found, marked = places(text, tmp_path, code)
    assert found == marked


def test_each_place_of_an_unresolved_variable_is_reported(tmp_path: Path) -> None:
    text = f"""\
{BEFORE}          commands:
            - make
            - "echo #{{App.CommitId}}"  # here
          environment:
            A: "#{{App.CommitId}}"  # here
            B: !Sub "${{AWS::Region}}-#{{App.CommitId}}"  # here
          action_environment:
            C: "#{{App.CommitId}}"
tags: {{team: shop}}
"""
    found, marked = places(text, tmp_path, "variable-unresolved")
    assert found == marked


def test_a_variable_in_a_service_is_reported_once_and_there(tmp_path: Path) -> None:
    deploy = "    - {name: Prod, actions: [{kind: ecs-deploy, name: Web, service: web}]}\n"
    for service in (SERVICE.replace("DEPLOYMENT\n    deployment: {kind: codedeploy}\n", ""), SERVICE):
        text = f"{BEFORE}          commands: [make]\n{deploy}" + service.replace("DEPLOYMENT", BALANCER)
        text = text.replace("- name: app\n", "- name: app\n          ports: [8080]\n")
        found, marked = places(text, tmp_path, "variable-unresolved")
        assert found == marked, text


def test_a_configuration_with_the_same_variable_is_not_meant(tmp_path: Path) -> None:
    deploy = """\
    - name: Prod
      actions:
        - kind: ecs-deploy
          name: Web
          cluster: "#{App.BranchName}"
          service: web
          roles: [task]
          containers: [app]
"""
    build = '          commands: [make]\n          environment:\n            A: "#{App.BranchName}"  # here\n'
    found, marked = places(f"{BEFORE}{build}{deploy}", tmp_path, "variable-unresolved")
    assert found == marked


def test_a_text_of_another_language_is_not_meant(tmp_path: Path) -> None:
    build = "          commands:\n            - ruby -e 'puts \"#{user.name}\"'\n"
    build += '          environment:\n            A: "#{user.name}"\n'
    assert places(BEFORE + build, tmp_path, "variable-unresolved") == ([], [])


def test_a_name_that_a_condition_cannot_refer_to_is_reported_once_for_all_stacks(tmp_path: Path) -> None:
    conditions = 'conditions:\n  IsMain: !Equals [!Ref Stage, "main"]  # here\n'
    build = "          commands: [make]\n          environment: {A: !If [IsMain, a, b]}\n"
    text = BEFORE + build + conditions + "  IsTest: !Not [!Condition IsMain]\n" + SERVICE.replace("DEPLOYMENT", "")
    found, marked = places(text.replace('"#{App.CommitId}"  # here', "x"), tmp_path, "unknown-reference")
    assert found == marked


def test_a_name_that_every_stack_refers_to_is_reported_once(tmp_path: Path) -> None:
    text = (
        f"{BEFORE}          commands: [make]\n{SERVICE}tags:\n  team: !Ref Team  # here\nparameters: {{Teams: {{}}}}\n"
    )
    deploy = "    - {name: Prod, actions: [{kind: ecs-deploy, name: Web, service: web}]}\n"
    text = text.replace("DEPLOYMENT\n    deployment: {kind: codedeploy}\n", "").replace(
        SERVICE[:9], deploy + SERVICE[:9]
    )
    found, marked = places(text.replace('"#{App.CommitId}"  # here', "x"), tmp_path, "unknown-reference")
    assert found == marked
