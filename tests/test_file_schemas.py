"""The schemas of files and what reads them give the same verdict, as far as a schema can know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from pipegen.definitions.blueprint import read_blueprint
from pipegen.definitions.catalog import own_directory
from pipegen.definitions.file_schemas import blueprint_schema, definition_schema, fleet_schema
from pipegen.definitions.fleet import Fleet, read_fleet
from pipegen.definitions.yaml_file import load_yaml
from pipegen.definitions.yaml_nodes import nodes_of
from pipegen.errors import InvalidDefinition
from pipegen.yaml_text import dump
from tests.examples import EXAMPLES
from tests.small_fleet import write_fleet
from tests.strategies import data as any_data
from tests.strategies import fuzzing, mutated, seed_data
from tests.templates import definition
from tests.test_schema import is_comparable, meets_constraints

DEFINITIONS = Draft202012Validator(definition_schema())
FLEETS = Draft202012Validator(fleet_schema())
BLUEPRINTS = Draft202012Validator(blueprint_schema())
WHOLE = definition()


def is_loaded(data: Any, path: Path, fleet: Fleet | None) -> bool | None:
    """Whether a file with the data is loaded, and the literals in it meet the constraints of their fields."""
    try:
        loaded = load_yaml(path, fleet, dump(data))
    except InvalidDefinition:
        return False
    assert loaded.origin is not None
    return meets_constraints(loaded.definition, loaded.origin.node.data)


# fmt: off
SERVICES: list[tuple[Any, bool]] = [
    ({"blueprint": "web", "with": {"service": "orders"}}, True),
    ({"blueprint": "./platform/web", "with": {"service": "orders"}}, True),
    ({"blueprint": "web", "with": {"service": "orders"}, "environments": ["staging"]}, True),
    ({"blueprint": "web", "with": {"service": "orders"}, "environments": []}, False),
    ({"blueprint": "web", "with": {"service": "orders"}, "environments": "staging"}, False),
    ({"blueprint": "web", "with": {"service": "orders"}, "environments": [3]}, False),
    ({"blueprint": "web", "with": ["orders"]}, False),
    ({"blueprint": 3}, False),
    ({"blueprint": None}, False),
    ({"blueprint": "/web"}, False),
    ({"blueprint": "a b"}, False),
    ({"with": {"service": "orders"}, **WHOLE}, False),
    ({"environments": ["staging"], **WHOLE}, True),
    (WHOLE, True),
    ({"name": "orders"}, False),
    ({"pipeline": WHOLE["pipeline"]}, False),
    ({"blueprint": "web", "with": {"service": "orders"}, "name": "other"}, True),
    ({"blueprint": "web", "with": {"service": "orders"}, "name": 3}, False),
    ({"blueprint": "web", "with": {"service": "orders"}, "pipelines": {}}, False),
    ({"blueprint": "web", "with": {"service": "orders"}, "pipeline": {"execution_mode": "SUPERSEDED"}}, True),
    ({"blueprint": "web", "with": {"service": "orders"}, "pipeline": {"execution_mode": "FAST"}}, False),
    ({"blueprint": "web", "with": {"service": "orders"}, "pipeline": {"stages": [{"name": "A"}]}}, False),
    ({"blueprint": "web", "with": {"service": "orders"}, "pipeline": WHOLE["pipeline"]}, True),
    ({"blueprint": "web", "with": {"service": "orders"}, "pipeline": {}}, True),
    ({"blueprint": "web", "with": {"service": "orders"}, "parameters": {"ConnectionArn": {"Default": "a"}}}, True),
    ({"blueprint": "web", "with": {"service": "orders"}, "tags": {"a": {"Ref": "TopicArn"}}}, True),
    ({"blueprint": "web", "with": {"service": "orders"}, "tags": {"a": {"Ref": ""}}}, False),
    ({"blueprint": "web", "with": {"service": "orders"}, "tags": {"a": {}}}, False),
    ({"blueprint": "web", "with": {"service": "orders"}, "tags": []}, False),
    ([], False),
    ("web", False),
]
# fmt: on


@pytest.mark.parametrize(("data", "fine"), SERVICES, ids=lambda value: str(value)[:70])
def test_files_of_services_get_the_same_verdict_from_the_schema_and_the_reader(
    tmp_path: Path, data: Any, fine: bool
) -> None:
    fleet = read_fleet(write_fleet(tmp_path))
    assert is_loaded(data, tmp_path / "services" / "a.yaml", fleet) is fine
    assert DEFINITIONS.is_valid(data) is fine


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fleet with a blueprint for each seed, which makes just that."""
    root = tmp_path_factory.mktemp("seeded")
    (root / "pipegen.yaml").write_text("{}\n")
    for index, seed in enumerate(seed_data()):
        (root / str(index)).mkdir()
        (root / str(index) / "blueprint.yaml").write_text(json.dumps({"summary": "A seed", "definition": seed}))
    return root


