"""Data with locations: every value has its file, line and column, and keeps them when files are merged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pipegen.errors import InvalidDefinition, Path, Problem


@dataclass(slots=True)
class Node:
    """A value with its location, and the nodes inside it by key or index.

    other: for a value from an argument, the node in the blueprint that uses the argument.
    replaced: the inherited node that this one replaces.
    """

    data: Any
    line: int
    column: int
    inside: dict[str | int, Node] = field(default_factory=dict)
    size: int = 1
    file: str = ""
    other: Node | None = None
    replaced: Node | None = None

    @property
    def location(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def at(self, path: Path) -> Node:
        """The deepest existing node on a path."""
        node = self
        for part in path:
            inside = node.inside.get(part)
            if inside is None:
                break
            node = inside
        return node

    def moved(self, mark: Node) -> Node:
        """The same value at the location of `mark`; the location of a mapping's value is that of its key."""
        return Node(self.data, mark.line, mark.column, self.inside, self.size, mark.file, self.other, self.replaced)


def mapping_node(mark: Node, inside: Mapping[str, Node]) -> Node:
    """A mapping of nodes at the location of `mark`."""
    data = {key: node.data for key, node in inside.items()}
    own: dict[str | int, Node] = dict(inside.items())
    return Node(data, mark.line, mark.column, own, 1 + _size(inside.values()), mark.file, mark.other)


def list_node(mark: Node, items: Iterable[Node]) -> Node:
    """A list of nodes at the location of `mark`."""
    inside: dict[str | int, Node] = dict(enumerate(items))
    data = [node.data for node in inside.values()]
    return Node(data, mark.line, mark.column, inside, 1 + _size(inside.values()), mark.file, mark.other)


def _size(nodes: Iterable[Node]) -> int:
    return sum(node.size for node in nodes)


def node_of(data: Any, mark: Node) -> Node:
    """Data as nodes, all at the location of `mark`."""
    if isinstance(data, Mapping):
        return mapping_node(mark, {str(key): node_of(value, mark) for key, value in data.items()})
    if isinstance(data, list | tuple):
        return list_node(mark, [node_of(item, mark) for item in data])
    return Node(data, mark.line, mark.column, {}, 1, mark.file, mark.other)


def without(node: Node, *keys: str) -> Node:
    """A mapping without some of its keys."""
    if not isinstance(node.data, dict) or not any(key in node.data for key in keys):
        return node
    return mapping_node(node, {key: inside for key, inside in named(node).items() if key not in keys})


def only(node: Node, *keys: str) -> Node:
    """A mapping with only some of its keys."""
    return mapping_node(node, {key: inside for key, inside in named(node).items() if key in keys})


def named(node: Node) -> dict[str, Node]:
    """The nodes of a mapping by key."""
    return {str(key): inside for key, inside in node.inside.items()}


def located(root: Node, problems: Iterable[Problem], file: str = "") -> list[Problem]:
    """Add locations to problems. For a location in another file than `file`, that is the related location."""
    return [_located(root.at(problem.path), problem, file) for problem in problems]


def _located(node: Node, problem: Problem, file: str) -> Problem:
    user = file if file not in ("", node.file) else ""
    return replace(problem, location=node.location, related=node.other.location if node.other is not None else user)


def invalid(node: Node, code: str, text: str, fix: str = "") -> InvalidDefinition:
    """An exception with the problem of a node."""
    return InvalidDefinition([problem_at(node, code, text, fix)])


def problem_at(node: Node, code: str, text: str, fix: str = "", other: Node | None = None) -> Problem:
    """A problem of a node. other: the node at the related location."""
    problem = _located(node, Problem(code, (), text, fix), "")
    return problem if other is None else replace(problem, related=other.location)
