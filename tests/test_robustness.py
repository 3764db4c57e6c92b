"""Bad input: one clear line with the place and the way out, exit 1, nothing written, never a traceback."""

from __future__ import annotations

import copy
import json
import os
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import Result

from pipegen.loading.yaml.parsing import parse
from tests.conftest import Pipegen
from tests.examples import EXAMPLES
from tests.seeds import IMAGES, SEEDS
from tests.support.command import run, without_summary
from tests.templates import definition

EXAMPLE_COUNT = int(os.environ.get("ROBUSTNESS_EXAMPLES", "300"))


def check_refused(result: Result, place: str = "") -> str:
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    lines = without_summary(result.stderr).splitlines()
    assert lines
    for line in lines:
        assert re.match(r"[^ ].*: (error|warning|note): .*\[[a-z-]+\]", line), line
        assert line.startswith(place)
        assert line.isprintable()
        assert len(line) < 2000
        assert "Traceback" not in line
    return result.stderr


TEXTS = {
    "empty": (b"", "empty"),
    "only comments": (b"# nothing\n\n", "empty"),
    "null": (b"~\n", "empty"),
    "binary": (bytes(range(256)), "unreadable"),
    "latin-1": ("name: caf\xe9\n".encode("latin-1"), "unreadable"),
    "utf-16": ("name: orders\n".encode("utf-16"), "unreadable"),
    "nul": (b"name: a\0b\n", "yaml-syntax"),
    "escape": (b"name: \x1b[31mred\n", "yaml-syntax"),
    "tabs": (b"name: a\npipeline:\n\tstages: []\n", "yaml-syntax"),
    "a scalar": (b"orders\n", "wrong-type"),
    "a list": (b"- name: orders\n", "wrong-type"),
    "two documents": (b"name: a\n---\nname: b\n", "yaml-syntax"),
    "huge": (b"name: " + b"x" * 1_100_000 + b"\n", "unreadable"),
    "deep list": (b"name: " + b"[" * 100_000, "yaml-limit"),
    "deep mapping": (b"{a: " * 100_000, "yaml-limit"),
    "deep block": (b"".join(b" " * n + b"a:\n" for n in range(500)), "yaml-limit"),
    "alias bomb": (
        b"a: &a [x, x, x, x, x, x, x, x, x]\n"
        + b"".join(b"%c: &%c [%s]\n" % (97 + n, 97 + n, b", ".join([b"*%c" % (96 + n)] * 9)) for n in range(1, 9)),
        "yaml-limit",
    ),
    "many values": (b"a: [" + b"1," * 200_000 + b"1]\n", "yaml-limit"),
    "alias of itself": (b"name: &a [*a]\n", "yaml-alias"),
    "alias of nothing": (b"name: *nobody\n", "yaml-"),
    "python tag": (b"name: !!python/object/apply:os.system [touch pwned]\n", "yaml-tag"),
    "merge key": (b"name: a\nx: &x {b: 1}\n<<: *x\npipeline: {stages: []}\n", "unknown-key"),
    "number as key": (b"name: a\n1: b\n", "yaml-key"),
    "list as key": (b"name: a\n[1, 2]: b\n", "yaml-key"),
    "duplicate key": (b"name: a\nname: b\n", "duplicate-key"),
    "surrogate": (b'name: "\\ud800"\n', "yaml-syntax"),
    "very long key": (b"name: a\n" + b"k" * 100_000 + b": 1\n", "yaml-syntax"),
    "very long value": (b"name: " + b"v" * 100_000 + b"\npipeline: {stages: []}\n", "wrong-form"),
}


@pytest.mark.parametrize(("raw", "code"), TEXTS.values(), ids=TEXTS.keys())
def test_text_that_is_not_a_definition_is_rejected_in_a_line(raw: bytes, code: str, tmp_path: Path) -> None:
    file = tmp_path / "orders.yaml"
    file.write_bytes(raw)
    shown = check_refused(run("render", file, "-o", tmp_path / "out"), str(file))
    assert f"[{code}" in shown
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.rglob("pwned"))


