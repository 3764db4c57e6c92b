"""Python files: what counts as a definition in them, and what becomes of everything that a module may do instead."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from pipegen import load
from pipegen.loading import load_file
from tests.conftest import Pipegen
from tests.support.command import problems_in, without_summary
from tests.support.command import run as run_command

Run = Callable[..., Result]

RIGHT = """\
from pipegen import *

source = Stage("Source", CodeCommit("App", repository="app", branch="main"))
build = Stage("Build", CodeBuild("Unit", commands=["make"]))
orders = Definition("orders", source, build)
"""

LINE = re.compile(r"orders\.py(?::\d+)?: (error|warning|note): .+ \[[a-z]+(?:-[a-z]+)+\]")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """`pipegen` over `orders.py` in this process; an exception that it does not handle comes out here."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(sys, "path", list(sys.path))
    modules, directory = dict(sys.modules), Path.cwd()

    def run(module: str, *arguments: str) -> Result:
        (directory / "orders.py").write_text(textwrap.dedent(module), encoding="utf-8", errors="surrogatepass")
        return run_command(*(arguments or ("render", "orders.py", "-o", "out")))

    yield run
    os.chdir(directory)
    for name in sys.modules.keys() - modules.keys():
        if name.startswith("pipegen_definition_") or name in ("neighbour", "helpers"):
            del sys.modules[name]


def check_refused(result: Result, *said: str) -> None:
    """Exit 1, lines with a place and nothing else, nothing written."""
    assert result.exit_code == 1
    assert result.stdout == ""
    lines = without_summary(result.stderr).splitlines()
    assert lines
    for line in lines:
        assert LINE.fullmatch(line), line
        assert line.isprintable()
        assert len(line) < 1000
    for each in said:
        assert each in result.stderr
    assert not Path("out").exists()


FAILING = {
    "raises": ("\n\nraise ValueError('no such thing')\n", "orders.py:3: error: ValueError: no such thing"),
    "raises without words": ("raise RuntimeError\n", "orders.py:1: error: RuntimeError"),
    "raises several lines": ("raise ValueError('a\\n\\n  b\\tc')\n", "ValueError: a b c; correct the module"),
    "raises escapes": ("raise ValueError('\\x1b[31mred\\x07')\n", "ValueError: \\x1b[31mred\\x07"),
    "raises at length": ("raise ValueError('x' * 10_000)\n", "xxx…; correct the module"),
    "raises a half of a character": ("raise ValueError('\\ud800')\n", "ValueError: \\ud800"),
    "raises in a library": ("import json\n\njson.loads('{')\n", "orders.py:3: error: JSONDecodeError: "),
    "raises while handling": (
        "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise ValueError('x') from error\n",
        "orders.py:4: error: ValueError: x",
    ),
    "raises several": ("raise ExceptionGroup('two', [ValueError('a'), TypeError('b')])\n", "ExceptionGroup: two"),
    "raises a key": ("{}['a']\n", "KeyError: 'a'"),
    "asserts": ("assert False\n", "AssertionError"),
    "recursion": ("def f():\n    f()\nf()\n", "RecursionError: maximum recursion depth exceeded"),
    "memory": ("x = ' ' * 2**62\n", "MemoryError"),
    "unknown import": ("import nothing_of_the_kind\n", "ModuleNotFoundError: No module named 'nothing_of_the_kind'"),
    "unknown name": (
        "from pipegen import Nothing\n",
        "orders.py:1: error: pipegen has no public name Nothing; help(pipegen) lists its names",
    ),
    "name of another package": (
        "from pipegen import Container\n",
        "error: pipegen has no public name Container; write from pipegen.ecs import Container",
    ),
    "misspelled name": ("from pipegen.ecs import Containr\n", 'no public name Containr; did you mean "Container"?'),
    "attribute of another package": ("import pipegen\npipegen.Container\n", "'Container' (it is in pipegen.ecs)"),
    "unknown name of another library": (
        "from json import lods\n",
        "ImportError: cannot import name 'lods' from 'json'",
    ),
    "unknown field": ("from pipegen import *\nStage(nam='x')\n", "orders.py:2: error: TypeError: "),
    "missing field": ("from pipegen import *\nEcr('x')\n", "missing 1 required keyword-only argument: "),
    "frozen": ("from pipegen import *\nStage(name='x', actions=[]).name = 'y'\n", "FrozenInstanceError"),
    "wrong expression": ("from troposphere import Join\nJoin(1, [2])\n", "ValueError: Delimiter must be a String"),
    "syntax": ("orders = (\n", "orders.py:1: error: SyntaxError: '(' was never closed"),
    "indentation": ("if True:\nx = 1\n", "orders.py:2: error: IndentationError: "),
    "tabs": ("if True:\n        x = 1\n\ty = 2\n", "orders.py:3: error: TabError: "),
    "a null byte": ("x = 1\0\n", "Error: source code string cannot contain null bytes"),
    "parentheses": ("x = " + "(" * 1000 + "\n", "SyntaxError: too many nested parentheses"),
    "operators": ("x = " + "-" * 100_000 + "1\n", "python-failed"),
    "await": ("await x\n", "SyntaxError: 'await' outside function"),
    "exits": ("import sys\nsys.exit(3)\n", "error: left with sys.exit(3)"),
    "exits well": ("import sys\nsys.exit()\n", "error: left with sys.exit(None)"),
    "exits with words": ("raise SystemExit('a\\nb\\x1b' * 100)\n", "error: left with sys.exit(a b\\x1ba"),
    "raises what no except catches": ("class Oops(BaseException):\n    pass\nraise Oops('oh')\n", "Oops: oh"),
    "raises what has no words": (
        "class Oops(Exception):\n    def __str__(self):\n        raise ValueError\nraise Oops\n",
        "orders.py:4: error: Oops",
    ),
}


