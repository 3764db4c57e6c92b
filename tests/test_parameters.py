"""Parameters as objects: used where an expression may stand, and declared by the templates that use them."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import pytest
from troposphere import Equals, If, Join, Ref, Sub

from pipegen import (
    Approval,
    CodeBuild,
    CodeCommit,
    Definition,
    Foundation,
    GitHub,
    InvalidDefinition,
    Parameter,
    Stage,
    check,
    render,
)
from pipegen.loading.definition import read

CONNECTION = Parameter("ConnectionArn", description="The connection")
TOPIC = Parameter("TopicArn")


def definition(*, topic: Any = TOPIC, connection: Any = CONNECTION, **settings: Any) -> Definition:
    app = GitHub("App", repository="acme/orders", branch="main", connection=connection)
    return Definition("orders", Stage("Source", app), Stage("Release", Approval("Look", topic=topic)), **settings)


def declared(definition: Definition) -> dict[str, Any]:
    [rendered] = render(definition).stacks
    return dict(rendered.document["Parameters"])


def test_the_parameters_that_a_definition_uses_are_declared_in_the_order_of_their_use() -> None:
    assert list(definition().parameters) == ["ConnectionArn", "TopicArn"]
    assert declared(definition()) == {
        "ConnectionArn": {"Description": "The connection", "Type": "String"},
        "TopicArn": {"Type": "String"},
    }


def test_the_template_is_that_of_a_definition_which_lists_them() -> None:
    listed = definition(topic=Ref("TopicArn"), connection=Ref("ConnectionArn"), parameters=[CONNECTION, TOPIC])
    assert render(listed).stacks[0].text == render(definition()).stacks[0].text


def test_listed_parameters_come_first() -> None:
    other = Parameter("Other")
    assert list(definition(parameters=[other, TOPIC]).parameters) == ["Other", "TopicArn", "ConnectionArn"]


INSIDE: dict[str, Any] = {
    "a join": Join("", ["arn:aws:sns:eu-west-1:111111111111:", TOPIC]),
    "a sub": Sub("arn:aws:sns:eu-west-1:111111111111:${Name}", Name=TOPIC),
    "a condition's branch": If("Loud", TOPIC, Ref("AWS::NoValue")),
}


@pytest.mark.parametrize("topic", INSIDE.values(), ids=INSIDE.keys())
def test_a_parameter_inside_of_an_expression_is_declared_too(topic: Any) -> None:
    loud = Equals(Parameter("Stage", default="test"), "production")
    made = definition(topic=topic, conditions={"Loud": loud})
    assert {"ConnectionArn", "TopicArn", "Stage"} == set(made.parameters)
    assert "TopicArn" in declared(made)


def test_a_parameter_in_tags_and_overrides_is_declared_too() -> None:
    made = definition(
        tags={"team": Parameter("Team")},
        overrides={"Pipeline": {"Tags": [{"Key": "cost", "Value": Parameter("Cost")}]}},
    )
    [rendered] = render(made).stacks
    assert {"Team", "Cost"} <= set(rendered.document["Parameters"])
    assert rendered.document["Resources"]["Pipeline"]["Properties"]["Tags"] == [
        {"Key": "cost", "Value": {"Ref": "Cost"}}
    ]


def test_a_foundation_declares_the_parameters_that_it_uses() -> None:
    made = Foundation("shared", tags={"team": Parameter("Team", default="delivery")})
    assert render(made).stacks[0].document["Parameters"] == {"Team": {"Default": "delivery", "Type": "String"}}


def test_constraints_look_at_what_a_parameter_can_be() -> None:
    [problem] = check(definition(connection=Parameter("ConnectionArn", default="arn:aws:s3:::bucket")))
    assert (problem.code, problem.path[-1]) == ("wrong-reference", "connection")


def test_a_problem_of_a_parameter_names_the_line_that_created_it() -> None:
    topic = Parameter("TopicArn", type="Sting")
    [problem] = check(definition(topic=topic))
    line = test_a_problem_of_a_parameter_names_the_line_that_created_it.__code__.co_firstlineno + 1
    assert problem.location.endswith(f"test_parameters.py:{line}")
    assert problem.path == ("parameters", "TopicArn", "Type")


def test_two_different_parameters_of_one_name_are_reported() -> None:
    one, other = Parameter("Arn"), Parameter("Arn", default="x")
    with pytest.raises(
        InvalidDefinition, match=r"Arn is also the name of another object, from \S+:\d+; .* \[duplicate-name\]"
    ):
        render(definition(connection=one, topic=other))
    assert not check(definition(tags={"team": Parameter("Team"), "owner": Parameter("Team")}))
    with pytest.raises(ValueError, match='two objects with the name "Arn"'):
        definition(parameters=[one, other])


def test_a_key_that_is_not_the_name_of_its_parameter_is_reported() -> None:
    with pytest.raises(InvalidDefinition, match=r'name must be "Topic", its key, got "TopicArn"'):
        render(definition(parameters={"Topic": TOPIC}))


WRONG: dict[str, Any] = {"text": "ConnectionArn", "texts": ["ConnectionArn"], "a number": 5}


@pytest.mark.parametrize("parameters", WRONG.values(), ids=WRONG.keys())
def test_something_else_in_place_of_parameters_is_reported(parameters: Any) -> None:
    with pytest.raises(InvalidDefinition, match=r"parameters must be a mapping, got"):
        render(definition(parameters=parameters))


def test_a_parameter_has_no_text() -> None:
    with pytest.raises(TypeError, match=r'known only at deployment: write Sub\("...\$\{TopicArn\}...", TopicArn=...\)'):
        _ = f"arn:aws:sns:{TOPIC}"


def test_a_parameter_is_a_value() -> None:
    assert Parameter("Arn") == Parameter("Arn") != Parameter("Arn", default="x")
    assert hash(Parameter("Arn")) == hash(Parameter("Arn"))
    assert pickle.loads(pickle.dumps(TOPIC)) == TOPIC
    assert replace(TOPIC, default="x").default == "x"
    assert "Parameter(name='TopicArn'" in repr(TOPIC)


def test_a_parameter_of_python_is_equal_to_that_of_a_file() -> None:
    data = {"parameters": {"TopicArn": {"Default": "x", "NoEcho": True, "AllowedValues": ["x", "y"]}}}
    stages = [
        {"name": "Source", "actions": [{"kind": "codecommit", "name": "App", "repository": "app", "branch": "main"}]},
        {"name": "Test", "actions": [{"kind": "codebuild", "name": "Unit", "commands": ["make"]}]},
    ]
    definition = read({"name": "orders", "pipeline": {"stages": stages}, **data})
    assert definition.parameters == {
        "TopicArn": Parameter("TopicArn", default="x", no_echo=True, allowed_values=["x", "y"])
    }


def test_a_list_that_contains_itself_is_reported() -> None:
    endless: list[Any] = [TOPIC]
    endless.append(endless)
    test = CodeBuild("Unit", commands=["make"], environment={"A": Join("", endless)})
    source = CodeCommit("App", repository="app", branch="main")
    with pytest.raises(InvalidDefinition, match=r"cannot be written|nested too deep"):
        render(Definition("orders", Stage("Source", source), Stage("Test", test)))
