"""An image more than are recorded at once."""

from __future__ import annotations

from pipegen import CodeCommit, Definition, DockerBuild, EcsDeploy, Image, Pipeline, RecordImages, Stage

LIMIT = 10

containers = [f"web{number}" for number in range(LIMIT + 1)]
source = CodeCommit(name="App", repository="orders", branch="main")
build = DockerBuild(name="Image", images=[Image(container=each, repository=each) for each in containers])
deploy = EcsDeploy(name="Deploy", cluster="shop", service="orders", roles=["orders-task"])
record = RecordImages(name="Record", run_order=2, parameters={each: f"/orders/{each}" for each in containers})
stages = (
    Stage(name="Source", actions=(source,)),
    Stage(name="Build", actions=(build,)),
    Stage(name="Deploy", actions=(deploy, record)),
)
orders = Definition(name="orders", pipeline=Pipeline(stages=stages))
