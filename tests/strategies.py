"""Hypothesis strategies that damage definitions, and two more definitions for them to start from.

A mutation stays close to what a person writes: a key is misspelled, an item is there twice, a value moves elsewhere.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from pipegen.loading.yaml.parsing import parse
from pipegen.output.short_tags import short_tag
from pipegen.output.yaml import dump
from tests import seeds

_EXPRESSIONS = """\
# Every form of an expression, and the other hosts.
name: expressions
artifacts: {create_key: true}
parameters: {One: {}, List: {Type: CommaDelimitedList}, Arn: {Type: "AWS::SSM::Parameter::Value<String>"}}
tags:
  ref: !Ref One
  long: {Ref: One}
  sub: !Sub "${One} ${!literal} ${AWS::Region}"
  variables: !Sub ["${a}-${b}", {a: !Ref One, b: literal}]
  attribute: !GetAtt PipelineRole.Arn
  attribute-list: !GetAtt [PipelineRole, Arn]
  attribute-long: {"Fn::GetAtt": PipelineRole.Arn}
  import: !ImportValue {"Fn::Sub": "${One}-x"}
  join: !Join ["-", [a, !Ref One, !Sub "${One}"]]
  select: !Select [1, [a, !Ref One]]
  select-list: !Select [0, {Ref: List}]
  split: !Select [2, !Split ["/", !Ref One]]
overrides:
  Pipeline:
    RestartExecutionOnUpdate: true
    Triggers: [{ProviderType: CodeStarSourceConnection, GitConfiguration: {SourceActionName: A}}]
  AllProject: {BadgeEnabled: null, AutoRetryLimit: 2, Weight: 1.5, Cache: {Type: !Sub "${One}"}}
pipeline:
  stages:
    - name: Source
      actions:
        - {kind: github-enterprise, name: A, repository: acme/a, branch: !Ref One, connection: !Ref Arn}
        - {kind: gitlab, name: B, repository: acme/b/c, branch: main, connection: !Ref Arn}
        - {kind: gitlab-self-managed, name: C, repository: !Ref One, branch: main, connection: !Ref Arn}
        - {kind: bitbucket, name: D, repository: acme/d, branch: main, connection: !Join [":", [arn, !Ref Arn]]}
        - {kind: ecr, name: E, repository: base/image, tag: stable, detect_changes: false}
    - name: Build
      actions:
        - kind: codebuild
          name: All
          input: A
          extra_inputs: [B, C, D]
          commands: [make all]
          image: !Sub "${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/build:1"
          environment: {ONE: !Ref One, TWO: {parameter_store: !Ref One}, THREE: {secrets_manager: !Ref Arn}}
          action_environment: {DIGEST: "#{E.ImageDigest}", ONE: !Sub "${One}"}
        - kind: approval
          name: Ask
          run_order: 2
"""

_SMALL = """\
# The YAML that people write: anchors, aliases, flow and block, quotes of both sorts.
name: 'small'
description: >-
  Folded
  text
parameters: &none {}
tags: *none
pipeline:
  stages:
  - name: Source
    actions:
    - &source
      kind: codecommit
      name: App
      repository: "app"
      branch: main
      clone: zip
  - name: Build
    actions:
    - {kind: docker-build, name: Image, images: [{container: app, repository: app}], environment: &env {A: '1'}}
    - {kind: codebuild, name: Lint, commands: ["make \\u006cint"], environment: *env, action_environment: {}}
  - name: Deploy
    actions:
    - kind: ecs-deploy
      name: Deploy
      cluster: main
      service: app
      roles:
      - app-task
