"""Parameter values that a definition sets in its own environments, without a fleet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipegen import InvalidDefinition, load, render
from tests.fleets import FleetDirectory, fleet
from tests.support import rejects
from tests.support.command import problems_in, run

__all__ = ["fleet"]

SIZES = "one of 256, 512, 1024, 2048, 4096, 8192, 16384, 32768 on Fargate"
CPU: dict[str, Any] = {"Cpu": {"Type": "Number", "Default": 256}}


def definition(cpu: Any, **changes: Any) -> dict[str, Any]:
    """A service in staging with this size, and a production environment without services."""
    data: dict[str, Any] = yaml.safe_load(rejects.bases()["promoted"])
    data["environments"]["production"] = {"account": "333333333333", "region": "eu-central-1"}
    data["services"]["web"]["task_definition"]["cpu"] = cpu
    return data | changes


def with_values(environment: str, **values: Any) -> dict[str, Any]:
    data = definition({"Ref": "Cpu"}, parameters=CPU)
    data["environments"][environment]["parameters"] = values
    return data


def reported(data: dict[str, Any], directory: Path, command: str = "validate") -> list[str]:
    path = directory / "orders.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False, default_flow_style=None, width=1000))
    output: list[str | Path] = ["-o", directory / "out"] if command == "render" else []
    result = run(command, path, *output)
    found = [
        line.replace(f"{directory}/", "") for line in problems_in(result.stderr) if line.startswith(str(directory))
    ]
    assert result.exit_code == any(": error: " in line for line in found)
    return found


@pytest.mark.parametrize("command", ["validate", "render"])
@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"Cpu": "300"},
            f"error: cpu must be {SIZES}, got 300 in staging; choose one of these; 1024 units are one vCPU [task-size]",
        ),
        ({"Cpu": "64"}, "error: cpu must be between 128 and 196,608, got 64 in staging [out-of-range]"),
        ({"Cpu": "abc"}, 'error: Cpu of staging: its value "abc" is not a number; correct it [parameter-value]'),
        (
            {"Cpuu": "512"},
            "warning: Cpuu is not a parameter of any stack that is deployed to staging; remove it, or correct its name "
            "[parameter-unused]",
        ),
    ],
)
def test_a_value_is_checked_where_it_is_set(values: dict[str, str], message: str, command: str, tmp_path: Path) -> None:
    [line] = reported(with_values("staging", **values), tmp_path, command)
    assert line.partition(": ")[0].startswith("orders.yaml:")
    assert line.partition(": ")[2] == message


def test_valid_values_are_accepted(tmp_path: Path) -> None:
    data = with_values("staging", Cpu="512")
    data["services"]["web"]["task_definition"]["memory"] = 1024
    assert reported(data, tmp_path) == []


def test_a_value_has_no_effect_where_nothing_uses_it(tmp_path: Path) -> None:
    [line] = reported(with_values("production", Cpu="300"), tmp_path)
    assert "warning: Cpu is not a parameter of any stack that is deployed to production; " in line


def test_loaded_definitions_are_checked_too(tmp_path: Path) -> None:
    reported(with_values("staging", Cpu="300"), tmp_path)
    [loaded] = load(tmp_path / "orders.yaml")
    with pytest.raises(InvalidDefinition, match="got 300 in staging"):
        render(loaded)


def test_an_entry_of_a_mapping_is_checked_as_a_size_of_a_task(tmp_path: Path) -> None:
    expression = {"Fn::FindInMap": ["Sizes", "staging", "Cpu"]}
    data = definition(expression, mappings={"Sizes": {"staging": {"Cpu": "300"}}})
    [line] = reported(data, tmp_path)
    assert f"error: cpu must be {SIZES}, got 300 in staging" in line


def test_a_fleet_checks_a_service_only_in_its_environment(fleet: FleetDirectory) -> None:
    data = with_values("staging", Cpu="512") | {"parameters": {"Cpu": {"Type": "Number"}}}
    data["services"]["web"]["task_definition"]["memory"] = 1024
    for file in (fleet.root / "services").iterdir():
        file.unlink()
    environments = data.pop("environments")
    environments["production"]["parameters"] = {"Cpu": "300"}
    fleet.write("pipegen.yaml", yaml.safe_dump({"environments": environments, "pipelines": data.pop("pipelines")}))
    fleet.write("services/orders.yaml", yaml.safe_dump(data))
    first = fleet.run()
    assert first.exit_code == 0, first.stderr
    environments["staging"]["parameters"] = {"Cpu": "300"}
    fleet.write("pipegen.yaml", yaml.safe_dump({"environments": environments, "pipelines": "tools"}))
    result = fleet.run()
    assert result.exit_code == 1
    assert "got 300 in staging" in result.stderr
    assert "in production" not in result.stderr
