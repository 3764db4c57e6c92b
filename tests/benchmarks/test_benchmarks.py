"""The benchmark measures against the same resources, or it measures nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipegen import load, render
from tests.benchmarks.by_hand import template_by_hand
from tests.benchmarks.fleet import rebuilt
from tests.benchmarks.fleets import BLUEPRINTS, make_fleet
from tests.benchmarks.processes import COMMAND, IMPORTS, relative_time
from tests.conftest import Pipegen
from tests.examples import EXAMPLES, ROOT
from tests.support.command import run


def test_the_hand_written_stacks_are_what_pipegen_renders(pipegen: Pipegen) -> None:
    rendered = json.loads(pipegen("render", EXAMPLES[0].yaml, "--template-format", "json").stdout)
    # Nobody writes down by hand what scanners are told.
    del rendered["Metadata"]
    for resource in rendered["Resources"].values():
        resource.pop("Metadata", None)
    assert json.loads(template_by_hand()) == rendered


def test_what_troposphere_builds_once_more_is_what_a_fleet_renders() -> None:
    for rendered in render(load(ROOT / "blueprints" / "ecs-blue-green" / "example.yaml")[0]).stacks:
        given = rendered.stack.template.to_dict()
        again = rebuilt(rendered.stack.template).to_dict()
        assert len(given["Resources"]) > 0
        assert {key: again.get(key) for key in ("Parameters", "Resources", "Outputs")} == {
            key: given.get(key) for key in ("Parameters", "Resources", "Outputs")
        }


@pytest.mark.parametrize("over_accounts", [False, True])
def test_a_fleet_of_the_benchmark_renders(over_accounts: bool, tmp_path: Path) -> None:
    make_fleet(tmp_path / "fleet", len(BLUEPRINTS), over_accounts=over_accounts)
    rendered = run("render", tmp_path / "fleet", "-o", tmp_path / "out")
    assert rendered.exit_code == 0, rendered.stderr


@pytest.mark.slow
def test_a_render_takes_at_most_three_times_what_the_imports_that_it_cannot_avoid_take(tmp_path: Path) -> None:
    assert relative_time(IMPORTS, (COMMAND, "render", EXAMPLES[0].yaml, "-o", tmp_path)) < 3
