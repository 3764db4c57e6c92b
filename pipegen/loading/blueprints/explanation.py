"""The text of a completed definition with the origin of every value as a comment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from pipegen.errors import printable
from pipegen.fields.words import is_expression
from pipegen.frozen import frozen
from pipegen.loading.yaml.nodes import Node
from pipegen.output.yaml import Short, dump

_LIMIT_KEY = 100
"""YAML writes longer keys, but not longer values, on a separate line."""


@frozen
class Line:
    """A line of YAML. comment: the comment on the value that begins in it."""

    text: str
    comment: str = ""


def explained(root: Node, short: Short, width: int) -> str:
    """The data of a node as YAML, with the file and line of every value as a comment.

    Comments are aligned; a comment that does not fit into `width` is in the line before. short: see `dump`.
    """
    lines = list(_lines(root, short))
    commented = [line for line in lines if line.comment]
    column = max(range(2, width), key=lambda column: sum(_fits(line, column, width) for line in commented))
    return "".join(f"{text}\n" for line in lines for text in _typeset(line, column, width))


def _fits(line: Line, column: int, width: int) -> bool:
    """Whether a comment can begin in a column."""
    return len(line.text) + 2 <= column <= width - len(line.comment)


def _typeset(line: Line, column: int, width: int) -> Iterator[str]:
    beside = f"{line.text.ljust(column - 2)}  {line.comment}"
    if not line.comment:
        yield line.text
    elif _fits(line, column, width):
        yield beside
    elif len(line.text) + 2 + len(line.comment) <= width:
        yield f"{line.text}  {line.comment}"
    else:
        yield f"{' ' * (len(line.text) - len(line.text.lstrip()))}{line.comment}"
        yield line.text


def _lines(node: Node, short: Short) -> Iterator[Line]:
    """The lines of a mapping, a list or a leaf."""
    if _is_leaf(node):
        yield from _leaf(node.data, node, short)
    elif isinstance(node.data, dict):
        for key, inside in node.inside.items():
            yield from _entry(str(key), inside, short)
    else:
        for inside in node.inside.values():
            yield from _item(inside, short)


def _entry(key: str, node: Node, short: Short) -> Iterator[Line]:
    if _is_leaf(node) or len(key) > _LIMIT_KEY:
        yield from _leaf({key: node.data}, node, short)
        return
    yield Line(dump({key: None}).rstrip().removesuffix("null").rstrip())
    indent = "" if isinstance(node.data, list) else "  "
    yield from _indented(_lines(node, short), lambda _: indent)


def _item(node: Node, short: Short) -> Iterator[Line]:
    if _is_leaf(node):
        yield from _leaf([node.data], node, short)
    else:
        yield from _indented(_lines(node, short), lambda index: "  " if index else "- ")


def _indented(lines: Iterator[Line], indent: Callable[[int], str]) -> Iterator[Line]:
    for index, line in enumerate(lines):
        yield replace(line, text=f"{indent(index)}{line.text}" if line.text else "")


def _leaf(data: object, node: Node, short: Short) -> Iterator[Line]:
    text = dump(data, short)
    if text.endswith("\n...\n"):  # libyaml ends literal blocks with kept line breaks in this way
        text = text.removesuffix("...\n")
    first, *others = text.removesuffix("\n").split("\n")
    yield Line(first, comment_of(node))
    yield from map(Line, others)


def _is_leaf(node: Node) -> bool:
    """Whether a node gets a single comment: a scalar, an expression, or an empty list or mapping."""
    data = node.data
    return not isinstance(data, dict | list) or not data or (isinstance(data, dict) and is_expression(data))


def comment_of(node: Node) -> str:
    """The origin of a value, what inserted it, and the values that it replaces, as a comment."""
    through = f" via {file_and_line(node.other)}" if node.other is not None else ""
    replaced = [*_replaced(node), *(_replaced(node.other) if node.other is not None else ())]
    return f"# {file_and_line(node)}{through}{''.join(f', replaces {file_and_line(each)}' for each in replaced)}"


def _replaced(node: Node) -> Iterator[Node]:
    while node.replaced is not None:
        node = node.replaced
        yield node


def file_and_line(node: Node) -> str:
    """The file and line of a node."""
    return printable(f"{node.file}:{node.line}")
