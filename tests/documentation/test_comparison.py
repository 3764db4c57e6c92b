"""The comparison with CDK: its figures for pipegen are those of its own blocks.

Its figures for CDK are not computed here, since that takes Node.js and 150 MB of packages.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.conftest import Pipegen
from tests.examples import ROOT

PAGE = (ROOT / "docs" / "explanation" / "compared-with-cdk.md").read_text()
BLOCKS = re.findall(r"^```(yaml|python)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
FIGURES = {name: cells for name, *cells in ROW.findall(PAGE)}


def test_the_lines_are_counted_without_blank_ones() -> None:
    assert [language for language, _ in BLOCKS] == ["yaml", "python", "python"]
    counted = [str(sum(bool(line.strip()) for line in text.splitlines())) for _, text in BLOCKS]
    assert FIGURES["lines of code"] == counted


@pytest.mark.parametrize("column", [0, 1])
def test_the_resources_and_roles_are_those_of_the_template(pipegen: Pipegen, tmp_path: Path, column: int) -> None:
    language, text = BLOCKS[column]
    file = tmp_path / f"orders.{'yaml' if language == 'yaml' else 'py'}"
    file.write_text(text)
    assert pipegen("render", str(file), "-o", str(tmp_path / "out"), "--template-format", "json").returncode == 0
    resources = json.loads((tmp_path / "out" / "orders-pipeline.json").read_text())["Resources"]
    roles = [each for each in resources.values() if each["Type"] == "AWS::IAM::Role"]
    assert FIGURES["resources in the template"][column] == str(len(resources))
    assert FIGURES["IAM roles"][column] == str(len(roles))
    granted = json.dumps(roles)
    assert "role/orders-task" in granted
    assert "service/main/orders" in granted
