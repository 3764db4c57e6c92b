"""Definitions as nodes of YAML: what is at a path, changed and written with a line for each value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from tests.support import rejects

Path = tuple[str | int, ...]
_MAP, _LIST = "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"


def compose(text: str) -> Node:
    """The nodes of a text, each of them written in block style from now on."""
    return in_blocks(rejects.compose(text))


def in_blocks(node: Node) -> Node:
    if isinstance(node, MappingNode | SequenceNode):
        node.flow_style = not node.value
        for child in node.value:
            for each in child if isinstance(child, tuple) else (child,):
                in_blocks(each)
    return node


def resolved(node: Node, path: str) -> Path:
    """The keys and indexes of a path that names items of lists."""
    found: list[str | int] = []
    for key in rejects.SEGMENT.findall(path):
        if isinstance(node, MappingNode):
            found.append(key)
            node = dict(rejects.entries(node)).get(key, ScalarNode(rejects.TEXT, ""))
        else:
            index = rejects.position(node, key)
            found.append(index)
            node = node.value[index] if index < len(node.value) else ScalarNode(rejects.TEXT, "")
    return tuple(found)


def at(node: Node, path: Path) -> Node:
    for key in path:
        node = rejects.entries(node)[str(key)] if isinstance(node, MappingNode) else node.value[int(key)]
    return node


def changed(text: str, removed: Iterable[Path], values: Mapping[Path, Node]) -> str:
    """A text without what is at some paths, and with values at others."""
    definition = compose(text)
    for path in removed:
        parent = at(definition, path[:-1])
        del parent.value[_position(parent, path[-1])]
    for path, value in values.items():
        parent = at(definition, path[:-1])
        position = _position(parent, path[-1])
        item = (ScalarNode(rejects.TEXT, str(path[-1])), value) if isinstance(parent, MappingNode) else value
        parent.value[position : position + 1] = [item]
    return rejects.written(in_blocks(definition))


def lines(text: str, path: Path) -> tuple[int, int]:
    """The first and the last line of what is at a path, with its key."""
    node = rejects.compose(text)
    if not path:
        return 1, len(text.splitlines())
    parent = at(node, path[:-1])
    value = at(parent, path[-1:])
    first = value.start_mark.line
    if isinstance(parent, MappingNode):
        first = next(key.start_mark.line for key, _ in parent.value if key.value == str(path[-1]))
    return first + 1, _last_line(value) + 1


def opening(text: str, path: Path) -> tuple[int, int]:
    """The lines of a key, or of the first key of an item: where something that is missing in it is reported."""
    first, _ = lines(text, path) if path else (1, 1)
    node = at(rejects.compose(text), path)
    return first, max(first, node.start_mark.line + 1)


def _last_line(node: Node) -> int:
    if isinstance(node, ScalarNode) or not node.value:
        return int(node.end_mark.line)
    last = node.value[-1]
    return _last_line(last[1] if isinstance(last, tuple) else last)


def _position(node: Node, key: str | int) -> int:
    if isinstance(node, MappingNode):
        return [*rejects.entries(node), str(key)].index(str(key))
    return int(key)


def scalar(node: Node) -> str:
    """The only text in a value, or none."""
    while isinstance(node, SequenceNode) and len(node.value) == 1:
        node = node.value[0]
    while isinstance(node, MappingNode) and len(node.value) == 1:
        node = node.value[0][1]
    return str(node.value) if isinstance(node, ScalarNode) else ""


def node_of(data: object) -> Node:
    """Plain data as a node."""
    if isinstance(data, Mapping):
        return MappingNode(_MAP, [(node_of(key), node_of(value)) for key, value in data.items()])
    if isinstance(data, list | tuple):
        return SequenceNode(_LIST, [node_of(item) for item in data])
    if isinstance(data, str):
        return ScalarNode(rejects.TEXT, data, style=None if data.isprintable() and _is_text(data) else '"')
    return ScalarNode(f"tag:yaml.org,2002:{type(data).__name__}", str(data).lower())


def _is_text(written: str) -> bool:
    """Whether a text is one without quotes."""
    try:
        return isinstance(yaml.safe_load(written), str)
    except yaml.YAMLError:
        return False
