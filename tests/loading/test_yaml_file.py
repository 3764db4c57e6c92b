"""YAML files: YAML 1.2's plain scalars, short tags, limits, and where everything stands."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipegen import InvalidDefinition, load
from pipegen.loading import load_file
from pipegen.loading.yaml.nodes import Node
from pipegen.loading.yaml.parsing import LIMIT_BYTES, LIMIT_DEPTH, LIMIT_NODES, parse
from tests.examples import EXAMPLES
from tests.strategies import SEEDS, fuzzing


def data_of(text: str) -> Any:
    return parse(text, "file.yaml").data


def refusal(text: str) -> str:
    with pytest.raises(InvalidDefinition) as raised:
        parse(text, "file.yaml")
    return str(raised.value)


SCALARS: tuple[tuple[str, Any], ...] = (
    ("", None),
    ("~", None),
    ("null", None),
    ("Null", "Null"),
    ("NULL", "NULL"),
    ("true", True),
    ("false", False),
    ("True", "True"),
    ("FALSE", "FALSE"),
    ("on", "on"),
    ("On", "On"),
    ("off", "off"),
    ("yes", "yes"),
    ("no", "no"),
    ("NO", "NO"),
    ("y", "y"),
    ("n", "n"),
    ("0", 0),
    ("7", 7),
    ("-7", -7),
    ("-0", 0),
    ("+7", "+7"),
    ("007", "007"),
    ("012345670123", "012345670123"),
    ("123456789012", 123456789012),
    ("-012", "-012"),
    ("0x10", "0x10"),
    ("0o17", "0o17"),
    ("0b1", "0b1"),
    ("1_000", "1_000"),
    ("9" * 18, 10**18 - 1),
    ("1.5", 1.5),
    ("-0.25", -0.25),
    ("1.0", 1.0),
    ("1e3", 1000.0),
    ("1E-2", 0.01),
    ("1.5e+3", 1500.0),
    ("1e400", "1e400"),
    ("1e1000", "1e1000"),
    ("9" * 1000, "9" * 1000),
    (".5", ".5"),
    ("1.", "1."),
    ("1e", "1e"),
    ("01.5", "01.5"),
    (".inf", ".inf"),
    ("-.Inf", "-.Inf"),
    (".nan", ".nan"),
    ("1:30", "1:30"),
    ("190:20:30", "190:20:30"),
    ("2024-01-01", "2024-01-01"),
    ("2024-01-01T10:00:00Z", "2024-01-01T10:00:00Z"),
    ("1.2.3", "1.2.3"),
    ("=", "="),
    ("<<", "<<"),
    ("a b", "a b"),
    ("é…", "é…"),
    ("a\n  b", "a b"),
    ("'12'", "12"),
    ('"true"', "true"),
    ('"\\u00e9\\x1b"', "é\x1b"),
    ("''", ""),
    ("|\n  12\n", "12\n"),
    (">-\n  a\n  b\n", "a b"),
    ("!!str 12", "12"),
    ("!!str", ""),
    ("! 12", "12"),
    ("!!map {}", {}),
    ("!!seq []", []),
)


@pytest.mark.parametrize(("text", "data"), SCALARS, ids=[ascii(text[:20]) for text, _ in SCALARS])
def test_a_scalar_is_what_yaml_1_2_says(text: str, data: Any) -> None:
    read = data_of(f"a: {text}")
    assert read == {"a": data}
    assert isinstance(read["a"], type(data))
    assert isinstance(read["a"], bool) is isinstance(data, bool)


@pytest.mark.parametrize(("text", "data"), [each for each in SCALARS if "\n" not in each[0]])
def test_a_scalar_is_the_same_in_flow_style_and_behind_an_alias(text: str, data: Any) -> None:
    for whole in (f"[&a {text}, *a]", f"a: [&a {text}, *a]", f"- &a {text}\n- *a\n"):
        read = data_of(whole)
        assert (read["a"] if isinstance(read, dict) else read) == [data, data]


@pytest.mark.parametrize(
    "key", ["on", "no", "0x10", "012345670123", "2024-01-01", "=", "'<<'", "'1'", '"true"', "!!str 1"]
)
def test_a_key_that_yaml_1_1_would_take_for_something_else_is_text(key: str) -> None:
    assert data_of(f"{key}: 1") == {key.removeprefix("!!str ").strip("'\""): 1}


@pytest.mark.parametrize("key", ["1", "1.5", "true", "null", "~", "[a]", "{a: b}", "? [a]\n", "!Ref a"])
def test_a_key_that_is_not_text_is_rejected(key: str) -> None:
    assert refusal(f"{key}: 1") == (
        f"file.yaml:1:{3 if key[0] == '?' else 1}: error: a key is not text; put it in quotes [yaml-key]"
    )


# JSON is YAML; these numbers are beyond what is read as a number.
numbers = st.integers(-(10**18) + 1, 10**18 - 1) | st.floats(-1e299, 1e299)
# What JSON writes as two escapes is a test of its own.
texts = st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0xFFFF), max_size=20)
json_data = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@fuzzing(300)
@given(json_data, st.sampled_from((None, 0, 2)))
def test_json_is_read_as_json_is(data: Any, indent: int | None) -> None:
    if data is not None:
        assert data_of(json.dumps(data, indent=indent)) == data


def test_a_character_that_json_writes_as_two_escapes_is_read_as_that_character(tmp_path: Path) -> None:
    stages = [
        {"name": "Source", "actions": [{"kind": "codecommit", "name": "App", "repository": "app", "branch": "main"}]},
        {"name": "Test", "actions": [{"kind": "codebuild", "name": "Test", "commands": ["make"]}]},
    ]
    written = json.dumps({"name": "app", "description": "🚀", "pipeline": {"stages": stages}})
    assert r"\ud83d\ude80" in written
    (tmp_path / "app.json").write_text(written)
    assert load(tmp_path / "app.json")[0].description == "🚀"


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("!Ref A", {"Ref": "A"}),
        ("!Ref 12", {"Ref": "12"}),
        ("!Ref", {"Ref": ""}),
        ('!Sub "${A}"', {"Fn::Sub": "${A}"}),
        ("!Sub |-\n  a\n  b", {"Fn::Sub": "a\nb"}),
        ("!Sub ['${a}', {a: !Ref B}]", {"Fn::Sub": ["${a}", {"a": {"Ref": "B"}}]}),
        ("!GetAtt A.B", {"Fn::GetAtt": "A.B"}),
        ("!GetAtt [A, B]", {"Fn::GetAtt": ["A", "B"]}),
        ("!ImportValue {'Fn::Sub': a}", {"Fn::ImportValue": {"Fn::Sub": "a"}}),
        ("!Join [', ', [a, 1]]", {"Fn::Join": [", ", ["a", 1]]}),
        ("!Select [0, !Split [',', a]]", {"Fn::Select": [0, {"Fn::Split": [",", "a"]}]}),
        ("!Select\n  - 0\n  - - a", {"Fn::Select": [0, ["a"]]}),
        ("!<!Ref> A", {"Ref": "A"}),
        ("&b !Ref A\nc: *b", {"Ref": "A"}),
        ("!Ref &b A\nc: *b", {"Ref": "A"}),
    ],
)
def test_a_short_tag_is_its_long_form(text: str, data: Any) -> None:
    read = data_of(f"a: {text}")
    assert read["a"] == data
    assert read.get("c", data) == data


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("!Reff A", 'did you mean "!Ref"?'),
        ("!ref A", 'did you mean "!Ref"?'),
        ("!GetAttr A.B", 'did you mean "!GetAtt"?'),
        (
            "!Transform [a, b, c]",
            "there are !And, !Base64, !Cidr, !Condition, !Equals, !FindInMap, !GetAZs, !GetAtt, !If, !ImportValue, ",
        ),
        ("!!int 1", "there are "),
        ("!!binary aGk=", "there are "),
        ("!!set {a, b}", "there are "),
        ("!!python/object/apply:os.system [exit]", "there are "),
        ("!<tag:yaml.org,2002:python/name:os.system> ''", "there are "),
        ('!e%1B%5B31m "x"', "there are "),
    ],
)
def test_any_other_tag_is_rejected(text: str, fix: str) -> None:
    shown = refusal(f"a: {text}")
    assert re.match(r"file\.yaml:1:4: error: unknown tag \S+; ", shown)
    assert fix in shown
    assert shown.isprintable()


MARKED = """\
name: café
pipeline:
  stages:
    - name: Source
      actions:
        - &source
          kind: codecommit
          name: App
          "repository": !Ref One
          ? branch
          : main
        - {kind: s3, name: Ä, bucket: *bucket, key: "é", extra_configuration: {A: !Sub "${x}", B:
            b}}
    -
      name: Build
      actions: [{kind: approval, name: Ask},
       {kind: approval,
        name: Again}, *source]
