"""Wrong programs: each marked line must be refused by the type checker, with an error of that code."""

from troposphere import Ref

from pipegen import CodeBuild, DockerBuild, Ecr, EcsDeploy, GitHub, Image, Stage

source = GitHub("App", repository="acme/app", branch="main", connection=Ref("Connection"))
build = DockerBuild("Image", Image("app", "app"), input=source.output)
image = Ecr("Base", repository="base")
files = CodeBuild("Package", commands=["make"])

EcsDeploy("Deploy", cluster="c", service="s", input=build.definitions)
EcsDeploy("Deploy", cluster="c", service="s", input=files.output("Dist"))
EcsDeploy("Deploy", cluster="c", service="s", input=source.output)
EcsDeploy("Deploy", cluster="c", service="s", input=image.output)  # error: arg-type
DockerBuild("Again", [], input=build.definitions)  # error: arg-type
DockerBuild("Again", [], platform="sparc")  # error: arg-type
EcsDeploy("Deploy", cluster="c")  # error: call-arg
EcsDeploy("Deploy", cluster="c", service="s", clusters="d")  # error: call-arg
Stage("Build", Image("app", "app"))  # error: arg-type
source.branch = "other"  # error: misc
