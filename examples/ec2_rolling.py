"""A service on EC2 instances: an existing repository, settings on the action, and an image definitions file
with a custom name."""

from pipegen import Definition, DockerBuild, EcsDeploy, GitHub, Image, Parameter, Stage

connection = Parameter("ConnectionArn")

source = GitHub("App", repository="acme/storefront", branch="release", connection=connection, clone="full")

image = DockerBuild(
    "Image",
    Image("web", "storefront", target="runtime"),
    platform="arm64",
    compute_type="BUILD_GENERAL1_MEDIUM",
    commit_length=12,
    cache_repository="storefront-cache",
    environment={"BUILD_KIND": "release"},
    action_environment={"COMMIT_ID": source.variable("CommitId")},
)

deploy = EcsDeploy(
    "Deploy",
    cluster="instances",
    service="storefront",
    file_name="storefront-images.json",
    roles=["storefront-task", "storefront-execution"],
    family="storefront",
)

storefront = Definition(
    "storefront",
    Stage("Source", source),
    Stage("Build", image),
    Stage("Production", deploy),
)
