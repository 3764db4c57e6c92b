"""The table of a model's fields, made from its schema and from AWS's names of the fields."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipegen.fields.aws import ConfigurationKey, Property
from pipegen.pipeline.rule import Rule
from tests.aws_names import AwsName, home_class, names_of
from tests.reference_pages import classes, fields_of, homes, link_to, models


def words(schema: Mapping[str, Any], page: str) -> str:
    """What a value is, in words."""
    if "$ref" in schema:
        return link_to(schema["$ref"].removeprefix("#/$defs/"), page)
    if "allOf" in schema:
        return words(schema["allOf"][0], page)
    choices = [each for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ())) if each.get("type") != "null"]
    if choices:
        return " or ".join(dict.fromkeys(words(each, page) for each in choices))
    if schema.get("type") == "integer":
        return "whole number"
    if "enum" in schema:
        return ", ".join(_code(str(each), 24) for each in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    kinds = {"string": "text", "integer": "whole number", "number": "number", "boolean": "`true` or `false`"}
    if schema.get("type") == "array":
        return f"list of {words(schema['items'], page)}"
    if schema.get("type") == "object":
        item = schema.get("additionalProperties")
        return f"mapping of {words(item, page)}" if isinstance(item, Mapping) and item else "mapping"
    return kinds.get(str(schema.get("type")), "data")


_BOUNDS = {
    ("minimum", "maximum"): "",
    ("minLength", "maxLength"): " characters",
    ("minItems", "maxItems"): " items",
    ("minProperties", "maxProperties"): " entries",
}


def bounds(schema: Mapping[str, Any], sort: str) -> str:
    """The bounds of a value, of itself or of what it may be."""
    inside = [*_inside(schema)]
    found = []
    for keys, noun in _BOUNDS.items():
        low, high = (next((each[key] for each in inside if key in each), None) for key in keys)
        if (noun == " items") > sort.startswith("list") or (noun == " entries") > sort.startswith("mapping"):
            continue
        found.append(_range(low, high, noun))
    if "exclusiveMaximum" in (gap := schema.get("not", {})):
        found = [f"0, or {_range(gap['exclusiveMaximum'], schema['maximum'], '')}"]
    if schema.get("type") == "integer" and "enum" in schema:
        found.append(f"one of {', '.join(map(str, schema['enum']))}")
    messages = [each["patternErrorMessage"] for each in inside if "patternErrorMessage" in each]
    found += [re.sub("^must (?:be|have) ", "", message) for message in messages]
    if names := schema.get("propertyNames"):
        found.append(f"keys: {bounds(names, 'text')}")
    return "; ".join(dict.fromkeys(filter(None, found)))


def _inside(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A schema and its alternatives."""
    yield schema
    for each in (each for key in ("anyOf", "oneOf", "allOf") for each in schema.get(key, ())):
        yield from _inside(each)


def _range(low: float | None, high: float | None, noun: str) -> str:
    if low is None:
        return "" if high is None else f"at most {high:,}{noun}"
    if high is not None:
        return f"{low:,} to {high:,}{noun}"
    return f"at least {low:,}{_SINGULAR.get(noun, noun) if low == 1 else noun}"


_SINGULAR = {" characters": " character", " items": " item", " entries": " entry"}


def _default(schema: Mapping[str, Any], required: bool) -> str:
    if required:
        return "**required**"
    default = schema.get("default")
    return "" if default is None or default == "" else _code(json.dumps(default))


def _code(text: str, limit: int = 20) -> str:
    """As code, if it is short: GitHub does not break code in tables, and tables that are too wide scroll."""
    return f"`{text}`" if len(text) <= limit else _breakable(text)


def _breakable(text: str) -> str:
    """The same with places to break its long words."""
    return re.sub(r"\S{21,}", lambda word: re.sub(r"(?<=[_:/.-])(?=\w)|(?<=[a-z])(?=[A-Z])", "<wbr>", word[0]), text)


def aws_cell(model: str, field: str) -> str:
    names = names_of(classes()[model]).get(field, ())
    several = len({name.partition(".")[0] for name in names}) > 1
    return ", ".join(_aws_link(name, model, field, several) for name in names)


def _aws_link(name: AwsName, model: str, field: str, several: bool) -> str:
    """The path below the resource, or below its service where a field has properties of several resources."""
    if isinstance(name, ConfigurationKey):
        return f"[{_path('Configuration', name)}]({action_page(classes()[model], field)})"
    resource, *inside = name.split(".")
    return f"[{_path(*([resource.rpartition('::')[2]] if several else []), *inside)}]({name.url})"


def _path(*parts: str) -> str:
    return ".<wbr>".join(map(_breakable, parts))


def aws_names(model: str) -> Iterator[str]:
    """What the names in the last column of a table are."""
    names = [name for each in names_of(classes()[model]).values() for name in each]
    if resources := sorted({name.partition(".")[0] for name in names if isinstance(name, Property)}):
        yield f"The AWS names are properties of {_listed([f'`{each}`' for each in resources])}."
    if any(isinstance(name, ConfigurationKey) for name in names):
        owner = "rule" if issubclass(classes()[model], Rule) else "action"
        yield f"`Configuration` is the configuration of the {owner}."


def _listed(words: Sequence[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def action_page(model: Any, field: str) -> str:
    """The page about the provider, which the class that declares the field cites, or one that it extends."""
    cited = "\n".join(each.__doc__ or "" for each in home_class(model, field).__mro__)
    return str(re.findall(r"https://\S+/(?:action|rule)-reference-\w+\.html", cited)[0])


def table(model: str, page: str) -> Iterator[str]:
    required = models()[model].get("required", ())
    rows = [("field", "type and bounds", "default", "AWS"), ("---",) * 4]
    for name, each in fields_of(model):
        sort = words(each, page)
        limits = bounds(each, sort)
        typed = f"{sort}<br>{_breakable(limits)}" if limits else sort
        rows.append((_code(name, 30), typed, _default(each, name in required), aws_cell(model, name)))
    width = 4 if names_of(classes()[model]) else 3
    yield from (f"| {' | '.join(map(cell, row[:width]))} |" for row in rows)


def cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|")


def described(model: str) -> Iterator[str]:
    """The table of a model, and what each field is for."""
    if text := " ".join(aws_names(model)):
        yield from (text, "")
    yield from (*table(model, homes()[model]), "")
    for name, each in fields_of(model):
        yield f"- **`{name}`**: {cell(str(each.get('description', '')))}"
    yield ""
