"""The line of a file that a problem is about, as far as it can be shown: never one with a secret in it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from pipegen.cli.formats.contents import Location
from pipegen.frozen import frozen
from pipegen.syntax.paths import open_regular
from pipegen.syntax.plaintext import assigned_in, heads_in, names_secret, token_in

_LIMIT = 1_000_000
"""Bytes of a file; larger ones are not definitions."""
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""As YAML counts lines."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_RANDOM = re.compile(r"[A-Za-z0-9+/=_-]{32,}")
_KEY = re.compile(r"""(?:[^\s:,{}\[\]"']+|"[^"]*"|'[^']*')(?=\s*:(?:\s|$))""")
_QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"|'[^']*'""")
_ABOUT_KEYS = re.compile(r"(?:unknown|duplicate|missing|locked|inherited)-|yaml-key")
"""Codes of problems whose location is a key and not its value."""


@frozen
class Excerpt:
    """A line of source, and the characters in it that a problem is about: from start to end, none if they are equal."""

    number: int
    text: str
    start: int
    end: int


@frozen
class Sources:
    """Reads files once. texts: texts that are not in files. started: files that changed later are not shown."""

    texts: Mapping[str, str]
    started: float
    read: dict[str, Sequence[str]] = field(default_factory=dict)

    def excerpt(self, where: Location, code: str) -> Excerpt | None:
        """Return the line at a location; None if there is none that can be shown."""
        lines = self._lines(where.file)
        if not 0 < where.line <= len(lines) or "secret" in code:
            return None
        text = lines[where.line - 1]
        if not text.strip() or where.column > len(text) or _may_have_secret(lines, where.line - 1):
            return None
        start, end = _span(text, where.column - 1, code) if where.column else (0, 0)
        return Excerpt(where.line, text, start, end)

    def _lines(self, file: str) -> Sequence[str]:
        if file not in self.read:
            text = self.texts.get(file)
            self.read[file] = _BREAK.split(_text(file, self.started) if text is None else text)
        return self.read[file]


def _text(file: str, started: float) -> str:
    try:
        with open_regular(Path(file)) as opened:
            status = os.fstat(opened.fileno())
            return opened.read().decode() if status.st_size <= _LIMIT and status.st_mtime <= started else ""
    except (OSError, ValueError):
        return ""


def _may_have_secret(lines: Sequence[str], index: int) -> bool:
    """Whether a line has a secret, or something that is called like one or stands beside a name that is: rather too
    often than once too little."""
    line = lines[index]
    near = " ".join(lines[max(0, index - 2) : index + 3])
    if any(map(names_secret, _NAME.findall(near))) or assigned_in(line) or token_in(line, heads_in(line)):
        return True
    return any(re.search(r"\d", word) and re.search(r"[A-Za-z]", word) for word in _RANDOM.findall(line))


def _span(text: str, column: int, code: str) -> tuple[int, int]:
    """The value of the key at a column if it is in the same line, else the key or the item that begins there."""
    key = _KEY.match(text, column)
    if key is None:
        return column, _end(text, column)
    if _ABOUT_KEYS.match(code):
        return key.span()
    value = next(_value_starts(text, key.end()), None)
    return key.span() if value is None else (value, _end(text, value))


def _value_starts(text: str, end: int) -> Iterator[int]:
    """Where the scalar after a key begins; nothing for a block, a collection, or no value at all."""
    value = re.compile(r"\s*:\s+(?=[^\s\[{|>&*#])").match(text, end)
    if value is not None:
        yield value.end()


def _end(text: str, start: int) -> int:
    """Where the scalar that begins there ends."""
    if quoted := _QUOTED.match(text, start):
        return quoted.end()
    in_flow = re.search(r"[\[{]", text[:start]) is not None
    ends = r"\s+#|\s*[,\]}]|\s*$" if in_flow else r"\s+#|\s*$"
    match = re.compile(ends).search(text, start)
    return max(start + 1, match.start() if match is not None else len(text))
