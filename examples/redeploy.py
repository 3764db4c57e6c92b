"""For a service whose task definition names the tag `latest`: a push of that tag starts its tasks anew."""

from pipegen import CodeBuild, Definition, Ecr, Grant, Pipeline, Stage
from pipegen.functions import Sub

SERVICE = Sub("arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:service/shop/catalog-preview")

latest = Ecr("Latest", repository="shop/catalog", tag="latest")

redeploy = CodeBuild(
    "Redeploy",
    input=latest.output,
    commands=[
        "aws ecs update-service --cluster shop --service catalog-preview --force-new-deployment",
        "aws ecs wait services-stable --cluster shop --services catalog-preview",
    ],
    grants=[Grant(["ecs:DescribeServices", "ecs:UpdateService"], [SERVICE])],
)

catalog_redeploy = Definition(
    "catalog-redeploy",
    pipeline=Pipeline(Stage("Source", latest), Stage("Production", redeploy), execution_mode="SUPERSEDED"),
)
