"""The YAML that is written: whatever goes in comes out again, in a form that no reader takes for something else."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipegen.loading.yaml.parsing import parse
from pipegen.output.short_tags import short_tag
from pipegen.output.yaml import dump
from tests.strategies import fuzzing, seed_data

PITFALLS = (
    "",
    " ",
    "\n",
    "\n\n",
    "a ",
    " a",
    "a\n",
    "a\n\n\n",
    "\na",
    " a\nb",
    "a \nb",
    "a\n \nb ",
    "\ta\n\tb",
    "a\tb",
    "a\r\nb",
    "a\rb",
    "#!/bin/sh\nset -e\n",
    "a: b",
    "a:",
    "a #b",
    "- a",
    "-",
    "--- a",
    "---",
    "...",
    "? a",
    "{a}",
    "[a]",
    "&a",
    "*a",
    "!a",
    "%a",
    "@a",
    "`a`",
    "|",
    ">",
    "'",
    '"',
    "'a'",
    '"a"',
    "\\",
    "=",
    "= a",
    "<<",
    "<< EOF",
    "~",
    "null",
    "Null",
    "on",
    "On",
    "off",
    "yes",
    "no",
    "y",
    "n",
    "true",
    "False",
    "1",
    "-1",
    "+1",
    "012345670123",
    "0o17",
    "0x10",
    "0b1",
    "1_000",
    "1.0",
    "1e3",
    "1.0e+3",
    ".5",
    ".inf",
    "-.INF",
    ".nan",
    "1:30",
    "190:20:30",
    "2024-01-01",
    "2024-01-01T10:00:00Z",
    "2024-01-01 10:00:00",
    "é…",
    "🚀",
    "漢字\nかな",
    "\x85",
    "a\x85b\nc",
    "\u2028\u2029",
    "\ufeff",
    "\x07\x1b[31m",
    "\x7f\x80",
    "\0",
    "\U0010ffff\ue000\ufffd",
    "a" * 5000,
    "word " * 500,
    "${A}",
    "!Ref A",
)

# What no YAML can hold, a text of Python may: halves of characters.
characters = st.characters(exclude_categories=["Cs"])
texts = st.sampled_from(PITFALLS) | st.text(characters) | st.text("ab \n\t#:-'\"|>=<!&*{01.é")
plain = st.recursive(
    texts | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=15,
)


def loaded(text: str) -> Any:
    return yaml.safe_load(text)


@pytest.mark.parametrize("text", PITFALLS, ids=ascii)
def test_a_text_stays_that_text_as_a_value_a_key_and_an_item(text: str) -> None:
    for data in (text, {text: 1}, {"a": text}, [text], {"a": [{text: text}]}, [[text]], {"a": {"b": {"c": text}}}):
        assert loaded(dump(data)) == data


@fuzzing(400)
@given(plain)
def test_any_data_comes_out_as_it_went_in(data: Any) -> None:
    assert loaded(dump(data)) == data


@fuzzing(300)
@given(texts)
def test_a_text_comes_out_of_pipegens_own_reader_too(text: str) -> None:
    written = dump({"a": text, "b": [text]})
    assert parse(written, "text.yaml").data == {"a": text, "b": [text]}


@pytest.mark.parametrize("text", ["=", "= a", "=a", "<<", "<< EOF"])
def test_a_text_that_begins_like_a_merge_or_a_value_is_quoted(text: str) -> None:
    assert dump({text: text}) == f'"{text}": "{text}"\n'


@pytest.mark.parametrize("text", ["1e3", "1E3", "-1e3", "12e4567", "1e+3", "1e-3", "0o17", "0xfF"])
def test_a_text_that_a_reader_of_yaml_1_2_would_take_for_a_number_is_quoted(text: str) -> None:
    # https://yaml.org/spec/1.2.2/#103-core-schema: PyYAML goes by YAML 1.1, and not everybody who reads templates does.
    assert dump({"a": text}) == f"a: '{text}'\n"


@fuzzing(200)
@given(st.text("ab é,;/-", min_size=200, max_size=3000))
def test_a_line_is_never_folded(text: str) -> None:
    assert len(dump({"a": text}).splitlines()) == 1
    assert len(dump({"a": f"{text}\n{text}"}).splitlines()) in (1, 3)


def test_several_lines_are_a_literal_block_and_stay_readable() -> None:
    script = "#!/bin/sh\nset -e\n\nif true; then\n  echo \"é: ${HOME}\" 'x' # y\nfi\n"
    written = dump({"script": script})
    assert written == "script: |\n" + "".join(f"  {line}\n" if line else "\n" for line in script.splitlines())


@pytest.mark.parametrize(
    ("text", "header"), [("a\nb", "|-"), ("a\nb\n", "|"), ("a\nb\n\n", "|+"), (" a\nb", "|2-"), ("\na\nb", "|2-")]
)
def test_the_end_and_the_indentation_of_a_block_are_kept(text: str, header: str) -> None:
    assert dump({"a": text}).splitlines()[0] == f"a: {header}"
    assert loaded(dump({"a": text})) == {"a": text}


def test_what_occurs_twice_is_written_twice() -> None:
    shared = {"a": ["b"], "c": "text"}
    data = {"first": shared, "second": shared, "third": [shared, shared]}
    written = dump(data)
    assert not re.search(r"[&*]", written)
    assert loaded(written) == data


def test_keys_keep_their_order() -> None:
    assert list(loaded(dump({"b": 1, "a": 2, "C": 3}))) == ["b", "a", "C"]


@pytest.mark.parametrize(
    ("data", "written"),
    [
        (None, "null\n"),
        (True, "true\n"),
        (False, "false\n"),
        (0, "0\n"),
        (-12, "-12\n"),
        (0.2, "0.2\n"),
        ([], "[]\n"),
        ({}, "{}\n"),
        ({"a": []}, "a: []\n"),
        ({"a": [{"b": {}}]}, "a:\n- b: {}\n"),
        (("a", ("b",)), "- a\n- - b\n"),
        ({1: "a"}, "'1': a\n"),
    ],
)
def test_data_that_is_not_text_is_written_plainly(data: Any, written: str) -> None:
    assert dump(data) in (written, f"{written}...\n")


@pytest.mark.parametrize("number", [1e16, -1e16, 1e-7, 1e299, 5e-324, 1.5e300, 123456789.123])
def test_a_number_is_read_as_that_number_without_a_tag(number: float) -> None:
    written = dump({"a": number})
    assert "!!" not in written
    assert loaded(written) == {"a": number}


@pytest.mark.parametrize("foreign", [object(), b"bytes", {1, 2}, datetime.date(2024, 1, 1), 1j])
def test_what_no_template_holds_is_our_bug(foreign: Any) -> None:
    with pytest.raises(TypeError, match=r"^cannot write .* as YAML$"):
        dump({"a": foreign})


@pytest.mark.parametrize(
    ("data", "written"),
    [
        ({"Ref": "A"}, "a: !Ref A"),
        ({"Ref": "on"}, "a: !Ref on"),
        ({"Fn::Sub": "a: ${B}"}, "a: !Sub 'a: ${B}'"),
        ({"Fn::Sub": "a\n${B}"}, "a: !Sub |-\n  a\n  ${B}"),
        ({"Fn::GetAtt": ["A", "B.C"]}, "a: !GetAtt A.B.C"),
        ({"Fn::Join": ["", ["a", {"Ref": "B"}]]}, "a: !Join\n- ''\n- - a\n  - !Ref B"),
        ({"Fn::ImportValue": {"Fn::Sub": "a"}}, "a:\n  Fn::ImportValue: !Sub a"),
        ({"Fn::If": ["A", "b", {"Ref": "AWS::NoValue"}]}, "a: !If\n- A\n- b\n- !Ref AWS::NoValue"),
        ({"Ref": "A", "b": "c"}, "a:\n  Ref: A\n  b: c"),
        ({"Condition": "A"}, "a:\n  Condition: A"),
    ],
)
def test_functions_have_short_tags_where_yaml_has_room_for_them(data: Any, written: str) -> None:
    found = dump({"a": data}, short_tag)
    assert found == f"{written}\n"
    assert parse(found.replace("!If", ""), "text.yaml").data  # its tags stand where tags may stand


@pytest.mark.parametrize("index", range(len(seed_data())))
def test_definitions_written_with_short_tags_are_read_as_what_they_were(index: int) -> None:
    data = seed_data()[index]
    assert parse(dump(data), "seed.yaml").data == data
    assert _dotted(parse(dump(data, short_tag), "seed.yaml").data) == _dotted(data)


def _dotted(data: Any) -> Any:
    """The short form of GetAtt is a text; the long one may be a list."""
    if isinstance(data, dict):
        if isinstance(attribute := data.get("Fn::GetAtt"), list):
            return {"Fn::GetAtt": ".".join(attribute)}
        return {key: _dotted(value) for key, value in data.items()}
    return [_dotted(item) for item in data] if isinstance(data, list) else data