@pytest.mark.slow
@fuzzing(150)
@given(mutated().filter(is_comparable))
def test_whatever_is_read_over_a_blueprint_is_right_by_the_schema(seeded: Path, over: Any) -> None:
    if not isinstance(over, dict):
        return
    fleet = read_fleet(seeded)
    for index in range(len(seed_data())):
        data = {**over, "blueprint": f"./{index}"}
        if is_loaded(data, seeded / "a.yaml", fleet):
            assert DEFINITIONS.is_valid(data)


@pytest.mark.slow
@fuzzing(150)
@given(mutated().filter(is_comparable))
def test_a_damaged_definition_without_a_blueprint_gets_the_same_verdict(seeded: Path, damaged: Any) -> None:
    assert is_loaded(damaged, seeded.parent / "a.yaml", None) in (None, DEFINITIONS.is_valid(damaged))


def test_a_part_of_every_service_may_be_said_over_a_blueprint() -> None:
    parts = [
        {"app": {"desired_count": 2}},
        {"app": {"deployment": {"alarms": ["a"]}, "load_balancer": {"priority": 3}}},
        {"app": {"cluster": {"create": False}}},
        {"app": {"task_definition": {"cpu": 256}}},
    ]
    for services in parts:
        assert DEFINITIONS.is_valid({"blueprint": "web", "services": services})
        assert not DEFINITIONS.is_valid({"blueprint": "web", "services": {"app": {"unknown": services}}})
    in_a_list = {"app": {"task_definition": {"containers": [{"image": "a"}]}}}  # without a name
    assert not DEFINITIONS.is_valid({"blueprint": "web", "services": in_a_list})


def test_every_example_and_every_file_of_the_fleet_is_right(tmp_path: Path) -> None:
    write_fleet(tmp_path)
    for example in EXAMPLES:
        assert DEFINITIONS.is_valid(nodes_of(example.yaml).data)
    assert DEFINITIONS.is_valid(nodes_of(tmp_path / "services" / "orders.yaml").data)
    assert FLEETS.is_valid(nodes_of(tmp_path / "pipegen.yaml").data)
    assert BLUEPRINTS.is_valid(nodes_of(tmp_path / "platform" / "web" / "blueprint.yaml").data)
    for file in own_directory().glob("*/blueprint.yaml"):
        assert BLUEPRINTS.is_valid(nodes_of(file).data), file
        assert DEFINITIONS.is_valid(nodes_of(file.with_name("example.yaml")).data), file


def is_fleet(data: Any, root: Path) -> bool:
    root.mkdir(exist_ok=True)
    (root / "pipegen.yaml").write_text(json.dumps(data))
    read_fleet.__globals__["_read"].cache_clear()  # files are written faster than times tell apart
    try:
        read_fleet(root)
    except InvalidDefinition:
        return False
    return True


def is_blueprint(data: Any, root: Path) -> bool:
    root.mkdir(exist_ok=True)
    (root / "blueprint.yaml").write_text(json.dumps(data))
    read_blueprint.__globals__["_read"].cache_clear()
    try:
        read_blueprint(root, "a")
    except InvalidDefinition:
        return False
    return True


@pytest.mark.parametrize("key", ["services", "blueprints", "defaults", "environments", "tags", "locked", "foundation"])
@fuzzing(15)
@given(value=any_data().filter(is_comparable))
def test_a_fleet_that_is_read_is_right_by_the_schema(seeded: Path, key: str, value: Any) -> None:
    if is_fleet({key: value}, seeded / "fleet"):
        assert FLEETS.is_valid({key: value})
    assert not FLEETS.is_valid({key: value, "unknown": value})


@pytest.mark.parametrize("key", ["summary", "definition", "parameters", "files"])
@fuzzing(15)
@given(value=any_data().filter(is_comparable))
def test_a_blueprint_that_is_read_is_right_by_the_schema(seeded: Path, key: str, value: Any) -> None:
    data = {"summary": "A", "definition": {}, key: value}
    if is_blueprint(data, seeded / "blueprint"):
        assert BLUEPRINTS.is_valid(data)
    assert not BLUEPRINTS.is_valid({**data, "unknown": value})
    assert not BLUEPRINTS.is_valid({key: value})
