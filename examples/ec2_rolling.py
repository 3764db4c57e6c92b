"""A service on EC2 instances: an existing repository, settings on the action, and an image definitions file
of a name of one's own."""

from troposphere import Ref

from pipegen import Definition, DockerBuild, EcsDeploy, GitHub, Image, Parameter, Pipeline, Stage

source = GitHub(
    name="App", repository="acme/storefront", branch="release", connection=Ref("ConnectionArn"), clone="full"
)

image = DockerBuild(
    name="Image",
    platform="arm64",
    compute_type="BUILD_GENERAL1_MEDIUM",
    commit_length=12,
    images=[Image(container="web", repository="storefront", target="runtime")],
    cache_repository="storefront-cache",
    environment={"BUILD_KIND": "release"},
    action_environment={"COMMIT_ID": "#{App.CommitId}"},
)

deploy = EcsDeploy(
    name="Deploy",
    cluster="instances",
    service="storefront",
    file_name="storefront-images.json",
    roles=["storefront-task", "storefront-execution"],
    family="storefront",
)

storefront = Definition(
    name="storefront",
    parameters={"ConnectionArn": Parameter()},
    pipeline=Pipeline(
        stages=[
            Stage(name="Source", actions=[source]),
            Stage(name="Build", actions=[image]),
            Stage(name="Production", actions=[deploy]),
        ]
    ),
)
