"""The correct definitions have no findings, and nearly every mutant has the right one."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipegen import load, render
from tests.conftest import Pipegen
from tests.mutants.mutant import DEFINITIONS, bases, findings
from tests.mutants.trial import Tried, alarms, known, mutants, table, tried
from tests.mutants.written import families
from tests.support.command import problems_in

SHARE = 0.97


@pytest.fixture(scope="module")
def results() -> list[Tried]:
    return [*tried(mutants())]


@pytest.mark.parametrize("name", bases())
def test_a_correct_definition_has_no_findings(name: str, tmp_path: Path) -> None:
    base = bases()[name]
    found = [finding.text for finding in findings(base.files, base.main, tmp_path)]
    if name in alarms():
        assert any(alarms()[name] in text for text in found), (
            f"{name} has no false alarm any more: take it off the list"
        )
    else:
        assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in bases() if name not in alarms()])
def test_cfn_lint_finds_nothing_in_a_correct_definition(name: str, tmp_path: Path) -> None:
    base = bases()[name]
    assert findings(base.files, base.main, tmp_path, "--lint") == []


@pytest.mark.parametrize("name", [name for name in bases() if name not in alarms() and bases()[name].main != "."])
def test_a_correct_definition_renders(name: str) -> None:
    for definition in load(DEFINITIONS / bases()[name].main):
        assert all(stack.text for stack in render(definition).stacks)


def test_there_are_40_correct_definitions_of_every_sort() -> None:
    assert len(bases()) >= 40
    text = "".join(text for base in bases().values() for text in base.files.values())
    sorts = ("kind: github", "kind: github-enterprise", "kind: gitlab", "kind: gitlab-self-managed", "kind: bitbucket")
    for sort in (*sorts, "kind: codecommit", "kind: s3", "kind: ecr", "kind: cloudformation", "kind: ecs-rollout"):
        assert sort in text, sort


@pytest.mark.slow
@pytest.mark.parametrize("prefix", [pytest.param("", id="all"), pytest.param("made", id="written")])
def test_nearly_all_mutants_are_caught(prefix: str, results: list[Tried]) -> None:
    some = [each for each in results if not (prefix and each.mutant.family.startswith(prefix))]
    assert sum(each.verdict == "caught" for each in some) / len(some) >= SHARE, table(some)


@pytest.mark.slow
def test_every_mutant_that_is_not_caught_is_known(results: list[Tried]) -> None:
    listed = known()
    missed = {each.id: each.verdict for each in results if each.verdict != "caught"}
    assert sorted(missed.keys() - listed.keys()) == [], table(results)
    assert sorted(listed.keys() - missed.keys()) == [], "these are caught: python -m tests.mutants --update"


@pytest.mark.slow
def test_each_mutant_has_a_unique_name(results: list[Tried]) -> None:
    assert len({each.id for each in results}) == len(results)


def test_every_family_has_15_mutants_and_all_have_300() -> None:
    counts = {name: len(mutants) for name, (_, mutants) in families().items()}
    assert sum(counts.values()) >= 300
    assert {name: count for name, count in counts.items() if count < 15} == {}


@pytest.mark.slow
@pytest.mark.parametrize("number", range(3))
def test_the_installed_command_says_the_same(
    number: int, results: list[Tried], pipegen: Pipegen, tmp_path: Path
) -> None:
    each = results[number * (len(results) // 3)]
    printed = findings(each.mutant.files, each.mutant.main, tmp_path)
    finished = pipegen("validate", tmp_path / each.mutant.main)
    assert finished.returncode == int(any(finding.severity == "error" for finding in printed))
    assert len(problems_in(finished.stderr)) == len(printed)
