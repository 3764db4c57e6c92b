"""`pipegen schema` and the reader give the same verdict."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pipegen.actions import KINDS
from pipegen.definitions.reading import read
from pipegen.definitions.schema import json_schema
from pipegen.errors import InvalidDefinition
from tests.conftest import Pipegen
from tests.templates import definition
from tests.test_robustness import DATA, PLACES, VALUES, changed

SCHEMA = json.loads(json.dumps(json_schema()))
VALIDATOR = Draft202012Validator(SCHEMA)
EXAMPLE_COUNT = int(os.environ.get("ROBUSTNESS_EXAMPLES", "300"))


def is_read(data: Any) -> bool:
    try:
        read(data)
    except InvalidDefinition:
        return False
    return True


def test_the_command_prints_a_schema_that_is_one(pipegen: Pipegen) -> None:
    printed = json.loads(pipegen("schema").stdout)
    Draft202012Validator.check_schema(printed)
    assert printed == SCHEMA


def test_every_seed_is_fine_by_both() -> None:
    for data in DATA:
        assert VALIDATOR.is_valid(data)
        assert is_read(data)


# 1.0 is an integer to JSON Schema and not to the reader; nothing in a definition is a number with a fraction.
@given(
    st.lists(
        st.tuples(
            st.sampled_from(PLACES),
            st.sampled_from(["set", "delete", "rename", "repeat"]),
            st.sampled_from([value for value in VALUES if not isinstance(value, float)]),
        ),
        min_size=1,
        max_size=2,
    )
)
@settings(max_examples=EXAMPLE_COUNT, deadline=None)
def test_changed_definitions_get_the_same_verdict(changes: list[Any]) -> None:
    (index, _), _, _ = changes[0]
    data = DATA[index]
    for (other, path), change, value in changes:
        if other == index:
            try:
                data = changed(data, path, change, value)
            except (KeyError, IndexError, TypeError, AttributeError):
                continue
    assert VALIDATOR.is_valid(data) == is_read(data)


LONG_FORMS: tuple[Any, ...] = (
    {"Ref": "A"},
    {"Ref": ""},
    {"Ref": ["A"]},
    {"Fn::Sub": "${A}"},
    {"Fn::Sub": ["${B}", {"B": {"Ref": "A"}}]},
    {"Fn::Sub": ["${B}", {}]},
    {"Fn::Sub": ["${B}"]},
    {"Fn::Sub": "${A"},
    {"Fn::GetAtt": "A.Arn"},
    {"Fn::GetAtt": "A.B.Arn"},
    {"Fn::GetAtt": "A"},
    {"Fn::GetAtt": ["A", "Arn"]},
    {"Fn::GetAtt": ["A"]},
    {"Fn::ImportValue": "name"},
    {"Fn::ImportValue": {"Fn::Sub": "${A}-name"}},
    {"Fn::ImportValue": 3},
    {"Fn::Join": [",", ["a", {"Ref": "A"}]]},
    {"Fn::Join": [",", []]},
    {"Fn::Join": [1, ["a"]]},
    {"Fn::Select": [0, ["a"]]},
    {"Fn::Select": [0, {"Fn::Split": [",", {"Ref": "A"}]}]},
    {"Fn::Select": ["0", ["a"]]},
    {"Fn::Select": [-1, ["a"]]},
    {"Fn::Select": [True, ["a"]]},
    {"Fn::Split": [",", "a,b"]},
    {"Fn::Split": ["", "a,b"]},
    {"Fn::If": ["A", "b", "c"]},
    {"Ref": "A", "Fn::Sub": "b"},
    {},
    [],
    3,
    True,
    None,
    "text",
)


@pytest.mark.parametrize("value", LONG_FORMS, ids=str)
def test_every_form_of_an_expression_gets_the_same_verdict(value: Any) -> None:
    data = definition(deploy={"kind": "ecs-deploy", "name": "D", "cluster": "c", "service": value})
    assert VALIDATOR.is_valid(data) == is_read(data)
    # Not vacuous: about half of the forms are right.
    assert is_read(data) == (value in RIGHT)


RIGHT = [LONG_FORMS[index] for index in (0, 3, 4, 8, 9, 11, 13, 14, 16, 19, 20, 24, 33)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_in_the_schema_with_its_documentation(kind: str) -> None:
    described = SCHEMA["$defs"][KINDS[kind].__name__]
    assert described["properties"]["kind"]["const"] == kind
    assert "kind" in described["required"]
    assert described["description"] == KINDS[kind].__doc__ or described["description"]
