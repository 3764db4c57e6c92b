"""The same task definition with the newest image: a push of `latest` restarts the service's tasks."""

from troposphere import Sub

from pipegen import CodeBuild, Definition, Ecr, Grant, Pipeline, Stage

SERVICE = Sub("arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:service/shop/catalog")

latest = Ecr(name="Latest", repository="shop/catalog", tag="latest")

redeploy = CodeBuild(
    name="Redeploy",
    input=latest.output,
    commands=[
        "aws ecs update-service --cluster shop --service catalog --force-new-deployment",
        "aws ecs wait services-stable --cluster shop --services catalog",
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
