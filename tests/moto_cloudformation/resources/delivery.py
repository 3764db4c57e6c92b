"""CodePipeline, CodeBuild, CodeDeploy and CodeCommit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from moto.codebuild.models import codebuild_backends
from moto.codecommit.models import codecommit_backends
from moto.codedeploy.exceptions import CodeDeployException
from moto.codedeploy.models import codedeploy_backends
from moto.codepipeline.models import CodePipeline, codepipeline_backends
from moto.core.common_models import CloudFormationModel
from moto.core.responses import ActionResult
from moto.core.utils import unix_time

from tests.moto_cloudformation.conversion import (
    EVERY_PROPERTY,
    Properties,
    api_shape,
    as_api,
    as_structure,
    tag_map,
    underscored,
    without,
)
from tests.moto_cloudformation.resource import TemplateResource, require_trust


class Pipeline(TemplateResource, CloudFormationModel):
    kind = "AWS::CodePipeline::Pipeline"
    named_by = "Name"

    def declaration(self) -> Properties:
        aside = ("Tags", "ArtifactStores", "DisableInboundStageTransitions", "RestartExecutionOnUpdate")
        shape = api_shape("codepipeline", "PipelineDeclaration")
        declared = as_structure({"Name": self.name} | without(self.properties, *aside), shape, "")
        stores = self.properties.get("ArtifactStores", [])
        if stores:
            # The template has a list of {Region, ArtifactStore}; the API a map from region to store.
            store = shape.members["artifactStore"]
            declared["artifactStores"] = {each["Region"]: as_api(each["ArtifactStore"], store) for each in stores}
        return {"executionMode": "SUPERSEDED", "pipelineType": "V1"} | declared

    def create(self) -> None:
        # Not create_pipeline(): it takes a role only if every statement of its trust policy has one plain service.
        pipelines = self.here(codepipeline_backends).pipelines
        self.refuse_taken(pipelines)
        pipelines[self.name] = CodePipeline(self.account_id, self.region_name, self.declaration())
        pipelines[self.name].pipeline["version"] = 0  # settle makes it 1

    def settle(self) -> None:
        require_trust(self.properties["RoleArn"], "codepipeline.amazonaws.com", self.account_id)
        backend = self.here(codepipeline_backends)
        backend.update_pipeline(self.declaration())
        backend.pipelines[self.name].tags = tag_map(self.properties.get("Tags", []))

    def remove(self) -> None:
        self.here(codepipeline_backends).delete_pipeline(self.name)

    def attributes(self) -> Mapping[str, Any]:
        version = self.here(codepipeline_backends).pipelines[self.name].pipeline["version"]
        return {"Arn": self.arn("codepipeline", self.name), "Version": str(version)}


class Project(TemplateResource, CloudFormationModel):
    kind = "AWS::CodeBuild::Project"
    named_by = "Name"

    def create(self) -> None:
        backend = self.here(codebuild_backends)
        self.refuse_taken(backend.codebuild_projects)
        nothing = dict.fromkeys(("description", "cache", "timeout", "queued_timeout", "source_version"))
        backend.create_project(
            self.name,
            project_source={},
            artifacts={},
            environment={},
            service_role=self.properties["ServiceRole"],
            tags=[],
            logs_config=None,
            vpc_config=None,
            **nothing,
        )

    def settle(self) -> None:
        # Not create_project()'s arguments: they leave out secondary sources, batch builds, limits and more.
        require_trust(self.properties["ServiceRole"], "codebuild.amazonaws.com", self.account_id)
        aside = ("Visibility", "BadgeEnabled", "ResourceAccessRole")
        given = {"Name": self.name} | without(self.properties, *aside)
        asked = as_structure(given, api_shape("codebuild", "CreateProjectInput"), "")
        metadata = self.here(codebuild_backends).codebuild_projects[self.name].project_metadata
        kept = {name: metadata[name] for name in ("arn", "created")}
        metadata.clear()
        metadata |= {
            "cache": {"type": "NO_CACHE"},
            "timeoutInMinutes": 60,
            "queuedTimeoutInMinutes": 480,
            "encryptionKey": self.arn("kms", "alias/aws/s3"),
            "badge": {"badgeEnabled": self.properties.get("BadgeEnabled", False)},
            "projectVisibility": self.properties.get("Visibility", "PRIVATE"),
            "lastModified": unix_time(),
            "tags": [],
        }
        metadata |= kept | asked

    def remove(self) -> None:
        self.here(codebuild_backends).delete_project(self.name)

    def attributes(self) -> Mapping[str, Any]:
        return {"Arn": self.arn("codebuild", f"project/{self.name}")}


class Application(TemplateResource, CloudFormationModel):
    kind = "AWS::CodeDeploy::Application"
    named_by = "ApplicationName"
    fixed = ("ComputePlatform",)
    known = ("ComputePlatform", "Tags")

    def create(self) -> None:
        platform = self.properties.get("ComputePlatform", "Server")
        self.here(codedeploy_backends).create_application(self.name, platform, self.properties.get("Tags", []))

    def settle(self) -> None:
        self.here(codedeploy_backends).applications[self.name].tags = self.properties.get("Tags", [])

    def remove(self) -> None:
        backend = self.here(codedeploy_backends)
        backend.applications.pop(self.name)
        backend.deployment_groups.pop(self.name, None)


class DeploymentGroup(TemplateResource, CloudFormationModel):
    kind = "AWS::CodeDeploy::DeploymentGroup"
    named_by = "DeploymentGroupName"
    fixed = ("ApplicationName",)

    def groups(self) -> dict[str, Any]:
        groups: dict[str, Any] = self.here(codedeploy_backends).deployment_groups.setdefault(
            self.properties["ApplicationName"], {}
        )
        return groups

    def create(self) -> None:
        self.refuse_taken(self.groups())

    def settle(self) -> None:
        require_trust(self.properties["ServiceRoleArn"], "codedeploy.amazonaws.com", self.account_id)
        backend = self.here(codedeploy_backends)
        application = backend.get_application(self.properties["ApplicationName"])
        given = {"DeploymentGroupName": self.name} | self.properties
        asked = as_structure(given, api_shape("codedeploy", "CreateDeploymentGroupInput"), "")
        # moto knows the default of EC2 alone.
        default = "CodeDeployDefault.ECSAllAtOnce" if application.compute_platform == "ECS" else None
        needed = ("ec2_tag_filters", "on_premises_instance_tag_filters", "auto_scaling_groups")
        before = self.groups().pop(self.name, None)
        backend.create_deployment_group(
            **dict.fromkeys(needed) | {"deployment_config_name": default} | underscored(asked)
        )
        if before is not None:
            self.groups()[self.name].deployment_group_id = before.deployment_group_id

    def remove(self) -> None:
        self.groups().pop(self.name, None)


class DeploymentConfig(TemplateResource, CloudFormationModel):
    kind = "AWS::CodeDeploy::DeploymentConfig"
    named_by = "DeploymentConfigName"
    fixed = EVERY_PROPERTY

    def create(self) -> None:
        configs = deployment_configs(self.here(codedeploy_backends))
        self.refuse_taken(configs)
        given = {"DeploymentConfigName": self.name} | self.properties
        asked = as_structure(given, api_shape("codedeploy", "CreateDeploymentConfigInput"), "")
        configs[self.name] = {"deploymentConfigId": str(uuid4()), "createTime": unix_time()} | asked

    def remove(self) -> None:
        deployment_configs(self.here(codedeploy_backends)).pop(self.name, None)


def deployment_configs(backend: Any) -> dict[str, Properties]:
    """The deployment configurations of one back end, which moto lacks; kept on it so that a reset forgets them."""
    configs: dict[str, Properties] = vars(backend).setdefault("deployment_configs", {})
    return configs


def get_deployment_config(response: Any) -> ActionResult:
    name = response._get_param("deploymentConfigName")
    configs = deployment_configs(response.codedeploy_backend)
    if name not in configs:
        raise CodeDeployException("DeploymentConfigDoesNotExistException", f"No Deployment Configuration {name}")
    return ActionResult({"deploymentConfigInfo": configs[name]})


class SourceRepository(TemplateResource, CloudFormationModel):
    kind = "AWS::CodeCommit::Repository"
    named_by = "RepositoryName"
    known = ("RepositoryDescription", "Tags", "KmsKeyId", "Code", "Triggers")

    def metadata(self) -> Properties:
        found: Properties = self.here(codecommit_backends).get_repository(self.name)
        return found

    def create(self) -> None:
        self.here(codecommit_backends).create_repository(self.name, "")

    def settle(self) -> None:
        self.metadata()["repositoryDescription"] = self.properties.get("RepositoryDescription", "")

    def remove(self) -> None:
        self.here(codecommit_backends).delete_repository(self.name)

    def reference(self) -> str:
        return str(self.metadata()["repositoryId"])

    def attributes(self) -> Mapping[str, Any]:
        about = self.metadata()
        clone = {"CloneUrlHttp": about["cloneUrlHttp"], "CloneUrlSsh": about["cloneUrlSsh"]}
        return {"Arn": about["Arn"], "Name": self.name} | clone
