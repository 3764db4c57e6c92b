"""Messages about Python objects: functions and values as Python writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipegen.model.in_python import in_python
from tests.support.validating import validated

TEXTS = {
    "!Ref AWS::NoValue is not a value": 'Ref("AWS::NoValue") is not a value',
    "got !Ref level, a parameter": 'got Ref("level"), a parameter',
    "got !Sub, which returns": "got Sub, which returns",
    "!Sub defines the variable": "Sub defines the variable",
    "one of !Ref !Sub !If that returns one": "one of Ref, Sub, If that returns one",
    "write !GetAtt LoadBalancer.DNSName": 'write GetAtt("LoadBalancer", "DNSName")',
    "!Select [0, !Ref Subnets], or !Join [',', !Ref Subnets]": (
        'Select(0, Ref("Subnets")), or Join(\',\', Ref("Subnets"))'
    ),
    'all: !Split [",", !ImportValue "shop-Url"]': 'all: Split(",", ImportValue("shop-Url"))',
    "conditions: {A: !Equals [!Ref …, …]}": 'conditions: {A: Equals(Ref("…"), …)}',
    '"!Ref Stage" is text; use !Ref Stage': '"!Ref Stage" is text; use Ref("Stage")',
    "must be a string, got nothing": "must be a string, got None",
    "must be an integer, got true": "must be an integer, got True",
    "wow!Great": "wow!Great",
}


@pytest.mark.parametrize(("text", "python"), TEXTS.items())
def test_functions_and_values_are_written_as_in_python(text: str, python: str) -> None:
    assert in_python(text) == python


MODULE = """\
from pipegen import Approval, CodeCommit, Definition, Parameter, Ref, Select, Split, Stage, Sub
source = CodeCommit("App", repository="orders", branch="main")
orders = Definition(
    "orders",
    Stage("Source", source),
    Stage("Release", Approval("Release", WRONG)),
    parameters=[Parameter("Subnets", type="List<AWS::EC2::Subnet::Id>"), Parameter("Stage", default="live")],
)
"""
YAML = """\
name: orders
parameters: {Subnets: {Type: "List<AWS::EC2::Subnet::Id>"}, Stage: {Default: live}}
pipeline:
  stages:
    - {name: Source, actions: [{kind: codecommit, name: App, repository: orders, branch: main}]}
    - {name: Release, actions: [{kind: approval, name: Release, WRONG}]}
"""
WRONG = {
    'comment=Ref("Subnets")': "comment: !Ref Subnets",
    'timeout_minutes=Split(",", "5")': "timeout_minutes: !Split [',', '5']",
    "comment=None, topic=5": "topic: [5]",
    'comment="!Ref Stage"': "comment: '!Ref Stage'",
    'comment="${Stage}"': "comment: ${Stage}",
    'comment=Ref("AWS::NoValue"), name="Release"': "comment: !Ref AWS::NoValue",
    'comment=Select(7, Split(",", "a,b"))': "comment: !Select [7, !Split [',', 'a,b']]",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_message_is_in_the_language_of_the_definition(wrong: str, tmp_path: Path) -> None:
    python = validated(MODULE.replace("WRONG", wrong), tmp_path, "orders.py")
    yaml = validated(YAML.replace("WRONG", WRONG[wrong]), tmp_path, "orders.yaml")
    assert python
    assert yaml
    for line in python:
        assert not [word for word in line.replace('"!Ref Stage"', "").split() if word.startswith(("!", "[!"))], line
        assert " or & " not in line
    assert not any("Ref(" in line or "(…)" in line for line in yaml)