def test_a_byte_order_mark_is_allowed(tmp_path: Path) -> None:
    file = tmp_path / "orders.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + EXAMPLES[0].yaml.read_bytes())
    assert run("validate", file).exit_code == 0


def test_files_that_cannot_be_read_are_rejected(tmp_path: Path) -> None:
    (tmp_path / "directory.yaml").mkdir()
    (tmp_path / "dangling.yaml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    (tmp_path / "orders.txt").write_text("name: orders\n")
    names = ["missing.yaml", "directory.yaml", "dangling.yaml", "loop.yaml", "orders.txt", "missing.py", "", "."]
    for name in names:
        check_refused(run("validate", tmp_path / name), str(tmp_path))


def test_output_that_cannot_be_written_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "out" / "expresso-pipeline.yaml").mkdir(parents=True)
    for directory, exit_code in (("file", 2), ("file/below", 2), ("out", 1), ("/proc/nowhere", 1)):
        result = run("render", EXAMPLES[0].yaml, EXAMPLES[1].yaml, "-o", tmp_path / directory)
        assert result.exit_code == exit_code
        [line] = without_summary(result.stderr).splitlines()
        assert line.startswith("pipegen: ")
        assert any(said in line for said in ("choose another directory", "give a directory", "cannot be read"))
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["expresso-pipeline.yaml", "file", "out"]


PROGRAMS = {
    "raises": ("raise RuntimeError('a\\nb')\n", "2:"),
    "syntax": ("orders = (\n", "error: SyntaxError"),
    "exits": ("import sys\nsys.exit(3)\n", "sys.exit(3)"),
    "empty": ("", "defines no pipeline"),
    "wrong name": ("import nothing_of_the_kind\n", "ModuleNotFoundError"),
    "recursion": ("def f(): f()\nf()\n", "RecursionError"),
    "wrong argument": ("from pipegen import Stage\nStage(named='x')\n", "TypeError"),
    "no actions": (
        "from pipegen import *\nd = Definition('d', pipeline=Pipeline(stages=[Stage('a', actions=['x'])]))\n",
        'actions[0] must be an action of some kind, got "x"',
    ),
    "wrong pipeline": ("from pipegen import *\nd = Definition('d', pipeline=3)\n", "d.pipeline"),
    "object": (
        "from pipegen import *\nempty = Pipeline(stages=[])\n"
        "d = Definition('d', pipeline=empty, overrides={'A': {'b': object()}})\n",
        "overrides",
    ),
    "bare action": (
        "from pipegen import *\nfrom pipegen.pipeline.action import Action\n"
        "d = Definition('d', pipeline=Pipeline(stages=[Stage('a', actions=[Action('x')])]))\n",
        "actions[0] must be an action of some kind, got an Action",
    ),
    "escape": ("raise ValueError('\\x1b[31mred')\n", "\\x1b[31mred"),
}


@pytest.mark.parametrize(("program", "said"), PROGRAMS.values(), ids=PROGRAMS.keys())
def test_a_module_that_fails_is_rejected_in_a_line(program: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "orders.py"
    file.write_text("# orders\n" + program)
    assert said in check_refused(run("validate", file), str(file))


def test_misuse_of_the_command_is_exit_2(pipegen: Pipegen) -> None:
    for arguments in (
        ["rendr"],
        ["render"],
        ["render", "x.yaml", "--template-format", "xml"],
        ["--nothing"],
        ["schema", "x"],
    ):
        result = pipegen(*arguments)
        assert result.returncode == 2, arguments
        assert "Traceback" not in result.stderr


VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    10**30,
    1.5,
    "",
    " ",
    "x",
    "${",
    "#{",
    "#{a.b}",
    "../..",
    "é\u202e",
    "a" * 2000,
    [],
    [None],
    [[]],
    {},
    {"Ref": "Nobody"},
    {"Ref": ""},
    {"Fn::Sub": []},
    {"Fn::GetAtt": []},
    {"Fn::Join": ["", []]},
    {"name": "x"},
    {"a": {"b": [1, {"c": None}]}},
)
"""What a field is given instead of what belongs there."""


