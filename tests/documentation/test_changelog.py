"""CHANGELOG.md has the form of Keep a Changelog: https://keepachangelog.com/en/1.1.0/"""

from __future__ import annotations

import re

from pipegen._version import __version__
from tests.examples import ROOT

LINES = (ROOT / "CHANGELOG.md").read_text().splitlines()
KINDS = ["Changed: breaking", "Changed", "Added", "Deprecated", "Removed", "Fixed", "Security"]
"""In this order: what people have to do comes first."""


def test_versions_have_a_date_and_the_newest_comes_first() -> None:
    versions = [line.removeprefix("## ") for line in LINES if line.startswith("## ")]
    assert versions[0] == "Unreleased"
    assert versions[1].startswith(f"{__version__} - ")
    assert all(re.fullmatch(r"\d+\.\d+\.\d+ - \d{4}-\d{2}-\d{2}", each) for each in versions[1:])


def test_changes_are_grouped_by_their_kind() -> None:
    groups: list[str] = []
    for line in LINES:
        if line.startswith("## "):
            groups = []
        if line.startswith("### "):
            groups.append(line.removeprefix("### "))
            assert groups == [kind for kind in KINDS if kind in groups]