"""

SEEDS = (*seeds.SEEDS, _EXPRESSIONS, _SMALL)


def fuzzing(examples: int) -> settings:
    """So many examples, the same ones in every run; `FUZZ_EXAMPLES=10000` looks for new ones."""
    wanted = os.environ.get("FUZZ_EXAMPLES")
    return settings(
        max_examples=int(wanted or examples),
        derandomize=wanted is None,
        database=None,
        deadline=None,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.filter_too_much,  # a text may not fit its pattern or its length
            HealthCheck.large_base_example,
        ],
    )


@cache
def seed_data() -> tuple[Any, ...]:
    """The seeds as data, expressions in their long form. Copy before you change anything."""
    return tuple(parse(text, "seed.yaml").data for text in SEEDS)


def seed_copies() -> st.SearchStrategy[Any]:
    return st.sampled_from(range(len(SEEDS))).map(lambda index: copy.deepcopy(seed_data()[index]))


Place = tuple[Any, Any]
"""A mapping or a list, and a key or an index in it."""


def places(data: Any) -> Iterator[Place]:
    """Every place in the data, from the top down."""
    keys = list(data) if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    for key in keys:
        yield data, key
        yield from places(data[key])


@cache
def _vocabulary() -> tuple[list[str], list[Any]]:
    """All keys and all values that the seeds hold."""
    found = [place for data in seed_data() for place in places(data)]
    keys = dict.fromkeys(key for _, key in found if isinstance(key, str))
    values = {json.dumps(holder[key]): holder[key] for holder, key in found}
    return list(keys), list(values.values())


_ODD_TEXTS = (
    "",
    " ",
    "x" * 2000,
    "${",
    "${}",
    "${!x}",
    "${a.b.c}",
    "${Nothing}",
    "#{",
    "#{}",
    "#{a.b}",
    "#{Source.CommitId}",
    "a\nb",
    "a\n\n b \n",
    "\t",
    "\x85",
    "\u2028",
    "\u202e",
    "\ufeff",
    "\x7f",
    "é…",
    "🚀",
    "=",
    "<<",
    "~",
    "null",
    "on",
    "1e3",
    "012345670123",
    "2024-01-01",
    "*",
    "&a",
    "!Ref x",
    "arn:",
    "arn:aws:s3:::",
    ":",
    ": ",
    "a: b",
    "- a",
    "%",
    "{}",
    "'",
    '"',
    "\\",
    "/",
    "..",
    "a..b",
    "AWS::Region",
    "constructor",
    "__class__",
    "<parameter_store>",
    "[key]",
    "0",
)
_NUMBERS = (0, 1, -1, 5, 60, 2**31, 10**17, 0.5, -1.5, 1e16, 1e299, 5e-324)

texts = st.one_of(st.sampled_from(_ODD_TEXTS), st.text(max_size=20).filter(lambda text: "\0" not in text))
scalars = st.one_of(st.none(), st.booleans(), st.sampled_from(_NUMBERS), st.integers(-100, 10**6), texts)


@st.composite
def expressions(draw: Callable[[st.SearchStrategy[Any]], Any], right: bool = True) -> Any:
    """An expression in its long form; `right` ones have the form that their function takes."""
    if right or draw(st.booleans()):
        return draw(_expression(2))
    return draw(_wrong_expression) if draw(st.booleans()) else draw(_nearly_right())


@st.composite
def _nearly_right(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Any:
    """An expression that is wrong, if it is, in one place."""
    expression = copy.deepcopy(draw(_expression(2)))
    holder, key = draw(st.sampled_from(list(places(expression))))
    change = draw(st.sampled_from(("replace", "delete", "empty", "more")))
    if change == "delete":
        del holder[key]
    elif change == "empty" and isinstance(holder[key], str | list | dict):
        holder[key] = type(holder[key])()
    elif change == "more" and isinstance(holder[key], list):
        holder[key].append(draw(scalars))
    else:
        holder[key] = draw(scalars)
    return expression


def _expression(depth: int) -> st.SearchStrategy[Any]:
    name = st.sampled_from(("One", "Cluster", "AWS::Region", "PipelineRole", "x"))
    attribute = st.sampled_from(("PipelineRole.Arn", "A.B.C", "x.y"))
    sub = st.sampled_from(("${One}", "${!One}", "a", "${a}-${b}", "", "${AWS::Region}${PipelineRole.Arn}", "$ }"))
    value = st.sampled_from(("", "a", "${One}"))
    if depth > 0:
        value = value | _expression(depth - 1)
    delimiter = st.sampled_from((",", "-", "//"))
    values = st.lists(value, min_size=1, max_size=3)
    split = st.builds(_call, st.just("Fn::Split"), _pair(delimiter, value))
    forms: dict[str, st.SearchStrategy[Any]] = {
        "Ref": name,
        "Fn::Sub": sub | _pair(sub, st.dictionaries(st.sampled_from(("a", "b")), value, min_size=1)),
        "Fn::GetAtt": attribute | _pair(name, st.sampled_from(("Arn", "a.b"))),
        "Fn::ImportValue": value,
        "Fn::Join": _pair(delimiter | st.just(""), values),
        "Fn::Select": _pair(st.integers(0, 3), value | values | split),
        "Fn::If": st.tuples(name, value, value).map(list),
        "Fn::FindInMap": st.tuples(name, st.builds(_call, st.just("Ref"), name), name).map(list),
    }
    return st.one_of([st.builds(_call, st.just(function), argument) for function, argument in forms.items()])


def _call(function: str, argument: Any) -> Any:
    return {function: argument}


def _pair(first: st.SearchStrategy[Any], second: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(first, second).map(list)


_ARGUMENTS = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("a", "Ref", "Fn::Sub")), inner, max_size=2)
    ),
    max_leaves=4,
)
_wrong_expression = st.dictionaries(
    st.sampled_from(
        (
            "Ref",
            "Fn::Sub",
            "Fn::GetAtt",
            "Fn::ImportValue",
            "Fn::Join",
            "Fn::Select",
            "Fn::Split",
            "Fn::If",
            "Fn::FindInMap",
            "Sub",
            "",
            "!Ref",
        )
    ),
    _ARGUMENTS,
    max_size=2,
)


@st.composite
def data(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Any:
    """Any small piece: a scalar, something of a seed's, an expression right or wrong."""
    _, values = _vocabulary()
    drawn = draw(st.one_of(scalars, st.sampled_from(values), expressions(right=False), st.sampled_from(([], {}, [[]]))))
    return copy.deepcopy(drawn)