tags: {}
"""

PLACES: dict[tuple[str | int, ...], tuple[int, int]] = {
    (): (1, 1),
    ("name",): (1, 1),
    ("pipeline",): (2, 1),
    ("pipeline", "stages"): (3, 3),
    ("pipeline", "stages", 0): (4, 7),
    ("pipeline", "stages", 0, "name"): (4, 7),
    ("pipeline", "stages", 0, "actions"): (5, 7),
    # An anchor is part of what it names.
    ("pipeline", "stages", 0, "actions", 0): (6, 11),
    ("pipeline", "stages", 0, "actions", 0, "kind"): (7, 11),
    ("pipeline", "stages", 0, "actions", 0, "repository"): (9, 11),
    ("pipeline", "stages", 0, "actions", 0, "repository", "Ref"): (9, 25),
    ("pipeline", "stages", 0, "actions", 0, "branch"): (10, 13),
    # Characters are counted, not bytes.
    ("pipeline", "stages", 0, "actions", 1): (12, 11),
    ("pipeline", "stages", 0, "actions", 1, "bucket"): (12, 31),
    ("pipeline", "stages", 0, "actions", 1, "extra_configuration"): (12, 57),
    ("pipeline", "stages", 0, "actions", 1, "extra_configuration", "A"): (12, 79),
    ("pipeline", "stages", 0, "actions", 1, "extra_configuration", "B"): (12, 95),
    ("pipeline", "stages", 1): (15, 7),
    ("pipeline", "stages", 1, "actions", 0): (16, 17),
    ("pipeline", "stages", 1, "actions", 0, "name"): (16, 34),
    ("pipeline", "stages", 1, "actions", 1): (17, 8),
    ("pipeline", "stages", 1, "actions", 1, "name"): (18, 9),
    # What an alias stands for is where it was written.
    ("pipeline", "stages", 1, "actions", 2): (6, 11),
    ("pipeline", "stages", 1, "actions", 2, "name"): (8, 11),
    ("tags",): (19, 1),
    # What the file does not have is where it would be.
    ("role_path",): (1, 1),
    ("tags", "team"): (19, 1),
    ("pipeline", "stages", 1, "actions", 1, "message"): (17, 8),
    ("pipeline", "stages", 7, "name"): (3, 3),
}


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Any:
    file = tmp_path_factory.mktemp("marked") / "marked.yaml"
    file.write_text(MARKED.replace("*bucket", "bucket"), encoding="utf-8")
    return load_file(file)[0]


@pytest.mark.parametrize(("path", "place"), PLACES.items(), ids=map(str, PLACES))
def test_a_place_is_the_key_of_a_value_or_the_beginning_of_an_item(
    path: tuple[str | int, ...], place: tuple[int, int], marked: Any
) -> None:
    assert marked.location(path) == "{}:{}:{}".format(marked.file, *place)


def _positions(node: Node, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, tuple[int, int]]]:
    for key, inside in node.inside.items():
        yield (*path, key), (inside.line, inside.column)
        yield from _positions(inside, (*path, key))


def _composed(node: yaml.Node, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, tuple[int, int]]]:
    """The same by PyYAML's own nodes."""
    if node.tag.startswith("!") and node.tag != "!":
        name = node.tag[1:]
        path = (*path, name if name == "Ref" else f"Fn::{name}")
        yield path, (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.MappingNode):
        pairs = [(key.value, key, value) for key, value in node.value]
    else:
        pairs = [(index, item, item) for index, item in enumerate(node.value if isinstance(node.value, list) else ())]
    for key, placed, value in pairs:
        yield (*path, key), (placed.start_mark.line + 1, placed.start_mark.column + 1)
        yield from _composed(value, (*path, key))


