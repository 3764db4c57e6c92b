"""The shell functions of the script that builds images."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pipegen.output.scripts import functions
from tests.examples import ROOT

SHELLCHECK = Path(sys.executable).parent / "shellcheck"
FILE = ROOT / "pipegen" / "templates" / "docker_build.sh"


def test_the_functions_pass_shellcheck() -> None:
    result = subprocess.run(
        [SHELLCHECK, "--exclude=SC2154", FILE],  # variables that the blocks around the functions set
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout == ""


def test_every_function_is_found_by_its_name_with_its_comment() -> None:
    found = functions(FILE.name)
    assert len(found) == FILE.read_text().count("() {\n")
    for name, block in found.items():
        assert block.startswith(f"# {name} ")
        assert block.endswith("\n}")
