"""The directories of tests mirror the packages of pipegen, so that the tests of a module are easy to find."""

from __future__ import annotations

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
