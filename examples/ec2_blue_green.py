"""A service on EC2 instances, deployed in two ways from one build: plainly to a test cluster, and blue/green by an
application and a deployment group that are there already, from a task definition and an appspec kept in the source."""

from troposphere import Ref

from pipegen import (
    CodeDeployEcs,
    Definition,
    DeployedImage,
    DockerBuild,
    EcsDeploy,
    File,
    GitHub,
    Image,
    Parameter,
    Pipeline,
    Stage,
)

ROLES = ["inventory-task", "inventory-execution"]

inventory = Definition(
    name="inventory",
    parameters={"ConnectionArn": Parameter()},
    pipeline=Pipeline(
        stages=[
            Stage(
                name="Source",
                actions=[
                    GitHub(name="App", repository="acme/inventory", branch="main", connection=Ref("ConnectionArn"))
                ],
            ),
            Stage(
                name="Build",
                actions=[
                    DockerBuild(
                        name="Image",
                        images=[Image(container="inventory", repository="inventory")],
                        environment={"BUILD_KIND": "release"},
                        action_environment={"COMMIT_ID": "#{App.CommitId}"},
                    )
                ],
            ),
            Stage(
                name="Test",
                actions=[
                    EcsDeploy(
                        name="Deploy",
                        cluster="instances-test",
                        service="inventory",
                        file_name="inventory-images.json",
                        roles=ROLES,
                    )
                ],
            ),
            Stage(
                name="Production",
                actions=[
                    CodeDeployEcs(
                        name="Deploy",
                        application="inventory",
                        deployment_group="inventory-production",
                        task_definition=File(file="deploy/taskdef.json"),
                        appspec=File(file="deploy/appspec.yaml"),
                        images=[DeployedImage(container="inventory", placeholder="INVENTORY_IMAGE")],
                        roles=ROLES,
                    )
                ],
            ),
        ]
    ),
)
