"""The public face: names, help, start-up, size of modules, and the package as it is installed."""

from __future__ import annotations

import ast
import importlib
import inspect
import pydoc
import re
import rlcompleter
import subprocess
import sys
import venv
import zipfile
from dataclasses import MISSING, fields
from itertools import count, takewhile
from pathlib import Path
from typing import Any, cast

import pytest

import pipegen
from pipegen import lazy
from tests.conftest import Pipegen
from tests.examples import ROOT

PACKAGES = ("actions", "codebuild", "codedeploy", "conditions", "ecs", "elb", "notifications")
MODULES = sorted((ROOT / "pipegen").rglob("*.py"))


PUBLIC = [importlib.import_module(name) for name in ("pipegen", *(f"pipegen.{each}" for each in PACKAGES))]


def names_of(module: Any) -> list[str]:
    return list(module.__all__)


@pytest.mark.parametrize("module", PUBLIC, ids=lambda module: module.__name__)
def test_every_public_name_can_be_imported_and_is_listed(module: Any) -> None:
    names = names_of(module)
    assert len(names) == len(set(names))
    assert {name for name in names if getattr(module, name, None) is None} == set()
    assert set(names) <= set(dir(module))
    assert not {"TYPE_CHECKING", "annotations", "lazy", "public_names"} & set(dir(module))


@pytest.mark.parametrize("module", PUBLIC, ids=lambda module: module.__name__)
def test_names_for_type_checkers_are_those_at_run_time(module: Any) -> None:
    tree = ast.parse(Path(module.__file__).read_text())
    [guarded] = [node for node in tree.body if isinstance(node, ast.If)]
    imported = {
        alias.name: statement.module
        for statement in guarded.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
        if alias.asname == alias.name  # which makes it public for type checkers
    }
    assert imported == homes(module)


def homes(module: Any) -> dict[str, str]:
    """The module that each public name is taken from."""
    call = next(node for node in ast.walk(ast.parse(Path(module.__file__).read_text())) if isinstance(node, ast.Dict))
    listed: dict[str, str] = ast.literal_eval(call)
    return {name: home for home, names in listed.items() for name in names.split()}


def test_the_first_names_are_few_and_no_two_packages_have_one_name_for_two_things() -> None:
    assert len(names_of(pipegen)) <= 45
    things: dict[str, set[int]] = {}
    for module in PUBLIC:
        for name in names_of(module):
            things.setdefault(name, set()).add(id(getattr(module, name)))
    assert {name for name, found in things.items() if len(found) > 1} == set()


def test_completion_and_help_show_the_public_names() -> None:
    assert {"Definition", "GitHub", "render"} <= set(rlcompleter_names("pipegen."))
    shown = pydoc.render_doc(pipegen, renderer=cast(Any, pydoc).plaintext)
    assert "class Definition(" in shown
    assert "render(definition" in shown


CLASSES = {name: getattr(module, name) for module in PUBLIC for name in names_of(module) if name[0].isupper()}


@pytest.mark.parametrize("name", [name for name, each in CLASSES.items() if hasattr(each, "__dataclass_values__")])
def test_a_signature_shows_plain_types_and_defaults(name: str) -> None:
    cls: Any = CLASSES[name]
    signature = inspect.signature(cls)
    lines = pydoc.render_doc(cls, renderer=cast(Any, pydoc).plaintext).splitlines()
    calls = [line for line in lines if line.startswith((f" |  {name}(", " |  __init__("))]
    for text in (str(signature), *calls):
        assert not re.search(r"Annotated|ForwardRef|<factory|pipegen\.|collections\.|: ['\"]", text), text
    assert all(each.annotation is not each.empty for each in signature.parameters.values())
    assert {each.name for each in fields(cls)} <= {*signature.parameters}
    values = {each.name: each.default for each in fields(cls) if each.default is not MISSING}
    shown = {key: each.default for key, each in signature.parameters.items()}
    assert {key: shown[key] for key in values} == values


def test_a_signature_is_like_the_annotations() -> None:
    shown = str(inspect.signature(pipegen.EcsDeploy))
    assert "(name: str, *, run_order: int | None = None, " in shown
    assert "extra_configuration: Mapping[str, str | AWSHelperFn] = {}, kind: Literal['ecs-deploy'] = " in shown
    assert "input: Artifact[ImageDefinitions | Tree] | None = None, " in shown
    assert shown.endswith(" = Rolling()) -> None")
    assert str(inspect.signature(pipegen.Stage)).startswith("(name: str, *action: Action, actions: Sequence[Action] = ")
    assert inspect.signature(pipegen.Image).bind("app", repository="app").arguments == {
        "container": "app",
        "repository": "app",
    }


def rlcompleter_names(text: str) -> list[str]:
    """What an interactive interpreter offers after Tab."""
    completer = rlcompleter.Completer({"pipegen": pipegen})
    found = takewhile(bool, (completer.complete(text, state) for state in count()))
    return [str(each).removeprefix(text).rstrip("()") for each in found]


def test_messages_look_for_a_name_in_every_public_package() -> None:
    assert set(lazy.PACKAGES) == {"pipegen.functions", *(module.__name__ for module in PUBLIC)}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Pipelines'"):
        getattr(pipegen, "Pipe" + "lines")


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
    explained = subprocess.run([command[0], "explain", "out-of-range"], capture_output=True, text=True, check=False)
    assert (explained.returncode, "\nRight\n" in explained.stdout) == (0, True), explained.stderr
    without_lint = subprocess.run(
        [command[0], "validate", "--lint", example], capture_output=True, text=True, check=False
    )
    assert without_lint.returncode == 2
    assert "pip install 'pipegen-aws[lint]'" in without_lint.stderr


def _blueprints_of(python: Path) -> set[str]:
    """The blueprints that an installation brings."""
    code = "from pipegen.loading.blueprints.catalog import catalog; print(*catalog(None))"
    return set(subprocess.run([python, "-I", "-c", code], check=True, capture_output=True, text=True).stdout.split())
