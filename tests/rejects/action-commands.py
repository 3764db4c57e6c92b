"""A command a character longer than CodePipeline takes."""

from __future__ import annotations

from pipegen import CodeCommit, Definition, DockerBuild, EcsDeploy, Image, Pipeline, RecordImages, Stage

LIMIT = 1000
REST = 221 + len("AWS_MAX_ATTEMPTS=10 ")

source = CodeCommit(name="App", repository="orders", branch="main")
build = DockerBuild(name="Image", images=[Image(container="web", repository="orders")])
deploy = EcsDeploy(name="Deploy", cluster="shop", service="orders", roles=["orders-task"])
record = RecordImages(name="Record", run_order=2, parameters={"web": "a" * (LIMIT + 1 - REST)})
stages = (
    Stage(name="Source", actions=(source,)),
    Stage(name="Build", actions=(build,)),
    Stage(name="Deploy", actions=(deploy, record)),
)
orders = Definition(name="orders", pipeline=Pipeline(stages=stages))
