"""CodePipeline's CodeDeployToECS action: a blue/green deployment to ECS through CodeDeploy.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Literal

from pipegen.codedeploy.appspec import AppSpec, Hooks
from pipegen.codedeploy.budget import budget_problems
from pipegen.codedeploy.deployment_group import Application, ApplicationReference, DeploymentGroup
from pipegen.codedeploy.files import DeployedImage, File
from pipegen.ecs.access import PIPELINE_PASSES, named_role_problems, pass_roles, register_grants
from pipegen.ecs.roles import role_arn
from pipegen.ecs.tasks.platform import platform_problems
from pipegen.ecs.tasks.task_definition import TaskDefinition
from pipegen.ecs.tasks.task_problems import task_problems
from pipegen.errors import Path, Problem, there_are
from pipegen.fields.aws import ConfigurationKey
from pipegen.fields.model import Keyed, Mapped
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.pipeline.action import Action, ActionType, Bound, Context, ManualDeployment, Target
from pipegen.pipeline.artifact import DeploymentBundle, Reference, Tree
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
    """The CodeDeploy application: the name of an existing one, or one that the stack creates. Default: named after the
    definition, and created together with the deployment group."""
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
    image get theirs from the build."""
    appspec: (
        Annotated[AppSpec | File, Keyed(file=File, otherwise=AppSpec), ConfigurationKey("AppSpecTemplatePath")] | None
    ) = None
    """The AppSpec, or `{file: …}`. Default: the traffic goes to the only container port of the task definition."""
    images: Sequence[DeployedImage] = ()
    """The images that the deployment puts into the task definition, at most 4. Default: those of all containers without
    an image. A build that writes the task definition with its images needs none."""
    bundle: (
        Annotated[
            Reference[DeploymentBundle | Tree],
            ConfigurationKey("TaskDefinitionTemplateArtifact"),
            ConfigurationKey("AppSpecTemplateArtifact"),
        ]
        | None
    ) = None
    """The artifact with the task definition and the AppSpec, of at most 3 MB. Default: the one of the only build that
    makes them. A source that has them must be named:
    https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""
    roles: Sequence[Annotated[Value, Refers(ROLE_NAME, ROLE)]] = ()
    """Names or ARNs of the task role and the execution role in a task definition file. A task definition that is
    written here names its roles itself."""

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
        wanted = [Input(path=("bundle",), requires=self._bundle(), artifact=self.bundle)]
        for index, (image, _) in enumerate(self.deployed[:_MOST_IMAGES]):
            path = ("images", index, "input") if self.images else ("images",)
            wanted.append(Input(path=path, requires=ImageDetailFile(container=image.container), artifact=image.input))
        return wanted

    def _bundle(self) -> BundleFiles:
        waiting = self.task_definition.awaiting_images if isinstance(self.task_definition, TaskDefinition) else ()
        marks = dict.fromkeys(waiting, "<>")  # one that no image is for is told as a problem
        marks.update({image.container: f"<{placeholder}>" for image, placeholder in self.deployed})
        task_definition, appspec = self.task_definition, self._appspec()
        return BundleFiles(
            task_definition=(
                task_definition.file if isinstance(task_definition, File) else task_definition.request(marks)
            ),
            appspec=(
                appspec.file
                if isinstance(appspec, File)
                else replace(appspec, hooks=appspec.hooks.named(self._subject)).content("<TASK_DEFINITION>")
            ),
            placeholders=[placeholder for _, placeholder in self.deployed],
        )

    def _appspec(self) -> AppSpec | File:
        """What is given, or else the one container and port that there is; 0 stands for none, which is a problem."""
        if self.appspec is not None:
            return self.appspec
        found = []
        if isinstance(self.task_definition, TaskDefinition):
            names_found = dict.fromkeys(container.name for container in self.task_definition.containers)
            found = [(name, port) for name in names_found for port in self.task_definition.ports_of(name)]
        container, port = found[0] if len(found) == 1 else ("none", 0)
        return AppSpec(container=container, port=port)

    @property
    def _subject(self) -> str:
        """What functions and their logical ids are named after."""
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
        functions = hooks.functions(self._subject, group_arn)
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
        if isinstance(bundle.contents, Tree):  # a source or a `codebuild` action: under the names that it has there
            task_definition, appspec = bundle.requires.files
        found: dict[str, Value | int | bool] = {
            "ApplicationName": application,
            "DeploymentGroupName": group,
            "TaskDefinitionTemplateArtifact": bundle.artifact,
            "TaskDefinitionTemplatePath": task_definition,
            "AppSpecTemplateArtifact": bundle.artifact,
            "AppSpecTemplatePath": appspec,
        }
        for number, ((_, placeholder), detail) in enumerate(zip(self.deployed, details, strict=True), start=1):
            found[f"Image{number}ArtifactName"] = detail.artifact
            found[f"Image{number}ContainerName"] = placeholder
        return found

    def _grants(self, application: Value, group_arn: Value) -> Iterator[Grant]:
        yield Grant(
            actions=("codedeploy:CreateDeployment", "codedeploy:GetDeployment"),
            resources=(group_arn,),
            because="starts the deployment and follows it",
        )
        revision = ("GetApplication", "GetApplicationRevision", "RegisterApplicationRevision")
        yield Grant(
            actions=[f"codedeploy:{action}" for action in revision],
            resources=(arn("codedeploy", "application:", application),),
            because="registers the appspec as a revision",
        )
        yield Grant(
            actions=("codedeploy:GetDeploymentConfig",),
            resources=(arn("codedeploy", "deploymentconfig:*"),),
            because="reads how traffic shifts, by whichever configuration the group has",
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
                text = "where the traffic goes is not known: the task definition is a file"
                yield Problem("appspec-target", ("appspec",), text, "give appspec: {container: …, port: …}")
            return
        for problem in platform_problems(appspec.platform_version, self.task_definition):
            yield problem.under("appspec")
        ports = {each.name: self.task_definition.ports_of(each.name) for each in self.task_definition.containers}
        offered = [f"{name} {port}" for name, found in ports.items() for port in found]
        if not offered and ports:
            text = "no container has a port for the traffic to go to"
            yield Problem("appspec-target", ("task_definition", "containers"), text, "give one of them ports:")
        elif self.appspec is None and len(offered) > 1:
            text = "the task definition has several ports for the traffic to go to"
            fix = f"give appspec: {{container: …, port: …}}; {there_are(offered)}"
            yield Problem("appspec-target", ("appspec",), text, fix)
        elif self.appspec is not None and offered and appspec.port not in ports.get(appspec.container, ()):
            text = f"the task definition has no container {appspec.container} with the port {appspec.port}"
            wrong = "port" if appspec.container in ports else "container"
            yield Problem("appspec-target", ("appspec", wrong), text, there_are(offered))

    def _role_problems(self) -> Iterator[Problem]:
        if not isinstance(self.task_definition, TaskDefinition):
            yield from named_role_problems(self.roles, "the pipeline")
        elif self.roles:
            yield Problem("ecs-roles", ("roles",), "the task definition names its roles itself", "leave roles out")


def image_problems(action: CodeDeployEcs) -> Iterator[Problem]:
    images = action.deployed
    definition = action.task_definition
    # A file may have the images already, if a build writes it.
    if not images and isinstance(definition, TaskDefinition) and definition.containers:
        names = ", ".join(dict.fromkeys(each.name for each in definition.containers))
        text = f"the deployment brings no image: {names} in the task definition has its own"
        fix = "leave the image out of a container that gets it from the build"
        only = len(definition.containers) == 1
        path: Path = ("task_definition", "containers", 0, "image") if only else ("images",)
        yield Problem("deploy-images", path, text, fix)
    if len(images) > _MOST_IMAGES:
        text = f"the deployment brings {len(images)} images, and CodePipeline fills in {_MOST_IMAGES} at most"
        yield Problem("deploy-images", ("images",), text, "give the other containers images of their own")
    seen: set[str] = set()
    for index, (image, placeholder) in enumerate(images):
        if placeholder in seen:
            text = f"the placeholder {placeholder} stands for two images"
            yield Problem("deploy-placeholder", ("images", index, "placeholder"), text, "rename one")
        seen.add(placeholder)
        if image.container in [other.container for other, _ in images[:index]]:
            text = f"{image.container} gets two images"
            yield Problem("deploy-images", ("images", index, "container"), text, "keep one of them")
    if isinstance(action.task_definition, TaskDefinition) and action.images:
        yield from _filled_in_problems(action.images, action.task_definition)


def _filled_in_problems(images: Sequence[DeployedImage], task_definition: TaskDefinition) -> Iterator[Problem]:
    """The images that are brought, and the containers that wait for one."""
    called, waiting = [each.name for each in task_definition.containers], task_definition.awaiting_images
    for index, image in enumerate(images):
        if image.container not in waiting:
            text = f"the container {image.container} has an image of its own in the task definition"
            fix = "leave that image out, or this one"
            if image.container not in called:
                text, fix = f"the task definition has no container {image.container}", there_are(called)
            yield Problem("deploy-images", ("images", index, "container"), text, fix)
    given = [image.container for image in images]
    for container in waiting:
        if container not in given:
            text = f"the container {container} waits for an image that the deployment does not bring"
            yield Problem("deploy-images", ("images",), text, "list it under images, or give it an image of its own")


def _group_problems(group: DeploymentGroup, appspec: AppSpec) -> Iterator[Problem]:
    if appspec.hooks.after_allow_test_traffic is not None and group.test_listener is None:
        text = "the hook after_allow_test_traffic waits for test traffic, and there is no test listener"
        fix = "give the deployment group a test_listener, or use another hook"
        yield Problem("appspec-hook", ("appspec", "hooks", "after_allow_test_traffic"), text, fix)
    for problem in budget_problems(group, appspec.hooks.minutes):
        yield problem.under("appspec" if problem.path == ("hooks",) else "deployment_group")
