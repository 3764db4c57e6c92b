"""The programs of the pages about Python run as they are written."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.examples import ROOT
from tests.support.command import run

PAGES = ROOT / "docs" / "how-to"


def programs(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (PAGES / page).read_text(), re.DOTALL)


@pytest.fixture
def orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "orders.py"


def execute(file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, file], cwd=file.parent, capture_output=True, text=True, check=False)


def test_the_first_program_writes_its_templates_and_prints_the_commands(orders: Path) -> None:
    orders.write_text(programs("python.md")[0])
    ran = execute(orders)
    assert "--template-file templates/orders-pipeline.yaml" in ran.stdout, ran.stderr
    written = (orders.parent / "templates" / "orders-pipeline.yaml").read_text()
    assert "#{App.CommitId}" in written
    assert run("render", orders, "-o", "again").exit_code == 0
    again = (orders.parent / "again" / "orders-pipeline.yaml").read_text()
    assert [line for line in again.splitlines() if "orders.py" not in line] == written.splitlines()[1:]


def test_a_template_is_changed_and_written(orders: Path) -> None:
    definition = (ROOT / "examples" / "monorepo.yaml").read_text()
    orders.with_suffix(".yaml").write_text(definition)
    orders.write_text(programs("python.md")[1])
    ran = execute(orders)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "catalog-pipeline, changed" in (orders.parent / "catalog-pipeline.yaml").read_text()


def test_a_kind_of_ones_own_is_rendered_like_any_other(orders: Path) -> None:
    [program] = programs("custom-action.md")
    orders.write_text(program)
    rendered = run("render", orders)
    assert rendered.exit_code == 0, rendered.stderr
    assert "FunctionName: announce" in rendered.stdout
    assert "UserParameters: '#{App.CommitId}'" in rendered.stdout
    assert "- lambda:InvokeFunction" in rendered.stdout
    assert "IAM names no resource for it" in rendered.stdout


def test_a_kind_of_ones_own_takes_twenty_lines() -> None:
    [program] = programs("custom-action.md")
    kind = program[program.index("@frozen") : program.index("\n\n\napp = ")]
    assert len(kind.splitlines()) <= 20


def test_the_fields_of_a_kind_of_ones_own_are_checked(orders: Path) -> None:
    [program] = programs("custom-action.md")
    wrong = program.replace('function="announce"', "function=5")
    line = next(number for number, text in enumerate(wrong.splitlines(), 1) if "function=5" in text)
    orders.write_text(wrong)
    found = run("validate", orders).stderr
    assert f"orders.py:{line}: error: " in found
    assert "function: expected text, got the number 5" in found