@pytest.mark.parametrize(("module", "said"), FAILING.values(), ids=FAILING.keys())
def test_a_module_that_fails_is_reported_in_a_line(module: str, said: str, run: Run) -> None:
    result = run(module)
    check_refused(result, said)
    assert len(without_summary(result.stderr).splitlines()) == 1


NO_DEFINITION = {
    "empty": "",
    "comments": "# nothing\n",
    "the class": "from pipegen import Definition\n",
    "a stage": "from pipegen import *\nx = Stage('Source', actions=[])\n",
    "its name": "orders = 'orders'\n",
    "in a list in a list": f"{RIGHT}\norders = [[orders]]\n",
    "in a function": "def orders():\n    from pipegen import Definition\n    return Definition('orders')\n",
    "deleted": f"{RIGHT}\ndel orders\n",
}


@pytest.mark.parametrize("module", NO_DEFINITION.values(), ids=NO_DEFINITION.keys())
def test_a_module_without_a_definition_is_reported(module: str, run: Run) -> None:
    result = run(module)
    check_refused(result, "orders.py: error: defines no pipeline: no variable holds a pipegen.Definition")


HALF = "error: orders.tags.a contains a lone surrogate, which cannot be encoded"

CHANGED = {
    "name": ("name=5", "error: orders.name must be a string, got the number 5"),
    "no stages": ("pipeline=None", "error: orders.pipeline.stages must have 2 to 50 stages, got 0"),
    "pipeline of text": ("pipeline='x'", "error: orders.pipeline must be Pipeline(...), got "),
    "stages": ("pipeline=Pipeline(stages=5)", "error: orders.pipeline.stages must be a list, got the "),
    "stages of text": ("pipeline=Pipeline(stages='ab')", "error: orders.pipeline.stages must be a list"),
    "a generator": (
        "pipeline=Pipeline(stages=iter([source]))",
        "error: orders.pipeline.stages must be a list, got ",
    ),
    "a stage": (
        "pipeline=Pipeline(stages=[source, 'x'])",
        "error: orders.pipeline.stages[1] must be Stage(...), got ",
    ),
    "no action": (
        "pipeline=Pipeline(stages=[Stage('x', actions=[None])])",
        "error: orders.pipeline.stages[0].actions[0] must be an action of some kind",
    ),
    "a bare action": (
        "pipeline=Pipeline(stages=["
        "Stage('x', actions=[__import__('pipegen.pipeline.action').pipeline.action.Action('x')])])",
        "error: orders.pipeline.stages[0].actions[0] must be an action of some kind",
    ),
    "a class": (
        "pipeline=Pipeline(stages=[Stage('x', actions=[CodeBuild])])",
        "error: orders.pipeline.stages[0].actions[0] must be an action of some kind",
    ),
    "actions": (
        "pipeline=Pipeline(stages=[Stage('x', actions=5)])",
        "error: orders.pipeline.stages[0].actions must be a list, got the number 5",
    ),
    "a command": (
        "pipeline=Pipeline(stages=[source, Stage('x', actions=[CodeBuild('x', commands=['a', 1])])])",
        "error: orders.pipeline.stages[1].actions[0].commands[1] must be a string, got the number 1",
    ),
    "bytes": ("description=b'x'", "error: orders.description must be a string, got "),
    "parameters": ("parameters={'A': 'String'}", "error: orders.parameters.A must be Parameter(...)"),
    "a key": ("parameters={1: Parameter('X')}", "error: orders.parameters"),
    "tags": ("tags=['a']", "error: orders.tags must be a mapping, got a list"),
    "a tag": ("tags={'a': True}", "error: orders.tags.a must be a string, or one of Ref, "),
    "artifacts": ("artifacts=0", "error: orders.artifacts must be ArtifactStore(...), got "),
    "a patch": ("overrides={'a': 5}", "error: orders.overrides.a must be a mapping, got the number 5"),
    "an object": (
        "overrides={'a': {'b': object()}}",
        "error: orders.overrides.a.b must be data that a template can contain",
    ),
    "a set": ("overrides={'a': {'b': {1}}}", "error: orders.overrides.a.b must be data that a template can contain"),
    "a key of a patch": (
        "overrides={'a': {'b': {1: 2}}}",
        "error: orders.overrides.a.b must be data that a template can contain",
    ),
    # Half of a character can be in a text of Python, and in no file.
    "half a character": (r"tags={'a': '\ud800'}", HALF),
    "half a character as a key": (
        r"tags={'\ud800': 'x'}",
        r"error: orders.tags.\ud800 contains a lone surrogate, which cannot be encoded",
    ),
    "half a character in a patch": (
        r"overrides={'Pipeline': {'A': '\ud800'}}",
        "error: orders.overrides.Pipeline.A must be data that a template can contain",
    ),
    "half a character in an expression": (
        r"tags={'a': __import__('troposphere').Sub('\ud800')}",
        "error: orders.tags.a contains data that a template cannot contain",
    ),
    # What troposphere does not look at.
    "an object in an expression": (
        "tags={'a': __import__('troposphere').Sub('${b}', b=object())}",
        "error: orders.tags.a contains data that a template cannot contain",
    ),
}