TEXTS = {f"seed {index}": text for index, text in enumerate(SEEDS)}
TEXTS |= {example.name: example.yaml.read_text() for example in EXAMPLES}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_everything_stands_where_pyyaml_has_it_too(text: str) -> None:
    found = dict(_positions(parse(text, "file.yaml")))
    composed = yaml.compose(text, Loader=yaml.SafeLoader)
    assert composed
    assert found == dict(_composed(composed))
    assert len(found) > 15


def test_line_ends_of_other_systems_do_not_move_anything() -> None:
    text = TEXTS["rolling"]
    unix = list(_positions(parse(text, "file.yaml")))
    assert list(_positions(parse(text.replace("\n", "\r\n"), "file.yaml"))) == unix
    assert list(_positions(parse(text.replace("\n", "\r"), "file.yaml"))) == unix


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "1:1: error: the file is empty"),
        ("# a\n---\n# b\n", "1:1: error: the file is empty"),
        ("~", "1:1: error: the file is empty"),
        ("a: [b", "1:4: error: "),
        ("a:\n  - b\n  c: d\n", "3:3: error: "),
        ('a: "b\n\n', "1:4: error: "),
        ("a: b\n\tc: d", "2:1: error: "),
        ("a: @b", "1:4: error: "),
        ("a: 1\na: 2\n", '2:1: error: "a" is already set in line 1'),
        ("{é: 1, é: 2}", '1:8: error: "é" is already set in line 1'),
        ("a: &b [*b]", "1:8: error: the alias *b does not refer to a complete value"),
        ("a: *b", "1:4: error: the alias *b does not refer to a complete value"),
        ("a: &b {c: {d: *b}}", "1:15: error: "),
        ("a: 1\n--- {b: 2}\n", "2:1: error: a second document begins"),
        ("a: b\x01", "1:5: error: the character '\\x01' is not allowed in YAML"),
        ("a: b\n\n c\x7f", "3:3: error: the character '\\x7f' is not allowed in YAML"),
        # Characters are counted, not bytes.
        ("# éééééééé…\na: é\x01", "2:5: error: the character '\\x01' is not allowed in YAML"),
        ("# 🚀🚀🚀🚀🚀🚀\n# 🚀\na: b\x1b[31m", "3:5: error: the character '\\x1b' is not allowed in YAML"),
        ('a: "\\ud800"', "1:7: error: "),
        ("%YAML 9.9\n---\na: b", "1:1: error: "),
        ("a: !e!x b", "1:4: error: "),
    ],
)
def test_what_is_wrong_with_the_text_is_reported_where_it_is(text: str, shown: str) -> None:
    told = refusal(text)
    assert told.startswith(f"file.yaml:{shown}"), told
    assert told.isprintable()


