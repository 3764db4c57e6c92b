"""YAML nodes with their positions, and edits of the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from pipegen.errors import PipegenError
from pipegen.frozen import frozen

Path = tuple[str | int, ...]
_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]|$")
"""The line breaks of YAML 1.1, as PyYAML reads them. https://yaml.org/spec/1.1/#id871136"""
_MERGE = "tag:yaml.org,2002:merge"


class NotUpgraded(PipegenError):
    """A file cannot be rewritten. line, column: the location of the reason, from 1."""

    def __init__(self, node: Node, text: str, fix: str) -> None:
        self.line, self.column = node.start_mark.line + 1, node.start_mark.column + 1
        self.text, self.fix = text, fix
        super().__init__(text)


@frozen
class Edit:
    """Replaces the characters from start to end. what: a description. line: from 1."""

    start: int
    end: int
    text: str
    what: str
    line: int


@frozen
class Question:
    """Something that only a person can decide. line, column: from 1."""

    line: int
    column: int
    text: str
    fix: str


@frozen
class Pair:
    """A key of a mapping with its value and path."""

    path: Path
    mapping: MappingNode
    key: ScalarNode
    value: Node


def root_of(text: str) -> Node | None:
    """Return the root node of valid YAML; None if it is empty."""
    return yaml.compose(text, Loader=yaml.SafeLoader)


def pairs(node: Node | None, path: Path = ()) -> Iterator[Pair]:
    """Return all keys below a node with their paths, including keys from aliases and merge keys."""
    if isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            yield from pairs(item, (*path, index))
    elif isinstance(node, MappingNode):
        for pair in own_pairs(node, path):
            yield pair
            yield from pairs(pair.value, pair.path)


def own_pairs(node: Node, path: Path = ()) -> Iterator[Pair]:
    """Return the keys of a mapping, including those from merge keys."""
    if not isinstance(node, MappingNode):
        return
    for key, value in node.value:
        if not isinstance(key, ScalarNode):
            continue
        if key.tag == _MERGE:
            for source in value.value if isinstance(value, SequenceNode) else (value,):
                yield from own_pairs(source, path)
        else:
            yield Pair((*path, key.value), node, key, value)


def value_at(node: Node | None, *path: str) -> Node | None:
    """Return the value at a path of keys."""
    for key in path:
        nodes = [pair.value for pair in own_pairs(node) if pair.key.value == key] if node is not None else []
        node = nodes[-1] if nodes else None
    return node


def renaming(text: str, key: ScalarNode, new: str, what: str) -> Edit:
    """Return the edit that renames a key, keeping its quotes. Raises NotUpgraded."""
    start, end = key.start_mark.index, key.end_mark.index
    written = text[start:end].rfind(key.value)
    if written < 0:
        raise NotUpgraded(key, f"the key {key.value!r} is written with escapes", "write it without escapes")
    return Edit(start + written, start + written + len(key.value), new, what, key.start_mark.line + 1)


def addition(text: str, mapping: MappingNode, key: str, value: str, what: str) -> Edit:
    """Return the edit that adds a key with a plain value to a mapping, after its name. Raises NotUpgraded."""
    anchor = _anchor(mapping)
    if anchor is None:
        raise NotUpgraded(mapping, f"{key}: {value} cannot be added here", "add it manually")
    first, end = anchor
    line = mapping.start_mark.line + 1
    if mapping.flow_style:
        quote = '"' if first.style == '"' else ""
        return Edit(end.index, end.index, f", {quote}{key}{quote}: {value}", what, line)
    match = _LINE_END.search(text, end.index)
    assert match is not None
    indent = " " * first.start_mark.column
    if match[0]:
        return Edit(match.end(), match.end(), f"{indent}{key}: {value}{match[0]}", what, line)
    return Edit(match.start(), match.start(), f"{_line_end_of(text)}{indent}{key}: {value}", what, line)


def _anchor(mapping: MappingNode) -> tuple[ScalarNode, Any] | None:
    """Return the key whose indentation to use, and the end of the value after which a key can be added."""
    simple = [
        (key, value)
        for key, value in mapping.value
        if isinstance(key, ScalarNode)
        and isinstance(value, ScalarNode)
        and value.style not in ("|", ">")
        and key.start_mark.line == value.end_mark.line
        and value.value
    ]
    if not simple:
        return None
    key, value = next((each for each in simple if each[0].value == "name"), simple[-1])
    return key, value.end_mark


def _line_end_of(text: str) -> str:
    match = _LINE_END.search(text)
    return (match[0] if match is not None else "") or "\n"


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Apply edits that do not overlap."""
    for edit in sorted(set(edits), key=lambda each: (each.start, each.end), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text
