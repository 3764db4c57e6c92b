"""`pipegen schema` and the reader give the same verdict."""

from __future__ import annotations

import copy
import json
import math
import os
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from troposphere import AWSHelperFn

from pipegen.actions.kinds import KINDS
from pipegen.definition import Definition
from pipegen.errors import LIMIT_NUMBER, InvalidDefinition, Path, Problem
from pipegen.fields.base import Reading
from pipegen.fields.gaps import is_known
from pipegen.fields.model import Model
from pipegen.loading.definition import read
from pipegen.loading.schemas.schema import json_schema
from pipegen.model.stack_settings import Parameter
from pipegen.reading import TYPES
from pipegen.values.functions import from_data
from tests.conftest import Pipegen
from tests.strategies import data as any_data
from tests.strategies import expressions, fuzzing, mutated, places, scalars, seed_data
from tests.templates import definition
from tests.test_robustness import DATA, PLACES, VALUES, changed

SCHEMA = json.loads(json.dumps(json_schema()))
VALIDATOR = Draft202012Validator(SCHEMA)
# 1.0 is an integer to JSON Schema and not to the reader; nothing in a definition is a number with a fraction. The limit
# of 18 digits is not in the schema: editors would show it instead of the limits of the field.
COMPARABLE = [
    value for value in VALUES if not isinstance(value, float) and not (isinstance(value, int) and value >= LIMIT_NUMBER)
]
EXAMPLE_COUNT = int(os.environ.get("ROBUSTNESS_EXAMPLES", "300"))


def is_read(data: Any) -> bool | None:
    """Whether the types of all fields, and their constraints of literals, are met. None where a schema cannot know:
    where a text is completed later, or a number stands for a text."""
    try:
        return meets_constraints(read(data), data)
    except InvalidDefinition:
        return False


def meets_constraints(definition: Definition, data: Any) -> bool | None:
    """The same of a definition that was read from the data."""
    reading = Reading(
        is_python=True,
        possible=lambda value: () if isinstance(value, AWSHelperFn) else (value,),
        declared={"Parameters": {}, "Mappings": {}},
    )
    TYPES.of(Definition).read(definition, (), reading)
    found = [
        (given_at(definition, each.path), given_at(data, each.path)) for each in reading.problems if in_schema(each)
    ]
    unknown = [
        is_unknown(*each)
        for each in found
        if isinstance(each[0], Parameter) or not isinstance(each[0], AWSHelperFn)  # a parameter is both
    ]
    if not found and any(each.code == "duplicate-item" for each in reading.problems):
        return None  # a schema has this rule only for lists of scalars
    return None if unknown and all(unknown) else not unknown


def in_schema(problem: Problem) -> bool:
    """Whether a schema has such a rule: none has AWS's lists, or compares names."""
    is_of_list = problem.severity == "warning" or "is not a valid" in problem.text
    return not is_of_list and problem.code != "duplicate-item" and "twice" not in problem.text


def is_unknown(taken: Any, written: Any) -> bool:
    return isinstance(taken, str) and not is_known(written)


def given_at(value: Any, path: Path) -> Any:
    for part in path:
        value = getattr(value, str(part)) if isinstance(value, Model) else value[part]
    return value


def test_the_command_prints_a_schema_that_is_one(pipegen: Pipegen) -> None:
    for sort in ("definition", "fleet", "blueprint"):
        printed = json.loads(pipegen("schema", sort).stdout)
        Draft202012Validator.check_schema(printed)
        assert printed["title"] == f"A pipegen {sort}"
    printed = json.loads(pipegen("schema").stdout)
    # In a file, environments can be the list of those of a fleet, and services have sections for environments.
    own = {key: each for key, each in SCHEMA["properties"].items() if key not in ("environments", "services")}
    definitions = {key: each for key, each in SCHEMA["$defs"].items() if key != "EcsService"}
    assert printed["else"]["properties"].items() > own.items()
    assert SCHEMA["properties"]["environments"] in printed["properties"]["environments"]["anyOf"]
    assert printed["$defs"].items() > definitions.items()


