"""Wrong programs: each marked line must be refused by the type checker, with an error of that code."""

from troposphere import Ref

from pipegen import CodeBuild, DockerBuild, Ecr, EcsDeploy, GitHub, Image, Stage

source = GitHub(name="App", repository="acme/app", branch="main", connection=Ref("Connection"))
build = DockerBuild(name="Image", images=[Image(container="app", repository="app")], input=source.output)
image = Ecr(name="Base", repository="base")
files = CodeBuild(name="Package", commands=["make"])

EcsDeploy(name="Deploy", cluster="c", service="s", input=build.definitions)
EcsDeploy(name="Deploy", cluster="c", service="s", input=files.output("Dist"))
EcsDeploy(name="Deploy", cluster="c", service="s", input=source.output)
EcsDeploy(name="Deploy", cluster="c", service="s", input=image.output)  # error: arg-type
DockerBuild(name="Again", images=[], input=build.definitions)  # error: arg-type
DockerBuild(name="Again", images=[], platform="sparc")  # error: arg-type
EcsDeploy(name="Deploy", cluster="c")  # error: call-arg
EcsDeploy(name="Deploy", cluster="c", service="s", clusters="d")  # error: call-arg
Stage(name="Build", actions=[Image(container="app", repository="app")])  # error: list-item
source.branch = "other"  # error: misc
