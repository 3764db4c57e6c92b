"""A service that somebody else's stack runs: built, approved, deployed."""

from troposphere import Ref

from pipegen import Approval, Definition, DockerBuild, EcsDeploy, GitHub, Image, Parameter, Repository, Stage
from pipegen.codebuild import Cache, ParameterStore, SecretsManager
from pipegen.ecs import Rolling

ROLES = ["reviews-task", "reviews-execution"]

reviews = Definition(
    "reviews",
    Stage("Source", GitHub("App", repository="acme/reviews", branch="main", connection=Ref("ConnectionArn"))),
    Stage(
        "Build",
        DockerBuild(
            "Image",
            Image("reviews", Repository("reviews", create=True), build_arguments={"NODE_ENV": "production"}),
            runtime_versions={"nodejs": "22"},
            before=["npm ci", "npm test"],
            cache=Cache(local=["docker-layer", "custom"], paths=["/root/.npm/**/*"]),
            environment={
                "LOG_LEVEL": "warn",
                "API_URL": ParameterStore("/reviews/api-url"),
                "NPM_TOKEN": SecretsManager("reviews/npm:token"),
            },
        ),
    ),
    Stage(
        "Production",
        Approval("Release", topic=Ref("ReleaseTopic"), message="Release #{App.CommitId}?", timeout_minutes=1440),
        EcsDeploy(
            "Deploy",
            cluster="production",
            service="reviews",
            roles=ROLES,
            strategy=Rolling(
                minimum_healthy_percent=50,
                maximum_percent=200,
                alarms=["reviews-5xx"],
            ),
        ),
    ),
    description="Delivery of the reviews service",
    parameters=[
        Parameter("ConnectionArn", description="The connection to GitHub"),
        Parameter("ReleaseTopic", description="Tells of releases to approve"),
    ],
    tags={"team": "community"},
)
