"""The README and the pages beside it show what works: snippets render, and commands run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Pipegen
from tests.documentation.pages import DOCS
from tests.examples import ROOT
from tests.support.command import run

README = ROOT / "README.md"
DEFINITIONS = DOCS / "files" / "definitions.md"
DEPLOY_MANUALLY = DOCS / "how-to" / "deploy-manually.md"


def snippets(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL)


@pytest.mark.parametrize("page", [README, DEFINITIONS], ids=lambda page: page.name)
def test_the_first_pipeline_is_the_same_in_yaml_and_python(page: Path, tmp_path: Path) -> None:
    files = [tmp_path / "orders.yaml", tmp_path / "orders.py"]
    for file, language in zip(files, ("yaml", "python"), strict=True):
        file.write_text(snippets(page, language)[0])
    in_yaml, in_python = (run("render", file) for file in files)
    assert (in_yaml.exit_code, in_python.exit_code) == (0, 0), in_yaml.stderr + in_python.stderr
    assert in_yaml.stdout.replace("orders.yaml", "") == in_python.stdout.replace("orders.py", "")
    assert "warning" not in in_yaml.stderr


def test_a_pipeline_is_ten_lines(tmp_path: Path) -> None:
    assert len(snippets(README, "yaml")[0].splitlines()) <= 10


def test_a_service_of_a_blueprint_is_six_lines(tmp_path: Path) -> None:
    text = snippets(README, "yaml")[1]
    assert len(text.splitlines()) <= 6
    (tmp_path / "orders.yaml").write_text(text)
    rendered = run("render", tmp_path / "orders.yaml", "-o", tmp_path / "out")
    assert (rendered.exit_code, "warning" in rendered.stderr) == (0, False), rendered.stderr
    written = sorted(file.stem for file in (tmp_path / "out").iterdir())
    assert written == ["orders-app", "orders-pipeline", "orders-registry"]


def test_the_library_snippet_runs(tmp_path: Path) -> None:
    (tmp_path / "orders.yaml").write_text(snippets(DEFINITIONS, "yaml")[0])
    command = [sys.executable, "-c", snippets(DEFINITIONS, "python")[1]]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "aws cloudformation deploy" in ran.stdout, ran.stderr
    assert ran.stdout.startswith("templates/orders-pipeline.yaml\n")
    assert (tmp_path / "templates" / "orders-pipeline.yaml").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("page", [README, DEPLOY_MANUALLY], ids=lambda page: page.name)
def test_every_command_of_the_page_runs(page: Path, pipegen: Pipegen, tmp_path: Path) -> None:
    (tmp_path / "orders.yaml").write_text(snippets(README, "yaml")[0])
    web = (ROOT / "tests" / "support" / "web.yaml").read_text()
    (tmp_path / "web.yaml").write_text(re.sub("^ +(platform_version|after_install): .*\n", "", web, flags=re.MULTILINE))
    lines = [line for text in snippets(page, "sh") for line in text.splitlines() if line.startswith("pipegen ")]
    assert len(lines) >= 2
    for line in lines:
        words = re.split(r"\s+#|\s+>", line)[0].split()[1:]
        ran = pipegen(*words)
        assert ran.returncode == 0, ran.stderr


def test_the_first_screen_says_what_is_missing() -> None:
    """A reader decides here; the limits that decide are not further down."""
    screen = " ".join(" ".join(README.read_text().splitlines()[:30]).replace(">", "").split())
    for decisive in ("Nothing that pipegen renders has been deployed to AWS", "not published on PyPI"):
        assert decisive in screen
