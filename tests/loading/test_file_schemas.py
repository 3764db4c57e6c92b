"""The schemas of files and what reads them give the same verdict, as far as a schema can know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pipegen.errors import InvalidDefinition
from pipegen.fields.model import walk
from pipegen.loading.blueprints.catalog import own_directory, read_blueprint
from pipegen.loading.blueprints.source import read_source
from pipegen.loading.file_schemas import blueprint_schema, definition_schema, fleet_schema
from pipegen.loading.fleet import Fleet
from pipegen.loading.fleet_file import read_fleet
from pipegen.loading.yaml.parsing import nodes_of
from pipegen.loading.yaml_file import load_yaml
from pipegen.output.yaml import dump
from tests.conftest import Pipegen
from tests.examples import EXAMPLES
from tests.loading.test_schema import is_comparable, meets_constraints
from tests.small_fleet import write_fleet
from tests.strategies import data as any_data
from tests.strategies import fuzzing, mutated, seed_data
from tests.templates import definition

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
def test_reader_and_schema_agree_on_files_of_services(tmp_path: Path, data: Any, fine: bool) -> None:
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
def test_what_is_read_over_a_blueprint_is_valid_by_the_schema(seeded: Path, over: Any) -> None:
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
def test_reader_and_schema_agree_on_a_damaged_definition_without_a_blueprint(seeded: Path, damaged: Any) -> None:
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
        if not file.parent.name.startswith("_"):
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
    read_source.__globals__["_read"].cache_clear()
    try:
        read_blueprint(root, None)
    except InvalidDefinition:
        return False
    return True


@pytest.mark.parametrize("key", ["services", "blueprints", "environments", "tags", "locked", "foundation"])
@fuzzing(15)
@given(value=any_data().filter(is_comparable))
def test_a_fleet_that_is_read_is_right_by_the_schema(seeded: Path, key: str, value: Any) -> None:
    if is_fleet({key: value}, seeded / "fleet"):
        assert FLEETS.is_valid({key: value})
    assert not FLEETS.is_valid({key: value, "unknown": value})


@pytest.mark.slow
@fuzzing(40)
@given(mutated(), st.sampled_from(range(len(seed_data()))))
def test_defaults_that_a_definition_is_loaded_with_are_right_by_the_schema(
    seeded: Path, value: Any, index: int
) -> None:
    root = seeded / "defaults"
    root.mkdir(exist_ok=True)
    (root / "blueprint").unlink(missing_ok=True)
    (root / "blueprint").symlink_to(seeded / str(index))
    if not is_comparable(value) or not is_fleet({"defaults": value}, root):
        return
    if is_loaded({"blueprint": "./blueprint"}, root / "a.yaml", read_fleet(root)):
        assert FLEETS.is_valid({"defaults": value})


@pytest.mark.slow
@fuzzing(60)
@given(mutated().filter(is_comparable))
def test_what_a_blueprint_makes_definitions_of_is_right_by_the_schema(seeded: Path, made: Any) -> None:
    data = {"summary": "A", "definition": made}
    if is_blueprint(data, seeded / "blueprint") and is_loaded({"blueprint": "./blueprint"}, seeded / "a.yaml", None):
        assert BLUEPRINTS.is_valid(data)


EXPRESSIONS: list[tuple[Any, bool]] = [
    ({"name": "{{ service }}"}, True),
    ({"name": "a b"}, False),
    ({"names": "{{ service }}"}, False),
    ({"{{ key }}": 1}, True),
    ({"pipeline": "{{ pipeline }}"}, True),
    ({"pipeline": {"stages": "{{ stages }}"}}, True),
    ({"pipeline": {"stages": ["{{ stage }}", {"name": "{{ item }}", "loop": ["A"], "when": "{{ on }}"}]}}, True),
    ({"pipeline": {"stages": [{"name": "A", "actions": [{"kind": "{{ kind }}", "branch": "main"}]}]}}, True),
    ({"pipeline": {"stages": [{"name": "A", "actions": [{"kind": "{{ kind }}", "branches": "main"}]}]}}, False),
    ({"pipeline": {"stages": [{"name": "A", "actions": [{"kind": "approval", "branch": "main"}]}]}}, False),
    ({"pipeline": {"stages": [{"name": "A", "actions": [{"kind": "{{ x }}", "timeout_minutes": "{{ y }}"}]}]}}, True),
    ({"tags": {"a": {"Ref": "{{ name }}", "when": "{{ on }}"}, "{{ b }}": "c"}}, True),
    ({"tags": {"a": {"Sub": "b"}}}, False),
    ({"services": {"app": {"desired_count": "{{ count }}"}}}, True),
    ({"services": {"app": {"desired_count": "many"}}}, False),
    ({"overrides": {"Pipeline": {"A": ["{{ b }}", {"C": {"{{ d }}": 1}}]}}}, True),
    ({"environments": ["staging"]}, True),
    ({"blueprint": "other"}, False),
]


@pytest.mark.parametrize(("made", "fine"), EXPRESSIONS, ids=lambda value: str(value)[:70])
def test_a_blueprint_may_have_expressions_wherever_values_are(made: Any, fine: bool) -> None:
    assert BLUEPRINTS.is_valid({"summary": "A", "definition": made}) is fine


PARAMETERS = {
    "service": {"pattern": "[a-z](-?[a-z0-9]){1,31}", "pattern_description": "a name in lower case"},
    "port": {"type": "integer", "default": 8080, "minimum": 1, "maximum": 65535},
    "share": {"type": "number", "required": False},
    "on": {"type": "boolean", "default": True},
    "paths": {"type": "list", "default": [], "pattern": r"/[a-z.]+\.txt"},
    "names": {"type": "list", "default": [], "pattern": r"\d+"},
    "variables": {"type": "mapping", "default": {}},
    "topic": {"type": "value", "required": False},
    "subnets": {"type": "values", "required": False},
    "size": {"default": "1", "allowed_values": ["1", 2, "many"]},
    "count": {"type": "integer", "default": 1, "allowed_values": [1, 2]},
}
VALUES: dict[str, list[Any]] = {
    "service": ["a", "orders", "Orders", None],
    "port": [0, 1, 65535, 65536, "1", True, 1.5, [1]],
    "share": [1, 1.5, "1", True],
    "on": [True, "true", 1],
    "paths": [[], ["/a.txt"], ["a.txt"], ["/atxt"], [1], "/a.txt", {"Ref": "A"}],
    "names": [[], ["12"], [1]],
    "variables": [{}, {"A": 1}, [], "A"],
    "topic": ["a", 3, True, {"Ref": "A"}, {"Fn::Sub": "${A}"}, []],
    "subnets": [[], ["a"], {"Ref": "A"}, {"Fn::Split": [",", "a"]}, "a", 1],
    "size": ["1", 1, "2", 2, "many", "3", 3, True],
    "count": [1, 2, 3, "1"],
    "unknown": [1],
}
ARGUMENTS: list[dict[str, Any]] = [{}, *({name: value} for name, values in VALUES.items() for value in values)]


@pytest.fixture(scope="module")
def parameterised(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """A fleet with a blueprint that has every sort of parameter, one of which the fleet gives."""
    root = tmp_path_factory.mktemp("parameterised")
    write_fleet(root)
    (root / "platform" / "sorts").mkdir()
    whole = {"summary": "All", "parameters": {**PARAMETERS, "cluster": {}}, "definition": WHOLE}
    (root / "platform" / "sorts" / "blueprint.yaml").write_text(json.dumps(whole))
    return read_fleet(root)


@pytest.mark.parametrize("given", ARGUMENTS, ids=str)
def test_reader_and_schema_of_the_fleet_agree_on_arguments(parameterised: Fleet, given: Any) -> None:
    validator = Draft202012Validator(definition_schema(parameterised))
    for arguments in (given, {"service": "orders", **given}):
        data = {"blueprint": "sorts", "with": arguments}
        right = is_loaded(data, parameterised.root / "services" / "a.yaml", parameterised)
        assert validator.is_valid(data) == right, arguments
        assert DEFINITIONS.is_valid(data)  # where the blueprint is not known
        assert validator.is_valid({**data, "blueprint": "./platform/sorts"})


def test_the_schema_of_a_fleet_knows_its_blueprints_and_environments(parameterised: Fleet) -> None:
    validator = Draft202012Validator(definition_schema(parameterised))
    assert validator.is_valid({"blueprint": "web", "with": {"service": "orders"}, "environments": ["staging"]})
    assert not validator.is_valid({"blueprint": "web", "with": {"service": "orders"}, "environments": ["test"]})
    assert not validator.is_valid({"blueprint": "web"})
    assert not validator.is_valid({"blueprint": "ecs-rolling", "with": {"service": "orders", "approve": True}})
    fleets = Draft202012Validator(fleet_schema(parameterised))
    for argument, fine in (({"port": 3000}, True), ({"port": "many"}, False), ({"elsewhere": 1}, True)):
        assert fleets.is_valid({"defaults": {"with": argument}}) is fine


def test_editors_show_the_description_of_a_pattern(parameterised: Fleet) -> None:
    messages = [each for key, each in walk(definition_schema(parameterised)) if "patternErrorMessage" in key]
    assert {"must be a name in lower case", r"must match /[a-z.]+\.txt"} <= {*messages}


def test_the_command_prints_the_schema_of_the_fleet_that_it_runs_in(pipegen: Pipegen, parameterised: Fleet) -> None:
    printed = json.loads(pipegen("schema", cwd=parameterised.root / "services").stdout)
    assert printed == json.loads(json.dumps(definition_schema(parameterised)))
    assert printed != json.loads(pipegen("schema").stdout)
    assert json.loads(pipegen("schema", "foundation").stdout)["title"] == "A pipegen foundation"


def test_a_blueprint_that_cannot_be_read_is_left_out_of_the_schema(tmp_path: Path) -> None:
    root = write_fleet(tmp_path)
    (root / "platform" / "web" / "blueprint.yaml").write_text("summary: 3\n")
    names = definition_schema(read_fleet(root))["properties"]["blueprint"]["anyOf"]
    assert "ecs-rolling" in [each.get("const") for each in names]
    assert "web" not in [each.get("const") for each in names]


@pytest.mark.parametrize("key", ["summary", "parameters", "files"])
@fuzzing(15)
@given(value=any_data().filter(is_comparable))
def test_a_blueprint_that_is_read_is_right_by_the_schema(seeded: Path, key: str, value: Any) -> None:
    data = {"summary": "A", "definition": {}, key: value}
    if is_blueprint(data, seeded / "blueprint"):
        assert BLUEPRINTS.is_valid(data)
    assert not BLUEPRINTS.is_valid({**data, "unknown": value})
    assert not BLUEPRINTS.is_valid({key: value})
