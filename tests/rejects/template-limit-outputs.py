"""A repository for every service of a company: the stack puts out the address of each, and one more than it may."""

from __future__ import annotations

from pipegen import CodeCommit, Definition, DockerBuild, Image, Pipeline, Repository, Stage

LIMIT = 200


def image(name: str) -> Image:
    return Image(container=name, repository=Repository(name=name, create=True), context=name)


def with_outputs(number: int) -> Definition:
    """Every repository is an output beside the pipeline's own three; a build takes twenty of them."""
    images = [image(f"service-{index}") for index in range(number - 3)]
    builds = [
        DockerBuild(name=f"Build{index}", images=images[index : index + 20]) for index in range(0, len(images), 20)
    ]
    source = CodeCommit(name="App", repository="services", branch="main")
    stages = (Stage(name="Source", actions=(source,)), Stage(name="Build", actions=builds))
    return Definition(name="company", pipeline=Pipeline(stages=stages))


company = with_outputs(LIMIT + 1)