@st.composite
def mutated(draw: Callable[[st.SearchStrategy[Any]], Any], most: int = 3) -> Any:
    """A seed as data, damaged in one to `most` places."""
    damaged = draw(seed_copies())
    for _ in range(draw(st.integers(1, most))):
        _damage(draw, damaged)
    return damaged


def _damage(draw: Callable[[st.SearchStrategy[Any]], Any], damaged: Any) -> None:
    found = list(places(damaged))
    if not found:
        return
    holder, key = found[draw(st.integers(0, len(found) - 1))]
    change = draw(st.sampled_from(("alter", "alter", "delete", "replace", "double", "rename", "wrap", "swap")))
    if change == "delete":
        del holder[key]
    elif change == "alter":
        holder[key] = draw(_like(holder[key]))
    elif change == "replace":
        holder[key] = draw(data())
    elif change == "wrap":
        holder[key] = draw(st.sampled_from((list, dict)))([(draw(_keys()), holder[key])])
    elif change == "swap":
        other, elsewhere = found[draw(st.integers(0, len(found) - 1))]
        holder[key], other[elsewhere] = copy.deepcopy(other[elsewhere]), copy.deepcopy(holder[key])
    elif isinstance(holder, list):
        holder.insert(draw(st.integers(0, len(holder))), copy.deepcopy(holder[key]))
    else:
        name = draw(_keys() | _misspelt(key))
        holder[name] = copy.deepcopy(holder[key]) if change == "double" else holder.pop(key)


def _like(value: Any) -> st.SearchStrategy[Any]:
    """Another value of the same sort, so that many a damaged definition is still read, and compiled."""
    if isinstance(value, str):
        known = [each for each in _vocabulary()[1] if isinstance(each, str)]
        return st.one_of(texts, st.sampled_from(known), _expression(2))
    if isinstance(value, bool):
        return st.booleans()
    if isinstance(value, int):
        return st.sampled_from(_NUMBERS[:7]) | st.integers(-10, 1000)
    return data()


def _keys() -> st.SearchStrategy[str]:
    return st.sampled_from(_vocabulary()[0]) | texts


def _misspelt(key: str) -> st.SearchStrategy[str]:
    return st.integers(0, len(key)).map(lambda at: key[:at] + key[at + 1 :]) | st.just(key + "s") | st.just(key.upper())


WRITERS: tuple[Callable[[Any], str], ...] = (
    lambda data: dump(data, short_tag),
    dump,
    json.dumps,
    lambda data: json.dumps(data, indent=2, ensure_ascii=False),
)


def written(data: Any) -> st.SearchStrategy[str]:
    """The data as a person may write it: YAML with short tags, YAML with long forms, JSON."""
    return st.sampled_from(WRITERS).map(lambda write: write(data))


_PIECES = (
    *("\t", "\n", "\r", "\r\n", " ", "  ", "\0", "\x1b[31m", "\x85", "\ufeff", "\u2028", "\xa0", "é", "🚀", "\xff"),
    *("*", "*none ", "&", "&a ", "&a *a", "!", "!!", "!Ref ", "!Sub [", "!!python/object/apply:os.system [true]"),
    *(": ", ":", "- ", "-", "? ", "?", "{", "}", "[", "]", ",", "'", '"', "#", " #", "|", ">", "|+2", "%", "%YAML 1.1"),
    *(
        "---\n",
        "...\n",
        "--- ",
        "@",
        "`",
        "<<: *none",
        "<<",
        "=",
        "~",
        "\\",
        "\\ud800",
        "\\x1b",
        "${",
        "#{",
        "0",
        "1e3",
    ),
)


@st.composite
def mangled(draw: Callable[[st.SearchStrategy[Any]], Any], most: int = 4) -> bytes:
    """A seed's text with pieces cut out, put in, doubled or overwritten, byte by byte."""
    text = draw(st.sampled_from(SEEDS)).encode()
    for _ in range(draw(st.integers(1, most))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 30)))
        piece = draw(
            st.one_of(
                st.sampled_from([piece.encode() for piece in _PIECES]),
                st.binary(max_size=4),
                st.just(b""),
                st.just(text[start:end] * 2),
                st.integers(0, 255).map(lambda byte: bytes([byte])),
            )
        )
        text = text[:start] + piece + text[end:]
    return bytes(text)
