"""Bad input: exit 1 and a line with a place for every problem; nothing written, nothing executed, no traceback."""

from __future__ import annotations

import copy
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from troposphere import AWSHelperFn
from typer.testing import Result

from pipegen.actions.cloudformation import ArtifactAttribute
from pipegen.actions.kinds import KINDS
from pipegen.codedeploy.shift import CanaryShift, LinearShift
from pipegen.conditions.kinds import KINDS as RULE_KINDS
from pipegen.definition import Definition
from pipegen.ecs.lifecycle import Pause
from pipegen.elb.listener import SharedListener
from pipegen.errors import quoted
from pipegen.fields.marks import Keyed
from pipegen.fields.model import Model, keyed_fields
from pipegen.loading.definition import read
from pipegen.notifications.kinds import KINDS as NOTIFICATION_KINDS
from pipegen.output.yaml import dump
from pipegen.pipeline.action import Action, DeployedService
from pipegen.pipeline.artifact import Artifact
from pipegen.pipeline.notification import Notification
from pipegen.pipeline.rule import Rule
from pipegen.services.service import EcsService
from pipegen.values.value import Text
from tests.conftest import Pipegen
from tests.examples import EXAMPLES
from tests.strategies import fuzzing, mangled, mutated, seed_data, written
from tests.support.command import run, without_summary

