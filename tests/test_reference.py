"""`docs/reference/`: every field of every model, with its type, bounds, default and documentation. Made from the fields
themselves: `UPDATE_DOCS=1 pytest tests/test_reference.py` writes it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from pipegen.actions import KINDS
from pipegen.definition import Definition
from pipegen.definitions.schema import schema_of
from pipegen.emit.short_tags import short_tag
from pipegen.foundation import Foundation
from pipegen.rules import KINDS as RULE_KINDS
from pipegen.value_schemas import DEFINITIONS
from pipegen.yaml_text import dump
from tests.examples import ROOT
from tests.strategies import seed_data

PAGES = ROOT / "docs" / "reference"
SCHEMA = {"definition": schema_of(Definition), "foundation": schema_of(Foundation)}
OWN_PAGES = {
    "definition": "Definition",
    "service": "EcsService",
    "task-definition": "TaskDefinition",
    "foundation": "Foundation",
    **{f"rule-{kind}": model.__name__ for kind, model in RULE_KINDS.items()},
    **{kind: model.__name__ for kind, model in KINDS.items()},
}
"""Pages, and the model that each begins with; another model is on the page that needs it first."""


@cache
def models() -> Mapping[str, Any]:
    """The schema of each model."""
    roots = {"Definition": SCHEMA["definition"], "Foundation": SCHEMA["foundation"]}
    return {**SCHEMA["foundation"]["$defs"], **SCHEMA["definition"]["$defs"], **roots}


@cache
def homes() -> Mapping[str, str]:
    """The page of each model."""
    found = {model: page for page, model in OWN_PAGES.items()}
    for page, model in OWN_PAGES.items():
        for name in _needed(model):
            found.setdefault(name, page)
    return found


def _needed(model: str) -> Iterator[str]:
    """The models inside a model, without those that begin a page, in the order in which its fields need them."""
    waiting, seen = [model], {model}
    while waiting:
        for name in _references(models()[waiting.pop(0)].get("properties", {})):
            if name not in seen and name not in OWN_PAGES.values() and name not in DEFINITIONS:
                seen.add(name)
                waiting.append(name)
                yield name


def _references(data: Any) -> Iterator[str]:
    if isinstance(data, Mapping):
        if isinstance(data.get("$ref"), str):
            yield data["$ref"].removeprefix("#/$defs/")
        for item in data.values():
            yield from _references(item)
    elif isinstance(data, list):
        for item in data:
            yield from _references(item)


def words(schema: Mapping[str, Any], page: str) -> str:
    """What a value is, in words."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        if name in DEFINITIONS:
            return "data" if name == "Data" else "expression"
        home = "" if homes()[name] == page else f"{homes()[name]}.md"
        return f"[{name}]({home}#{name.lower()})"
    choices = [each for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ())) if each.get("type") != "null"]
    if choices:
        return " or ".join(dict.fromkeys(words(each, page) for each in choices))
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    kinds = {"string": "text", "integer": "whole number", "number": "number", "boolean": "`true` or `false`"}
    if schema.get("type") == "array":
        return f"list of {words(schema['items'], page)}"
    if schema.get("type") == "object":
        item = schema.get("additionalProperties")
        return f"mapping of {words(item, page)}" if isinstance(item, Mapping) and item else "mapping"
    return kinds.get(str(schema.get("type")), "data")


BOUNDS = {
    ("minimum", "maximum"): "",
    ("minLength", "maxLength"): " characters",
    ("minItems", "maxItems"): " items",
    ("minProperties", "maxProperties"): " entries",
}


def bounds(schema: Mapping[str, Any], sort: str) -> str:
    """The bounds of a value, of itself or of what it may be."""
    inside = [schema, *(each for key in ("anyOf", "oneOf") for each in schema.get(key, ()))]
    found = []
    for (low, high), noun in BOUNDS.items():
        ends = [next((each[key] for each in inside if key in each), None) for key in (low, high)]
        if (noun == " items") > sort.startswith("list") or (noun == " entries") > sort.startswith("mapping"):
            continue
        if ends[0] is not None and ends[1] is not None:
            found.append(f"{ends[0]:,} to {ends[1]:,}{noun}")
        elif ends != [None, None]:
            found.append(f"{ends[0]:,}{noun} or more" if ends[1] is None else f"at most {ends[1]:,}{noun}")
    messages = (each["patternErrorMessage"] for each in inside if "patternErrorMessage" in each)
    found += [message.removeprefix("must ").removeprefix("be ").removeprefix("have ") for message in messages]
    return "; ".join(dict.fromkeys(found))


def rows(model: str, page: str) -> Iterator[str]:
    schema = models()[model]
    for name, each in schema.get("properties", {}).items():
        if "const" in each and name == "kind":
            continue
        default = json.dumps(each["default"]) if each.get("default") is not None and each["default"] != "" else ""
        default = "**required**" if name in schema.get("required", ()) else f"`{default}`" if default else ""
        text = re.sub(r"\s+", " ", str(each.get("description", ""))).replace("|", "\\|")
        sort = words(each, page)
        limits = bounds(each, sort)
        yield f"| `{name}` | {sort}{f': {limits}' if limits else ''} | {default} | {text} |"


def section(model: str, page: str, level: str) -> Iterator[str]:
    yield f"{level} {model}"
    yield ""
    yield str(models()[model].get("description", "")).strip()
    yield ""
    yield "| field | type | default | meaning |"
    yield "| --- | --- | --- | --- |"
    yield from rows(model, page)
    yield ""


def example(kind: str, sort: str) -> Any:
    """The first use of a kind in the definitions that the tests render."""
    return next(_of_kind(seed_data(), kind, sort))


def _of_kind(data: Any, kind: str, sort: str, key: str = "") -> Iterator[Any]:
    if isinstance(data, Mapping):
        if data.get("kind") == kind and key == sort:
            yield dict(data)
        for name, item in data.items():
            yield from _of_kind(item, kind, sort, str(name))
    elif isinstance(data, list | tuple):
        for item in data:
            yield from _of_kind(item, kind, sort, key)


def page_of(page: str) -> str:
    model, kind = OWN_PAGES[page], page.removeprefix("rule-")
    if page == f"rule-{kind}":
        lines = [f"# Rule `{kind}`", "", *_shown(example(kind, "rules"))]
    elif page in KINDS:
        lines = [f"# `{kind}`", "", *_shown(example(kind, "actions"))]
    else:
        lines = [f"# {model}", ""]
    lines += section(model, page, "##")
    for name in _needed(model):
        if homes()[name] == page:
            lines += section(name, page, "###")
    return "\n".join(lines).rstrip() + "\n"


def _shown(data: Any) -> list[str]:
    return ["```yaml", dump([data], short_tag).rstrip(), "```", ""]


@pytest.mark.parametrize("page", OWN_PAGES)
def test_the_reference_says_what_the_fields_say(page: str) -> None:
    file = PAGES / f"{page}.md"
    if os.environ.get("UPDATE_DOCS"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(page_of(page))
    assert file.read_text() == page_of(page)


def test_every_page_of_the_reference_is_made() -> None:
    assert {file.stem for file in PAGES.glob("*.md")} == set(OWN_PAGES)


def test_every_field_is_documented() -> None:
    missing = [
        f"{name}.{field}"
        for name, schema in models().items()
        for field, each in schema.get("properties", {}).items()
        if name not in DEFINITIONS and not each.get("description")
    ]
    assert missing == []
