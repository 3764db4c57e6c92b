"""Links between the pages lead to a file and a heading, on GitHub and in the site."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.documentation import pages
from tests.examples import ROOT

anchors = cache(pages.anchors)


@pytest.mark.parametrize("page", pages.EVERY, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for path, anchor in pages.links(page):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{path} does not exist"
        assert not anchor or anchor in anchors(target), f"{path or page.name} has no heading #{anchor}"


def test_there_are_links() -> None:
    linked = {path for page in pages.WRITTEN for path, _ in pages.links(page)}
    assert len(linked) > 60
