"""A service that somebody else's stack runs: built, approved, deployed."""

from troposphere import Ref

from pipegen import (
    Approval,
    Cache,
    Definition,
    DockerBuild,
    EcsDeploy,
    GitHub,
    Image,
    Parameter,
    ParameterStore,
    Pipeline,
    Repository,
    Rolling,
    SecretsManager,
    Stage,
)

ROLES = ["reviews-task", "reviews-execution"]

reviews = Definition(
    name="reviews",
    description="Delivery of the reviews service",
    parameters={
        "ConnectionArn": Parameter(Description="The connection to GitHub"),
        "ReleaseTopic": Parameter(Description="Tells of releases to approve"),
    },
    tags={"team": "community"},
    pipeline=Pipeline(
        stages=[
            Stage(
                name="Source",
                actions=[
                    GitHub(
                        name="App",
                        repository="acme/reviews",
                        branch="main",
                        connection=Ref("ConnectionArn"),
                    )
                ],
            ),
            Stage(
                name="Build",
                actions=[
                    DockerBuild(
                        name="Image",
                        images=[
                            Image(
                                container="reviews",
                                repository=Repository(name="reviews", create=True),
                                build_arguments={"NODE_ENV": "production"},
                            )
                        ],
                        runtime_versions={"nodejs": "22"},
                        before=["npm ci", "npm test"],
                        cache=Cache(local=["docker-layer", "custom"], paths=["/root/.npm/**/*"]),
                        environment={
                            "LOG_LEVEL": "warn",
                            "API_URL": ParameterStore("/reviews/api-url"),
                            "NPM_TOKEN": SecretsManager("reviews/npm:token"),
                        },
                    )
                ],
            ),
            Stage(
                name="Production",
                actions=[
                    Approval(
                        name="Release",
                        topic=Ref("ReleaseTopic"),
                        message="Release #{App.CommitId}?",
                        timeout_minutes=1440,
                    ),
                    EcsDeploy(
                        name="Deploy",
                        cluster="production",
                        service="reviews",
                        roles=ROLES,
                        strategy=Rolling(
                            minimum_healthy_percent=50,
                            maximum_percent=200,
                            alarms=["reviews-5xx"],
                        ),
                    ),
                ],
            ),
        ]
    ),
)
