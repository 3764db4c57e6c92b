"""What is generated from rejected definitions: the pages of `docs/checks/`, and `codes.json` for `pipegen explain`.

Both have each code with its meaning, its fix, a definition with what is printed about it, and the same definition
without the problem.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.examples import ROOT
from tests.support.excerpt import Lines, python_excerpt, yaml_excerpt
from tests.support.rejects import Case, Code, Family, bases, codes, families

INDEX = ROOT / "docs" / "checks.md"
PAGES = ROOT / "docs" / "checks"
CODES = ROOT / "pipegen" / "problems" / "codes.json"
TABLE = re.compile(r"(?<=\| code \| meaning \|\n\| --- \| --- \|\n)(?:\|.*\n)*")


def index(text: str) -> str:
    """The page of all checks with its table of codes made anew."""
    pages = {code.name: file_of(family).name for family in families() for code in family.codes}
    rows = [
        f"| [`{code.name}`](checks/{pages[code.name]}#{code.name}) | {' '.join(code.meaning.split())} |\n"
        for code in sorted(codes(), key=lambda code: code.name)
    ]
    return TABLE.sub(lambda _: "".join(rows), text, count=1)


def file_of(family: Family) -> Path:
    return PAGES / f"{family.name.replace('_', '-')}.md"


def page_of(family: Family) -> str:
    lines = [f"# {family.title}", "", "[All checks](../checks.md)", ""]
    for code in family.codes:
        lines += [f"## `{code.name}`", "", code.meaning, ""]
        lines += [f"{code.why}{f' ([documentation]({code.source}))' if code.source else ''}", ""]
        lines += [f"**Fix:** {code.fix}", "", *_example(code)]
    return "\n".join(lines).rstrip() + "\n"


def codes_text() -> str:
    """The text of codes.json."""
    found = {code.name: _entry(code, family) for family in families() for code in family.codes}
    return json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _entry(code: Code, family: Family) -> Mapping[str, Any]:
    texts = {"family": family.name, "meaning": code.meaning, "why": code.why, "source": code.source, "fix": code.fix}
    texts["right"] = "\n".join(f"{heading}{text}" for heading, _, text in _corrected(code))
    if code.cases:
        wrong = "\n".join(f"{heading}{text}" for heading, _, text in _inputs(code.example))
        texts |= {"wrong": wrong, "output": code.example.output}
    return {"severities": code.severities, **{name: text for name, text in texts.items() if text}}


def _example(code: Code) -> Iterator[str]:
    if code.cases:
        yield from _blocks(_inputs(code.example))
        yield from ("```", *code.example.output.splitlines(), "```", "")
    yield from ("Without the problem:", "", *_blocks(_corrected(code)))


Part = tuple[str, str, str]
"""A heading, empty or a comment with the name of a file; a language; and a text."""


def _blocks(parts: Iterator[Part]) -> Iterator[str]:
    for heading, language, text in parts:
        named = (f"`{heading.strip('# ').rstrip()}`:", "") if heading else ()
        yield from (*named, f"```{language}", text.rstrip(), "```", "")


def _inputs(case: Case) -> Iterator[Part]:
    for path, content in {case.file: case.content, **case.files}.items():
        if Path(path).suffix:
            yield (*_named(path), _input(case, path, content.decode()))


def _named(path: str) -> tuple[str, str]:
    heading = "" if path in ("orders.yaml", "orders.py") else f"# {path}\n"
    return heading, "python" if path.endswith(".py") else "yaml"


def _input(case: Case, path: str, text: str) -> str:
    reported = _reported(case.output, path)
    if path.endswith(".py"):
        return python_excerpt(text, reported)
    return yaml_excerpt(text, bases()[case.base] if case.base and path == case.file else "", reported)


def _corrected(code: Code) -> Iterator[Part]:
    """What differs in the example without the problem."""
    if code.right_text:
        yield "", "", code.right_text
        return
    wrong, right = code.example, code.corrected
    assert right is not None, code.name
    before = {wrong.file: wrong.content, **wrong.files}
    for path, content in {right.file: right.content, **right.files}.items():
        if content != before[path]:
            text, base = content.decode(), before[path].decode()
            shown = python_excerpt(text, frozenset()) if path.endswith(".py") else yaml_excerpt(text, base, frozenset())
            yield (*_named(path), shown)


def _reported(output: str, path: str) -> Lines:
    return {int(line) - 1 for line in re.findall(rf"^{re.escape(path)}:(\d+):", output, re.MULTILINE)}