def test_every_seed_is_fine_by_both() -> None:
    for data in DATA:
        assert VALIDATOR.is_valid(data)
        assert is_read(data)


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(
            st.sampled_from(PLACES),
            st.sampled_from(["set", "delete", "rename", "repeat"]),
            st.sampled_from(COMPARABLE),
        ),
        min_size=1,
        max_size=2,
    )
)
@settings(max_examples=EXAMPLE_COUNT, deadline=None)
def test_reader_and_schema_agree_on_changed_definitions(changes: list[Any]) -> None:
    (index, _), _, _ = changes[0]
    data = DATA[index]
    for (other, path), change, value in changes:
        if other == index:
            try:
                data = changed(data, path, change, value)
            except (KeyError, IndexError, TypeError, AttributeError):
                continue
    check_same_verdict(data)


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
    {"Fn::If": ["A", "b"]},
    {"Fn::FindInMap": ["A", {"Ref": "B"}, "c"]},
    {"Fn::FindInMap": ["A", "c"]},
    {"Ref": "A", "Fn::Sub": "b"},
    {},
    [],
    3,
    True,
    None,
    "text",
    {"Fn::FindInMap": ["A", {"Ref": "AWS::Region"}, "b"]},
    {"Fn::FindInMap": ["A", "", "b"]},
    {"Fn::If": ["A", ["b"], ["c"]]},
    {"Fn::Join": [",", {"Fn::If": ["A", {"Fn::If": ["B", ["b"], []]}, {"Ref": "List"}]}]},
    {"Fn::Join": [",", {"Fn::If": ["A", ["b"], "c"]}]},
)


@pytest.mark.parametrize("value", LONG_FORMS, ids=str)
def test_reader_and_schema_agree_on_every_form_of_an_expression(value: Any) -> None:
    data = definition(deploy={"kind": "ecs-deploy", "name": "D", "cluster": "c", "service": value})
    assert VALIDATOR.is_valid(data) == is_read(data)
    # Not vacuous: about half of the forms are right.
    assert is_read(data) == (value in RIGHT)


RIGHT = [LONG_FORMS[index] for index in (0, 3, 4, 8, 9, 11, 13, 14, 16, 19, 20, 26, 28, 36, 37, 40)]


@pytest.mark.parametrize(
    ("value", "is_right"),
    [
        ({"Ref": "Orders"}, True),
        ({"Ref": ""}, False),
        ({"Ref": 3, "Other": 1}, True),
        ({"Fn::If": ["A", {"Key": 1}, {"Ref": "AWS::NoValue"}]}, True),
        ({"Fn::If": ["A", {"Ref": ""}, "b"]}, False),
        ({"Fn::If": "A"}, False),
        ({"Fn::GetAtt": "A"}, False),
        ({"Fn::Base64": "text"}, True),
        ({"Fn::Base64": {"Ref": 3}}, False),
        (None, False),
        ([None], False),
    ],
    ids=str,
)
def test_reader_and_schema_agree_on_properties_of_added_resources(value: Any, is_right: bool) -> None:
    data = copy.deepcopy(seed_data()[0])
    data["pipeline"]["resources"] = {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"Key": value}}}
    assert is_read(data) == VALIDATOR.is_valid(data) == is_right


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_in_the_schema_with_its_documentation(kind: str) -> None:
    described = SCHEMA["$defs"][KINDS[kind].__name__]
    assert described["properties"]["kind"]["const"] == kind
    assert "kind" in described["required"]
    assert described["description"] == KINDS[kind].__doc__ or described["description"]


def check_same_verdict(instance: Any) -> bool | None:
    verdict = is_read(instance)
    assert verdict in (None, VALIDATOR.is_valid(instance))
    return verdict


