"""Blue/green through CodeDeploy; the hooks are functions of the team."""

from troposphere import ImportValue, Ref

from pipegen import CodeDeployEcs, Definition, DockerBuild, GitHub, Image, Parameter, Stage
from pipegen.codedeploy import AppSpec, CanaryShift, DeploymentGroup, Hooks
from pipegen.ecs import Container, HttpCheck, TaskDefinition

tasks = TaskDefinition(
    family="gallery",
    cpu=512,
    memory=1024,
    task_role="gallery-task",
    execution_role=ImportValue("gallery-execution-role"),
    containers=[Container("gallery", ports=[8000], environment={"WORKERS": "4"})],
)

gallery = Definition(
    "gallery",
    Stage("Source", GitHub("App", repository="acme/gallery", branch="main", connection=Ref("ConnectionArn"))),
    Stage("Build", DockerBuild("Image", Image("gallery", "gallery"))),
    Stage(
        "Production",
        CodeDeployEcs(
            "Deploy",
            task_definition=tasks,
            appspec=AppSpec(
                container="gallery",
                port=8000,
                hooks=Hooks(
                    before_install="gallery-migrate",
                    after_allow_test_traffic=HttpCheck(
                        host="gallery.example.com",
                        scheme="https",
                        port=8443,
                        path="/health",
                    ),
                ),
            ),
            deployment_group=DeploymentGroup(
                cluster="production",
                service="gallery",
                target_groups=["gallery-blue", "gallery-green"],
                production_listener=Ref("Listener"),
                test_listener=Ref("TestListener"),
                configuration=CanaryShift(canary_percentage=10, interval_minutes=15),
                alarms=["gallery-5xx"],
            ),
        ),
    ),
    parameters=[Parameter("ConnectionArn"), Parameter("Listener"), Parameter("TestListener")],
)
