"""CodeDeploy applications, deployment groups and AppSpecs for ECS."""

from __future__ import annotations

from pipegen.lazy import public_names

TYPE_CHECKING = False  # type checkers know this name too; importing typing takes time
if TYPE_CHECKING:
    from pipegen.codedeploy.application import Application as Application
    from pipegen.codedeploy.appspec import AppSpec as AppSpec, Hooks as Hooks, Network as Network
    from pipegen.codedeploy.deployment_group import DeploymentGroup as DeploymentGroup
    from pipegen.codedeploy.files import DeployedImage as DeployedImage, File as File
    from pipegen.codedeploy.service_deployment import CodeDeploy as CodeDeploy
    from pipegen.codedeploy.shift import CanaryShift as CanaryShift, LinearShift as LinearShift
    from pipegen.ecs.capacity import CapacityProvider as CapacityProvider
else:
    __getattr__, __dir__, __all__ = public_names(
        __name__,
        {
            "pipegen.codedeploy.application": "Application",
            "pipegen.codedeploy.appspec": "AppSpec Hooks Network",
            "pipegen.codedeploy.deployment_group": "DeploymentGroup",
            "pipegen.codedeploy.files": "DeployedImage File",
            "pipegen.codedeploy.service_deployment": "CodeDeploy",
            "pipegen.codedeploy.shift": "CanaryShift LinearShift",
            "pipegen.ecs.capacity": "CapacityProvider",
        },
    )
