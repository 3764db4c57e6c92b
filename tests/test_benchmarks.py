"""The benchmark measures against the same resources, or it measures nothing."""

from __future__ import annotations

import json

from tests.benchmarks.by_hand import template_by_hand
from tests.conftest import Pipegen
from tests.examples import EXAMPLES


def test_what_is_written_by_hand_is_what_pipegen_renders(pipegen: Pipegen) -> None:
    rendered = json.loads(pipegen("render", EXAMPLES[0].yaml, "--format", "json").stdout)
    # Nobody writes down by hand what scanners are told.
    del rendered["Metadata"]
    for resource in rendered["Resources"].values():
        resource.pop("Metadata", None)
    assert json.loads(template_by_hand()) == rendered
