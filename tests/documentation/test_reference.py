"""`docs/reference/` says what the fields say, and its examples render.

`UPDATE_DOCS=1 pytest tests/documentation/test_reference.py` writes it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.reference import EXAMPLES, PAGES, examples, index, page_of
from tests.reference_pages import EVERY, fields_of, homes, models
from tests.support.command import run

FILES = ("README", *EVERY)


@pytest.mark.parametrize("name", FILES)
def test_the_reference_says_what_the_fields_say(name: str) -> None:
    file, text = PAGES / f"{name}.md", index() if name == "README" else page_of(EVERY[name])
    if os.environ.get("UPDATE_DOCS"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    assert file.read_text() == text


def test_every_page_of_the_reference_is_made() -> None:
    assert {file.stem for file in PAGES.glob("*.md")} == set(FILES)


def test_every_model_has_a_page_and_every_field_a_text() -> None:
    assert models().keys() == homes().keys()
    missing = [
        f"{model}.{field}" for model in models() for field, each in fields_of(model) if not each.get("description")
    ]
    assert missing == []


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yaml")), ids=lambda file: file.stem)
def test_an_example_of_the_reference_renders_without_a_warning(file: Path, tmp_path: Path) -> None:
    rendered = run("render", str(file), "-o", str(tmp_path))
    assert rendered.exit_code == 0, rendered.stderr
    assert "warning" not in rendered.stderr, rendered.stderr


def test_the_fleet_of_the_reference_renders_without_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES / "fleet")
    rendered = run("render", ".", "-o", str(tmp_path))
    assert rendered.exit_code == 0, rendered.stderr
    assert "warning" not in rendered.stderr, rendered.stderr
    assert {file.parent.name for file in tmp_path.rglob("*.yaml")} == {"foundation", "orders"}


def test_every_example_has_a_page() -> None:
    assert examples().keys() == EVERY.keys()


def test_every_link_leads_to_a_heading_that_is_there() -> None:
    headings = {
        file.name: {_anchor(each) for each in re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE)}
        for file in PAGES.glob("*.md")
    }
    for file in PAGES.glob("*.md"):
        for page, anchor in re.findall(r"\]\(([\w-]+\.md)?#?([\w-]+)?\)", file.read_text()):
            assert (page or file.name) in headings, (file.name, page)
            assert not anchor or anchor in headings[page or file.name], (file.name, page, anchor)


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-")