@pytest.mark.parametrize(("changed", "said"), CHANGED.values(), ids=CHANGED.keys())
def test_a_wrong_type_is_reported_with_the_variable_and_the_field(changed: str, said: str, run: Run) -> None:
    fields = changed if changed.startswith(("name=", "pipeline=")) else f"pipeline=orders.pipeline, {changed}"
    name = "" if changed.startswith("name=") else "name='orders', "
    pipeline = ", pipeline=orders.pipeline" if changed.startswith("name=") else ""
    line = RIGHT.count("\n") + 2
    check_refused(run(f"{RIGHT}\norders = Definition({name}{fields}{pipeline})\n"), f"orders.py:{line}: {said}")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ("pipeline=5", "must be Pipeline(...), got the number 5"),
        ("pipeline=Pipeline(stages='ab')", 'must be a list, got "ab"'),
        ("pipeline=orders.pipeline, artifacts=5", "must be ArtifactStore(...), got the number 5"),
        ("pipeline=orders.pipeline, description=b'x'", "must be a string, got bytes"),
    ],
)
def test_a_wrong_type_is_reported_in_our_words_and_not_a_librarys(changed: str, words: str, run: Run) -> None:
    result = run(f"{RIGHT}\norders = Definition('orders', {changed})\n")
    check_refused(result)
    assert not re.search(r"Input should|instance", result.stderr)
    assert re.sub("an? (mapping|ArtifactStore|Pipeline)", "a mapping", result.stderr).count(words) == 1