def is_comparable(instance: Any) -> bool:
    """To JSON Schema 1.0 is an integer; the reader, which reads text, tells it from 1."""
    found = [holder[key] for holder, key in places([instance])]
    return not any(isinstance(value, float) and value.is_integer() for value in found)


@pytest.mark.slow
@fuzzing(300)
@given(mutated().filter(is_comparable))
def test_reader_and_schema_agree_on_a_damaged_definition(damaged: Any) -> None:
    check_same_verdict(damaged)


@pytest.mark.slow
@fuzzing(100)
@given(any_data().filter(is_comparable))
def test_reader_and_schema_agree_on_any_data(anything: Any) -> None:
    assert not check_same_verdict(anything)


def with_value(value: Any) -> Any:
    """A definition with the value at places that take a value, next to others, and inside of them."""
    build = {
        "kind": "docker-build",
        "name": "B",
        "images": [{"container": "a", "repository": value, "build_arguments": {"A": value}}],
        "environment": {"A": value, "B": {"parameter_store": value}},
        "decrypt_keys": [value, "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d"],
        "image": value,
    }
    grant = {
        "actions": ["s3:GetObject"],
        "resources": [value],
        "conditions": {"Bool": {"a": value, "b": [value, "text"]}},
    }
    deploy = {"kind": "ecs-deploy", "name": "D", "cluster": value, "service": {"Fn::Join": ["", ["a", value]]}}
    return definition(build=build | {"grants": [grant]}, deploy=deploy, tags={"a": {"Fn::Sub": ["${a}", {"a": value}]}})


@pytest.mark.slow
@fuzzing(100)
@given(expressions())
def test_an_expression_of_the_right_form_is_right_by_both_wherever_values_are(expression: Any) -> None:
    assert check_same_verdict(with_value(expression))


@pytest.mark.slow
@fuzzing(100)
@given((expressions(right=False) | scalars).filter(is_comparable))
def test_reader_and_schema_agree_on_any_form_of_an_expression_in_any_field(expression: Any) -> None:
    for value in (expression, {"Fn::ImportValue": expression}, {"Fn::Select": [0, expression]}, {"Ref": expression}):
        check_same_verdict(with_value(value))


VALUES_ALONE = Draft202012Validator({"$ref": "#/$defs/Value", "$defs": SCHEMA["$defs"]})


def is_value(data: Any) -> bool:
    try:
        from_data(data)
    except ValueError:
        return False
    return True


@pytest.mark.slow
@fuzzing(600)
@given((expressions(right=False) | scalars).filter(is_comparable))
def test_reader_and_schema_agree_on_any_form_of_an_expression_as_a_value(expression: Any) -> None:
    assert VALUES_ALONE.is_valid(expression) == is_value(expression)


def in_sections(data: Any) -> set[int]:
    """Return the identities of the containers in sections of the template, where the schema accepts any data."""
    sections = [holder[key] for holder, key in places(data) if key in ("conditions", "outputs", "resources")]
    return {id(holder) for each in sections for holder, _ in places(each)}


EXPRESSION_PLACES = [
    (index, place)
    for index, seed in enumerate(seed_data())
    for free in [in_sections(seed)]
    for place, (holder, key) in enumerate(places(seed))
    if isinstance(holder[key], str) and id(holder) not in free
]


@pytest.mark.slow
@pytest.mark.parametrize("value", [{"Ref": "A"}, {"Ref": ""}, {"Fn::Sub": "${A}"}], ids=str)
def test_an_expression_is_right_or_wrong_by_both_in_the_place_of_every_text(value: Any) -> None:
    verdicts = set()
    for index, place in EXPRESSION_PLACES:
        changed = copy.deepcopy(seed_data()[index])
        holder, key = list(places(changed))[place]
        holder[key] = value
        verdicts.add(check_same_verdict(changed))
    assert verdicts >= {False, True}


Draw = Callable[[st.SearchStrategy[Any]], Any]


