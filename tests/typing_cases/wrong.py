"""Wrong programs: each marked line must be refused by the type checker, with an error of that code."""

from pipegen import (
    Approval,
    CloudFormation,
    CodeBuild,
    Definition,
    DockerBuild,
    Ecr,
    EcsDeploy,
    EcsService,
    Foundation,
    GitHub,
    Grant,
    Image,
    Parameter,
    Pipeline,
    Repository,
    Stage,
    Trigger,
    Variable,
    check,
    render,
)
from pipegen.conditions import BeforeEntry, VariableRule
from pipegen.ecs import Autoscaling, Cluster, Container, HealthCheck, PortMapping, TaskDefinition
from pipegen.functions import GetAtt, If, Join, Ref, Sub

connection = Parameter("Connection", description="The connection")
vpc = Parameter("VpcId", "AWS::EC2::VPC::Id")
source = GitHub("App", repository="acme/app", branch="main", connection=connection)
build = DockerBuild("Image", Image("app", "app"), input=source.output)
image = Ecr("Base", repository="base")
files = CodeBuild("Package", commands=["make"])
release = Approval("Release", message=f"Release {source.variable('CommitId')}?")
task = TaskDefinition(Container("app", ports=[PortMapping(80), 81]))
listed = TaskDefinition(containers=[Container("app")])
service = EcsService("app", cluster=Cluster("main", create=True), task_definition=task)
suite = Variable("SUITE", default="quick")

# Right: names or objects, texts or expressions.
EcsDeploy("Deploy", cluster="c", service="s", input=build.definitions)
EcsDeploy("Deploy", cluster="c", service="s", input=files.output("Dist"))
EcsDeploy("Deploy", cluster=connection, service=Sub("${A}-s", {"A": connection}), input=source.output)
EcsDeploy("Deploy", service=service, roles=[Join("-", ["a", Ref("B")]), If("C", "a", Ref("B"))])
Trigger(source)
Trigger("App")
DockerBuild("Two", [Image("app", Repository("app", create=True)), Image("proxy", GetAtt("A", "B"))])
CodeBuild("Again", commands=["make"], environment={"SUITE": str(suite)})
Definition("app", Stage("Source", source), Stage("Build", build), parameters=[connection], services=[service])
Definition("app", pipeline=Pipeline(Stage("Source", source), variables=[suite]), foundation=Foundation("shared"))
render(Foundation("shared")).write("templates")

# Wrong values.
EcsDeploy("Deploy", cluster=5, service="s")  # error: arg-type
EcsDeploy("Deploy", cluster="c", service=task)  # error: arg-type
EcsDeploy("Deploy", cluster="c", service="s", roles=[5])  # error: list-item
EcsDeploy("Deploy", cluster="c", service="s", deployment_timeout="20")  # error: arg-type
EcsDeploy("Deploy", cluster="c", service="s", input=image.output)  # error: arg-type
DockerBuild("Again", [], input=build.definitions)  # error: arg-type
DockerBuild("Again", [], platform="sparc")  # error: arg-type
DockerBuild("Again", "app")  # error: arg-type
GitHub("App", repository="acme/app", branch="main", connection=5)  # error: arg-type
Image("app", 5)  # error: arg-type
Container("app", ports=["80"])  # error: list-item
PortMapping("80")  # error: arg-type
TaskDefinition("app")  # error: arg-type
Grant("s3:GetObject", 5)  # error: arg-type
HealthCheck(5)  # error: arg-type
Parameter("Stage", allowed_values=[1])  # error: list-item
Trigger(5)  # error: arg-type
BeforeEntry("ROLLBACK")  # error: arg-type
Sub("${A}", {"A": 5})  # error: dict-item
Foundation("shared", emails=[5])  # error: list-item

# Wrong places.
Stage("Build", Image("app", "app"))  # error: arg-type
Stage("Build", [build])  # error: arg-type
Stage("Build", build, before_entry=VariableRule("A", variable="b", value="c"))  # error: arg-type
Definition("app", source)  # error: arg-type
Definition("app", Stage("Source", source), services=[task])  # error: list-item
Definition("app", Stage("Source", source), parameters=["Connection"])  # error: list-item
Pipeline(Stage("Source", source), variables=["SUITE"])  # error: list-item
render(Stage("Source", source))  # error: arg-type
check(source)  # error: arg-type

# Wrong names and numbers of arguments.
Image()  # error: call-arg
EcsDeploy("Deploy", cluster="c")  # error: call-arg
EcsDeploy("Deploy", cluster="c", service="s", clusters="d")  # error: call-arg
Parameter("Stage", Default="a")  # error: call-arg
Repository("app", True)  # error: call-arg
Parameter("Stage", "String", "staging")  # error: call-arg
Autoscaling(1, 2)  # error: call-arg
Stage()  # error: call-arg
render("orders.yaml")  # error: arg-type

# Wrong variables.
source.variable("CommitID")  # error: arg-type
image.variable("CommitId")  # error: arg-type
release.variable("Answer")  # error: arg-type
build.variable(5)  # error: arg-type
CloudFormation("Net", stack_name="net").variable(None)  # error: arg-type

# Definitions do not change.
source.branch = "other"  # error: misc