OK = EXAMPLES[0].yaml.read_text()
LINE = re.compile(
    r"(?P<place>x\.(?:yaml|yml|json|py)(?::(?P<line>\d+):(?P<column>\d+))?): "
    r"(?P<severity>error|warning|note): (?P<text>.+) \[(?P<code>[a-z]+(?:-[a-z]+)*)\]"
)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory to be in."""
    before = Path.cwd()
    path = tmp_path_factory.mktemp("bad")
    os.chdir(path)
    yield path
    os.chdir(before)


def lines_of(result: Result, text: str | None = None) -> list[re.Match[str]]:
    """The lines on standard error, each with a place that is in the text."""
    found = []
    last = len(re.split("\r\n|[\r\n\x85\u2028\u2029]", text)) if text is not None else 10**6
    for line in without_summary(result.stderr).splitlines():
        match = LINE.fullmatch(line)
        assert match, line
        assert line.isprintable(), ascii(line)
        assert len(line) < 2000, line
        assert 1 <= int(match["line"] or 1) <= last, line
        found.append(match)
    return found


def check_refused(result: Result, code: str = "", *said: str) -> list[re.Match[str]]:
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    lines = lines_of(result)
    codes = [line["code"] for line in lines if line["severity"] == "error"]
    assert (code in codes) if code else codes, result.stderr
    assert all(each in result.stderr for each in said), result.stderr
    assert not Path("out").exists()
    return lines


def rejected(raw: str | bytes, code: str, *said: str, file: str = "x.yaml") -> list[re.Match[str]]:
    """Render a file, which is refused with that code; nothing is written."""
    Path(file).write_bytes(raw if isinstance(raw, bytes) else raw.encode())
    before = sorted(Path().iterdir())
    lines = check_refused(run("render", file, "-o", "out"), code, *said)
    assert sorted(Path().iterdir()) == before
    return lines


def _laughs(levels: int) -> bytes:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]\n"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, levels)]
    return "".join(lines).encode()


def _merges(levels: int) -> bytes:
    lines = ["a0: &a0 {k0: 1, l0: 1}\n"]
    lines += [f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}], k{n}: 1}}\n" for n in range(1, levels)]
    return "".join(lines).encode()


TEXTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "a line end": (b"\n", "empty"),
    "only comments": (b"# nothing\n\n  # more\n", "empty"),
    "an empty document": (b"---\n...\n", "empty"),
    "a byte order mark": (b"\xef\xbb\xbf", "empty"),
    "null": (b"null\n", "empty"),
    "binary": (bytes(range(256)) * 4, "unreadable"),
    "a zip": (b"PK\x03\x04\x14\x00\x00\x00\x08\x00\xff\xfe", "unreadable"),
    "latin-1": ("name: café\n".encode("latin-1"), "unreadable"),
    "half of a character": (b"name: \xed\xa0\x80\n", "unreadable"),
    "UTF-16": (OK.encode("utf-16"), "unreadable"),
    "UTF-16 without a mark": (b"n\0a\0m\0e\0:\0 \0a\0", "yaml-syntax"),
    "UTF-32": (OK.encode("utf-32"), "unreadable"),
    "a null byte": (b"name: a\0b\n", "yaml-syntax"),
    "null bytes": (bytes(100), "yaml-syntax"),
    "an escape": (b"name: \x1b[31mred\n", "yaml-syntax"),
    "a tab": (b"name: a\npipeline:\n\tstages: []\n", "yaml-syntax"),
    "tabs": (b"\t\tname: a\n", "yaml-syntax"),
    "a text": (b"orders\n", "wrong-type"),
    "a number": (b"12\n", "wrong-type"),
    "false": (b"false\n", "wrong-type"),
    "a list": (b"- name: orders\n", "wrong-type"),
    "an empty list": (b"[]\n", "wrong-type"),
    "an empty mapping": (b"{}\n", "missing-key"),
    "an expression": (b"!Ref A\n", "wrong-type"),
    "two documents": (b"name: a\n---\nname: b\n", "yaml-syntax"),
    "a document after its end": (b"name: a\n...\nname: b\n", "yaml-syntax"),
    "a template": (b"AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\n", "no-definition"),
    "a megabyte": (b"# " + b"x" * 1_000_000, "unreadable"),
    "many megabytes": (b"name: a\n" * 1_000_000, "unreadable"),
    "a deep list": (b"[" * 100_000, "yaml-limit"),
    "a deep list that is closed": (b"[" * 100_000 + b"]" * 100_000, "yaml-limit"),
    "a deep mapping": (b"{a: " * 100_000, "yaml-limit"),
    "a deep block": (b"- " * 100_000 + b"a", "yaml-limit"),
    "a deep key": (b"? " * 100_000, "yaml-limit"),
    "a deep expression": (b"name: " + b"!Sub [" * 100_000, "yaml-limit"),
    "laughs": (_laughs(9), "yaml-limit"),
    "many laughs": (_laughs(500), "yaml-limit"),
    "many values": (b"a: [" + b"1," * 200_000 + b"1]\n", "yaml-limit"),
    "an alias of what is around it": (b"name: &a [*a]\n", "yaml-alias"),
    "an alias of the document": (b"&a {name: a, pipeline: *a}\n", "yaml-alias"),
    "an alias of nothing": (b"name: *nobody\n", "yaml-alias"),
    "an alias before its anchor": (b"name: *a\nb: &a c\n", "yaml-alias"),
    "a key twice": (b"name: a\nname: b\n", "duplicate-key"),
    "a key twice behind an alias": (b"&a name: a\n*a : b\n", "duplicate-key"),
    "a number as a key": (b"name: a\n1: b\n", "yaml-key"),
    "a list as a key": (b"name: a\n[1, 2]: b\n", "yaml-key"),
    "nothing as a key": (b"name: a\n?\n: b\n", "yaml-key"),
    "an unknown tag": (b"name: !Reff a\n", "yaml-tag"),
    "a merge key": (b"name: a\ndescription: &x {b: 1}\n<<: *x\npipeline: {stages: []}\n", "unknown-key"),
    "a merge of a text": (b"name: a\n<<: b\n", "yaml-merge"),
    "a merge of nothing": (b"name: a\n<<:\n", "yaml-merge"),
    "a merge of a list of texts": (b"name: a\n<<: [b]\n", "yaml-merge"),
    "a merge of an expression": (b"name: a\n<<: !Ref B\n", "yaml-merge"),
    "two merges": (b"<<: {name: a}\n<<: {name: b}\n", "duplicate-key"),
    "a merge of what is around it": (b"&a\nname: a\n<<: *a\n", "yaml-alias"),
    "merges of merges": (_merges(60), "yaml-limit"),
    "an open quote": (b'name: "a\n', "yaml-syntax"),
    "an open bracket": (b"name: a\npipeline: {stages: [\n", "yaml-syntax"),
    "a template of Jinja": (b"name: {{ name }}\n", "yaml-key"),
    "a conflict": (b"<<<<<<< HEAD\nname: a\n=======\nname: b\n>>>>>>> b\n", "yaml-syntax"),
    "half of a character in escapes": (b'name: "\\ud800"\n', "yaml-syntax"),
    "a long key": (b"name: a\n" + b"k" * 100_000 + b": 1\n", "yaml-syntax"),
    "a long key in quotes": (b'name: a\n? "' + b"k" * 100_000 + b'"\n: 1\n', "unknown-key"),
    "a long name": (OK.replace("name: expresso", "name: " + "v" * 100_000, 1).encode(), "wrong-form"),
    "a long anchor": (b"name: *" + b"a" * 100_000 + b"\n", "yaml-alias"),
    "a long tag": (b"name: !" + b"a" * 100_000 + b" b\n", "yaml-tag"),
    "a long kind": (
        b"name: a\npipeline: {stages: [{name: a, actions: [{name: a, kind: " + b"k" * 100_000 + b"}]}]}\n",
        "unknown-kind",
    ),
    "a long number": (b"name: " + b"9" * 100_000 + b"\n", "missing-key"),
}


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize(("raw", "code"), TEXTS.values(), ids=TEXTS.keys())
def test_a_text_that_is_not_a_definition_is_rejected(raw: bytes, code: str) -> None:
    assert rejected(raw, code)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["empty", "binary", "a deep list", "laughs", "an escape", "a list", "two documents"])
def test_the_installed_command_rejects_it_too(name: str, installed: Pipegen, tmp_path: Path) -> None:
    raw, code = TEXTS[name]
    (tmp_path / "x.yaml").write_bytes(raw)
    finished = installed("render", "x.yaml", "-o", "out")
    assert (finished.returncode, finished.stdout) == (1, "")
    assert all(LINE.fullmatch(line) for line in without_summary(finished.stderr).splitlines())
    assert f"[{code}]\n" in finished.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize("suffix", ["yaml", "yml", "json"])
def test_a_byte_order_mark_and_windows_line_ends_are_allowed(suffix: str) -> None:
    Path(f"x.{suffix}").write_bytes(b"\xef\xbb\xbf" + OK.replace("\n", "\r\n").encode())
    result = run("validate", f"x.{suffix}")
    assert (result.exit_code, without_summary(result.stderr)) == (0, "")


EXECUTABLE = (
    "!!python/object/apply:os.system ['touch pwned']",
    "!!python/object/new:os.system ['touch pwned']",
    "!!python/object/apply:subprocess.check_call [['touch', 'pwned']]",
    "!!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path [pwned]]",
    "!!python/object/apply:builtins.open [pwned, w]",
    '!!python/object/apply:exec [\'open("pwned", "w")\']',
    "!!python/object:os.system {}",
    "!!python/name:os.system ''",
    "!!python/module:this ''",
    "!!python/tuple [a]",
    "!<tag:yaml.org,2002:python/object/apply:os.system> ['touch pwned']",
    "!!js/function 'function() {}'",
    "!ruby/object:Gem::Installer {}",
)


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize("tagged", EXECUTABLE)
def test_a_tag_executes_nothing(tagged: str) -> None:
    for text in ("name: {}\n", "{}\n", "? {}\n: a\n", "name: a\noverrides: {{A: {{b: {}}}}}\n"):
        rejected(text.format(tagged), "yaml-tag", "unknown tag")
    if tagged.startswith("!!python/"):
        head = "%TAG !e! tag:yaml.org,2002:python/\n---\n"
        rejected(f"{head}name: !e!{tagged.removeprefix('!!python/')}\n", "yaml-tag", "unknown tag")
    assert not Path("pwned").exists()
    assert "this" not in sys.modules


PATHS = {
    "missing.yaml": "error: there is no such file",
    "missing.py": "error: there is no such file",
    "missing/x.yaml": "error: there is no such file",
    "directory.yaml": "error: is a directory",
    "directory.py": "error: is a directory",
    "dangling.yaml": "error: there is no such file",
    "dangling.py": "error: there is no such file",
    "loop.yaml": "error: cannot be read: Too many levels of symbolic links",
    "loop.py": "error: ",
    "fails.yaml": "error: cannot be read: Input/output error",
    "socket.yaml": "error: is not a regular file",
    "ok.yaml/x.yaml": "error: cannot be read: Not a directory",
    "ok.yaml/x.py": "error: ",
    f"{'x' * 300}.yaml": "error: cannot be read: File name too long",
    f"{'x' * 300}.py": "error: ",
    "x.txt": "error: is not the name of a definition file; use a file that ends in .yaml, .yml, .json or .py",
    "x": "error: is not the name of a definition file",
    "x.YAML": "error: is not the name of a definition file",
    "yaml": "error: is not the name of a definition file",
    ".yaml": "error: is not the name of a definition file",
    "": "error: is a directory",
    "..": "error: is a directory",
}


@pytest.fixture
def odd_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A directory of files that cannot be read, whoever tries."""
    path = tmp_path
    for name in ("directory.yaml", "directory.py"):
        (path / name).mkdir(parents=True)
    for name in ("x.txt", "x", "x.YAML", "yaml", "ok.yaml", ".yaml"):
        (path / name).write_text(OK)
    for suffix in ("yaml", "py"):
        (path / f"dangling.{suffix}").symlink_to("nowhere")
        (path / f"loop.{suffix}").symlink_to(f"loop.{suffix}")
    (path / "fails.yaml").symlink_to("/proc/self/mem")
    monkeypatch.chdir(path)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket.yaml")
        yield


