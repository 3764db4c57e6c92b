"""Two definitions that would both create the repository `shop`."""

from pipegen import CodeCommit, Definition, DockerBuild, Image, Pipeline, Repository, Stage


def made(name: str) -> Definition:
    source = CodeCommit(name="App", repository="shop", branch="main")
    image = Image(container="shop", repository=Repository(name="shop", create=True))
    build = DockerBuild(name="Image", images=[image])
    stages = [Stage(name="Source", actions=[source]), Stage(name="Build", actions=[build])]
    return Definition(name=name, pipeline=Pipeline(stages=stages))


one, other = made("one"), made("other")
