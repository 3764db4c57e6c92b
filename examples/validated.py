"""A Python service and its proxy in four environments, canary through CodeDeploy. Before any production traffic moves,
a Lambda function asks the new tasks through the test listener; what else there is to say, the team's functions say."""

from pipegen import CodeDeployEcs, Definition, DockerBuild, GitHub, Image, Parameter, Repository, Stage
from pipegen.codedeploy import AppSpec, CanaryShift, DeploymentGroup, Hooks
from pipegen.ecs import Container, ContainerDependency, HttpCheck, TaskDefinition
from pipegen.functions import Sub

connection = Parameter("ConnectionArn")
listener = Parameter("Listener", description="The ARN of the listener of all environments but production")
production_listener = Parameter("ProductionListener", description="The ARN of the production load balancer's listener")
test_listener = Parameter("TestListener", description="The ARN of the production load balancer's test listener")
load_balancer_name = Parameter("LoadBalancerName", description="The DNS name of the production load balancer")

PASSWORD = Sub("arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/quotes/password")

task = TaskDefinition(
    Container("app", environment={"WORKERS": "4"}, secrets={"DATABASE_PASSWORD": PASSWORD}),
    Container("proxy", ports=[8080], depends_on=[ContainerDependency("app", "START")]),
    family="quotes",
    cpu=512,
    memory=1024,
    task_role="quotes-task",
    execution_role="quotes-execution",
)


def before_production(stage: str, cluster: str, short: str) -> Stage:
    group = DeploymentGroup(
        cluster=cluster,
        service="quotes",
        target_groups=[f"quotes-{short}-blue", f"quotes-{short}-green"],
        production_listener=listener,
        termination_wait_minutes=5,
        alarms=[],
    )
    return Stage(stage, CodeDeployEcs("Deploy", task_definition=task, deployment_group=group))


staging = DeploymentGroup(
    cluster="staging",
    service="quotes",
    target_groups=["quotes-staging-blue", "quotes-staging-green"],
    production_listener=listener,
    configuration="CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
    alarms=["quotes-staging-5xx"],
)

production = DeploymentGroup(
    cluster="production",
    service="quotes",
    target_groups=["quotes-blue", "quotes-green"],
    production_listener=production_listener,
    test_listener=test_listener,
    configuration=CanaryShift(canary_percentage=20, interval_minutes=30),
    alarms=["quotes-5xx", "quotes-latency"],
    revision_bucket="quotes-deployments",
)

appspec = AppSpec(
    "proxy",
    port=8080,
    hooks=Hooks(
        after_install="arn:aws:lambda:eu-west-1:123456789012:function:quotes-migrate",
        after_allow_test_traffic=HttpCheck(
            load_balancer_name,
            port=8443,
            scheme="https",
            path="/health",
            body='"status": *"ok"',
            verify_certificate=False,
        ),
        after_allow_traffic="quotes-smoke-test",
    ),
)

quotes = Definition(
    "quotes",
    Stage("Source", GitHub("App", repository="acme/quotes", branch="main", connection=connection)),
    Stage(
        "Build",
        DockerBuild(
            "Images",
            [
                Image("app", Repository("quotes", create=True)),
                Image("proxy", Repository("quotes-proxy", create=True), context="proxy"),
            ],
        ),
    ),
    before_production("Development", "development", "dev"),
    before_production("Test", "test", "test"),
    Stage("Staging", CodeDeployEcs("Deploy", task_definition=task, deployment_group=staging)),
    Stage("Production", CodeDeployEcs("Deploy", task_definition=task, appspec=appspec, deployment_group=production)),
)