def test_the_problems_of_all_definitions_are_reported_with_their_variables(run: Run) -> None:
    module = f"{RIGHT}\nfirst = Definition(1, pipeline=2)\nsecond = [orders, Definition(3, pipeline=4)]\n"
    result = run(module)
    check_refused(result)
    lines = module.splitlines()
    first = next(number for number, line in enumerate(lines, 1) if line.startswith("first"))
    second = first + 1
    assert [line.partition(" must be ")[0] for line in problems_in(result.stderr)] == [
        f"orders.py:{first}: error: first.name",
        f"orders.py:{first}: error: first.pipeline",
        f"orders.py:{second}: error: second[1].name",
        f"orders.py:{second}: error: second[1].pipeline",
    ]


def test_definitions_are_found_in_variables_lists_and_tuples_in_their_order_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    several = """
    def named(name):
        return Definition(name, pipeline=orders.pipeline)

    again = orders
    listed = [named("two"), orders, None, 5]
    tupled = (named("three"), listed)
    class Of(Definition):
        pass
    subclass = Of(name="four", pipeline=orders.pipeline)
    """
    (tmp_path / "several.py").write_text(RIGHT + textwrap.dedent(several))
    assert [definition.name for definition in load(tmp_path / "several.py")] == ["orders", "two", "three", "four"]


HARMLESS = {
    "changes directory": "import os\nos.chdir('/')\n",
    "changes directory of its own": "import os\nos.makedirs('below')\nos.chdir('below')\n",
    "empties the path": "import sys\nsys.path[:] = []\n",
    "replaces the path": "import sys\nsys.path = ['/nowhere']\n",
    "takes itself off the path": "import os, sys\nsys.path.remove(os.getcwd())\n",
    "forgets itself": "import sys\ndel sys.modules[__name__]\n",
    "has odd variables": "class Odd:\n    def __getattr__(self, name):\n        raise ValueError\nodd = Odd()\n",
    "has a list that cannot be listed": (
        "class Odd(list):\n    def __iter__(self):\n        raise ValueError('no')\nodd = Odd()\n"
    ),
    "has a variable that is of no class": (
        "class Odd:\n    @property\n    def __class__(self):\n        raise ValueError('no')\nodd = Odd()\n"
    ),
}


@pytest.mark.parametrize("module", HARMLESS.values(), ids=HARMLESS.keys())
def test_what_a_module_does_besides_is_its_own_affair(module: str, run: Run, tmp_path: Path) -> None:
    result = run(f"{module}\n{RIGHT}", "validate", "orders.py")
    assert (result.exit_code, without_summary(result.stderr)) == (0, "")
    assert result.stderr == "checked 1 definition: no problems\n"


def test_the_path_is_what_it_was_after_a_module_ran(run: Run) -> None:
    for module in (RIGHT, "raise ValueError\n", "import sys\nsys.exit(1)\n", "orders = (\n"):
        before = list(sys.path)
        run(module, "validate", "orders.py")
        assert sys.path == before


def test_a_module_imports_what_is_beside_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").write_text(RIGHT)
    assert run("from neighbour import orders\n", "validate", "orders.py").exit_code == 0


def test_a_failing_neighbour_is_reported_with_the_line_that_imports_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").write_text("\n\n\n\n1 / 0\n")
    check_refused(run("# see\nimport neighbour\n"), "orders.py:2: error: ZeroDivisionError: division by zero")