@pytest.mark.usefixtures("odd_files")
@pytest.mark.parametrize(("path", "said"), PATHS.items(), ids=[path[:20] or "nothing" for path in PATHS])
def test_a_file_that_cannot_be_read_is_reported_in_a_line(path: str, said: str) -> None:
    result = run("render", path, "-o", "out")
    [line] = without_summary(result.stderr).splitlines()
    assert line.startswith(f"{path or '.'}: {said}"), line
    assert (result.exit_code, result.stdout) == (1, "")
    assert not Path("out").exists()


@pytest.mark.parametrize("suffix", ["yaml", "py"])
def test_a_pipe_that_nobody_writes_to_is_not_waited_for(suffix: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / f"x.{suffix}")
    command = [str(Path(sys.executable).parent / "pipegen"), "validate", f"x.{suffix}"]
    finished = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=5)
    assert finished.returncode == 1
    assert finished.stderr.startswith(f"x.{suffix}: error: ")


BLOCKED = {
    "a directory in the place of the template": ("way", "way/expresso-pipeline.yaml: cannot be read: Is a directory"),
    "a link that leads nowhere": ("dangling", "dangling/expresso-pipeline.yaml: cannot be written: "),
    "a place for no files": ("/proc/nowhere", "/proc/nowhere/expresso-pipeline.yaml: cannot be written: "),
    "a name that is too long": ("x" * 300, ": cannot be read: File name too long"),
}


