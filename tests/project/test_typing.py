"""Types are tested as behaviour: wrong programs are refused where they are wrong, by mypy and by pyright."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.examples import ROOT

PAGES = [
    ROOT / "README.md",
    *(page for page in (ROOT / "docs").rglob("*.md") if page.parent.name not in ("checks", "explanation")),
]
"""Those with complete programs."""
WRONG = ROOT / "tests" / "typing_cases" / "wrong.py"
BIN = Path(sys.executable).parent


def expected() -> dict[int, str]:
    lines = enumerate(WRONG.read_text().splitlines(), start=1)
    return {number: mark[1] for number, line in lines if (mark := re.search(r"# error: ([a-z-]+)$", line))}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A user's project, whose settings for type checkers are strict. troposphere has annotations but no py.typed."""
    (tmp_path / "pyproject.toml").write_text(
        '[tool.mypy]\nstrict = true\n[tool.pyright]\ntypeCheckingMode = "strict"\nreportMissingTypeStubs = false\n'
        '[[tool.mypy.overrides]]\nmodule = "troposphere.*"\nfollow_untyped_imports = true\n'
    )
    shutil.copy(WRONG, tmp_path)
    for example in (ROOT / "examples").glob("*.py"):
        shutil.copy(example, tmp_path)
    for page in PAGES:
        for number, block in enumerate(re.findall("```python\n(.*?)```", page.read_text(), re.DOTALL)):
            (tmp_path / f"{page.stem.lower().replace('-', '_')}_{number}.py").write_text(block)
    return tmp_path


def test_mypy_rejects_exactly_the_wrong_lines(project: Path) -> None:
    command: list[str | Path] = [BIN / "mypy", "--no-error-summary", "--cache-dir", ROOT / ".mypy_cache" / "user", "."]
    checked = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    found = re.findall(r"^(\S+):(\d+): error: .*\[([a-z-]+)\]", checked.stdout, re.MULTILINE)
    assert [line for line in found if line[0] != WRONG.name] == []
    assert {int(line): code for _, line, code in found} == expected()


@pytest.mark.slow
def test_pyright_rejects_exactly_the_wrong_lines(project: Path) -> None:
    environment = {**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    command: list[str | Path] = [BIN / "pyright", "--outputjson", "--pythonpath", sys.executable, "."]
    checked = subprocess.run(command, cwd=project, capture_output=True, text=True, env=environment, check=False)
    assert checked.stdout, checked.stderr  # it gets the program itself from the npm registry at its first start
    report = [each for each in json.loads(checked.stdout)["generalDiagnostics"] if each["severity"] == "error"]
    assert [each for each in report if Path(each["file"]).name != WRONG.name] == []
    assert {each["range"]["start"]["line"] + 1 for each in report} == set(expected())
