"""A service on EC2 instances, deployed in two ways from one build: plainly to a test cluster, and blue/green by an
existing application and deployment group, from a task definition and an appspec kept in the source."""

from pipegen import CodeDeployEcs, Definition, DockerBuild, EcsDeploy, GitHub, Image, Parameter, Stage
from pipegen.codedeploy import DeployedImage, File

connection = Parameter("ConnectionArn")

ROLES = ["inventory-task", "inventory-execution"]

source = GitHub("App", repository="acme/inventory", branch="main", connection=connection)

inventory = Definition(
    "inventory",
    Stage("Source", source),
    Stage(
        "Build",
        DockerBuild(
            "Image",
            Image("inventory", "inventory"),
            environment={"BUILD_KIND": "release"},
            action_environment={"COMMIT_ID": source.variable("CommitId")},
        ),
    ),
    Stage(
        "Test",
        EcsDeploy(
            "Deploy", cluster="instances-test", service="inventory", file_name="inventory-images.json", roles=ROLES
        ),
    ),
    Stage(
        "Production",
        CodeDeployEcs(
            "Deploy",
            application="inventory",
            deployment_group="inventory-production",
            task_definition=File("deploy/taskdef.json"),
            appspec=File("deploy/appspec.yaml"),
            images=[DeployedImage("inventory", placeholder="INVENTORY_IMAGE")],
            roles=ROLES,
        ),
    ),
)
