"""The pages of `docs/checks/`: each code with its meaning, its fix, and a definition with what is printed about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.examples import ROOT
from tests.support.excerpt import Lines, python_excerpt, yaml_excerpt
from tests.support.rejects import Case, Code, Family, bases, codes, families

INDEX = ROOT / "docs" / "checks.md"
PAGES = ROOT / "docs" / "checks"
TABLE = re.compile(r"(?<=\| code \| meaning \|\n\| --- \| --- \|\n)(?:\|.*\n)*")


def index(text: str) -> str:
    """The page of all checks with its table of codes made anew."""
    pages = {code.name: file_of(family).name for family in families() for code in family.codes}
    rows = [
        f"| [`{code.name}`](checks/{pages[code.name]}#{code.name}) | {code.meaning} |\n"
        for code in sorted(codes(), key=lambda code: code.name)
    ]
    return TABLE.sub(lambda _: "".join(rows), text, count=1)


def file_of(family: Family) -> Path:
    return PAGES / f"{family.name.replace('_', '-')}.md"


def page_of(family: Family) -> str:
    lines = [f"# {family.title}", "", "[All checks](../checks.md)", ""]
    for code in family.codes:
        lines += [f"## `{code.name}`", "", code.meaning, "", f"**Fix:** {code.fix}", "", *_example(code)]
    return "\n".join(lines).rstrip() + "\n"


def _example(code: Code) -> Iterator[str]:
    if not code.cases:
        return
    case = code.example
    for path, content in {case.file: case.content, **case.files}.items():
        if Path(path).suffix:
            named = () if path in ("orders.yaml", "orders.py") else (f"`{path}`:", "")
            yield from (*named, *_input(case, path, content.decode()))
    yield from ("```", *case.output.splitlines(), "```", "")


def _input(case: Case, path: str, text: str) -> Iterator[str]:
    reported = _reported(case.output, path)
    if path.endswith(".py"):
        yield from ("```python", python_excerpt(text, reported).rstrip(), "```", "")
    else:
        base = bases()[case.base] if case.base and path == case.file else ""
        yield from ("```yaml", yaml_excerpt(text, base, reported).rstrip(), "```", "")


def _reported(output: str, path: str) -> Lines:
    return {int(line) - 1 for line in re.findall(rf"^{re.escape(path)}:(\d+):", output, re.MULTILINE)}
