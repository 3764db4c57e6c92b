"""The constraints of all fields, through the reader: at their bounds, and beyond them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pipegen.checks.values.constraints import constraints
from pipegen.errors import Path
from pipegen.fields.constraints import ConstrainedType, Length, Matches
from pipegen.fields.containers import KindType, MappingType, ModelType
from pipegen.fields.gaps import LATER, with_gaps
from pipegen.loading.definition import read
from pipegen.loading.schemas.schema import json_schema
from pipegen.reading import TYPES
from tests.strategies import seed_data
from tests.support.constrained import OfKey, constrained, value_at, values

WITH_CONDITION = {**seed_data()[0], "conditions": {"IsStaging": {"Fn::Equals": [{"Ref": "Stage"}, "staging"]}}}
"""Not a seed: the schema does not know what is in a condition."""
SEEDS = (*seed_data(), WITH_CONDITION)


def _constraints_of(kind: Any) -> Iterator[Any]:
    """The same, of all values that the field may have."""
    if isinstance(kind, ConstrainedType):
        yield kind.constraint
    if isinstance(kind, MappingType):
        yield from map(OfKey, kind.keys)
    if not isinstance(kind, ModelType | KindType):
        for inside in _parts(kind):
            yield from _constraints_of(inside)


def _parts(kind: Any) -> list[Any]:
    """The types that a type is made of."""
    own = [getattr(kind, name) for name in ("item", "inner") if hasattr(kind, name)]
    return getattr(kind, "members", None) or own


def _cases() -> Iterator[Any]:
    seen = set()
    for index, data in enumerate(SEEDS):
        for model, name, path, constraint in constrained(TYPES.model(type(read(data))), data, ()):
            if (model, name, constraint) not in seen:
                seen.add((model, name, constraint))
                yield pytest.param(index, path, constraint, id=_id(model, name, constraint))


def _id(model: Any, name: str, constraint: Any) -> str:
    sort = f"key-{type(constraint.constraint).__name__}" if isinstance(constraint, OfKey) else type(constraint).__name__
    return f"{model.__name__}.{name}-{sort}"


def _variants(index: int, path: Path, constraint: Any) -> list[tuple[Any, Path, bool]]:
    """The data with values, or keys, at the bounds and beyond: where these are, and whether they are right."""
    data = SEEDS[index]
    if isinstance(constraint, OfKey):
        keys = values(constraint.constraint, path[-1])
        return [(_renamed(data, path, key), (*path[:-1], key), right) for key, right in keys]
    return [(_changed(data, path, each), path, right) for each, right in values(constraint, value_at(data, path))]


def _changed(data: Any, path: Path, value: Any) -> Any:
    made = copy.deepcopy(data)
    here = made
    for part in path[:-1]:
        here = here[part]
    here[path[-1]] = value
    return made


def _renamed(data: Any, path: Path, key: str) -> Any:
    made = copy.deepcopy(data)
    mapping = value_at(made, path[:-1])
    mapping[key] = mapping.pop(path[-1])
    return made


CASES = [*_cases()]
SCHEMA = json.loads(
    json.dumps(json_schema()),
    object_hook=lambda found: {key: each for key, each in found.items() if key != "uniqueItems"},
)
"""Lists at their bounds have one item several times."""


@pytest.mark.parametrize(("index", "path", "constraint"), CASES)
def test_a_value_is_taken_up_to_its_bounds(index: int, path: Path, constraint: Any) -> None:
    variants = _variants(index, path, constraint)
    assert variants
    code = constraint.constraint.code if isinstance(constraint, OfKey) else constraint.code
    for data, where, right in variants:
        problems = constraints(read(data))
        codes = [problem.code for problem in problems if problem.path == where]
        assert codes == ([] if right else [code]), value_at(data, where)


@pytest.mark.parametrize(("index", "path", "constraint"), CASES)
def test_the_schema_has_the_same_bounds(
    index: int, path: Path, constraint: Any, request: pytest.FixtureRequest
) -> None:
    model, name = request.node.callspec.id.split("-")[0].split(".")
    of_field = {**SCHEMA["$defs"].get(model, SCHEMA)["properties"][name], "$defs": SCHEMA["$defs"]}
    validator = Draft202012Validator(of_field)
    within = len(path) - path[::-1].index(name)
    for data, where, right in _variants(index, path, constraint):
        assert validator.is_valid(value_at(data, path[:within])) is right, where


@pytest.mark.parametrize(("model", "name"), [("Approval", "review_url"), ("ServicePlacementConstraint", "expression")])
def test_the_schema_takes_a_text_that_is_completed_later(model: str, name: str) -> None:
    field = SCHEMA["$defs"][model]["properties"][name]
    validator = Draft202012Validator({**field, "$defs": SCHEMA["$defs"]})
    assert validator.is_valid("#{Build.URL}" + "a" * 3000)
    assert validator.is_valid("{{resolve:ssm:/a}}" + "a" * 3000)
    assert not validator.is_valid("a" * 3000)


@pytest.mark.parametrize(
    ("constraint", "text"),
    [
        (Matches("https?://.+", "a URL"), "https://example.com/#{Build.ID}"),
        (Matches("https?://.+", "a URL"), "#{Build.URL}/log"),
        (Length(5, 10), "#{Build.ID}"),
        (Length(5, 10), LATER),
        (Length(2, 3, "items"), "an expression's text"),
    ],
)
def test_what_is_filled_in_later_is_not_rejected(constraint: Any, text: str) -> None:
    assert constraint.admits(with_gaps(text))


def test_nothing_is_filled_in_where_a_field_takes_plain_text() -> None:
    definition = read(_changed(SEEDS[0], ("pipeline", "stages", 1, "name"), "Test-#{Hub.CommitId}"))
    assert [problem.text for problem in constraints(definition)] == [
        'name must be 1 to 100 letters, digits, or . @ - _, got "Test-#{Hub.CommitId}"'
    ]


def test_every_constraint_of_a_definition_is_tried() -> None:
    tried = {case.id for case in CASES}
    models = _models(TYPES.model(type(read(SEEDS[0]))), set())
    declared = {
        _id(kind.model, name, each)
        for kind in models
        for name in kind.names
        for each in _constraints_of(kind.type(name))
    }
    assert declared == tried


def _models(kind: Any, found: set[ModelType]) -> set[ModelType]:
    """The models that may be in a value of a type."""
    if isinstance(kind, ModelType):
        if kind not in found:
            found.add(kind)
            for name in kind.names:
                _models(kind.type(name), found)
    elif isinstance(kind, KindType):
        for each in kind.kinds.values():
            _models(kind.resolve(each), found)
    else:
        for each in _parts(kind):
            _models(each, found)
    return found


def test_a_list_that_a_condition_chooses_is_not_looked_into() -> None:
    data = _changed(SEEDS[0], ("conditions",), {"Has": {"Fn::Equals": ["a", "b"]}})
    subnets = {"Fn::If": ["Has", ["subnet-0a1b2c3d"], {"Ref": "AWS::NoValue"}]}
    vpc = {"vpc_id": "vpc-0a1b2c3d", "subnets": subnets, "security_groups": {"Fn::Split": [",", "sg-1,sg-2"]}}
    build = {"kind": "codebuild", "name": "More", "commands": ["make"], "vpc": vpc}
    data["pipeline"]["stages"].append({"name": "More", "actions": [build]})
    assert constraints(read(data)) == []