def test_a_neighbour_that_is_not_python_is_not_taken_for_the_module(run: Run, tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").write_text("\n\n\n\nx = (\n")
    result = run("# see\nimport neighbour\n")
    check_refused(result, "SyntaxError: '(' was never closed")
    assert not result.stderr.startswith("orders.py:5:")


def test_modules_of_one_name_in_two_directories_do_not_mix(tmp_path: Path, pipegen: Pipegen) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "delivery.py").write_text(RIGHT.replace('"orders"', f'"{name}"'))
    written = pipegen("render", "one/delivery.py", "two/delivery.py", "-o", "out")
    assert written.returncode == 0, written.stderr
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["one-pipeline.yaml", "two-pipeline.yaml"]


def test_neighbours_of_one_name_in_two_directories_do_not_mix(tmp_path: Path, pipegen: Pipegen) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "helpers.py").write_text(f"NAME = {name!r}\n")
        module = "from helpers import NAME\n" + RIGHT.replace('"orders"', "NAME")
        (tmp_path / name / "delivery.py").write_text(module)
    written = pipegen("render", "one/delivery.py", "two/delivery.py", "-o", "out")
    assert written.returncode == 0, written.stderr
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["one-pipeline.yaml", "two-pipeline.yaml"]


def test_what_a_module_prints_does_not_end_up_in_the_template(tmp_path: Path, pipegen: Pipegen) -> None:
    (tmp_path / "orders.py").write_text(f"print('hello')\n{RIGHT}")
    rendered = pipegen("render", "orders.py")
    assert rendered.returncode == 0
    assert rendered.stdout.splitlines()[0].startswith("# Generated by pipegen from orders.py.")


def test_a_module_of_another_encoding_is_read_as_it_says(run: Run, tmp_path: Path) -> None:
    text = "# -*- coding: latin-1 -*-\n" + RIGHT.replace("source, build)", "source, build, description='é')")
    (tmp_path / "latin.py").write_bytes(text.encode("latin-1"))
    [definition] = load(tmp_path / "latin.py")
    assert definition.description == "é"


BYTES = {
    "not UTF-8": b"x = '\xff'\n",
    "UTF-16": "x = 1\n".encode("utf-16"),
    "an unknown encoding": b"# coding: klingon\n",
    "binary": bytes(range(256)),
}


@pytest.mark.parametrize("raw", BYTES.values(), ids=BYTES.keys())
def test_bytes_that_are_not_python_are_reported_in_a_line(
    raw: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("orders.py").write_bytes(raw)
    result = run_command("render", "orders.py", "-o", "out")
    check_refused(result, "python-failed", "Error: ")  # of null bytes, Python 3.11.2 says ValueError


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_byte_order_mark_is_allowed(mark: bytes, tmp_path: Path) -> None:
    (tmp_path / "orders.py").write_bytes(mark + RIGHT.encode())
    [loaded] = load_file(tmp_path / "orders.py")
    assert loaded.location(("pipeline", "stages", 0)) == f"{tmp_path / 'orders.py'}:3"
    assert loaded.location(()) == f"{tmp_path / 'orders.py'}:5"


def test_ctrl_c_in_a_module_is_exit_130_without_a_traceback(tmp_path: Path, pipegen: Pipegen) -> None:
    (tmp_path / "orders.py").write_text("raise KeyboardInterrupt\n")
    stopped = pipegen("validate", "orders.py")
    assert stopped.returncode == 130
    assert "Traceback" not in stopped.stderr


def test_what_is_installed_below_the_definition_is_kept(tmp_path: Path) -> None:
    """A virtual environment often is below the directory of the definition; forgetting its modules would break them."""
    installed = tmp_path / "venv" / "site-packages"
    installed.mkdir(parents=True)
    (installed / "kept.py").write_text("")
    (tmp_path / "beside.py").write_text("")
    (tmp_path / "orders.py").write_text(
        f"import sys\nsys.path.append({str(installed)!r})\nimport kept, beside\n{RIGHT}"
    )
    program = (
        "import sys; from pathlib import Path; from pipegen.loading import load_file; load_file(Path('orders.py'));"
        "print('kept' in sys.modules, 'beside' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert result.stdout == "True False\n"
