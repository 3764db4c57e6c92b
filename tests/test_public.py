"""The public face: names, help, start-up, size of modules, and the package as it is installed."""

from __future__ import annotations

import ast
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

import pipegen
from tests.conftest import Pipegen
from tests.examples import ROOT

MODULES = sorted((ROOT / "pipegen").rglob("*.py"))


def test_all_lists_each_public_name_once_and_each_can_be_imported() -> None:
    assert len(pipegen.__all__) == len(set(pipegen.__all__))
    assert {name for name in pipegen.__all__ if getattr(pipegen, name, None) is None} == set()
    assert set(pipegen._MODULES) | {"__version__"} == set(pipegen.__all__)


def test_names_for_type_checkers_are_those_at_run_time() -> None:
    tree = ast.parse((ROOT / "pipegen" / "__init__.py").read_text())
    [guarded] = [node for node in tree.body if isinstance(node, ast.If)]
    imported = {
        alias.name: statement.module
        for statement in guarded.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    assert imported == {name: f"pipegen.{module}" for name, module in pipegen._MODULES.items()}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Pipelines'"):
        _ = pipegen.Pipelines


def test_help_and_version_import_nothing_heavy(pipegen: Pipegen) -> None:
    program = (
        "import sys; sys.argv = ['pipegen', *sys.argv[1:]]\n"
        "from pipegen.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([name for name in ('troposphere', 'awacs', 'jinja2', 'yaml') if name in sys.modules])"
    )
    for option in ("--help", "--version"):
        shown = subprocess.run([sys.executable, "-c", program, option], capture_output=True, text=True, check=True)
        assert shown.stdout.endswith("\n[]\n")


@pytest.mark.parametrize(
    "command",
    ["render", "validate", "schema", "taskdef", "appspec", "deployment", "redeploy", "explain", "blueprints", "init"],
)
def test_every_command_has_help(pipegen: Pipegen, command: str) -> None:
    shown = pipegen(command, "--help")
    assert shown.returncode == 0
    assert len(shown.stdout.splitlines()) > 5


def test_executing_python_is_said_in_the_help(pipegen: Pipegen) -> None:
    for command in ("render", "validate", "taskdef", "appspec", "deployment", "redeploy"):
        assert "Python file is executed" in " ".join(pipegen(command, "--help").stdout.split())


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_one_noun(module: Path) -> None:
    text = module.read_text()
    assert len(text.splitlines()) <= 400
    assert ast.get_docstring(ast.parse(text))


@pytest.mark.slow
def test_the_wheel_renders_an_example_with_nothing_else_installed(tmp_path: Path) -> None:
    """What users install: built from the tree, into an environment without the development tools."""
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path, ROOT], check=True, capture_output=True
    )
    [wheel] = tmp_path.glob("pipegen_aws-*.whl")
    facts = {f"pipegen/facts/{file.name}" for file in (ROOT / "pipegen" / "facts").glob("*.json")}
    assert facts <= {*zipfile.ZipFile(wheel).namelist()}
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", wheel], check=True, capture_output=True)
    example = ROOT / "examples" / "rolling.yaml"
    command: list[str | Path] = [tmp_path / "venv" / "bin" / "pipegen", "render", example]
    rendered = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert rendered.stdout == (ROOT / "tests" / "golden" / "expresso-pipeline.yaml").read_text()
    assert _blueprints_of(python) == {file.parent.name for file in (ROOT / "blueprints").glob("[a-z]*/blueprint.yaml")}
    without_lint = subprocess.run(
        [command[0], "validate", "--lint", example], capture_output=True, text=True, check=False
    )
    assert without_lint.returncode == 2
    assert "pip install 'pipegen-aws[lint]'" in without_lint.stderr


def _blueprints_of(python: Path) -> set[str]:
    """The blueprints that an installation brings."""
    code = "from pipegen.loading.blueprints.catalog import catalog; print(*catalog(None))"
    return set(subprocess.run([python, "-I", "-c", code], check=True, capture_output=True, text=True).stdout.split())
