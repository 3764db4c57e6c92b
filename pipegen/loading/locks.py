"""Locks: keys that a fleet's `pipegen.yaml` forbids definitions to set."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields

from pipegen.definition import Definition
from pipegen.errors import Problem, did_you_mean, one_line, quoted, there_are
from pipegen.fields.words import is_expression
from pipegen.loading.yaml.merging import identity, is_named_list, is_removed
from pipegen.loading.yaml.nodes import Node, problem_at, without

ANY, WITH = "*", "with"
KEYS = (*(each.name for each in fields(Definition)), "blueprint", WITH, "environments")
"""The keys of a definition's file."""
PART = r'(?:"[^"]+"|[^."]+)'
_PATH = re.compile(rf"{PART}(?:\.{PART})*")


def path_of(locked: str) -> list[str]:
    """The keys of a path, which dots separate; keys that contain dots are quoted. Empty if the path is invalid."""
    return [part.strip('"') for part in re.findall(PART, locked)] if _PATH.fullmatch(locked) else []


def locked_problems(node: Node, locked: Mapping[str, str], fleet: Node) -> Iterator[Problem]:
    """Problems with locked keys in the file of a definition. fleet: the contents of the fleet's file."""
    node = without(node, WITH) if node.at((WITH,)).data is None else node  # an empty with: sets nothing
    for path, reason in locked.items():
        here, text = fleet.at(("locked", path)), f"{path} is locked: {one_line(reason)}"
        nodes = (nodes for keys in _everywhere(path_of(path)) for nodes in _nodes_at(node, keys))
        # A value that replaces a service also replaces its sections.
        yield from dict.fromkeys(problem_at(each, "locked-field", text, "remove it", here) for each in nodes)


def _everywhere(path: list[str]) -> Iterator[list[str]]:
    """The path itself, and that of the same key in the sections of a service for environments."""
    yield path
    if path[:1] == ["services"] and len(path) > 2:
        yield [*path[:2], "environments", ANY, *path[2:]]


def _nodes_at(node: Node, path: Sequence[str]) -> Iterator[Node]:
    """The nodes at a path, in which `*` matches any key or index, and those that replace a part of the path."""
    if not path or _replaces(node, path[0]):
        yield node
        return
    for key, inside in node.inside.items():
        if path[0] in (str(key), identity(inside)) or (path[0] == ANY and not (path[1:] and _is_scalar(inside))):
            yield from _nodes_at(inside, path[1:])


def _is_scalar(node: Node) -> bool:
    return isinstance(node.data, str | int | float)


def _replaces(node: Node, key: str) -> bool:
    """Whether a node replaces or removes the inherited value at a key of it."""
    if is_removed(node):
        return True
    if isinstance(node.data, list):
        return key != ANY and not key.isdecimal() and not is_named_list(node)
    return not isinstance(node.data, dict) or is_expression(node.data)


def lock_faults(locked: str, reason: str, parameters: Sequence[str] | None) -> Iterator[tuple[str, str]]:
    """The faults of a lock, with their fixes. parameters: those of all blueprints; None if they are unknown."""
    path, shown = path_of(locked), quoted(locked, 60)
    if not reason.strip() or not path:
        fix = "such as pipeline.execution_mode: Runs must not overtake each other"
        yield f"{shown} is locked without a reason, or is not a path", fix
    elif path[0] not in KEYS:
        yield f"{shown} is locked, and definitions have no {one_line(path[0], 60)}", _near(path[0], KEYS)
    elif path[0] == WITH and len(path) > 2:
        yield f"{shown} leads into an argument, and arguments are replaced as a whole", f"lock {WITH}.{path[1]}"
    elif path[0] == WITH and len(path) == 2 and parameters is not None and path[1] not in (ANY, *parameters):
        yield f"{shown} is locked, and no blueprint has that parameter", _near(path[1], parameters)


def _near(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return did_you_mean(*near[:1]) or there_are(known)
