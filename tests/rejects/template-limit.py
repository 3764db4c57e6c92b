"""One definition for everything that a company tests, and one resource more than a stack takes.

The policy of the pipeline's role is too long well before, and the template too large to be given inline.
"""

from __future__ import annotations

from pipegen import CodeBuild, CodeCommit, Definition, Pipeline, Stage

LIMIT = 500


def with_resources(number: int) -> Definition:
    """A build makes three resources, a source one; the pipeline itself, its bucket and its roles are five."""
    builds, sources = (number - 6) // 3, 1 + number % 3
    apps = tuple(CodeCommit(name=f"App{index}", repository=f"app-{index}", branch="main") for index in range(sources))
    tests = [CodeBuild(name=f"Test{index}", commands=("make test",), input=apps[0].output) for index in range(builds)]
    stages = (Stage(name=f"Test{index}", actions=tests[index : index + 50]) for index in range(0, builds, 50))
    return Definition(name="company", pipeline=Pipeline(stages=(Stage(name="Source", actions=apps), *stages)))


company = with_resources(LIMIT + 1)
