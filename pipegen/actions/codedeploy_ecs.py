"""CodeDeployToECS actions: blue/green deployments to ECS through CodeDeploy.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Literal

from pipegen.codedeploy.application import Application, ApplicationReference
from pipegen.codedeploy.appspec import AppSpec, Hooks
from pipegen.codedeploy.budget import budget_problems
from pipegen.codedeploy.deployment_group import DeploymentGroup
from pipegen.codedeploy.files import DeployedImage, File
from pipegen.ecs.access import PIPELINE_PASSES, named_role_problems, pass_roles, register_grants
from pipegen.ecs.roles import role_arn
from pipegen.ecs.tasks.platform import platform_problems
from pipegen.ecs.tasks.task_definition import TaskDefinition
from pipegen.ecs.tasks.task_problems import task_problems
from pipegen.errors import Path, Problem, quoted, there_are
from pipegen.fields.aws import ConfigurationKey
from pipegen.fields.marks import Keyed, Mapped
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.pipeline.action import Action, ActionType
from pipegen.pipeline.artifact import DeploymentBundle, Reference, Tree
from pipegen.pipeline.binding import Bound, Context
from pipegen.pipeline.effects import ManualDeployment, Target
from pipegen.pipeline.requirement import BundleFiles, ImageDetailFile, Input
from pipegen.references.kinds import ROLE, ROLE_NAME
from pipegen.references.mark import Refers
from pipegen.values.expression import Expression
from pipegen.values.value import Value, arn

_MOST_IMAGES = 4
"""https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html"""

_TYPE = ActionType(
    category="Deploy", provider="CodeDeployToECS", inputs=(1, 5), distinct_inputs=False, input_megabytes=3
)


@frozen(kw_only=True)
class CodeDeployEcs(Action):
    """A blue/green, canary or linear deployment to an ECS service through CodeDeploy.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html"""

    kind: Literal["codedeploy-ecs"] = "codedeploy-ecs"
    application: Annotated[ApplicationReference, ConfigurationKey("ApplicationName")] | None = None
    """The CodeDeploy application: the name of an existing one, or one that the stack creates. Default: the name of the
    definition; the stack creates it if it creates the deployment group."""
    deployment_group: Annotated[
        str | Expression | DeploymentGroup,
        Mapped(DeploymentGroup, otherwise=Value),
        ConfigurationKey("DeploymentGroupName"),
    ]
    """The deployment group: the name of an existing one, or one that the stack creates."""
    task_definition: Annotated[
        TaskDefinition | File,
        Keyed(file=File, otherwise=TaskDefinition),
        ConfigurationKey("TaskDefinitionTemplatePath"),
    ]
    """The task definition, which the build writes, or `{file: …}`, a template with placeholders. Containers without an
    image get the image of the build."""
    appspec: (
        Annotated[AppSpec | File, Keyed(file=File, otherwise=AppSpec), ConfigurationKey("AppSpecTemplatePath")] | None
    ) = None
    """The AppSpec, or `{file: …}`. Default: the traffic goes to the only container port of the task definition."""
    images: Sequence[DeployedImage] = ()
    """The images that the deployment inserts into the task definition, at most 4. Default: those of all containers
    without an image. None if a build writes the task definition with its images."""
    bundle: (
        Annotated[
            Reference[DeploymentBundle | Tree],
            ConfigurationKey("TaskDefinitionTemplateArtifact"),
            ConfigurationKey("AppSpecTemplateArtifact"),
        ]
        | None
    ) = None
    """The artifact with the task definition and the AppSpec, of at most 3 MB. Default: that of the only build that
    creates them. Set it if a source contains them:
    https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""
    roles: Sequence[Annotated[Value, Refers(ROLE_NAME, ROLE)]] = ()
    """Names or ARNs of the task role and the execution role in a task definition file. Not with a task definition that
    sets its roles."""

    @property
    def action_type(self) -> ActionType:
        return _TYPE

    @property
    def deployed(self) -> tuple[tuple[DeployedImage, str], ...]:
        """The images with their placeholders."""
        waiting = self.task_definition.awaiting_images if isinstance(self.task_definition, TaskDefinition) else ()
        images = self.images or [DeployedImage(container) for container in waiting]
        return tuple((each, each.placeholder or f"IMAGE{number}_NAME") for number, each in enumerate(images, start=1))

    def reads(self) -> Sequence[Input]:
        inputs = [Input(path=("bundle",), requires=self._bundle(), artifact=self.bundle)]
        for index, (image, _) in enumerate(self.deployed[:_MOST_IMAGES]):
            path = ("images", index, "input") if self.images else ("images",)
            inputs.append(Input(path=path, requires=ImageDetailFile(container=image.container), artifact=image.input))
        return inputs

    def _bundle(self) -> BundleFiles:
        waiting = self.task_definition.awaiting_images if isinstance(self.task_definition, TaskDefinition) else ()
        placeholders = dict.fromkeys(waiting, "<>")  # an empty placeholder is reported as a problem
        placeholders.update({image.container: f"<{placeholder}>" for image, placeholder in self.deployed})
        task_definition, appspec = self.task_definition, self._appspec()
        return BundleFiles(
            task_definition=(
                task_definition.file if isinstance(task_definition, File) else task_definition.request(placeholders)
            ),
            appspec=(
                appspec.file
                if isinstance(appspec, File)
                else replace(appspec, hooks=appspec.hooks.named(self._subject)).content("<TASK_DEFINITION>")
            ),
            placeholders=[placeholder for _, placeholder in self.deployed],
        )

    def _appspec(self) -> AppSpec | File:
        """The `appspec`, or one for the only container and port; port 0 if there is not exactly one, a problem."""
        if self.appspec is not None:
            return self.appspec
        ports = []
        if isinstance(self.task_definition, TaskDefinition):
            containers = dict.fromkeys(container.name for container in self.task_definition.containers)
            ports = [(name, port) for name in containers for port in self.task_definition.ports_of(name)]
        container, port = ports[0] if len(ports) == 1 else ("none", 0)
        return AppSpec(container=container, port=port)

    @property
    def _subject(self) -> str:
        """The name from which functions and their logical ids get their names."""
        group = self.deployment_group
        name = group.group_name if isinstance(group, DeploymentGroup) else group
        return name if isinstance(name, str) else self.name

    def manual_deployment(self, definition: str) -> ManualDeployment:
        files, group = self._bundle(), self.deployment_group
        return ManualDeployment(
            application=self._application(definition).name,
            deployment_group=group.group_name if isinstance(group, DeploymentGroup) else group,
            task_definition=files.task_definition,
            appspec=files.appspec,
            images={image.container: f"<{placeholder}>" for image, placeholder in self.deployed},
        )

    def _application(self, definition: str) -> Application:
        if self.application is not None:
            return Application.of(self.application)
        return Application(name=definition, create=isinstance(self.deployment_group, DeploymentGroup))

    def deploys_to(self) -> Sequence[Target]:
        group = self.deployment_group
        if not isinstance(group, DeploymentGroup):
            return ()
        return (
            Target(
                cluster=group.cluster,
                service=group.service,
                controller="CODE_DEPLOY",
                path=("deployment_group",),
                group=(self.application, group),
            ),
        )

    @property
    def _roles(self) -> Sequence[Value]:
        if isinstance(self.task_definition, TaskDefinition):
            return self.task_definition.roles
        return [role_arn(role) for role in self.roles]

    def bind(self, context: Context) -> Bound:
        application = self._application(context.definition)
        group = self.deployment_group
        group_name = group.group_name if isinstance(group, DeploymentGroup) else group
        group_arn = arn("codedeploy", "deploymentgroup:", application.name, "/", group_name)
        appspec = self._appspec()
        hooks = appspec.hooks if isinstance(appspec, AppSpec) else Hooks()
        functions = hooks.functions(self._subject, group_arn, context.encryption_key)
        resources = [resource for function in functions for resource in function.resources]
        roles = [function.role for function in functions]
        if isinstance(group, DeploymentGroup):
            resources += [*application.resources(), *group.resources(application)]
            invoked = [*(function.arn for function in functions), *hooks.arns()]
            roles.append(group.role(application.name, self._roles, invoked))
        return Bound(
            configuration=self._configuration(context, application.name, group_name),
            grants=[*self._grants(application.name, group_arn)],
            resources=resources,
            roles=roles,
        )

    def _configuration(self, context: Context, application: Value, group: Value) -> dict[str, Value | int | bool]:
        [bundle, *details] = context.inputs
        task_definition, appspec = BundleFiles.file_names(bundle.reader)
        if isinstance(bundle.contents, Tree):  # a source or a `codebuild` action, which has the files' own names
            task_definition, appspec = bundle.requires.files
        configuration: dict[str, Value | int | bool] = {
            "ApplicationName": application,
            "DeploymentGroupName": group,
            "TaskDefinitionTemplateArtifact": bundle.artifact,
            "TaskDefinitionTemplatePath": task_definition,
            "AppSpecTemplateArtifact": bundle.artifact,
            "AppSpecTemplatePath": appspec,
        }
        for number, ((_, placeholder), detail) in enumerate(zip(self.deployed, details, strict=True), start=1):
            configuration[f"Image{number}ArtifactName"] = detail.artifact
            configuration[f"Image{number}ContainerName"] = placeholder
        return configuration

    def _grants(self, application: Value, group_arn: Value) -> Iterator[Grant]:
        yield Grant(
            actions=("codedeploy:CreateDeployment", "codedeploy:GetDeployment"),
            resources=(group_arn,),
            because="starts the deployment and waits for it",
        )
        revision = ("GetApplication", "GetApplicationRevision", "RegisterApplicationRevision")
        yield Grant(
            actions=[f"codedeploy:{action}" for action in revision],
            resources=(arn("codedeploy", "application:", application),),
            because="registers the AppSpec as a revision",
        )
        yield Grant(
            actions=("codedeploy:GetDeploymentConfig",),
            resources=(arn("codedeploy", "deploymentconfig:*"),),
            because="reads the deployment configuration of the group",
        )
        typed = self.task_definition if isinstance(self.task_definition, TaskDefinition) else None
        yield from register_grants(
            typed.family if typed else None, tagged=bool(typed.tags) if typed else True, reads=False
        )
        yield pass_roles(self._roles, PIPELINE_PASSES)

    def problems(self) -> Iterator[Problem]:
        if self.application is not None:
            yield from (problem.under("application") for problem in Application.of(self.application).problems())
        group, appspec = self.deployment_group, self._appspec()
        if isinstance(group, DeploymentGroup):
            yield from (problem.under("deployment_group") for problem in group.problems())
        if isinstance(self.task_definition, TaskDefinition):
            yield from (problem.under("task_definition") for problem in task_problems(self.task_definition))
        if isinstance(self.appspec, AppSpec):
            yield from (problem.under("appspec") for problem in self.appspec.problems())
        yield from image_problems(self)
        if isinstance(appspec, AppSpec):
            yield from self._target_problems(appspec)
        if isinstance(group, DeploymentGroup) and isinstance(appspec, AppSpec):
            yield from _group_problems(group, appspec)
        yield from self._role_problems()

    def _target_problems(self, appspec: AppSpec) -> Iterator[Problem]:
        if not isinstance(self.task_definition, TaskDefinition):
            if self.appspec is None:
                text = "appspec is missing; with a task definition file, the container and port are not known"
                yield Problem("appspec-target", ("appspec",), text, "add appspec: {container: …, port: …}")
            return
        for problem in platform_problems(appspec.platform_version, self.task_definition):
            yield problem.under("appspec")
        ports = {each.name: self.task_definition.ports_of(each.name) for each in self.task_definition.containers}
        targets = [f"{name} {port}" for name, numbers in ports.items() for port in numbers]
        if not targets and ports:
            text = "no container has a port that can receive the traffic"
            yield Problem("appspec-target", ("task_definition", "containers"), text, "add ports to one of them")
        elif self.appspec is None and len(targets) > 1:
            text = "appspec is missing, and the task definition has several ports"
            fix = f"add appspec: {{container: …, port: …}}; {there_are(targets)}"
            yield Problem("appspec-target", ("appspec",), text, fix)
        elif self.appspec is not None and targets and appspec.port not in ports.get(appspec.container, ()):
            text = f"the task definition has no container {quoted(appspec.container)} with port {appspec.port}"
            field = "port" if appspec.container in ports else "container"
            yield Problem("appspec-target", ("appspec", field), text, there_are(targets))

    def _role_problems(self) -> Iterator[Problem]:
        if not isinstance(self.task_definition, TaskDefinition):
            yield from named_role_problems(self.roles, "the pipeline")
        elif self.roles:
            text = "roles cannot be set with a task definition, which sets task_role and execution_role"
            yield Problem("ecs-roles", ("roles",), text, "remove roles")


