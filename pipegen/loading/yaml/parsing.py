"""Parsing YAML into nodes: YAML 1.2's plain scalars, CloudFormation's short tags, nothing executed.

PyYAML's events are read one by one, so that nesting and aliases are limited before nodes are built. `on`, `no` and
`012345` are strings, as in YAML 1.2's JSON schema (https://yaml.org/spec/1.2.2/#102-json-schema).
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path as FilePath
from typing import Any

import yaml

from pipegen.errors import InvalidDefinition, Problem, did_you_mean, one_line, quoted
from pipegen.fields.scalars import AmbiguousNumber, Tagged
from pipegen.fields.words import is_expression
from pipegen.loading.layout import BLUEPRINT_FILE, FLEET_FILE
from pipegen.loading.yaml.errors import syntax_problem
from pipegen.loading.yaml.nodes import Node, list_node

LIMIT_BYTES = 1_000_000
LIMIT_DEPTH = 40
LIMIT_NODES = 100_000
"""Limits far above the size of definitions, below noticeable time and memory. An alias counts as its anchor's value."""

_CORE = "tag:yaml.org,2002:"
_FUNCTIONS = {f"!{name}": f"Fn::{name}" for name in ("Sub", "GetAtt", "ImportValue", "Join", "Select", "Split")}
_FUNCTIONS |= {f"!{name}": f"Fn::{name}" for name in ("Base64", "Cidr", "GetAZs")}  # in resources, and in !Select
_FUNCTIONS |= {"!Ref": "Ref", "!Condition": "Condition"}
_FUNCTIONS |= {f"!{name}": f"Fn::{name}" for name in ("If", "FindInMap", "Equals", "And", "Or", "Not")}
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?")
_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
"""The JSON escape of a character above U+FFFF, which YAML escapes differently."""
_WORDS: Mapping[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}


_ANCHOR = "put a text that begins with * in quotes, or set the anchor before, and not around it"
_FIRST_KEYS = {FLEET_FILE: "write {} if it sets nothing", BLUEPRINT_FILE: "begin with summary: and definition:"}
"""What to write into an empty file, by its name."""


class _Malformed(Exception):
    """The text is malformed, so that parsing cannot continue."""

    def __init__(self, mark: Any, code: str, text: str, fix: str = "") -> None:
        self.location = (mark.line + 1, mark.column + 1) if mark is not None else None
        self.problem = Problem(code, (), text, fix)
        super().__init__(text)


def nodes_of(path: FilePath, file: str = "") -> Node:
    """Parse a YAML or JSON file with one document. file: its name in locations. Raises InvalidDefinition."""
    file = file or str(path)
    return parse(text_of(path, file), file)


def text_of(path: FilePath, file: str) -> str:
    """Read the text of a file. Raises InvalidDefinition."""

    def unreadable(text: str, fix: str) -> InvalidDefinition:
        return InvalidDefinition([Problem("unreadable", (), text, fix, location=file)])

    try:
        if path.exists() and not path.is_file():
            raise unreadable("is not a regular file", "give a regular file")
        with path.open("rb") as opened:
            raw = opened.read(LIMIT_BYTES + 1)
    except FileNotFoundError:
        raise unreadable("there is no such file", "check the path") from None
    except OSError as error:
        raise unreadable(f"cannot be read: {one_line(error.strerror or error)}", "check the path") from None
    text = decoded(raw, file)
    return text if path.suffix != ".json" else _PAIR.sub(lambda pair: json.loads(f'"{pair[0]}"'), text)


def decoded(raw: bytes, file: str) -> str:
    """Return the text of bytes that are no more than a definition may have. Raises InvalidDefinition."""
    text, fix = f"the file has more than {LIMIT_BYTES:,} bytes", "split it into several definitions"
    if len(raw) <= LIMIT_BYTES:
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            text, fix = f"the file is not valid UTF-8 at byte {error.start + 1}", "save it as UTF-8"
    raise InvalidDefinition([Problem("unreadable", (), text, fix, location=file)])


def parse(text: str, file: str) -> Node:
    """Parse a text with one document. Raises InvalidDefinition."""
    builder = _Builder(file)
    root = Node(None, 1, 1)
    try:
        root = builder.document(_events(text))
    except _Malformed as error:
        line, column = error.location or (1, 1)
        builder.problems.append((line, column, error.problem))
    except yaml.MarkedYAMLError as error:
        builder.problems.append(syntax_problem(error, text))
    except yaml.reader.ReaderError as error:
        before = text.encode()[: error.position].decode(errors="ignore")  # libyaml counts bytes
        position = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        what = f"the character {ascii(chr(error.character)) if isinstance(error.character, int) else error.character}"
        builder.problems.append((*position, Problem("yaml-syntax", (), f"{what} is not allowed in YAML", "remove it")))
    if builder.problems:
        raise InvalidDefinition(
            Problem(p.code, (), p.text, p.fix, location=f"{file}:{line}:{column}")
            for line, column, p in builder.problems
        )
    return root


def _events(text: str) -> Iterator[yaml.Event]:
    """Parse a text into events with libyaml.

    Since 0.2.6, libyaml's scanner, which reads ahead, fails at 1,000 flow levels before it returns the event that
    exceeds `LIMIT_DEPTH`. PyYAML's own scanner does not have this limit and finds the location.
    https://github.com/yaml/libyaml/pull/329
    """
    read = 0
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            read += 1
            yield event
    except yaml.MarkedYAMLError as error:
        if "nesting" not in str(error.problem):
            raise
        yield from islice(yaml.parse(text, Loader=yaml.SafeLoader), read, None)