def test_nesting_is_read_down_to_its_limit() -> None:
    levels = LIMIT_DEPTH + 1
    assert data_of("[" * levels + "]" * levels) != []
    assert "error: nested deeper than 40 levels" in refusal("[" * (levels + 1) + "]" * (levels + 1))
    assert "error: nested deeper than 40 levels" in refusal("- " * 100_000)


def test_values_are_counted_as_what_they_stand_for() -> None:
    assert len(data_of(f"[{'a,' * (LIMIT_NODES - 1)}]")) == LIMIT_NODES - 1
    assert "error: more than 100,000 values" in refusal(f"[{'a,' * LIMIT_NODES}]")
    hundred = f"&a [{'a,' * 99}]"
    assert len(data_of(f"[{hundred},{'*a,' * 998}]")) == 999
    assert "error: more than 100,000 values" in refusal(f"[{hundred},{'*a,' * 1000}]")


BOMBS = {
    "laughs": "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}' if n else '*a'] * 10)}]\n" for n in range(30)),
    "mappings": "a: &a {x: x, y: x}\n"
    + "".join(f"b{n}: &b{n} {{x: *{f'b{n - 1}' if n else 'a'}, y: *{f'b{n - 1}' if n else 'a'}}}\n" for n in range(60)),
    "keys": "a: &a [x]\n" + "".join(f"? &b{n} [*{f'b{n - 1}' if n else 'a'}, *a]\n: 1\n" for n in range(60)),
    "brackets": "[" * LIMIT_BYTES,
    "braces": "{" * LIMIT_BYTES,
    "pairs": "{a: " * (LIMIT_BYTES // 4),
    "question marks": "? " * (LIMIT_BYTES // 2),
    "dashes": "- " * (LIMIT_BYTES // 2),
    "anchors": "&a " * (LIMIT_BYTES // 3),
    "tags": "!a " * (LIMIT_BYTES // 3),
    "quote": '"' + "a" * LIMIT_BYTES,
    "escapes": '"' + "\\x" * (LIMIT_BYTES // 2),
    "indentation": "".join(f"{' ' * n}a:\n" for n in range(1400)),
    "plain lines": "a\n" * (LIMIT_BYTES // 2),
    "folded": ">\n" + " \n" * (LIMIT_BYTES // 3),
    "line ends": "\n" * LIMIT_BYTES,
    "directives": "%A\n" * (LIMIT_BYTES // 3),
    "documents": "---\n" * (LIMIT_BYTES // 4),
    "colons": ":" * LIMIT_BYTES,
    "stars": "*" * LIMIT_BYTES,
    "digits": "9" * LIMIT_BYTES,
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_a_text_made_to_take_long_is_read_or_rejected_soon_and_in_short_lines(text: str) -> None:
    begun = time.monotonic()
    try:
        told = [str(parse(text, "file.yaml").line)]
    except InvalidDefinition as error:
        told = str(error).splitlines()
    assert max(map(len, told)) < 1000
    assert time.monotonic() - begun < 10


def test_a_file_is_read_through_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "orders.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + EXAMPLES[0].yaml.read_bytes())
    [marked] = load_file(file)
    [plain] = load_file(EXAMPLES[0].yaml)
    assert marked.definition == plain.definition
    assert marked.location(("name",)) == f"{file}:2:1"


def test_the_values_of_an_alias_are_equal() -> None:
    shared = data_of("a: &a {x: [1, {y: z}]}\nb: *a\nc: [*a, {d: *a}]\n")
    assert shared == {"a": {"x": [1, {"y": "z"}]}, "b": shared["a"], "c": [shared["a"], {"d": shared["a"]}]}
    assert data_of("a: &x 1\nb: *x\nc: &x 2\nd: *x\n") == {"a": 1, "b": 1, "c": 2, "d": 2}
