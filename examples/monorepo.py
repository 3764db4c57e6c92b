"""One service of a monorepo in CodeCommit: its directory is the build's context; `latest` and a version tag are pushed
beside the commit's."""

from pipegen import ArtifactStore, CodeCommit, Definition, DockerBuild, EcsDeploy, Image, Repository, Stage
from pipegen.codebuild import Cache, FromEnvironment

version = FromEnvironment("APP_VERSION")

image = DockerBuild(
    "Image",
    Image(
        "catalog",
        Repository("shop/catalog", create=True, keep_images=100),
        context="services/catalog",
        build_arguments={"APP_VERSION": version},
        tags=["latest", version],
    ),
    before=['export APP_VERSION="$(cat services/catalog/VERSION)"'],
    cache=Cache(s3="acme-build-cache/catalog", paths=["/root/.cache/**/*"]),
)

deploy = EcsDeploy(
    "Deploy", cluster="shop", service="catalog", roles=["service/catalog-task", "service/catalog-execution"]
)

catalog = Definition(
    "catalog",
    Stage("Source", CodeCommit("Shop", repository="shop", branch="main")),
    Stage("Build", image),
    Stage("Production", deploy),
    artifacts=ArtifactStore(expire_days=14),
)
