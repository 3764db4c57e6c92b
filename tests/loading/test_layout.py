"""Which files are a fleet's definitions."""

from __future__ import annotations

import pytest

from tests.fleets import FLEET, FleetDirectory, fleet
from tests.support.command import problems_in

__all__ = ["fleet"]

DEEP = "**/**/**/**/**/**/**/*.yaml"


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("**x", "has ** more than 2 times, or as a part of a name"),
        ("services/a**/*.yaml", "has ** more than 2 times, or as a part of a name"),
        (DEEP, "has ** more than 2 times, or as a part of a name"),
        ("x" * 201, "has more than 200 characters"),
        (".", "leads out of the fleet"),
        ("", "leads out of the fleet"),
    ],
)
@pytest.mark.parametrize("command", ["render", "validate"])
def test_a_pattern_that_no_search_should_begin_with_is_reported(
    command: str, pattern: str, reason: str, fleet: FleetDirectory
) -> None:
    for depth in range(1, 8):
        fleet.write(f"{'x/' * depth}{depth}.yaml", "{}")
    fleet.write("pipegen.yaml", f'definitions: ["services/*.yaml", "{pattern}"]\n{FLEET}')
    result = fleet.run(command=command)
    assert result.exit_code == 1
    [line] = problems_in(result.stderr.replace(f"{fleet.root}/", ""))
    assert line.startswith("pipegen.yaml:1:34: error: ")
    assert line.endswith("[fleet-definitions]")
    assert f"{reason}; a pattern below its root" in line


def test_a_pattern_may_go_through_all_directories_twice(fleet: FleetDirectory) -> None:
    fleet.write("pipegen.yaml", f"definitions: [services/**/eu/**/*.yaml]\n{FLEET}")
    fleet.plain("orders", file="shop/eu/west/orders")
    fleet.render()
    assert list(fleet.manifest["definitions"]) == ["orders"]


def test_a_fleet_inside_another_is_left_out_of_it(fleet: FleetDirectory) -> None:
    fleet.write("services/shop/pipegen.yaml", FLEET)
    fleet.plain("cart", file="shop/services/cart")
    fleet.render()
    assert list(fleet.manifest["definitions"]) == ["billing", "catalog", "orders"]
    inner = FleetDirectory(fleet.root / "services/shop", fleet.out.with_name("inner"))
    inner.render()
    assert list(inner.manifest["definitions"]) == ["cart"]
