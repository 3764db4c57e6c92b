"""Merging files: a definition over its fleet's defaults over its blueprint, and a blueprint over the one it extends.

Mappings merge by key and lists of named items by name, recursively; other values are replaced. An added key or item
comes after the one that precedes it, so that an item with only the `name` of an inherited one sets the position.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from pipegen.errors import Problem, did_you_mean, one_line, there_are
from pipegen.fields.words import is_expression
from pipegen.loading.yaml.nodes import Node, list_node, mapping_node, named, problem_at, without

IDENTITIES = ("name", "container", "path")
"""The keys that identify items of lists: images have a container, files have a path."""
_BY_NAME = {"services": "cluster", "parameters": "Type"}
"""Mappings from names to services and parameters, with a key that a complete service or parameter has."""
_REMOVED = "when"
_SIMILAR = 0.75
_Entries = Sequence[tuple[str, Node]]


def merged(under: Node, over: Node) -> Node:
    """Merge `over` over `under`."""
    if _is_mapping(under) and _is_mapping(over):
        inside = _combined(list(named(under).items()), list(named(over).items()), merged)
        return mapping_node(over, dict(inside))
    if (inherited := _items(under)) and (own := _items(over)):
        return list_node(over, (node for _, node in _combined(inherited, own, _merged_item)))
    return replace(over, replaced=under)


def _merged_item(under: Node, over: Node) -> Node:
    """Merge an item of a list, whose identifying key is the same in both."""
    return merged(under, without(over, next(key for key in IDENTITIES if key in over.data)))


def is_removed(node: Node) -> bool:
    """Whether a mapping removes the one that it is merged over."""
    return _is_mapping(node) and node.data.get(_REMOVED) is False


def _only_removes(node: Node) -> bool:
    return is_removed(node) and node.data.keys() <= {_REMOVED, *IDENTITIES}


def identity(node: Node) -> str | None:
    """The name that identifies an item of a list."""
    if not _is_mapping(node):
        return None
    return next((data for key in IDENTITIES if isinstance(data := node.data.get(key), str)), None)


def name_problems(under: Node, over: Node) -> Iterator[Problem]:
    """Problems with added or removed items whose names look like misspelled inherited names."""
    if _is_mapping(under) and _is_mapping(over):
        for key, node in over.inside.items():
            if key in under.inside:
                yield from name_problems(under.inside[key], node)
                if key in _BY_NAME:
                    yield from _added_problems(_entries(under.inside[key]), _entries(node), _BY_NAME[key])
            elif _only_removes(node):
                yield from _added_problems(_entries(under), [(str(key), node)])
    elif (inherited := _items(under)) and (own := _items(over)):
        yield from _added_problems(inherited, own)
        for name, node in own:
            for each in (each for known, each in inherited if known == name):
                yield from name_problems(each, node)


def _added_problems(inherited: _Entries, own: _Entries, whole: str = "") -> Iterator[Problem]:
    """Problems with items that are not inherited. whole: a key that complete items have; an item without it is intended
    to change an inherited one."""
    known = dict(inherited)
    for name, node in own:
        if name in known or (whole and _is_mapping(node) and whole in node.data):
            continue
        near = _nearest(name, known)
        text = f"nothing that is inherited here is called {one_line(name, 60)}"
        if _only_removes(node):
            yield problem_at(node, "inherited-name", text, did_you_mean(near) or there_are(known))
        elif near is not None:
            text += ", so that this is added"
            problem = problem_at(node, "inherited-name", text, did_you_mean(near), known[near])
            yield replace(problem, severity="warning")


def _nearest(name: str, known: Iterable[str]) -> str | None:
    """The inherited name that this one looks like a misspelling of."""
    return next((each for each in known if _is_mistyped(_words(name), _words(each))), None)


def _words(name: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Z]*[a-z]+|[A-Z]+|[0-9]+", name)]


def _is_mistyped(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two names differ slightly in one word. Biuld and Build do; Staging1 and Staging2, DeployEu and DeployUs,
    App and AppProxy do not."""
    unlike = [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
    if len(one) != len(other) or len(unlike) > 1:
        return False
    return all(abs(len(a) - len(b)) <= 1 and difflib.SequenceMatcher(None, a, b).ratio() >= _SIMILAR for a, b in unlike)


def _combined(under: _Entries, over: _Entries, merge: Callable[[Node, Node], Node]) -> Iterator[tuple[str, Node]]:
    """The merged entries. The second of two equal names in `over` is added, and reported when the data is read."""
    changes, added = _arranged({key for key, _ in under}, over)
    last = {key: index for index, (key, _) in enumerate(under)}
    for index, (key, node) in enumerate(under):
        change = changes.get(key)
        yield from added.pop((key, "before"), ())
        if change is None:
            yield key, node
        elif not is_removed(change):
            yield key, merge(node, change)
        if index == last[key]:
            yield from added.pop((key, "after"), ())
    yield from added.get(("", "end"), ())


def _arranged(known: set[str], over: _Entries) -> tuple[dict[str, Node], dict[tuple[str, str], list[tuple[str, Node]]]]:
    """The entries that change inherited ones, and those that are added before or after an inherited one."""
    changes: dict[str, Node] = {}
    added: dict[tuple[str, str], list[tuple[str, Node]]] = {}
    leading: list[tuple[str, Node]] = []
    here = leading
    for key, node in over:
        if key in known and key not in changes:
            changes[key] = node
            if here is leading:
                added[key, "before"] = leading
            here = added.setdefault((key, "after"), [])
        else:
            here.append((key, node))
    if here is leading:
        added["", "end"] = leading
    return changes, added


def is_named_list(node: Node) -> bool:
    """Whether a list merges by name with another list of named items."""
    return bool(_items(node))


def _items(node: Node) -> _Entries:
    """The items of a list by name; empty if one of them does not have a name."""
    if not isinstance(node.data, list):
        return ()
    items = [(name, item) for item in node.inside.values() if (name := identity(item)) is not None]
    return items if len(items) == len(node.data) else ()


def _entries(node: Node) -> _Entries:
    return list(named(node).items()) if _is_mapping(node) else ()


def _is_mapping(node: Node) -> bool:
    return isinstance(node.data, dict) and not is_expression(node.data)
