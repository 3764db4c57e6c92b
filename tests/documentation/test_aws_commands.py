"""The AWS CLI accepts the commands of the how-to guides: their names, options and values."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.documentation.pages import DOCS
from tests.support.cloud import aws_program

PAGES = [
    page for page in sorted((DOCS / "how-to").glob("*.md")) if re.search("^aws |=\\$\\(aws ", page.read_text(), re.M)
]
# The only command that the blocks find. It fails because nothing listens on the port, and reports how it failed.
AWS = """\
#!/bin/bash
{aws} --endpoint-url http://127.0.0.1:1 --cli-connect-timeout 1 "$@" 2>&1 | while read -r line; do
  echo "$1 $2: $line" >> {log}
done
"""
MISTAKES = ("usage:", "unknown options", "error parsing", "parameter validation", "are required", "invalid choice")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_cli_accepts_the_commands_of_a_page(page: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    commands = tmp_path / "bin" / "aws"
    commands.parent.mkdir()
    commands.write_text(AWS.format(aws=aws_program(), log=log))
    commands.chmod(0o755)
    for block in re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL):
        run_block(block.replace("…", "x"), tmp_path, commands.parent)
    lines = log.read_text().splitlines()
    assert lines
    # The files of --cli-input-json come from pipegen, and are empty here.
    reported = [line for line in lines if "cli-input-json" not in line]
    assert not [line for line in reported if any(mistake in line.lower() for mistake in MISTAKES)]


def run_block(block: str, directory: Path, commands: Path) -> None:
    for name in re.findall(r"file://([\w.-]+)", block):
        (directory / name).write_text("{}")
    variables = {
        "PATH": str(commands),
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_MAX_ATTEMPTS": "1",
        "HOME": str(directory),
        "LANG": os.environ.get("LANG", "C.UTF-8"),
    }
    subprocess.run(
        ["/bin/bash"], input=block, text=True, cwd=directory, env=variables, capture_output=True, check=False
    )
