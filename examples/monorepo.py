"""One service of a monorepo in CodeCommit: its directory is the build's context; `latest` and a version tag are pushed
beside the commit's."""

from pipegen import (
    ArtifactStore,
    Cache,
    CodeCommit,
    Definition,
    DockerBuild,
    EcsDeploy,
    FromEnvironment,
    Image,
    Pipeline,
    Repository,
    Stage,
)

version = FromEnvironment("APP_VERSION")

image = DockerBuild(
    name="Image",
    images=[
        Image(
            container="catalog",
            repository=Repository(name="shop/catalog", create=True, keep_images=100),
            context="services/catalog",
            build_arguments={"APP_VERSION": version},
            tags=["latest", version],
        )
    ],
    before=['export APP_VERSION="$(cat services/catalog/VERSION)"'],
    cache=Cache(s3="acme-build-cache/catalog", paths=["/root/.cache/**/*"]),
)

deploy = EcsDeploy(
    name="Deploy", cluster="shop", service="catalog", roles=["service/catalog-task", "service/catalog-execution"]
)

catalog = Definition(
    name="catalog",
    artifacts=ArtifactStore(expire_days=14),
    pipeline=Pipeline(
        stages=[
            Stage(name="Source", actions=[CodeCommit(name="Shop", repository="shop", branch="main")]),
            Stage(name="Build", actions=[image]),
            Stage(name="Production", actions=[deploy]),
        ]
    ),
)
