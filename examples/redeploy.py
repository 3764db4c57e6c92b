"""For a service whose task definition names the tag `latest`: a push of that tag starts its tasks anew."""

from troposphere import Sub

from pipegen import CodeBuild, Definition, Ecr, Grant, Pipeline, Stage

SERVICE = Sub("arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:service/shop/catalog-preview")

latest = Ecr(name="Latest", repository="shop/catalog", tag="latest")

redeploy = CodeBuild(
    name="Redeploy",
    input=latest.output,
    commands=[
        "aws ecs update-service --cluster shop --service catalog-preview --force-new-deployment",
        "aws ecs wait services-stable --cluster shop --services catalog-preview",
    ],
    grants=[Grant(actions=["ecs:DescribeServices", "ecs:UpdateService"], resources=[SERVICE])],
)

catalog_redeploy = Definition(
    name="catalog-redeploy",
    pipeline=Pipeline(
        execution_mode="SUPERSEDED",
        stages=[Stage(name="Source", actions=[latest]), Stage(name="Production", actions=[redeploy])],
    ),
)
