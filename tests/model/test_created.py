"""Problems of objects that Python created name the file and line where."""

from __future__ import annotations

import dataclasses
import re

import pytest

from pipegen import (
    Approval,
    CodeCommit,
    Definition,
    Foundation,
    InvalidDefinition,
    Stage,
    render,
)


def source() -> CodeCommit:
    return CodeCommit("App", repository="not a name", branch="main")


def definition(approval: Approval) -> Definition:
    stages = [Stage("Source", source()), Stage("Release", approval)]
    return Definition("orders", *stages)


def line_of(function: object) -> int:
    return int(function.__code__.co_firstlineno)  # type: ignore[attr-defined]


def places(raised: pytest.ExceptionInfo[InvalidDefinition]) -> dict[str, str]:
    return {problem.code: f"{problem.location}: {problem.subject}" for problem in raised.value.problems}


def test_a_problem_names_the_line_that_created_the_object() -> None:
    with pytest.raises(InvalidDefinition) as raised:
        render(definition(Approval("Release", timeout_minutes=1)))
    here = line_of(test_a_problem_names_the_line_that_created_the_object)
    found = places(raised)
    assert re.fullmatch(rf"\S*test_created\.py:{here + 2}: .*timeout_minutes", found["out-of-range"])
    assert re.fullmatch(rf"\S*test_created\.py:{line_of(source) + 1}: .*repository", found["wrong-form"])
    assert found["out-of-range"].replace(": ", ": error: ", 1) in str(raised.value)


def test_a_changed_copy_is_created_where_it_is_changed() -> None:
    right = Approval("Release")
    with pytest.raises(InvalidDefinition) as raised:
        render(definition(dataclasses.replace(right, timeout_minutes=0)))
    here = line_of(test_a_changed_copy_is_created_where_it_is_changed)
    assert re.fullmatch(rf"\S*test_created\.py:{here + 3}: .*", places(raised)["out-of-range"])


def test_a_foundation_names_lines_too() -> None:
    with pytest.raises(InvalidDefinition, match=r"test_created\.py:\d+: error: role_path: "):
        render(Foundation("shared", role_path="delivery"))


def test_where_an_object_was_created_is_not_part_of_its_value() -> None:
    assert source() == CodeCommit("App", repository="not a name", branch="main")
    assert hash(source()) == hash(CodeCommit("App", repository="not a name", branch="main"))