def places(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from places(value, (*path, key))


def changed(data: Any, path: tuple[str | int, ...], change: str, value: Any) -> Any:
    """A copy of the data with one change at one place."""
    if not path:
        return value
    copied = copy.deepcopy(data)
    holder = copied
    for part in path[:-1]:
        holder = holder[part]
    last = path[-1]
    if change == "delete":
        del holder[last]
    elif change == "rename" and isinstance(holder, dict):
        holder[f"{last}s"] = holder.pop(last)
    elif change == "repeat" and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[int(last)]))
    else:
        holder[last] = value
    return copied


DATA = [parse(text, "seed").data for text in SEEDS]
DATA += [parse(example.yaml.read_text(), "example").data for example in EXAMPLES]
PLACES = [(index, path) for index, data in enumerate(DATA) for path in places(data)]


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(
            st.sampled_from(PLACES), st.sampled_from(["set", "delete", "rename", "repeat"]), st.sampled_from(VALUES)
        ),
        min_size=1,
        max_size=3,
    )
)
@settings(max_examples=EXAMPLE_COUNT, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_changed_definitions_are_rendered_or_rejected_but_never_break_it(tmp_path: Path, changes: list[Any]) -> None:
    (index, _), _, _ = changes[0]
    data = DATA[index]
    for (other, path), change, value in changes:
        if other == index:
            try:
                data = changed(data, path, change, value)
            except (KeyError, IndexError, TypeError, AttributeError):
                continue  # an earlier change took the place away
    file = tmp_path / "changed.yaml"
    file.write_text(yaml.dump(json.loads(json.dumps(data)), Dumper=yaml.CSafeDumper, allow_unicode=True))
    result = run("render", file, "-o", tmp_path / "out")
    if result.exit_code == 0:
        assert all(each.read_text().startswith("# Generated") for each in (tmp_path / "out").iterdir())
    else:
        check_refused(result, str(file))


@pytest.mark.slow
@given(st.integers(0, 2**32), st.integers(1, 8))
@settings(max_examples=EXAMPLE_COUNT, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_changed_bytes_are_rendered_or_rejected_but_never_break_it(tmp_path: Path, seed: int, count: int) -> None:
    choose = random.Random(seed)
    raw = bytearray(choose.choice([*SEEDS, EXAMPLES[0].yaml.read_text()]).encode())
    for _ in range(count):
        at = choose.randrange(len(raw))
        match choose.randrange(4):
            case 0:
                raw[at] = choose.randrange(256)
            case 1:
                del raw[at : at + choose.randrange(30)]
            case 2:
                raw[at:at] = bytes(choose.choices(b"[]{}:,&*!|>'\"%@`#-? \n\t", k=choose.randrange(1, 6)))
            case _:
                start = choose.randrange(len(raw))
                raw[at:at] = raw[start : start + choose.randrange(60)]
    file = tmp_path / "changed.yaml"
    file.write_bytes(bytes(raw))
    result = run("render", file, "-o", tmp_path / "out")
    assert result.exit_code in (0, 1)
    if result.exit_code == 1:
        check_refused(result, str(file))


def test_a_name_of_control_characters_reaches_no_terminal(tmp_path: Path) -> None:
    data = definition(name="\x1b[31mred\x07")
    file = tmp_path / "orders.yaml"
    file.write_text(yaml.safe_dump(data))
    assert "\\x1b[31mred\\x07" in check_refused(run("validate", file))


def test_every_seed_is_fine(tmp_path: Path) -> None:
    for index, text in enumerate(SEEDS):
        (tmp_path / f"{index}.yaml").write_text(text)
        assert run("validate", tmp_path / f"{index}.yaml").exit_code == 0
    assert "docker-build" in IMAGES