def image_problems(action: CodeDeployEcs) -> Iterator[Problem]:
    """Check the images of a deployment. Paths start at the action."""
    images = action.deployed
    definition = action.task_definition
    # A file may already contain the images, if a build writes it.
    if not images and isinstance(definition, TaskDefinition) and definition.containers:
        names = ", ".join(dict.fromkeys(each.name for each in definition.containers))
        text = f"the deployment does not update an image: all containers ({names}) set their image"
        fix = "remove image from the containers whose image the build builds"
        only = len(definition.containers) == 1
        path: Path = ("task_definition", "containers", 0, "image") if only else ("images",)
        yield Problem("deploy-images", path, text, fix)
    if len(images) > _MOST_IMAGES:
        text = f"a deployment can update at most {_MOST_IMAGES} images, got {len(images)}"
        yield Problem("deploy-images", ("images",), text, "set the image of the other containers")
    seen: set[str] = set()
    for index, (image, placeholder) in enumerate(images):
        if placeholder in seen:
            text = f"two images have the placeholder {quoted(placeholder)}"
            yield Problem("deploy-placeholder", ("images", index, "placeholder"), text, "rename one of them")
        seen.add(placeholder)
        if image.container in [other.container for other, _ in images[:index]]:
            text = f"images contains the container {quoted(image.container)} twice"
            yield Problem("deploy-images", ("images", index, "container"), text, "remove one of them")
    if isinstance(action.task_definition, TaskDefinition) and action.images:
        yield from _container_problems(action.images, action.task_definition)


