"""A description of 1,025 bytes; a template takes 1,024."""

from pipegen import CodeCommit, Definition, DockerBuild, Image, Pipeline, Stage

orders = Definition(
    name="orders",
    description="x" * 1025,
    pipeline=Pipeline(
        stages=[
            Stage(name="Source", actions=[CodeCommit(name="App", repository="orders", branch="main")]),
            Stage(
                name="Build",
                actions=[DockerBuild(name="Image", images=[Image(container="app", repository="orders")])],
            ),
        ]
    ),
)
