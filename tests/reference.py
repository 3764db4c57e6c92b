"""The pages of `docs/reference/`: a table of fields for every model, made from the fields themselves, and an example.

Examples are the marked parts of the definitions in `tests/reference_examples/`, which tests render.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from textwrap import dedent

from tests.examples import ROOT
from tests.reference_pages import GROUPS, Page, models, on
from tests.reference_tables import cell, described

PAGES = ROOT / "docs" / "reference"
EXAMPLES = ROOT / "tests" / "reference_examples"


def summary(model: str) -> str:
    return str(models()[model].get("description", "")).strip()


@cache
def examples() -> Mapping[str, str]:
    """The marked part of a definition for each page."""
    found = {}
    for file in sorted(EXAMPLES.rglob("*.yaml")):
        text = file.read_text()
        for name in re.findall(r"# begin (\S+)$", text, re.MULTILINE):
            [part] = re.findall(rf"^ *# begin {name}\n(.*?)^ *# end {name}$", text, re.MULTILINE | re.DOTALL)
            found[name] = dedent(re.sub(r"^ *# (?:begin|end) \S+\n", "", part, flags=re.MULTILINE))
    return found


def page_of(page: Page) -> str:
    first, *others = on(page)
    lines = [f"# {page.title}", "", summary(first), "", "```yaml", examples()[page.name].rstrip(), "```", ""]
    lines += described(first)
    for model in others:
        lines += [f"## {model}", "", summary(model), "", *described(model)]
    return "\n".join(lines).rstrip() + "\n"


def index() -> str:
    lines = ["# Reference", "", "Every field of a definition, a fleet, a blueprint and a foundation.", ""]
    for group, pages in GROUPS.items():
        lines += [f"## {group}", ""]
        lines += [f"- [{page.title}]({page.name}.md): {_summary(page)}" for page in pages]
        lines += [""]
    return "\n".join(lines).rstrip() + "\n"


def _summary(page: Page) -> str:
    return re.split(r"(?<=\.)\s|\s*https://", cell(summary(page.models[0])))[0]
