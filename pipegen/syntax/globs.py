"""The glob patterns of triggers: patterns that cannot match, and patterns that others cover.

The syntax is Java's: `*` matches within a directory and `**` across directories, `\\` escapes the next character,
`{a,b}` and `[a-c]` list alternatives. Paths are relative to the root of the repository, without a leading slash.
https://docs.aws.amazon.com/codepipeline/latest/userguide/syntax-glob.html
https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/nio/file/FileSystem.html#getPathMatcher(java.lang.String)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Literal

from pipegen.errors import quoted
from pipegen.frozen import frozen

Of = Literal["branches", "file_paths", "tags"]


@frozen
class Fault:
    """A fault of a pattern. is_certain: whether the pattern cannot match any name."""

    text: str
    fix: str
    is_certain: bool = True


def fault(pattern: str, of: Of) -> Fault | None:
    """The first fault of a pattern, if it has one."""
    return next(_faults(pattern, of), None)


def _faults(pattern: str, of: Of) -> Iterator[Fault]:
    yield from _braces(pattern)
    if pattern != pattern.strip():
        yield Fault("begins or ends with a space", f"write {pattern.strip()}")
    yield from _slashes(pattern, of)
    yield from _paths(pattern) if of == "file_paths" else _names(pattern, of)
    yield from _other_syntax(pattern)


def _braces(pattern: str) -> Iterator[Fault]:
    """Unclosed groups and classes, and nested groups."""
    plain = re.sub(r"\\.", "", pattern)
    outside = re.sub(r"\[[^\]]+\]", "", plain)
    if "[" in outside:
        yield Fault("has a [ that is not closed", "close it with ], or write \\[ for the character")
    depth = 0
    for mark in re.findall(r"[{}]", outside):
        depth += 1 if mark == "{" else -1
        if depth == 2:
            yield Fault("has a { inside of { }, which glob patterns do not allow", "list the alternatives in one group")
            return
        if depth < 0:
            break
    if depth:
        missing = "}" if depth > 0 else "{"
        text = f"has a {'{' if depth > 0 else '}'} without a {missing}"
        yield Fault(
            text, f"write {{first,second}} for alternatives, or \\{'{' if depth > 0 else '}'} for the character"
        )


def _slashes(pattern: str, of: Of) -> Iterator[Fault]:
    where = "paths begin at the root of the repository" if of == "file_paths" else f"{of} begin with a name"
    if start := re.match(r"(?:\.{0,2}/)+", pattern):
        yield Fault(f"begins with {start[0]}, and {where}", f"write {pattern[start.end() :] or '**'}")
    if "//" in pattern:
        yield Fault("has two slashes in a row", f"write {re.sub('/+', '/', pattern)}")
    if pattern.endswith("/"):
        yield Fault("ends with a slash, which no name does", f"write {pattern}**")


def _paths(pattern: str) -> Iterator[Fault]:
    if wrong := re.search(r"\\(?![\[\]{}\\!])", pattern):
        text = f"has {pattern[wrong.start() : wrong.start() + 2]}, and \\ only takes the meaning of the next character"
        yield Fault(text, f"write {pattern.replace(chr(92), '/')}")
    if re.match(r"[A-Za-z]:", pattern):
        yield Fault("begins with a drive, and paths begin at the root of the repository", "write a path in it", False)
    if re.search(r"(?:^|/)\.\.?/", pattern):
        yield Fault("has . or .. as a directory, which no path has", "write the path without them")


def _names(pattern: str, of: Of) -> Iterator[Fault]:
    """https://git-scm.com/docs/git-check-ref-format"""
    prefix = "refs/tags/" if of == "tags" else "refs/heads/"
    if pattern.startswith("refs/"):
        yield Fault(f"begins with refs/, and {of} go by their names", f"write {pattern.removeprefix(prefix)}")
    if wrong := re.search(r"[ ~^:]|\\(?![{}!])|\.\.|@\{|/\.", pattern):
        text = f"has {quoted(wrong[0])}, which no name of a {'tag' if of == 'tags' else 'branch'} has"
        yield Fault(text, "write a glob pattern, such as release/*, not a regular expression")
    if pattern.startswith("origin/"):
        text = "begins with origin/, the name that a clone has for its remote"
        yield Fault(text, f"write {pattern.removeprefix('origin/')}", False)


def _other_syntax(pattern: str) -> Iterator[Fault]:
    if pattern.startswith("!"):
        yield Fault("begins with !, which excludes nothing here", f"list {pattern[1:]} under excludes", False)
    if re.search(r"^\^|\$$|\||\(\?|\.\+", _ungrouped(pattern)):
        yield Fault("looks like a regular expression", "write a glob pattern, such as src/** or release/*", False)
    if "," in _ungrouped(pattern):
        yield Fault("has a comma, which separates nothing", "make a pattern of each part", False)


def _ungrouped(pattern: str) -> str:
    return re.sub(r"\\.|\{[^}]*\}|\[[^\]]*\]", "", pattern)


def covers(excludes: Sequence[str], include: str) -> bool:
    """Whether other patterns match everything that a pattern matches. False if this cannot be determined easily."""
    if include in excludes:
        return True
    try:
        patterns = [re.compile(_expression(each)) for each in excludes if "[!" not in each and "[^" not in each]
    except re.error:
        return False
    samples = [*_samples(include)]
    return bool(samples) and all(any(each.fullmatch(sample) for each in patterns) for sample in samples)


_ANY = "\ue000"
"""A character that only wildcards match, so that any text in its position would be matched."""


def _samples(pattern: str) -> Iterator[str]:
    """Names that represent all names that a pattern matches; empty for patterns with classes or escapes."""
    parts = re.split(r"(\{[^{}]*\}|\*\*|\*|\?)", pattern)
    choices: list[Sequence[str]] = []
    for part in parts:
        if part.startswith("{"):
            choices.append(part[1:-1].split(","))
        elif part == "**":
            choices.append((_ANY, f"{_ANY}/{_ANY}", f"{_ANY}/{_ANY}/{_ANY}"))
        else:
            choices.append((_ANY if part in ("*", "?") else part,))
    if not re.search(r"[\[\]\\{}]", "".join(part for part in parts if not part.startswith("{"))):
        yield from ("".join(chosen) for chosen in product(*choices))


def _expression(pattern: str) -> str:
    """The regular expression of a glob pattern."""
    parts = []
    for part in re.findall(r"\\.|\*\*|\[[^\]]*\]|.", pattern, re.DOTALL):
        if part in _WILDCARDS:
            parts.append(_WILDCARDS[part])
        elif len(part) > 2:
            parts.append(part.replace("[!", "[^", 1))
        else:
            parts.append(re.escape(part.removeprefix("\\") or part))
    return "".join(parts)


_WILDCARDS = {"**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", ",": "|", "}": ")"}


def matches(pattern: str, name: str) -> bool:
    """Whether a pattern matches a name. True for malformed patterns."""
    try:
        return re.fullmatch(_expression(pattern), name) is not None
    except re.error:
        return True
