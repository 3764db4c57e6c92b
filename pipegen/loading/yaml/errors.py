"""Messages and fixes for the syntax errors that libyaml reports."""

from __future__ import annotations

from typing import Any

import yaml

from pipegen.errors import Problem, one_line

_QUOTE = "put the text in quotes"
_MESSAGES: tuple[tuple[str, str, str, str], ...] = (
    # parts of libyaml's context and problem, message, fix; the first match is used
    ("", "tab character", "a tab cannot indent YAML", "use spaces"),
    ("scanning an alias", "", "a text cannot begin with *, which names an anchor", _QUOTE),
    ("scanning an anchor", "", "a text cannot begin with &, which sets an anchor", _QUOTE),
    ("scanning a quoted scalar", "end of stream", "the quote that begins here is never closed", "close it"),
    ("scanning a quoted scalar", "document indicator", "the quote that begins here is never closed", "close it"),
    ("quoted scalar", "escape", "an unknown escape in a text in double quotes", "write \\\\ for a backslash"),
    ("block scalar", "expected comment or line break", "the text of a block begins in the next line", "break the line"),
    ("flow sequence", "", "the [ that begins here is not closed, or a comma is missing", "close it with ]"),
    ("flow mapping", "", "the { that begins here is not closed, or a comma is missing", "close it with }"),
    ("", "mapping values are not allowed", "unexpected ': ' in a value, or wrong indentation", ""),
    ("", "mapping keys are not allowed", "a text cannot begin with '? '", _QUOTE),
    ("block mapping", "expected key", "neither a key of the mapping that begins in line {start}, nor its end", ""),
    ("block collection", "expected '-'", "neither an item of the list that begins in line {start}, nor its end", ""),
    ("", "could not find expected ':'", "neither a key with ':' nor an item with '- '", "write key: value"),
    ("", "expected node content", "no value stands here", _QUOTE),
)
_FIXES = {
    "unexpected ': '": "put a text that has ': ' in quotes, and align the keys of a mapping",
    "neither a key of": "align the keys of a mapping, and put a text with quotes or brackets in quotes as a whole",
    "neither an item": "align the items of a list, and begin each with '- '",
}
_OPEN = ("flow sequence", "flow mapping", "scanning a quoted scalar")
"""Contexts of unclosed values, whose problems are reported where the value begins."""


def syntax_problem(error: yaml.MarkedYAMLError, text: str) -> tuple[int, int, Problem]:
    """The line and column of a syntax error, and its problem."""
    context, problem = error.context or "", error.problem or ""
    mark, start = error.problem_mark or error.context_mark, error.context_mark
    if mark is None:
        return 1, 1, Problem("yaml-syntax", (), one_line(problem), "check indentation, quotes and brackets")
    if start is not None and (any(each in context for each in _OPEN) or not text[_offset(text, mark) :].strip()):
        mark = start
    closed = text[: _offset(text, mark)].rstrip(" ")[-1:]
    if problem.startswith("did not find expected") and closed and closed in "}]\"'":
        fix = "put the text as a whole in quotes" if closed in "}]" else "put the text as a whole in other quotes"
        return mark.line + 1, mark.column + 1, Problem("yaml-syntax", (), f"a text goes on after {closed}", fix)
    said, fix = _words(context, problem, text[_offset(text, mark) :][:1], start)
    return mark.line + 1, mark.column + 1, Problem("yaml-syntax", (), said, fix)


def _words(context: str, problem: str, character: str, start: Any) -> tuple[str, str]:
    if "cannot start any token" in problem:
        if character == "\t":
            return "a tab cannot indent YAML", "use spaces"
        return f"a text cannot begin with {one_line(character)}", _QUOTE
    for in_context, in_problem, said, fix in _MESSAGES:
        if in_context in context and in_problem in problem:
            fix = fix or next(each for begin, each in _FIXES.items() if said.startswith(begin))
            return said.replace("{start}", str(start.line + 1 if start is not None else 1)), fix
    return one_line(": ".join(filter(None, (context, problem)))), "check indentation, quotes and brackets"


def _offset(text: str, mark: Any) -> int:
    """The offset of a mark in the text."""
    lines = text.splitlines(keepends=True)
    return sum(map(len, lines[: mark.line])) + int(mark.column)
