"""Hook of MkDocs: adds the generated pages to the navigation, below the page of `mkdocs.yml` that lists them."""

import re
from pathlib import Path

GROUP = re.compile(r"^## (?P<group>.+)$|^- \[(?P<title>.+?)\]\((?P<page>[\w-]+\.md)\)", re.MULTILINE)
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


def on_config(config):
    docs = Path(config.docs_dir)
    sections = {"reference/README.md": fields(docs / "reference"), "checks.md": checks(docs / "checks")}
    config.nav = [expand(entry, sections) for entry in config.nav]
    return config


def expand(entry, sections):
    """An entry of the navigation, with a section in place of every page that lists others."""
    if isinstance(entry, str):
        return entry
    [(title, content)] = entry.items()
    if isinstance(content, list):
        return {title: [expand(each, sections) for each in content]}
    return {title: [content, *sections[content]] if content in sections else content}


def fields(directory):
    """The groups of pages that the index of the reference lists."""
    groups = {}
    for match in GROUP.finditer((directory / "README.md").read_text()):
        if match["group"]:
            pages = groups.setdefault(match["group"].replace("`", ""), [])
        else:
            pages.append({match["title"].replace("`", ""): f"reference/{match['page']}"})
    return [{group: pages} for group, pages in groups.items()]


def checks(directory):
    """The pages of checks, by title."""
    return [{title_of(page): f"checks/{page.name}"} for page in sorted(directory.glob("*.md"), key=title_of)]


def title_of(page):
    return TITLE.search(page.read_text())[1].replace("`", "")
