"""The page about blueprints that extend others shows a fleet that renders, and what the commands print of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipegen import load
from tests.examples import ROOT
from tests.support.command import problems_in, run

PAGE = (ROOT / "docs" / "how-to" / "extend-a-blueprint.md").read_text()
FILES: dict[str, str] = dict(re.findall(r"```yaml\n# (\S+)\n(.*?)```", PAGE, re.DOTALL))
BLUEPRINT = "platform/scanned-web/blueprint.yaml"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The fleet of the page as the working directory."""
    for name, text in {"pipegen.yaml": "blueprints: [platform]\n", **FILES}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"# {name}\n{text}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_service_of_the_page_has_what_it_inherits_and_one_action_more(here: Path) -> None:
    rendered = run("render", ".", "-o", "out")
    assert rendered.exit_code == 0, rendered.stderr
    assert len(rendered.stderr.splitlines()) == 1, rendered.stderr
    pipeline = (here / "out" / "checkout" / "checkout-pipeline.yaml").read_text()
    assert "trivy fs --exit-code 1 --severity CRITICAL ." in pipeline
    assert "TimeoutInMinutes: 20" in pipeline
    stages = load("services/checkout.yaml")[0].pipeline.stages
    assert [[action.name for action in stage.actions] for stage in stages] == [["App"], ["Image", "Scan"], ["Service"]]
    source = stages[0].actions[0]
    assert getattr(source, "kind", "") == "gitlab"


def test_explain_prints_what_the_page_shows() -> None:
    [shown] = re.findall(r"```yaml\n(# services/checkout.yaml, completed\n.*?)```", PAGE, re.DOTALL)
    printed = run("explain", "services/checkout.yaml")
    assert (printed.exit_code, printed.stderr) == (0, "")
    for part in shown.split("…\n"):
        assert part in printed.stdout


def test_a_misspelt_name_is_reported_as_the_page_says(here: Path) -> None:
    file = here / BLUEPRINT
    file.write_text(file.read_text().replace("name: Build\n", "name: Biuld\n"))
    [line] = re.findall(r"^platform/.*\[inherited-name\]\n.*related location$", PAGE, re.MULTILINE)
    first = problems_in(run("validate", "services/checkout.yaml").stderr)[0]
    assert re.fullmatch(re.escape(line).replace("…", r"\d+:\d+"), first), first
