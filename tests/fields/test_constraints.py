"""The constraints of all fields, through the reader: at their bounds, and beyond them."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pipegen.checks.constraints import constraints
from pipegen.definitions.reading import read
from pipegen.definitions.schema import json_schema
from pipegen.errors import Path
from pipegen.fields.base import Type
from pipegen.fields.constraints import Between, ConstrainedType, Length, Matches, OneOf
from pipegen.fields.containers import ChosenType, KindType, ListType, MappingType, ModelType, UnionType
from pipegen.fields.gaps import LATER, with_gaps
from pipegen.reading import TYPES
from tests.strategies import seed_data

WITH_CONDITION = {**seed_data()[0], "conditions": {"IsStaging": {"Fn::Equals": [{"Ref": "Stage"}, "staging"]}}}
"""Not a seed: the schema does not know what is in a condition."""
SEEDS = (*seed_data(), WITH_CONDITION)


def _constrained(kind: Any, data: Any, path: Path) -> Iterator[tuple[Any, str, Path, Any]]:
    """Each constraint of the fields of all models in the data: its model and field, where it is, and the constraint.
    That of a list, a mapping or a key needs an item."""
    if isinstance(kind, ModelType) and isinstance(data, Mapping):
        yield from _of_model(kind, data, path)
    elif isinstance(kind, ListType) and isinstance(data, list):
        for index, item in enumerate(data):
            yield from _constrained(kind.item, item, (*path, index))
    elif isinstance(kind, MappingType) and isinstance(data, Mapping):
        for key, item in data.items():
            yield from _constrained(kind.item, item, (*path, key))
    else:
        for inside in _inside(kind, data):
            yield from _constrained(inside, data, path)


def _of_model(kind: ModelType, data: Any, path: Path) -> Iterator[tuple[Any, str, Path, Any]]:
    for name in kind.names:
        for where, each in _constraints_at(kind.type(name), data.get(name), (*path, name)):
            if _given(data, where[len(path) :]) or not isinstance(each, Length) or each.noun == "characters":
                yield kind.model, name, where, each
        if name in data:
            yield from _constrained(kind.type(name), data[name], (*path, name))


def _inside(kind: Any, data: Any) -> Iterator[Type]:
    """The types that may be meant."""
    if isinstance(kind, UnionType):
        yield from kind.members
    elif isinstance(kind, ChosenType):
        yield kind.members[kind.choose(data)]
    elif isinstance(kind, KindType) and isinstance(data, Mapping):
        yield kind.resolve(kind.kinds[data.get("kind", kind.first)])
    elif hasattr(kind, "inner"):
        yield kind.inner


@dataclass(frozen=True)
class OfKey:
    """A constraint of the key at the end of a path."""

    constraint: Any


def _constraints_at(kind: Any, data: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Those of a field's value, and of the items of a list or mapping and its keys."""
    if isinstance(kind, ConstrainedType):
        yield path, kind.constraint
    if isinstance(kind, MappingType):
        yield from (((*path, key), OfKey(each)) for each in kind.keys for key in data or ())
    if isinstance(kind, ListType | MappingType):
        for key, item in data.items() if isinstance(data, Mapping) else enumerate(data or ()):
            yield from _constraints_at(kind.item, item, (*path, key))
    elif not isinstance(kind, KindType):
        for inside in _inside(kind, data):
            yield from _constraints_at(inside, data, path)


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
        for model, name, path, constraint in _constrained(TYPES.model(type(read(data))), data, ()):
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
        keys = _values(constraint.constraint, path[-1])
        return [(_renamed(data, path, key), (*path[:-1], key), right) for key, right in keys]
    return [(_changed(data, path, each), path, right) for each, right in _values(constraint, _given(data, path))]


def _values(constraint: Any, given: Any) -> Iterator[tuple[Any, bool]]:
    """Values at the bounds and beyond, and whether they are right."""
    if isinstance(constraint, Between):
        yield from _around(constraint)
    elif isinstance(constraint, Length):
        for bound, beyond in ((constraint.low, -1), (constraint.high, 1)):
            for number, right in ((bound, True), (None if bound is None else bound + beyond, False)):
                if number is not None and number >= 0:
                    yield _of_length(number, given if constraint.noun != "characters" else ""), right
    elif isinstance(constraint, OneOf):
        yield from ((each, True) for each in constraint.values)
        yield from ((each, False) for each in (min(constraint.values) - 1, max(constraint.values) + 1))
    elif isinstance(constraint, Matches):
        if isinstance(given, str):
            yield given, True
        yield "\x01 ä{}\n\nä", False


def _around(constraint: Between) -> Iterator[tuple[Any, bool]]:
    for bound, beyond in ((constraint.low, -1), (constraint.high, 1)):
        if bound is not None:
            yield from ((bound, True), (bound + beyond, False))
    if constraint.or_zero:
        yield from ((0, True), (1, False), (-1, False))


def _of_length(number: int, given: Any) -> Any:
    if isinstance(given, Mapping):
        return {f"key{index}": next(iter(given.values())) for index in range(number)}
    return [given[0]] * number if isinstance(given, list) else "a" * number


def _changed(data: Any, path: Path, value: Any) -> Any:
    made = copy.deepcopy(data)
    here = made
    for part in path[:-1]:
        here = here[part]
    here[path[-1]] = value
    return made


def _renamed(data: Any, path: Path, key: str) -> Any:
    made = copy.deepcopy(data)
    mapping = _given(made, path[:-1])
    mapping[key] = mapping.pop(path[-1])
    return made


def _given(data: Any, path: Path) -> Any:
    for part in path:
        data = data.get(part) if isinstance(data, Mapping) else data[part]
    return data


CASES = [*_cases()]
SCHEMA = json_schema()


@pytest.mark.parametrize(("index", "path", "constraint"), CASES)
def test_a_value_is_taken_up_to_its_bounds(index: int, path: Path, constraint: Any) -> None:
    variants = _variants(index, path, constraint)
    assert variants
    code = constraint.constraint.code if isinstance(constraint, OfKey) else constraint.code
    for data, where, right in variants:
        found = constraints(read(data))
        codes = [problem.code for problem in found if problem.path == where]
        assert codes == ([] if right else [code]), _given(data, where)


@pytest.mark.parametrize(("index", "path", "constraint"), CASES)
def test_the_schema_has_the_same_bounds(
    index: int, path: Path, constraint: Any, request: pytest.FixtureRequest
) -> None:
    model, name = request.node.callspec.id.split("-")[0].split(".")
    of_field = {**SCHEMA["$defs"].get(model, SCHEMA)["properties"][name], "$defs": SCHEMA["$defs"]}
    validator = Draft202012Validator(of_field)
    within = len(path) - path[::-1].index(name)
    for data, where, right in _variants(index, path, constraint):
        assert validator.is_valid(_given(data, path[:within])) is right, where


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
def test_what_is_filled_in_later_is_not_refused(constraint: Any, text: str) -> None:
    assert constraint.admits(with_gaps(text))


def test_nothing_is_filled_in_where_a_field_takes_plain_text() -> None:
    definition = read(_changed(SEEDS[0], ("pipeline", "stages", 1, "name"), "Test-#{Hub.CommitId}"))
    assert [problem.text for problem in constraints(definition)] == [
        "name must be 1 to 100 letters, digits, or . @ - _, got 'Test-#{Hub.CommitId}'"
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