@st.composite
def instances(draw: Draw) -> Any:
    """What is right by the schema, made from the schema itself."""
    return _instance(draw, SCHEMA)


BOUNDS = (
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
)


def _instance(draw: Draw, schema: Any, depth: int = 0) -> Any:
    bounds = {key: schema[key] for key in BOUNDS if key in schema}
    if "$ref" in schema:
        if "anyOf" in schema:  # one of a few functions
            return {"Ref": draw(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))}
        return _instance(draw, {**SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")], **bounds}, depth)
    if choices := [*schema.get("oneOf", ()), *schema.get("anyOf", ())]:
        # The first forms are the simplest ones.
        chosen = choices[draw(st.integers(0, len(choices) - 1 if depth < 12 else 0))]
        return _instance(draw, {**chosen, **bounds}, depth + 1)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return draw(st.sampled_from(schema["enum"]))
    if isinstance(schema.get("type"), list):
        schema = {**schema, "type": draw(st.sampled_from(schema["type"]))}
    make = {"object": _object, "array": _array, "string": _string}.get(schema.get("type"))
    if make is not None:
        return make(draw, schema, depth + 1)
    low, high = schema.get("minimum", -5), schema.get("maximum", 10**6)
    simple = {
        "integer": st.integers(math.ceil(low), math.floor(high)),
        "number": st.integers(math.ceil(low), math.floor(high)),
        "boolean": st.booleans(),
        "null": st.none(),
    }
    return draw(simple[schema["type"]] if "type" in schema else any_data())


def _object(draw: Draw, schema: Any, depth: int) -> Any:
    if "properties" in schema and schema.get("maxProperties") == 1:  # a function; the first is the simplest one
        names = list(schema["properties"])[: None if depth < 12 else 1]
        name = draw(st.sampled_from(names))
        return {name: _instance(draw, schema["properties"][name], depth)}
    required = schema.get("required", ())
    found = {
        key: _instance(draw, each, depth)
        for key, each in schema.get("properties", {}).items()
        if key in required or (depth < 12 and draw(st.integers(0, 2)) == 0)
    }
    free = schema.get("additionalProperties", True)
    fewest = schema.get("minProperties", 0)
    for number in range(draw(st.integers(fewest, max(2, fewest))) if free is not False else 0):
        found[draw(st.text(max_size=5)) + str(number)] = _instance(draw, {} if free is True else free, depth)
    return found


def _array(draw: Draw, schema: Any, depth: int) -> Any:
    if "prefixItems" in schema:
        return [_instance(draw, each, depth) for each in schema["prefixItems"]]
    fewest = schema.get("minItems", 0)
    return [_instance(draw, schema["items"], depth) for _ in range(draw(st.integers(fewest, max(2, fewest))))]


TEXTS = ("a", "web", "1", "Web", "a/a", "/a/", "/a", "https://a", "eu-west-1", "123456789012", "${A}", "aaa-bbb")
"""Of most forms."""


def _string(draw: Draw, schema: Any, _depth: int) -> Any:
    if pattern := schema.get("pattern"):
        fitting = [each for each in TEXTS if re.search(pattern, each) and len(each) >= schema.get("minLength", 0)]
        made = st.from_regex(pattern, fullmatch=True).filter(lambda text: not text.endswith("\n"))
        return draw(st.sampled_from(fitting) if fitting else made)  # in JSON Schema, $ does not match before a last \n
    fewest = schema.get("minLength", 0)
    most = min(schema.get("maxLength", 8), max(8, fewest))
    return draw(st.text(st.characters(exclude_categories=["Cs"]), min_size=fewest, max_size=most))


@pytest.mark.slow
@fuzzing(40)
@given(instances().filter(is_comparable))
def test_what_is_made_from_the_schema_is_read(instance: Any) -> None:
    assume(VALIDATOR.is_valid(instance))  # a pattern or a length of a text may not be met
    assert check_same_verdict(instance) is not False
