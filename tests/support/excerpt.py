"""The part of a definition that shows a problem: the lines of interest, where they belong, and `…` for the rest."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set
from difflib import SequenceMatcher

import yaml
from yaml import CollectionNode, MappingNode, Node, ScalarNode

SHORT = 12
"""A text of so many lines is shown whole."""

Lines = Set[int]
"""Numbers of lines from 0, as PyYAML and difflib count them."""


def yaml_excerpt(text: str, base: str, reported: Lines) -> str:
    """The changes of a base and the lines that are reported, with the mappings and lists around them.

    `base` is empty for a text that changes nothing.
    """
    lines = text.splitlines()
    if not base and (len(lines) <= SHORT or not _is_mapping(text)):
        return _joined(lines, set(range(len(lines))), reported)
    root = yaml.compose(text, yaml.CSafeLoader)
    assert root is not None
    return _joined(lines, set(_kept(root, reported | (_changed(base, text) if base else set()))), reported)


def python_excerpt(text: str, reported: Lines) -> str:
    """A module without its docstring and imports; of a long one, the statement that is reported and what it uses."""
    own = [each for each in ast.parse(text).body if not isinstance(each, ast.Import | ast.ImportFrom | ast.Expr)]
    lines = text.splitlines()
    kept = set(range(own[0].lineno - 1, len(lines)))
    if len(kept) > SHORT and reported:
        used = _used(own, [each for each in own if reported & _lines_of(each)])
        kept = {line for each in used for line in _lines_of(each)}
    return _joined(lines, kept, reported).removeprefix("# …\n").removesuffix("# …\n")


def _used(statements: list[ast.stmt], found: list[ast.stmt]) -> list[ast.stmt]:
    """Some statements and those that bind the names in them, in order."""
    names = {node.id for each in found for node in ast.walk(each) if isinstance(node, ast.Name)}
    more = [each for each in statements if each in found or names & _bound(each)]
    return more if more == found else _used(statements, more)


def _bound(statement: ast.stmt) -> Set[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return {getattr(statement, "name", ""), *(each.id for each in targets if isinstance(each, ast.Name))}


def _lines_of(statement: ast.stmt) -> Lines:
    return set(range(statement.lineno - 1, statement.end_lineno or statement.lineno))


def _is_mapping(text: str) -> bool:
    try:
        return isinstance(yaml.compose(text, yaml.CSafeLoader), MappingNode)
    except yaml.YAMLError:
        return False


def _changed(base: str, text: str) -> Lines:
    """The lines that a base does not have, and the line before each that it only has."""
    found: set[int] = set()
    for tag, _, _, first, end in SequenceMatcher(None, base.splitlines(), text.splitlines(), False).get_opcodes():
        if tag != "equal":
            found.update(range(first, end) if end > first else [max(0, first - 1)])
    return found


def _kept(node: Node, wanted: Lines) -> Iterator[int]:
    """The lines of a node that lead to wanted ones or say what they belong to."""
    if not isinstance(node, CollectionNode) or node.flow_style:
        yield from _span(node)
    elif isinstance(node, MappingNode):
        yield from _kept_entries(node, wanted)
    else:
        for item in node.value:
            if wanted & set(_span(item)):
                yield item.start_mark.line
                yield from _kept(item, wanted)


def _kept_entries(node: MappingNode, wanted: Lines) -> Iterator[int]:
    inside = [value for key, value in node.value if _is_block(value) and wanted & set(_span(value))]
    for key, value in node.value:
        if value in inside:
            yield key.start_mark.line
            yield from _kept(value, wanted)
        elif key.start_mark.line in wanted and _is_block(value):
            yield key.start_mark.line
            yield from _outline(value)
        elif wanted & {key.start_mark.line, *_span(value)} or key.value in ("name", "kind") or not inside:
            yield from {key.start_mark.line, *([] if _is_block(value) else _span(value))}


def _outline(node: Node) -> Iterator[int]:
    """A short list or mapping, or the first lines of what a longer one has."""
    span = _span(node)
    yield from span if len(span) <= SHORT // 2 else (each[0].start_mark.line for each in _entries(node))


def _entries(node: Node) -> list[tuple[Node, ...]]:
    return [each if isinstance(node, MappingNode) else (each,) for each in node.value]


def _is_block(node: Node) -> bool:
    return isinstance(node, CollectionNode) and not node.flow_style


def _span(node: Node) -> range:
    end: int = node.end_mark.line
    ends_before = node.end_mark.column == 0 and end > node.start_mark.line
    if _is_block(node):
        return range(node.start_mark.line, max(_span(last).stop for last in _entries(node)[-1]))
    return range(node.start_mark.line, end if ends_before and isinstance(node, ScalarNode) else end + 1)


def _joined(lines: list[str], kept: Lines, reported: Lines) -> str:
    """The lines that are kept; one marker in the place of the others, and the number at those that are reported."""
    shown: list[str] = []
    for number, line in enumerate(lines):
        if number in kept:
            shown.append(f"{line}  # line {number + 1}" if number in reported else line)
        elif not shown or not shown[-1].endswith("# …"):
            shown.append(f"{' ' * (len(line) - len(line.lstrip()))}# …")
    return "\n".join(shown) + "\n"
