"""A Node service on ECS: tested, built with a cache, approved by a person, deployed rolling."""

from pipegen import Approval, Definition, DockerBuild, EcsDeploy, GitHub, Image, Parameter, Repository, Stage
from pipegen.codebuild import Cache, ParameterStore, SecretsManager

connection = Parameter("ConnectionArn", description="The CodeConnections connection to GitHub")
release_topic = Parameter("ReleaseTopicArn", description="The SNS topic that hears of releases to approve")

ROLES = ["expresso-task", "expresso-execution"]

source = GitHub("App", repository="acme/expresso", branch="main", connection=connection)

image = DockerBuild(
    "Image",
    Image("expresso-staging", Repository("expresso", create=True), build_arguments={"NODE_ENV": "production"}),
    runtime_versions={"nodejs": "22"},
    before=["npm ci", "npm run test"],
    cache=Cache(local=["docker-layer", "custom"], paths=["/root/.npm/**/*"]),
    environment={
        "LOG_LEVEL": "warn",
        "API_URL": ParameterStore("/expresso/staging/api-url"),
        "NPM_TOKEN": SecretsManager("expresso/npm:token"),
    },
)

release = Approval(
    "Release",
    topic=release_topic,
    message=f"Release {source.variable('CommitId')}?",
    review_url="https://staging.expresso.example.com",
    timeout_minutes=1440,
)

expresso = Definition(
    "expresso",
    Stage("Source", source),
    Stage("Build", image),
    Stage("Staging", EcsDeploy("Deploy", cluster="staging", service="expresso", roles=ROLES, deployment_timeout=20)),
    Stage(
        "Production",
        release,
        EcsDeploy("Deploy", cluster="production", service="expresso", roles=ROLES, deployment_timeout=30),
    ),
    description="Delivery of the expresso service",
    tags={"team": "coffee"},
)
