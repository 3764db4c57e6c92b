"""The directories of tests mirror the packages of pipegen, so that the tests of a module are easy to find."""

from __future__ import annotations

import re
import tomllib

from tests.examples import ROOT

TESTS = ROOT / "tests"
PACKAGES = {file.parent.name for file in ROOT.glob("pipegen/*/__init__.py")}
WITHOUT_TESTS = {"stacks"}
"""Every test that compiles a definition covers it."""
OTHERS = {"benchmarks", "documentation", "end_to_end", "moto_cloudformation", "mutants", "project", "support"}
"""Directories of tests that are not of one package."""


def test_every_package_has_a_directory_of_tests() -> None:
    directories = {file.parent.name for file in TESTS.glob("*/test_*.py")}
    assert directories == PACKAGES - WITHOUT_TESTS | OTHERS


def test_the_directory_of_a_package_has_only_tests() -> None:
    files = [file for package in PACKAGES for file in (TESTS / package).rglob("*") if file.suffix != ".pyc"]
    others = [file for file in files if file.is_file() and not file.name.startswith("test_")]
    assert {file.name for file in others} == {"__init__.py"}


def test_the_documented_layers_are_those_that_are_checked() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each["type"] == "layers")
    page = (ROOT / "CONTRIBUTING.md").read_text()
    table = page[page.index("| packages and modules of `pipegen` |") :].partition("\n\n")[0]
    rows = [row.split("|")[1] for row in table.splitlines()[2:]]
    assert [re.findall("`(.*?)`", row) for row in rows] == [re.split(r" [|:] ", layer) for layer in layers]
    assert len(layers) <= 8
