"""What the pages about fleets and blueprints say is true, and nothing that can be said is missing from them."""

from __future__ import annotations

import ast
import re
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from pipegen import load
from pipegen.errors import spell
from pipegen.graph.outline import lower, outline
from pipegen.graph.wiring import wire
from pipegen.loading.blueprints import expressions, sandbox
from pipegen.loading.blueprints.blueprint import BUILTIN_NAMES, BlueprintData, BlueprintFile
from pipegen.loading.blueprints.parameter import BlueprintParameter
from pipegen.loading.fleet import FleetData
from pipegen.loading.yaml.parsing import parse
from pipegen.model.environment import Environment
from pipegen.output.scripts import verbatim
from tests.documentation.pages import DOCS
from tests.examples import ROOT
from tests.support.command import problems_in, run

FLEETS = (DOCS / "files" / "fleets.md").read_text()
BLUEPRINTS = (DOCS / "files" / "blueprints.md").read_text()


def files(page: str) -> dict[str, str]:
    """The files that a page shows, by the path in their first line."""
    return dict(re.findall(r"```yaml\n# (\S+)\n(.*?)```", page, re.DOTALL))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The fleet of the pages as the working directory."""
    for name, text in (files(FLEETS) | files(BLUEPRINTS)).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"# {name}\n{text}")
    (tmp_path / "platform" / "web" / "files").mkdir()
    (tmp_path / "platform" / "web" / "files" / "Dockerfile.j2").write_text("FROM scratch\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_fleet_of_the_pages_renders_without_a_warning(here: Path) -> None:
    rendered = run("render", ".", "-o", "out")
    assert rendered.exit_code == 0, rendered.stderr
    assert len(rendered.stderr.splitlines()) == 1, rendered.stderr
    made = {file.relative_to(here / "out").as_posix() for file in (here / "out").rglob("*") if file.is_file()}
    assert made == {
        *(
            "manifest.json",
            ".pipegen_cache/state.json",
            ".pipegen_cache/.gitignore",
            "orders/manifest.json",
            "cart/manifest.json",
        ),
        *(f"{name}/{file}" for name in ("orders", "cart") for file in (f"{name}-pipeline.yaml", "files/Dockerfile")),
        *("orders/production.parameters.json", "cart/production.parameters.json", "cart/staging.parameters.json"),
    }
    for page, name in ((FLEETS, "pipegen.yaml"), (BLUEPRINTS, "platform/web/blueprint.yaml")):
        assert name in files(page)


def test_a_stage_of_the_pages_deploys_where_its_pipeline_is(here: Path) -> None:
    """No definition has a stage for another environment than its own."""
    run("render", ".", "-o", "out")
    template = (here / "out" / "orders" / "orders-pipeline.yaml").read_text()
    assert "staging" not in template.lower()


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL)


PAGES = sorted([ROOT / "README.md", *DOCS.rglob("*.md")])
WITH_BROKEN_YAML = DOCS / "checks" / "yaml.md"


@pytest.mark.parametrize("page", [each for each in PAGES if each != WITH_BROKEN_YAML], ids=lambda page: page.name)
def test_every_block_of_a_page_can_be_read(page: Path) -> None:
    """YAML is read strictly, and Python and shell parse: no block is pseudo code."""
    for text in blocks(page, "yaml"):
        if "\n…\n" not in text:
            parse(text, page.name)
    for text in blocks(page, "python"):
        ast.parse(text)
    for text in blocks(page, "sh"):
        subprocess.run(["bash", "-n"], input=text.replace("…", "x"), text=True, check=True)


def test_every_block_has_a_language_or_is_output() -> None:
    languages = {each for page in PAGES for each in re.findall(r"^```(\w+)$", page.read_text(), re.MULTILINE)}
    assert languages <= {"yaml", "json", "python", "sh", "console", "mermaid"}


def test_what_explain_is_said_to_print_it_prints(here: Path) -> None:
    [shown] = re.findall(r"```yaml\n(# services/orders.yaml, completed\n.*?)```", FLEETS, re.DOTALL)
    printed = run("explain", "services/orders.yaml")
    assert (printed.exit_code, printed.stderr) == (0, "")
    position = 0
    for part in shown.split("…\n"):
        assert part in printed.stdout[position:], printed.stdout
        position = printed.stdout.index(part, position) + len(part)
    assert run("validate", "services/orders.yaml").exit_code == 0


def test_what_is_locked_is_rejected_with_the_line_of_the_page(here: Path) -> None:
    file = here / "services" / "orders.yaml"
    file.write_text(file.read_text().replace("tags: {team: checkout}", "permissions_boundary: none"))
    [line] = re.findall(r"^services/orders.yaml:.*\[locked-field\]\n.*related location$", FLEETS, re.MULTILINE)
    [refused] = problems_in(run("validate", "services/orders.yaml").stderr)
    before, after = line.split("…")
    assert refused.startswith(before)
    assert refused.endswith(after)


@pytest.mark.parametrize("of_model", [FleetData, Environment])
def test_every_key_of_a_fleet_is_documented(of_model: type) -> None:
    for each in fields(of_model):
        assert f"`{each.name}`" in FLEETS, each.name
        assert f"{each.name}:" in verbatim("fleet.yaml"), each.name


@pytest.mark.parametrize("of_model", [BlueprintData, BlueprintFile, BlueprintParameter])
def test_every_key_of_a_blueprint_is_documented(of_model: type) -> None:
    for each in fields(of_model):
        assert f"`{each.name}`" in BLUEPRINTS or f"`{each.name}:`" in BLUEPRINTS or f"{each.name}:\n" in BLUEPRINTS


def test_everything_that_expressions_may_contain_is_documented() -> None:
    for name in (*sandbox.FILTERS, *sandbox.TESTS, *BUILTIN_NAMES):
        assert f"`{name}`" in BLUEPRINTS or f"`{name}(" in BLUEPRINTS, name
    for limit in (expressions.LIMIT_EXPRESSION, sandbox.LIMIT_TEXT, sandbox.LIMIT_ROUNDS):
        assert f"{limit:,}" in BLUEPRINTS


# What happens when you render

WAY = (DOCS / "explanation" / "what-happens-when-you-render.md").read_text()


def test_the_page_about_rendering_names_functions_that_exist() -> None:
    named = re.findall(r"`(\w+)\(\)`\s+(?:in|at)\s+\[`([\w/.]+)`\]", WAY)
    assert len(named) > 8
    for function, module in named:
        defined = [node.name for node in ast.walk(ast.parse((ROOT / module).read_text())) if isinstance(node, _DEFINED)]
        assert function in defined, module


_DEFINED = (ast.FunctionDef, ast.ClassDef)


def test_the_page_about_rendering_shows_the_actions_and_the_wiring_of_its_example() -> None:
    lowered = lower(outline(load(ROOT / "examples" / "rolling.yaml")[0]))
    for located in lowered.actions:
        assert f"| {located.words} | {located.run_order} | {spell(located.path)} |" in WAY
    for wired in wire(lowered).actions:
        for each in wired.inputs:
            row = next(
                line for line in WAY.splitlines() if line.startswith(f"| {wired.located.words} | ") and "`" in line
            )
            assert type(each.requires).__name__ in row
            assert f"`{each.artifact}`" in row
            assert f"`{type(each.contents).__name__}`" in row