@pytest.mark.parametrize("output", ["file", "file/a/b"])
@pytest.mark.parametrize("command", [("render", "x.yaml"), ("migrate", "x.yaml", "x.yaml")])
def test_a_file_in_place_of_the_output_directory_is_a_usage_error(
    output: str, command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    result = run(*command, "-o", output)
    message = "file is not a directory; give a directory, which gets a file for each stack"
    assert (result.exit_code, result.stderr) == (2, f"pipegen: --output: {message}\n")


@pytest.mark.parametrize("more", [(), ("--check",)])
@pytest.mark.parametrize(("output", "said"), BLOCKED.values(), ids=BLOCKED.keys())
def test_an_output_that_cannot_be_written_is_reported_in_a_line(
    output: str, said: str, more: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("in the way\n")
    (tmp_path / "way" / "expresso-pipeline.yaml").mkdir(parents=True)
    (tmp_path / "dangling").symlink_to("nowhere")
    before = sorted(tmp_path.rglob("*"))
    result = run("render", *(str(example.yaml) for example in EXAMPLES[:2]), "-o", output, *more)
    assert result.exit_code == 1
    if not more or "cannot be written" not in said:
        [line] = [line for line in result.stderr.splitlines() if line.startswith("pipegen: ")]
        assert said in line
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "file").read_text() == "in the way\n"


USAGE = (
    ("rendr",),
    ("render",),
    ("validate",),
    ("render", "x.yaml", "--template-format", "toml"),
    ("render", "x.yaml", "--check"),
    ("render", "x.yaml", "-o"),
    ("render", "x.yaml", "--nothing"),
    ("schema", "x.yaml"),
    ("--nothing",),
)


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_misuse_of_the_command_is_exit_2(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.search("^(Usage|Error): ", result.stderr)
    assert "Traceback" not in result.stderr


ODD_NAMES = {
    "an escape": "\x1b[31m.yaml",
    "a line end": "a\nb.yaml",
    "a line end and a key": "a\nResources: {}\n#.yaml",
    "a bell": "\a.yaml",
    "a direction": "\u202elmay.\u202c.yaml",
    "no UTF-8": os.fsdecode(b"\xff\xfe.yaml"),
    "an end of a line for YAML": "a\u2028b.yaml",
}


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES.keys())
def test_the_name_of_a_file_is_shown_without_its_control_characters(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text("name: 5\n")
    result = run("validate", name)
    assert result.exit_code == 1
    [first, _] = without_summary(result.stderr).split("\n")[:-1]
    assert first.isprintable()
    assert first.endswith(
        ":1:1: error: name must be a string, got the number 5; put it in quotes to write a string [wrong-type]"
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES.keys())
def test_the_name_of_a_file_changes_nothing_of_its_template(name: str, tmp_path: Path, pipegen: Pipegen) -> None:
    (tmp_path / name).write_text(OK)
    (tmp_path / "plain.yaml").write_text(OK)
    # The bytes of the name, as a shell gives them.
    rendered = pipegen("render", name, LC_ALL="C.UTF-8")
    assert rendered.returncode == 0, rendered.stderr
    plain = pipegen("render", "plain.yaml")
    assert rendered.stdout.startswith("# Generated by pipegen from ")
    found, expected = (yaml.load(each.stdout, Loader=_Cloudformation) for each in (rendered, plain))
    assert found.pop("Metadata").keys() == expected.pop("Metadata").keys()
    assert found == expected


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_without_a_character_is_not_a_bug(encoding: str, tmp_path: Path, pipegen: Pipegen) -> None:
    described = OK.replace("description: ", "description: 漢字 ")
    assert described != OK
    (tmp_path / "x.yaml").write_text(described, encoding="utf-8")
    for arguments in (("render", "x.yaml"), ("validate", "x.yaml"), ("render", "x.yaml", "-o", "漢字")):
        finished = pipegen(*arguments, PYTHONIOENCODING=encoding)
        assert finished.returncode in (0, 1)
        assert "bug" not in finished.stderr


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_kind_is_reported_with_the_closest(kind: str) -> None:
    for said in (f"{kind}z", kind[:-1], kind.replace("-", "_") if "-" in kind else f"{kind}-"):
        action = {"name": "A", "kind": said}
        data = {"name": "a", "pipeline": {"stages": [{"name": "S", "actions": [action]}]}}
        near = "s3" if said == "s" else kind
        [line] = rejected(dump(data), "unknown-kind", f'no action kind "{said}"; did you mean "{near}"?')
        assert (line["line"], line["column"]) == ("7", "7")


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize("kind", ["kubernetes", "", "\x1b[31m", "x" * 5000, "1"])
def test_for_a_kind_without_a_close_match_all_are_listed(kind: str) -> None:
    action = {"name": "A", "kind": kind}
    data = {"name": "a", "pipeline": {"stages": [{"name": "S", "actions": [action]}]}}
    rejected(dump(data), "unknown-kind", "; available: github, github-enterprise, gitlab")


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize("kind", [None, 1, True, [], {}, ["codebuild"]])
def test_a_kind_that_is_not_text_is_rejected(kind: Any) -> None:
    data = {"name": "a", "pipeline": {"stages": [{"name": "S", "actions": [{"name": "A", "kind": kind}]}]}}
    [line] = rejected(json.dumps(data), "missing-key" if kind is None else "wrong-type")
    assert line["line"] == "1"


# ------------------------------------------------------------------------------------------------ every field


@dataclass(frozen=True)
class Occurrence:
    """Where a seed holds a value of some class of the model."""

    seed: int
    path: tuple[str | int, ...]


def _occurrences(
    model: Any, data: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[type, tuple[str | int, ...]]]:
    """Every mapping in the data that became a value of a class of the model."""
    if is_dataclass(model) and isinstance(data, dict):
        yield type(model), path
        kind: Any = type(model)
        for key, name in keyed_fields(kind).items():
            yield from _occurrences(getattr(model, name), data.get(key), (*path, key))
    elif isinstance(model, Mapping) and isinstance(data, dict):
        for key in model:
            yield from _occurrences(model[key], data[key], (*path, key))
    elif isinstance(model, tuple | list) and isinstance(data, list):
        for index, (inside, item) in enumerate(zip(model, data, strict=True)):
            yield from _occurrences(inside, item, (*path, index))


def _table() -> dict[type, Occurrence]:
    table: dict[type, Occurrence] = {}
    for index, data in enumerate(seed_data()):
        for model, path in _occurrences(read(data), data):
            table.setdefault(model, Occurrence(index, path))
    return table


TABLE = _table()
each_class = pytest.mark.parametrize("model", TABLE, ids=lambda model: model.__name__)


def test_every_class_that_a_definition_can_be_made_of_is_in_the_table() -> None:
    assert set(KINDS.values()) < TABLE.keys()
    reachable: set[type] = {Definition}
    while more := {each for model in reachable for each in _classes(model)} - reachable:
        reachable |= more
    assert reachable == TABLE.keys()


def _classes(model: type) -> Iterator[type]:
    for hint in _hints(model).values():
        for part in _parts(hint):
            if part is Action:
                yield from KINDS.values()
            elif part is Rule:
                yield from RULE_KINDS.values()
            elif part is Notification:
                yield from NOTIFICATION_KINDS.values()
            elif part is DeployedService:
                yield EcsService
            elif isinstance(part, type) and issubclass(part, Model):
                yield part


def _hints(model: type) -> dict[str, Any]:
    names = {"Action": Action, "Notification": Notification, "Rule": Rule, "EcsService": EcsService}
    hints = get_type_hints(model, localns=names, include_extras=True)
    return {key: hints[name] for key, name in keyed_fields(model).items() if name != "kind"}


def _names(model: type) -> list[str]:
    """Return the fields that have a key in files: the name of a model that is in a mapping is its key there."""
    return [*keyed_fields(model)]


def _parts(hint: Any) -> Iterator[Any]:
    """A hint and everything inside it."""
    yield hint
    if get_origin(hint) not in (Literal, Artifact):
        for inside in get_args(hint):
            yield from _parts(inside)


WRONG: dict[str, Any] = {
    "nothing": None,
    "a word of YAML": True,
    "a number": 7,
    "a fraction": 1.5,
    "a text": "text",
    "a list": [],
    "a mapping": {},
}


def _accepted(hint: Any) -> set[str]:
    """Which of those a field with this hint takes, or judges by what is inside."""
    if get_origin(hint) is Annotated:
        inside, *extras = get_args(hint)
        numbers = {"a number", "a fraction"} if get_args(Text)[1] in extras else set[str]()
        keyed = [each.otherwise for each in extras if isinstance(each, Keyed)]
        return numbers.union(_accepted(inside), *map(_accepted, keyed))
    origin = get_origin(hint)
    if hint is Any:
        return set(WRONG)
    if origin in (Union, types.UnionType):
        return {sort for each in get_args(hint) for sort in _accepted(each)}
    if hint is AWSHelperFn or origin is Literal:
        return set()
    if hint is float:
        return {"a number", "a fraction"}
    simple = {type(None): "nothing", bool: "a word of YAML", int: "a number", str: "a text", Artifact: "a text"}
    found = simple.get(origin or hint)
    if found is not None:
        return {found}
    return {"a list"} if isinstance(origin, type) and issubclass(origin, Sequence) else {"a mapping"}


def _holder(data: Any, path: Iterable[str | int]) -> Any:
    for part in path:
        data = data[part]
    return data


def _marks(text: str, path: Sequence[str | int]) -> dict[str, tuple[str, str]]:
    """Line and column of every key of the mapping at that path, by PyYAML's own nodes."""
    node: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    for part in path:
        if isinstance(part, int):
            node = node.value[part]
        else:
            [node] = [value for key, value in node.value if key.value == part]
    keys = [key for key, _ in node.value]
    return {key.value: (str(key.start_mark.line + 1), str(key.start_mark.column + 1)) for key in keys}


SECTIONS = (EcsService, "environments")
"""The services are made from these sections, so mistakes in them are reported before all others."""


def _wrong_fields() -> Iterator[Any]:
    for model in TABLE:
        for wrong in WRONG:
            hints = {name: hint for name, hint in _hints(model).items() if (model, name) != SECTIONS}
            names = [name for name, hint in hints.items() if wrong not in _accepted(hint)]
            if names:
                yield pytest.param(model, wrong, names, id=f"{model.__name__} {wrong}")


@pytest.mark.slow
@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize(("model", "wrong", "changed"), list(_wrong_fields()))
def test_every_field_of_a_wrong_type_is_reported_with_its_location(model: type, wrong: str, changed: list[str]) -> None:
    found = TABLE[model]
    data = copy.deepcopy(seed_data()[found.seed])
    _holder(data, found.path).update({name: copy.deepcopy(WRONG[wrong]) for name in changed})
    text = dump(data)
    lines = rejected(text, "")
    assert {line["code"] for line in lines} <= {"wrong-value", "wrong-type"}
    marks = _marks(text, found.path)
    told = {(line["line"], line["column"]): line for line in lines}
    for name in changed:
        line = told.pop(marks[name])
        if line["code"] == "wrong-value":
            assert re.fullmatch(rf'{name} must be ".+", got {re.escape(quoted(WRONG[wrong]))}', line["text"]), line[
                "text"
            ]
        elif WRONG[wrong] is None:
            missing = rf"the value of {name} is missing; (write .+|indent what belongs to it below it)"
            assert re.fullmatch(missing, line["text"]), line["text"]
        else:
            assert re.match(rf"{name} must be [a-z, !A-Z]+, got ", line["text"]), line["text"]
            assert "Input should" not in line["text"]
    assert not told


@pytest.mark.slow
@pytest.mark.usefixtures("directory")
@each_class
def test_every_misspelt_key_is_reported_with_the_closest(model: type) -> None:
    found = TABLE[model]
    data = copy.deepcopy(seed_data()[found.seed])
    names = _names(model)
    _holder(data, found.path).update({f"{name}z": "text" for name in names})
    text = dump(data)
    told = {(line["line"], line["column"]): line["text"] for line in rejected(text, "unknown-key")}
    marks = _marks(text, found.path)
    for name in names:
        assert told.pop(marks[f"{name}z"]) == f'unknown key "{name}z"; did you mean "{name}"?'
    assert not told


KNOWN_BY_A_KEY = (ArtifactAttribute, CanaryShift, LinearShift, Pause, SharedListener)


def _required() -> Iterator[Any]:
    for model in TABLE:
        required = {each.name for each in fields(model) if each.default is each.default_factory is MISSING}
        names = [key for key, name in keyed_fields(model).items() if name in required]
        # With one field alone, nothing is left without it that could be told from anything else.
        # What is told from others by one of its keys is another thing without it.
        if names and len(fields(model)) > 1 and model not in KNOWN_BY_A_KEY:
            yield pytest.param(model, names, id=model.__name__)


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize(("model", "required"), list(_required()))
def test_every_missing_key_is_reported(model: type, required: list[str]) -> None:
    found = TABLE[model]
    data = copy.deepcopy(seed_data()[found.seed])
    for name in required:
        del _holder(data, found.path)[name]
    lines = rejected(dump(data), "missing-key")
    assert sorted(line["text"] for line in lines) == sorted(f"{name} is missing; add {name}:" for name in required)


EVIL = ("\x1b[31m\x07red\x1b[0m\r\nx.yaml:1:1: fine\x85\u2028\u202e", "x" * 5000, "${ #{ %s{}\\")


@pytest.mark.slow
@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize("evil", EVIL, ids=lambda evil: ascii(evil)[:20])
@each_class
def test_no_text_reaches_the_terminal_as_it_is(model: type, evil: str) -> None:
    """Texts one by one, then keys: what is right for one check may be wrong for the next."""
    found = TABLE[model]
    seed = seed_data()[found.seed]
    for name, value in _holder(seed, found.path).items():
        data = copy.deepcopy(seed)
        _holder(data, found.path)[name] = _with_text(value, evil)
        if _holder(data, found.path)[name] == value:
            continue
        Path("x.yaml").write_text(dump(data), encoding="utf-8")
        result = run("validate", "x.yaml")
        assert result.exit_code in (0, 1)
        assert lines_of(result) or result.exit_code == 0


def _with_text(value: Any, text: str) -> Any:
    """The value with the text in the place of its first text or key that is free."""
    if isinstance(value, str):
        return text
    if isinstance(value, list) and value and isinstance(value[0], str):
        return [text, *value[1:]]
    if isinstance(value, dict) and value:
        key, inside = next(iter(value.items()))
        if key in ("Ref", "Fn::Sub", "Fn::ImportValue"):
            return {key: text}
        return {text: inside, **{name: each for name, each in value.items() if name != key}}
    return value


# ------------------------------------------------------------------------------------------------ mutations


class _Cloudformation(yaml.SafeLoader):
    """Reads a template as CloudFormation does: short tags are functions."""


def _function(loader: _Cloudformation, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        argument: Any = node.value
    elif isinstance(node, yaml.SequenceNode):
        argument = loader.construct_sequence(node, deep=True)
    else:
        argument = loader.construct_mapping(typing.cast(yaml.MappingNode, node), deep=True)
    if suffix == "GetAtt" and isinstance(argument, str):
        argument = argument.split(".", 1)
    return {suffix if suffix == "Ref" else f"Fn::{suffix}": argument}


_Cloudformation.add_multi_constructor("!", _function)


def check_any(raw: bytes) -> None:
    """Whatever is in the file: a template that reads back, or lines with places."""
    Path("x.yaml").write_bytes(raw)
    with tempfile.TemporaryDirectory(dir=".") as output:
        result = run("render", "x.yaml", "-o", output)
        assert result.exit_code in (0, 1)
        if result.exit_code == 1:
            assert lines_of(result, raw.decode("utf-8-sig", errors="replace"))
            assert not any(Path(output).iterdir())
            return
        assert run("render", "x.yaml", "-o", output, "--template-format", "json").exit_code == 0
        commands = [n for n, line in enumerate(result.stderr.splitlines()) if line.startswith("aws cloudformation")]
        before = result.stderr.splitlines()[: commands[0]]
        assert all(LINE.fullmatch(line) or line.startswith("#") for line in before)
        files = [*Path(output).glob("*.yaml")]
        assert len(files) == len(commands)
        for file in files:
            as_json = json.loads(file.with_suffix(".json").read_text())
            assert _lists(yaml.load(file.read_text(), Loader=_Cloudformation)) == _lists(as_json)
            assert "Pipeline" in as_json["Resources"] or not file.stem.endswith("-pipeline")


def _lists(data: Any) -> Any:
    """GetAtt has two forms that mean one thing."""
    if isinstance(data, dict):
        return {
            key: value.split(".", 1) if key == "Fn::GetAtt" and isinstance(value, str) else _lists(value)
            for key, value in data.items()
        }
    return list(map(_lists, data)) if isinstance(data, list) else data


@pytest.mark.slow
@pytest.mark.usefixtures("directory")
@fuzzing(300)
@given(mutated().flatmap(written))
def test_a_damaged_definition_is_rendered_or_rejected(text: str) -> None:
    check_any(text.encode())


@pytest.mark.slow
@pytest.mark.usefixtures("directory")
@fuzzing(300)
@given(mangled())
def test_a_definition_with_damaged_bytes_is_rendered_or_rejected(raw: bytes) -> None:
    check_any(raw)


@pytest.mark.slow
@pytest.mark.usefixtures("directory")
@fuzzing(100)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_rejected(raw: bytes) -> None:
    check_any(raw)
    assert run("validate", "x.yaml").exit_code == 1
