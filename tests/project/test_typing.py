"""Types are tested as behaviour: wrong programs are refused where they are wrong, by mypy and by pyright."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.examples import ROOT

WRONG = ROOT / "tests" / "typing_cases" / "wrong.py"
BIN = Path(sys.executable).parent


def expected() -> dict[int, str]:
    lines = enumerate(WRONG.read_text().splitlines(), start=1)
    return {number: mark[1] for number, line in lines if (mark := re.search(r"# error: ([a-z-]+)$", line))}


def test_mypy_refuses_exactly_the_wrong_lines() -> None:
    command: list[str | Path] = [BIN / "mypy", "--config-file", ROOT / "pyproject.toml", "--no-error-summary", WRONG]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = re.findall(rf"{WRONG.name}:(\d+): error: .*\[([a-z-]+)\]", checked.stdout)
    assert {int(line): code for line, code in found} == expected()


@pytest.mark.slow
def test_pyright_refuses_exactly_the_wrong_lines() -> None:
    environment = {**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    command: list[str | Path] = [BIN / "pyright", "--outputjson", "--pythonpath", sys.executable, WRONG]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment, check=False)
    assert checked.stdout, checked.stderr  # it gets the program itself from the npm registry at its first start
    report = json.loads(checked.stdout)["generalDiagnostics"]
    assert {each["range"]["start"]["line"] + 1 for each in report if each["severity"] == "error"} == set(expected())