def _container_problems(images: Sequence[DeployedImage], task_definition: TaskDefinition) -> Iterator[Problem]:
    """Compare the images of the deployment with the containers without an image."""
    containers, waiting = [each.name for each in task_definition.containers], task_definition.awaiting_images
    for index, image in enumerate(images):
        if image.container not in waiting:
            text = f"the container {quoted(image.container)} already sets its image in the task definition"
            fix = "remove one of them"
            if image.container not in containers:
                text, fix = f'the task definition has no container "{image.container}"', there_are(containers)
            yield Problem("deploy-images", ("images", index, "container"), text, fix)
    updated = [image.container for image in images]
    for container in waiting:
        if container not in updated:
            text = f"images does not contain the container {quoted(container)}, which does not set its image"
            yield Problem("deploy-images", ("images",), text, "add it to images, or set its image")


def _group_problems(group: DeploymentGroup, appspec: AppSpec) -> Iterator[Problem]:
    if appspec.hooks.after_allow_test_traffic is not None and group.test_listener is None:
        text = "after_allow_test_traffic requires a test_listener in the deployment group"
        fix = "add test_listener, or use another hook"
        yield Problem("appspec-hook", ("appspec", "hooks", "after_allow_test_traffic"), text, fix)
    for problem in budget_problems(group, appspec.hooks.minutes):
        yield problem.under("appspec" if problem.path == ("hooks",) else "deployment_group")
