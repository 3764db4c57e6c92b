"""A report for every sort of test, and one more than CodeBuild takes from one build."""

from __future__ import annotations

from pipegen import CodeBuild, CodeCommit, Definition, Pipeline, Report, Stage

LIMIT = 5


def with_reports(number: int) -> Definition:
    source = CodeCommit(name="App", repository="orders", branch="main")
    reports = {f"part{index}": Report(files=(f"build/part{index}.xml",)) for index in range(number)}
    test = CodeBuild(name="Test", commands=("make test",), reports=reports)
    stages = (Stage(name="Source", actions=(source,)), Stage(name="Build", actions=(test,)))
    return Definition(name="orders", pipeline=Pipeline(stages=stages))


orders = with_reports(LIMIT + 1)