class _Builder:
    """Builds nodes from events, and collects problems after which parsing can continue."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.problems: list[tuple[int, int, Problem]] = []
        self._anchors: dict[str, Node | None] = {}
        self._nodes = 0

    def document(self, events: Iterator[yaml.Event]) -> Node:
        """The single document of a stream."""
        self._events = events
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise _Malformed(
                        event.start_mark, "yaml-syntax", "a second document begins", "one file, one definition"
                    )
                root = self._node(next(events), 0)
        if root is None or root.data is None:
            fix = _FIRST_KEYS.get(FilePath(self._file).name, "begin with name: and pipeline:")
            raise _Malformed(None, "empty", "the file is empty", fix)
        return root

    def _node(self, event: Any, depth: int) -> Node:
        if depth > LIMIT_DEPTH:
            raise _Malformed(event.start_mark, "yaml-limit", f"nested deeper than {LIMIT_DEPTH} levels", "flatten it")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        self._count(1, event)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        if isinstance(event, yaml.ScalarEvent):
            node = self._scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(event, depth)
        else:
            node = self._mapping(event, depth)
        node = self._tagged(event, node)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _count(self, size: int, event: yaml.Event) -> None:
        self._nodes += size
        if self._nodes > LIMIT_NODES:
            text = f"more than {LIMIT_NODES:,} values, after aliases are replaced"
            raise _Malformed(event.start_mark, "yaml-limit", text, "make it smaller")

    def _alias(self, event: yaml.AliasEvent) -> Node:
        node = self._anchors.get(str(event.anchor))
        if node is None:
            text = f"the alias *{one_line(event.anchor, 40)} does not refer to a complete value"
            raise _Malformed(event.start_mark, "yaml-alias", text, _ANCHOR)
        self._count(node.size, event)
        return node

    def _scalar(self, event: yaml.ScalarEvent) -> Node:
        data: Any = event.value
        if event.tag is None and event.implicit[0]:
            data = _plain(event.value)
        return self._at(event, data)

    def _sequence(self, event: yaml.Event, depth: int) -> Node:
        node = self._at(event, [])
        while not isinstance(item := next(self._events), yaml.SequenceEndEvent):
            child = self._node(item, depth + 1)
            node.inside[len(node.data)] = child
            node.data.append(child.data)
            node.size += child.size
        return node

    def _mapping(self, event: yaml.Event, depth: int) -> Node:
        node = self._at(event, {})
        while not isinstance(start := next(self._events), yaml.MappingEndEvent):
            key = self._node(start, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if _is_merge(start, key):
                self._merge(node, key, value)
            elif not isinstance(key.data, str):
                self._report(key, "yaml-key", "a key is not text", "put it in quotes")
            elif key.data in node.data:
                first = node.inside[key.data]
                text = f"{quoted(key.data, 60)} is already set in line {first.line}"
                self._report(key, "duplicate-key", text, "keep one")
            else:
                node.inside[key.data] = value.moved(key)
                node.data[key.data] = value.data
            node.size += key.size + value.size
        return _with_merged(node)

    def _merge(self, node: Node, key: Node, value: Node) -> None:
        """Keep the values of `<<` until the mapping is complete, because its own keys take precedence.
        https://yaml.org/type/merge.html"""
        sources = list(value.inside.values()) if isinstance(value.data, list) else [value]
        if MERGE in node.inside:
            self._report(key, "duplicate-key", "<< is already set", "merge a list: <<: [*one, *other]")
        elif not sources or not all(_is_mapping(each.data) for each in sources):
            self._report(key, "yaml-merge", "<< must be a mapping", "merge mappings: <<: *anchor")
        else:
            node.inside[MERGE] = list_node(value, sources)

    def _tagged(self, event: yaml.Event, node: Node) -> Node:
        tag = getattr(event, "tag", None)
        if tag is None or tag == "!" or tag in (f"{_CORE}str", f"{_CORE}map", f"{_CORE}seq"):
            return node
        function = _FUNCTIONS.get(tag)
        if function is not None:
            return Node(
                Tagged({function: node.data}), node.line, node.column, {function: node}, node.size + 1, self._file
            )
        near = difflib.get_close_matches(tag, _FUNCTIONS, n=1)
        fix = did_you_mean(*near[:1]) or f"there are {', '.join(sorted(_FUNCTIONS))}"
        fix += " Put a text that begins with ! in quotes" if near else "; put a text that begins with ! in quotes"
        self._report(node, "yaml-tag", f"unknown tag {one_line(tag, 60)}", fix)
        return node

    def _report(self, node: Node, code: str, text: str, fix: str) -> None:
        self.problems.append((node.line, node.column, Problem(code, (), text, fix)))

    def _at(self, event: Any, data: Any) -> Node:
        return Node(data, event.start_mark.line + 1, event.start_mark.column + 1, file=self._file)


MERGE = -1
"""The key of a mapping's merges while it is read; other keys are strings."""


def _is_merge(start: Any, key: Node) -> bool:
    return key.data == "<<" and isinstance(start, yaml.ScalarEvent) and start.tag is None and bool(start.implicit[0])


def _is_mapping(data: Any) -> bool:
    return isinstance(data, dict) and not is_expression(data)


def _with_merged(node: Node) -> Node:
    """Add merged keys to a mapping, first. Its own keys take precedence, then those of the first merged mapping."""
    merged = node.inside.pop(MERGE, None)
    if merged is None:
        return node
    own, inside = node.inside, dict[str | int, Node]()
    for source in reversed(merged.inside.values()):
        inside |= source.inside
    node.inside = inside | own
    node.data = {key: each.data for key, each in node.inside.items()}
    return node


def _plain(text: str) -> Any:
    """The value of a plain scalar in YAML 1.2's JSON schema; a string if it has none of its forms."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if abs(number) < 1e300:
            return number if repr(number) == text else AmbiguousNumber.number(number, text)
    return text
