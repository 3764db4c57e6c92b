"""What moto's CloudFormation lacks for a delivery stack: resource types, and an engine that updates as AWS does.

Importing this module teaches the running process; starting a server and talking to it live in `cloud.py`. Every
resource ends in moto's own back end of its service, so that the service's API gives back what the template asked for.
Nothing here is lenient: a property, attribute or resource type nobody taught is refused, as CloudFormation would.
"""

from __future__ import annotations

import json
import logging
import re
from base64 import b64encode
from collections.abc import Callable, Container, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar, NoReturn
from urllib.parse import urlparse
from uuid import uuid4

import yaml
from botocore.session import get_session  # type: ignore[import-untyped]
from moto.awslambda.models import LambdaFunction
from moto.awslambda.utils import get_backend as lambda_backend
from moto.cloudformation import models, parsing
from moto.cloudformation.exceptions import (
    CloudFormationError,
    UnformattedGetAttTemplateException,
    ValidationError,
)
from moto.cloudformation.responses import CloudFormationResponse
from moto.cloudformation.utils import random_suffix
from moto.cloudwatch.models import cloudwatch_backends
from moto.codebuild.models import codebuild_backends
from moto.codecommit.models import codecommit_backends
from moto.codedeploy import responses as codedeploy_responses
from moto.codedeploy.exceptions import CodeDeployException
from moto.codedeploy.models import codedeploy_backends
from moto.codepipeline.models import CodePipeline, codepipeline_backends
from moto.core.common_models import CloudFormationModel
from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores, unix_time
from moto.ec2.models.security_groups import SecurityGroup
from moto.ecr.models import ecr_backends
from moto.ecs.models import ecs_backends
from moto.elbv2.models import FakeListenerRule, elbv2_backends
from moto.events.models import events_backends
from moto.iam.models import Role as IamRole
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.logs.models import logs_backends
from moto.s3.cloud_formation import cfn_to_api_encryption
from moto.s3.models import s3_backends
from moto.s3.responses import S3Response
from moto.sns.models import sns_backends
from moto.ssm.models import ssm_backends

Properties = dict[str, Any]

EVERY_PROPERTY = ("*",)
NAMED_IAM_PROPERTIES = {
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
}

logger = logging.getLogger(__name__)


# ---- From CloudFormation's words to the API's -------------------------------------------------------------------


@cache
def api_shape(service: str, shape: str) -> Any:
    """The botocore model of one API structure: it knows the API's spelling and which maps have the user's own keys."""
    return get_session().get_service_model(service).shape_for(shape)


def as_api(value: Any, shape: Any, path: str = "") -> Any:
    """Rewrite a resolved template value as the API spells and types it; `path` only serves the error message."""
    if shape.type_name == "structure":
        return as_structure(value, shape, path)
    if shape.type_name == "list":
        return [as_api(item, shape.member, path) for item in value]
    if shape.type_name == "map":
        return {key: as_api(item, shape.value, f"{path}/{key}") for key, item in value.items()}
    if shape.type_name == "boolean":
        return value if isinstance(value, bool) else str(value).lower() == "true"
    if shape.type_name in ("integer", "long"):
        return int(value)
    if shape.type_name == "string":
        # CloudFormation turns numbers and booleans into the text an API string wants.
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value


def as_structure(value: Mapping[str, Any], shape: Any, path: str) -> Properties:
    # CloudFormation and the APIs differ in capitals only: ECSServices/ecsServices, BuildSpec/buildspec, Name/name.
    spelling = {name.lower(): name for name in shape.members}
    unknown = [key for key in value if key.lower() not in spelling]
    if unknown:
        refuse(f"Encountered unsupported property {unknown[0]} in {path or shape.name}")
    members = {spelling[key.lower()]: item for key, item in value.items()}
    return {name: as_api(item, shape.members[name], f"{path}/{name}") for name, item in members.items()}


def underscored(members: Mapping[str, Any]) -> Properties:
    """The same members under the names moto's Python code has for them."""
    return {camelcase_to_underscores(name): value for name, value in members.items()}


def without(properties: Mapping[str, Any], *names: str) -> Properties:
    return {name: value for name, value in properties.items() if name not in names}


def tag_map(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def as_json(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def refuse(message: str) -> NoReturn:
    raise ValidationError(message=message)


# ---- Resources --------------------------------------------------------------------------------------------------


class TemplateResource:
    """One resource as its template asked for it: `create` makes the bare thing, `settle` gives it every property.

    A subclass names CloudFormationModel as a direct base too, because moto finds models by `__subclasses__()`; one of
    a type that moto has already wins over moto's. Not a frozen dataclass: moto hangs its own attributes on resources.
    """

    kind: ClassVar[str]
    named_by: ClassVar[str] = ""
    fixed: ClassVar[tuple[str, ...]] = ()  # a change of one of these means a new resource
    known: ClassVar[tuple[str, ...]] = ()  # for types without an API structure to check the properties against

    def __init__(self, name: str, properties: Properties, account_id: str, region_name: str) -> None:
        self.name = name
        self.properties = properties
        self.account_id = account_id
        self.region_name = region_name

    def create(self) -> None: ...

    def settle(self) -> None: ...

    def remove(self) -> None: ...

    def attributes(self) -> Mapping[str, Any]:
        return {}

    def reference(self) -> str:
        return self.name

    def here(self, backends: Any) -> Any:
        """A regional service's back end in this resource's account."""
        return backends[self.account_id][self.region_name]

    def anywhere(self, backends: Any) -> Any:
        """A global service's back end in this resource's account."""
        return backends[self.account_id]["aws"]

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region_name}:{self.account_id}:{resource}"

    def refuse_taken(self, names: Container[str]) -> None:
        if self.name in names:
            refuse(f"{self.kind} {self.name} already exists")

    def check_properties(self) -> None:
        unknown = [name for name in self.properties if self.known and name not in (*self.known, self.named_by)]
        if unknown:
            refuse(f"Encountered unsupported property {unknown[0]} in {self.kind}")

    @property
    def physical_resource_id(self) -> str:
        return self.reference()

    @classmethod
    def cloudformation_type(cls) -> str:
        return cls.kind

    @classmethod
    def cloudformation_name_type(cls) -> str:
        return cls.named_by

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return True  # Known only once the resource is; get_cfn_attribute refuses what is not an attribute.

    def get_cfn_attribute(self, attribute_name: str) -> Any:
        if attribute_name not in self.attributes():
            raise UnformattedGetAttTemplateException
        return self.attributes()[attribute_name]

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: Properties,
        account_id: str,
        region_name: str,
        **kwargs: Any,
    ) -> Any:
        resource = cls(resource_name, cloudformation_json["Properties"], account_id, region_name)
        resource.check_properties()
        resource.create()
        resource.settle()
        return resource

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: Properties,
        account_id: str,
        region_name: str,
    ) -> Any:
        before, after = original_resource.properties, cloudformation_json["Properties"]
        renamed = new_resource_name != original_resource.name
        if renamed or cls.fixed == EVERY_PROPERTY or any(before.get(key) != after.get(key) for key in cls.fixed):
            if not renamed and cls.named_by not in after:
                new_resource_name = f"{new_resource_name.rsplit('-', 1)[0]}-{random_suffix()}"
            created = cls.create_from_cloudformation_json(
                new_resource_name, cloudformation_json, account_id, region_name
            )
            original_resource.remove()
            return created
        original_resource.properties = after
        original_resource.check_properties()
        original_resource.settle()
        return original_resource

    def delete(self, account_id: str, region_name: str) -> None:
        self.remove()


def require_trust(role_arn: str, service: str, account_id: str) -> None:
    """Refuse a role the service may not assume, as CodePipeline, CodeBuild and CodeDeploy do at once."""
    roles = iam_backends[account_id]["aws"].roles.values()
    documents = [json.loads(role.assume_role_policy_document) for role in roles if role.arn == role_arn]
    statements = [statement for document in documents for statement in as_list(document["Statement"])]
    principals = [statement.get("Principal") for statement in statements if statement["Effect"] == "Allow"]
    trusted = [name for each in principals if isinstance(each, dict) for name in as_list(each.get("Service", []))]
    if service not in trusted:
        refuse(f"{service} is not authorized to perform: sts:AssumeRole on {role_arn}")


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


class Role(TemplateResource, CloudFormationModel):
    """moto's own leaves out managed policies, keeps inline ones in a form its API cannot read, and never updates."""

    kind = "AWS::IAM::Role"
    named_by = "RoleName"
    fixed = ("Path",)
    known = (
        "AssumeRolePolicyDocument",
        "Description",
        "ManagedPolicyArns",
        "MaxSessionDuration",
        "Path",
        "PermissionsBoundary",
        "Policies",
        "Tags",
    )
    role: Any
    inline: tuple[str, ...] = ()

    def create(self) -> None:
        trust = as_json(self.properties["AssumeRolePolicyDocument"])
        path = self.properties.get("Path", "/")
        self.role = self.anywhere(iam_backends).create_role(self.name, trust, path, None, "", [], 3600)

    def settle(self) -> None:
        asked, role, backend = self.properties, self.role, self.anywhere(iam_backends)
        backend.update_assume_role_policy(self.name, as_json(asked["AssumeRolePolicyDocument"]))
        role.description = asked.get("Description", "")
        role.max_session_duration = int(asked.get("MaxSessionDuration", 3600))
        role.permissions_boundary_arn = asked.get("PermissionsBoundary")
        role.tags = asked.get("Tags", [])
        self.detach()
        for policy in asked.get("Policies", []):
            backend.put_role_policy(self.name, policy["PolicyName"], as_json(policy["PolicyDocument"]))
        self.inline = tuple(policy["PolicyName"] for policy in asked.get("Policies", []))
        for arn in asked.get("ManagedPolicyArns", []):
            backend.attach_role_policy(arn, self.name)

    def detach(self) -> None:
        for policy in list(self.role.managed_policies.values()):
            policy.detach_from(self.role)
        for name in self.inline:
            self.role.policies.pop(name, None)

    def remove(self) -> None:
        self.detach()
        IamRole.delete_from_cloudformation_json(self.name, {}, self.account_id, self.region_name)

    def attributes(self) -> Mapping[str, Any]:
        return {"Arn": self.role.arn, "RoleId": self.role.id}


class Bucket(TemplateResource, CloudFormationModel):
    """moto's own knows encryption and tags alone."""

    kind = "AWS::S3::Bucket"
    named_by = "BucketName"
    known = (
        "BucketEncryption",
        "LifecycleConfiguration",
        "LoggingConfiguration",
        "NotificationConfiguration",
        "OwnershipControls",
        "PublicAccessBlockConfiguration",
        "Tags",
        "VersioningConfiguration",
    )

    def bucket(self) -> Any:
        return self.anywhere(s3_backends).get_bucket(self.name)

    def create(self) -> None:
        self.anywhere(s3_backends).create_bucket(self.name, self.region_name)

    def settle(self) -> None:
        asked, bucket, backend = self.properties, self.bucket(), self.anywhere(s3_backends)
        if "BucketEncryption" in asked:
            bucket.encryption = as_s3_encryption(asked["BucketEncryption"])
        controls = asked.get("OwnershipControls", {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})
        bucket.ownership_rule = controls["Rules"][0]["ObjectOwnership"]
        public = asked.get("PublicAccessBlockConfiguration")
        backend.delete_public_access_block(self.name)
        if public:
            backend.put_public_access_block(self.name, public)
        bucket.versioning_status = asked.get("VersioningConfiguration", {}).get("Status")
        bucket.set_lifecycle([as_s3_rule(rule) for rule in asked.get("LifecycleConfiguration", {}).get("Rules", [])])
        bucket.set_notification_configuration(asked.get("NotificationConfiguration"))
        logs = asked.get("LoggingConfiguration")
        # Not put_bucket_logging(): the policy that allows it to the target bucket comes later in a template.
        bucket.logging = logs and {
            "TargetBucket": logs.get("DestinationBucketName", self.name),
            "TargetPrefix": logs.get("LogFilePrefix", ""),
        }
        backend.put_bucket_tagging(self.name, tag_map(asked.get("Tags", [])))

    def remove(self) -> None:
        if self.bucket().keys:
            refuse(f"The bucket {self.name} you tried to delete is not empty")
        self.anywhere(s3_backends).delete_bucket(self.name)

    def attributes(self) -> Mapping[str, Any]:
        names = ("Arn", "DomainName", "DualStackDomainName", "RegionalDomainName", "WebsiteURL")
        return {name: self.bucket().get_cfn_attribute(name) for name in names}


def as_s3_encryption(asked: Properties) -> Properties:
    encryption = cfn_to_api_encryption(asked)
    rule = asked["ServerSideEncryptionConfiguration"][0]
    encryption["Rule"]["BucketKeyEnabled"] = rule.get("BucketKeyEnabled", False)
    return encryption


def as_s3_rule(asked: Properties) -> Properties:
    """A lifecycle rule as moto reads it out of the API's XML."""
    expiry = {"ExpirationInDays": "Days", "ExpirationDate": "Date"}
    expiry |= {"ExpiredObjectDeleteMarker": "ExpiredObjectDeleteMarker"}
    simple = ("Status", "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload")
    unknown = asked.keys() - expiry.keys() - {*simple, "Id", "Prefix"}
    if unknown:
        refuse(f"Encountered unsupported property {min(unknown)} in a lifecycle rule")
    expiration = {name: asked[key] for key, name in expiry.items() if key in asked}
    rule = {"ID": asked.get("Id", str(uuid4())), "Filter": {"Prefix": asked.get("Prefix", "")}}
    rule |= {"Expiration": expiration} if expiration else {}
    return rule | {name: asked[name] for name in simple if name in asked}


def get_bucket_notification(response: Any) -> Any:
    """moto keeps a bucket's EventBridge setting, and then leaves it out of the answer."""
    kept = response.backend.get_bucket_notification_configuration(response.bucket_name)
    if kept is None or not kept.event_bridge or kept.topic or kept.queue or kept.cloud_function:
        return original_notification(response)
    response.data["Action"] = "GetBucketNotificationConfiguration"
    return response.serialized(ActionResult({"EventBridgeConfiguration": {}}))


class BucketPolicy(TemplateResource, CloudFormationModel):
    kind = "AWS::S3::BucketPolicy"
    fixed = ("Bucket",)
    known = ("Bucket", "PolicyDocument")

    def settle(self) -> None:
        document = as_json(self.properties["PolicyDocument"]).encode()
        self.anywhere(s3_backends).put_bucket_policy(self.properties["Bucket"], document)

    def remove(self) -> None:
        backend = self.anywhere(s3_backends)
        if self.properties["Bucket"] in backend.buckets:
            backend.delete_bucket_policy(self.properties["Bucket"])

    def reference(self) -> str:
        return str(self.properties["Bucket"])


class ImageRepository(TemplateResource, CloudFormationModel):
    """moto's own drops the lifecycle policy and the permissions, and stores the rest in words its API cannot read."""

    kind = "AWS::ECR::Repository"
    named_by = "RepositoryName"
    fixed = ("EncryptionConfiguration",)
    known = (
        "EmptyOnDelete",
        "EncryptionConfiguration",
        "ImageScanningConfiguration",
        "ImageTagMutability",
        "LifecyclePolicy",
        "RepositoryPolicyText",
        "Tags",
    )
    repository: Any

    def create(self) -> None:
        encryption = self.properties.get("EncryptionConfiguration", {"EncryptionType": "AES256"})
        asked = as_api(encryption, api_shape("ecr", "EncryptionConfiguration"))
        self.repository = self.here(ecr_backends).create_repository(self.name, None, asked, None, "MUTABLE", [])

    def settle(self) -> None:
        asked, repository, backend = self.properties, self.repository, self.here(ecr_backends)
        scanning = asked.get("ImageScanningConfiguration", {"ScanOnPush": False})
        shape = api_shape("ecr", "ImageScanningConfiguration")
        repository.image_scanning_configuration = as_api(scanning, shape)
        repository.image_tag_mutability = asked.get("ImageTagMutability", "MUTABLE")
        repository.lifecycle_policy = repository.policy = None
        if "LifecyclePolicy" in asked:
            backend.put_lifecycle_policy(None, self.name, asked["LifecyclePolicy"]["LifecyclePolicyText"])
        if "RepositoryPolicyText" in asked:
            backend.set_repository_policy(None, self.name, as_json(asked["RepositoryPolicyText"]))
        backend.tagger.delete_all_tags_for_resource(repository.arn)
        backend.tagger.tag_resource(repository.arn, asked.get("Tags", []))

    def remove(self) -> None:
        force = bool(self.properties.get("EmptyOnDelete", False))
        self.here(ecr_backends).delete_repository(self.name, force=force)

    def attributes(self) -> Mapping[str, Any]:
        return {"Arn": self.repository.arn, "RepositoryUri": self.repository.uri}


class Key(TemplateResource, CloudFormationModel):
    """moto's own never updates, and its API cannot give back the policy."""

    kind = "AWS::KMS::Key"
    fixed = ("KeySpec", "KeyUsage", "MultiRegion", "Origin")
    known = (
        *fixed,
        "Description",
        "EnableKeyRotation",
        "Enabled",
        "KeyPolicy",
        "PendingWindowInDays",
        "Tags",
    )
    key: Any

    def create(self) -> None:
        asked = self.properties
        usage, spec = asked.get("KeyUsage", "ENCRYPT_DECRYPT"), asked.get("KeySpec", "SYMMETRIC_DEFAULT")
        multi_region = bool(asked.get("MultiRegion", False))
        self.key = self.here(kms_backends).create_key(None, usage, spec, "", [], multi_region=multi_region)

    def settle(self) -> None:
        asked, backend = self.properties, self.here(kms_backends)
        if "KeyPolicy" in asked:
            self.key.policy = as_json(asked["KeyPolicy"])
        self.key.description = asked.get("Description", "")
        self.key.key_rotation_status = asked.get("EnableKeyRotation", False)
        self.key.enabled = asked.get("Enabled", True)
        backend.tagger.delete_all_tags_for_resource(self.key.id)
        tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in asked.get("Tags", [])]
        backend.tagger.tag_resource(self.key.id, tags)

    def remove(self) -> None:
        self.here(kms_backends).delete_key(self.key.id)

    def reference(self) -> str:
        return str(self.key.id)

    def attributes(self) -> Mapping[str, Any]:
        return {"Arn": self.key.arn, "KeyId": self.key.id}


class LogGroup(TemplateResource, CloudFormationModel):
    """moto's own never updates, and drops the key."""

    kind = "AWS::Logs::LogGroup"
    named_by = "LogGroupName"
    known = ("KmsKeyId", "LogGroupClass", "RetentionInDays", "Tags")

    def create(self) -> None:
        self.here(logs_backends).create_log_group(self.name, {})

    def settle(self) -> None:
        asked, backend = self.properties, self.here(logs_backends)
        group = backend.groups[self.name]
        group.set_retention_policy(int(asked["RetentionInDays"]) if "RetentionInDays" in asked else None)
        group.kms_key_id = asked.get("KmsKeyId")
        group.log_group_class = asked.get("LogGroupClass", "STANDARD")
        backend.tagger.delete_all_tags_for_resource(group.arn)
        backend.tag_resource(group.arn, tag_map(asked.get("Tags", [])))

    def remove(self) -> None:
        self.here(logs_backends).delete_log_group(self.name)

    def attributes(self) -> Mapping[str, Any]:
        return {"Arn": f"{self.here(logs_backends).groups[self.name].arn}:*"}


class EventRule(TemplateResource, CloudFormationModel):
    """moto's own makes a rule of another name on every update."""

    kind = "AWS::Events::Rule"
    named_by = "Name"
    fixed = ("EventBusName",)
    known = (
        "Description",
        "EventBusName",
        "EventPattern",
        "RoleArn",
        "ScheduleExpression",
        "State",
        "Tags",
        "Targets",
    )
    rule: Any

    def settle(self) -> None:
        asked, backend = self.properties, self.here(events_backends)
        self.rule = backend.put_rule(
            self.name,
            description=asked.get("Description"),
            event_bus_arn=asked.get("EventBusName"),
            event_pattern=as_json(asked["EventPattern"]) if "EventPattern" in asked else None,
            role_arn=asked.get("RoleArn"),
            scheduled_expression=asked.get("ScheduleExpression"),
            state=asked.get("State"),
        )
        backend.tagger.delete_all_tags_for_resource(self.rule.arn)
        backend.tagger.tag_resource(self.rule.arn, asked.get("Tags", []))
        targets = [as_api(target, api_shape("events", "Target")) for target in asked.get("Targets", [])]
        self.rule.targets = []
        backend.put_targets(self.name, asked.get("EventBusName"), targets)

    def remove(self) -> None:
        self.rule.delete(self.account_id, self.region_name)

    def attributes(self) -> Mapping[str, Any]:
        return {"Arn": self.rule.arn}


class ManagedPolicy(TemplateResource, CloudFormationModel):
    """moto's own never updates, and is never deleted."""

    kind = "AWS::IAM::ManagedPolicy"
    named_by = "ManagedPolicyName"
    fixed = ("Description", "Path")
    known = (*fixed, "PolicyDocument", "Roles")
    policy: Any
    attached: tuple[str, ...] = ()

    def create(self) -> None:
        asked = self.properties
        about = {"description": asked.get("Description"), "path": asked.get("Path", "/"), "tags": []}
        self.policy = self.anywhere(iam_backends).create_policy(
            policy_name=self.name, policy_document=as_json(asked["PolicyDocument"]), **about
        )

    def settle(self) -> None:
        backend = self.anywhere(iam_backends)
        self.policy.versions[0].document = as_json(self.properties["PolicyDocument"])
        self.detach(self.attached)
        self.attached = tuple(self.properties.get("Roles", ()))
        for name in self.attached:
            backend.attach_role_policy(self.policy.arn, name)

    def detach(self, names: Container[str]) -> None:
        for role in self.anywhere(iam_backends).roles.values():
            if role.name in names and self.policy.arn in role.managed_policies:
                self.policy.detach_from(role)

    def remove(self) -> None:
        self.detach([role.name for role in self.anywhere(iam_backends).roles.values()])
        self.anywhere(iam_backends).delete_policy(self.policy.arn)

    def reference(self) -> str:
        return str(self.policy.arn)

    def attributes(self) -> Mapping[str, Any]:
        return {"PolicyArn": self.policy.arn, "PolicyId": self.policy.id}


class Topic(TemplateResource, CloudFormationModel):
    """moto's own makes a topic of another name on every update, and that one has lost its policy."""

    kind = "AWS::SNS::Topic"
    named_by = "TopicName"
    known = ("DisplayName", "KmsMasterKeyId", "Subscription", "Tags")
    topic: Any

    def create(self) -> None:
        self.refuse_taken([topic.name for topic in self.here(sns_backends).topics.values()])
        self.topic = self.here(sns_backends).create_topic(self.name)

    def settle(self) -> None:
        self.topic.display_name = self.properties.get("DisplayName", "")
        self.topic.kms_master_key_id = self.properties.get("KmsMasterKeyId", "")
        self.topic._tags = tag_map(self.properties.get("Tags", []))
        for subscription in self.properties.get("Subscription", []):
            self.here(sns_backends).subscribe(self.topic.arn, subscription["Endpoint"], subscription["Protocol"])

    def remove(self) -> None:
        self.here(sns_backends).delete_topic(self.topic.arn)

    def reference(self) -> str:
        return str(self.topic.arn)

    def attributes(self) -> Mapping[str, Any]:
        return {"TopicArn": self.topic.arn, "TopicName": self.name}


class TopicPolicy(TemplateResource, CloudFormationModel):
    kind = "AWS::SNS::TopicPolicy"
    fixed = ("Topics",)
    known = ("PolicyDocument", "Topics")

    def settle(self) -> None:
        for arn in self.properties["Topics"]:
            self.here(sns_backends).topics[arn].policy = as_json(self.properties["PolicyDocument"])

    def remove(self) -> None:
        topics = self.here(sns_backends).topics
        for topic in (topics[arn] for arn in self.properties["Topics"] if arn in topics):
            place = self.region_name, self.account_id
            topic.policy = as_json(topic._create_default_topic_policy(*place, topic.name))


class StoredParameter(TemplateResource, CloudFormationModel):
    """moto's own needs a name in the template, and loses the versions on every update."""

    kind = "AWS::SSM::Parameter"
    named_by = "Name"
    known = ("AllowedPattern", "DataType", "Description", "Policies", "Tags", "Tier", "Type", "Value")

    def create(self) -> None:
        self.refuse_taken(self.here(ssm_backends)._parameters)

    def settle(self) -> None:
        asked, backend = self.properties, self.here(ssm_backends)
        backend.put_parameter(
            self.name,
            asked.get("Description", ""),
            asked["Value"],
            asked["Type"],
            asked.get("AllowedPattern"),
            None,
            overwrite=True,
            tags=[],
            data_type=asked.get("DataType", "text"),
            tier=asked.get("Tier"),
            policies=asked.get("Policies"),
        )
        backend.add_tags_to_resource("Parameter", self.name, asked.get("Tags", {}))

    def remove(self) -> None:
        self.here(ssm_backends).delete_parameter(self.name)

    def attributes(self) -> Mapping[str, Any]:
        return {"Type": self.properties["Type"], "Value": self.properties["Value"]}


class Alarm(TemplateResource, CloudFormationModel):
    kind = "AWS::CloudWatch::Alarm"
    named_by = "AlarmName"

    def settle(self) -> None:
        aside = ("AlarmName", "AlarmDescription", "Metrics")
        asked = as_structure(without(self.properties, *aside), api_shape("cloudwatch", "PutMetricAlarmInput"), "")
        if "Metrics" in self.properties:
            refuse("An alarm on several metrics is not supported here")
        needed = dict.fromkeys(("namespace", "metric_name", "period", "threshold", "statistic"))
        lists: Properties = {"dimensions": [], "alarm_actions": []}
        about = {"name": self.name, "description": self.properties.get("AlarmDescription", "")}
        self.here(cloudwatch_backends).put_metric_alarm(**needed | lists | about | underscored(asked))

    def remove(self) -> None:
        self.here(cloudwatch_backends).delete_alarms([self.name])

    def attributes(self) -> Mapping[str, Any]:
        return {"Arn": self.arn("cloudwatch", f"alarm:{self.name}")}


class Function(TemplateResource, CloudFormationModel):
    """moto's own drops tags, architectures, layers and logging."""

    kind = "AWS::Lambda::Function"
    named_by = "FunctionName"
    fixed = ("PackageType",)
    function: Any

    def asked(self) -> Properties:
        asked = deepcopy(self.properties) | {"FunctionName": self.name}
        asked["Tags"] = tag_map(asked.get("Tags", []))
        if "ZipFile" in asked["Code"]:
            # A template holds the source itself; the API wants it zipped.
            archive = LambdaFunction._create_zipfile_from_plaintext_code(asked["Code"]["ZipFile"])
            asked["Code"]["ZipFile"] = b64encode(archive).decode()
        return asked

    def create(self) -> None:
        as_structure(without(self.properties, "Code", "Tags"), api_shape("lambda", "CreateFunctionRequest"), "")
        self.function = lambda_backend(self.account_id, self.region_name).create_function(self.asked())

    def settle(self) -> None:
        asked = self.asked()
        self.function.tags = asked["Tags"]
        self.function.update_configuration(asked)
        self.function.update_function_code(asked["Code"])

    def remove(self) -> None:
        lambda_backend(self.account_id, self.region_name).delete_function(self.name)

    def attributes(self) -> Mapping[str, Any]:
        return {"Arn": self.arn("lambda", f"function:{self.name}")}


class Cluster(TemplateResource, CloudFormationModel):
    """moto's own drops everything but the name."""

    kind = "AWS::ECS::Cluster"
    named_by = "ClusterName"

    def create(self) -> None:
        self.here(ecs_backends).create_cluster(self.name)

    def settle(self) -> None:
        given = without(self.properties, "ClusterName", "ClusterSettings")
        given["Settings"] = self.properties.get("ClusterSettings", [])
        asked = as_structure(given, api_shape("ecs", "CreateClusterRequest"), "")
        vars(self.here(ecs_backends).clusters[self.name]).update({"tags": []} | underscored(asked))

    def remove(self) -> None:
        self.here(ecs_backends).clusters.pop(self.name, None)

    def attributes(self) -> Mapping[str, Any]:
        return {"Arn": self.arn("ecs", f"cluster/{self.name}")}


class TaskDefinition(TemplateResource, CloudFormationModel):
    """moto's own drops the roles, the CPU and the network mode."""

    kind = "AWS::ECS::TaskDefinition"
    named_by = "Family"
    fixed = EVERY_PROPERTY
    definition: Any

    def create(self) -> None:
        shape = api_shape("ecs", "RegisterTaskDefinitionRequest")
        asked = underscored(as_structure({"Family": self.name} | self.properties, shape, ""))
        fault_injection = asked.pop("enable_fault_injection", False)
        self.definition = self.here(ecs_backends).register_task_definition(**asked)
        self.definition.enable_fault_injection = fault_injection

    def remove(self) -> None:
        self.here(ecs_backends).deregister_task_definition(self.definition.arn)

    def reference(self) -> str:
        return str(self.definition.arn)

    def attributes(self) -> Mapping[str, Any]:
        return {"TaskDefinitionArn": self.definition.arn}


class Service(TemplateResource, CloudFormationModel):
    """moto's own knows the cluster, the task definition and the count alone."""

    kind = "AWS::ECS::Service"
    named_by = "ServiceName"
    fixed = ("Cluster", "Role", "SchedulingStrategy")
    service: Any

    def asked(self) -> Properties:
        given = without(self.properties, "ServiceName", "PlacementStrategies", "ForceNewDeployment")
        if "PlacementStrategies" in self.properties:
            given["PlacementStrategy"] = self.properties["PlacementStrategies"]
        return underscored(as_structure(given, api_shape("ecs", "CreateServiceRequest"), ""))

    def create(self) -> None:
        asked = self.asked()
        self.service = self.here(ecs_backends).create_service(
            asked.get("cluster", "default"),
            self.name,
            asked.get("desired_count", 1),
            asked.get("task_definition"),
            deployment_controller=asked.get("deployment_controller"),
            launch_type=asked.get("launch_type"),
        )

    def settle(self) -> None:
        # The attributes, because moto's update_service() and create_service() each know some of the fields only.
        asked = without(self.asked(), "cluster")
        asked["role_arn"] = asked.pop("role", None)
        vars(self.service).update({"tags": [], "desired_count": 1} | asked)
        for deployment in self.service.deployments:
            deployment["taskDefinition"] = self.service.task_definition
            deployment["desiredCount"] = self.service.desired_count

    def remove(self) -> None:
        self.here(ecs_backends).delete_service(self.service.cluster_name, self.name, force=True)

    def reference(self) -> str:
        return str(self.service.arn)

    def attributes(self) -> Mapping[str, Any]:
        return {"Name": self.name, "ServiceArn": self.service.arn}


class TargetGroup(TemplateResource, CloudFormationModel):
    """moto's own drops attributes and tags, and has no name to give to CodeDeploy."""

    kind = "AWS::ElasticLoadBalancingV2::TargetGroup"
    named_by = "Name"
    fixed = ("Port", "Protocol", "ProtocolVersion", "TargetType", "VpcId", "IpAddressType")
    group: Any

    def asked(self) -> Properties:
        given = without(self.properties, "Name", "TargetGroupAttributes", "Targets", "Tags")
        return underscored(as_structure(given, api_shape("elbv2", "CreateTargetGroupInput"), ""))

    def create(self) -> None:
        spelled = {name.replace("health_check", "healthcheck"): value for name, value in self.asked().items()}
        self.group = self.here(elbv2_backends).create_target_group(
            self.name, **dict.fromkeys(("vpc_id", "protocol", "port")) | spelled
        )

    def settle(self) -> None:
        backend = self.here(elbv2_backends)
        vars(self.group).update(self.asked())
        attributes = tag_map(self.properties.get("TargetGroupAttributes", []))
        backend.modify_target_group_attributes(self.group.arn, attributes)
        backend.tagging_service.delete_all_tags_for_resource(self.group.arn)
        backend.tagging_service.tag_resource(self.group.arn, self.properties.get("Tags", []))

    def remove(self) -> None:
        self.here(elbv2_backends).delete_target_group(self.group.arn)

    def reference(self) -> str:
        return str(self.group.arn)

    def attributes(self) -> Mapping[str, Any]:
        return {
            "LoadBalancerArns": self.group.load_balancer_arns,
            "TargetGroupArn": self.group.arn,
            "TargetGroupFullName": self.group.arn.split(":")[-1],
            "TargetGroupName": self.name,
        }


class LoadBalancer(TemplateResource, CloudFormationModel):
    """moto's own drops type, attributes and tags, and silently leaves out properties that ask for most attributes."""

    kind = "AWS::ElasticLoadBalancingV2::LoadBalancer"
    named_by = "Name"
    fixed = ("Scheme", "Type")
    known = (
        *fixed,
        "IpAddressType",
        "LoadBalancerAttributes",
        "SecurityGroups",
        "SubnetMappings",
        "Subnets",
        "Tags",
    )
    balancer: Any

    def create(self) -> None:
        asked = self.properties
        self.balancer = self.here(elbv2_backends).create_load_balancer(
            self.name,
            asked.get("SecurityGroups", []),
            asked.get("Subnets", []),
            subnet_mappings=asked.get("SubnetMappings"),
            scheme=asked.get("Scheme", "internet-facing"),
            loadbalancer_type=asked.get("Type"),
            ip_address_type=asked.get("IpAddressType", "ipv4"),
        )

    def settle(self) -> None:
        asked, backend = self.properties, self.here(elbv2_backends)
        self.balancer.security_groups = asked.get("SecurityGroups", [])
        backend.modify_load_balancer_attributes(self.balancer.arn, tag_map(asked.get("LoadBalancerAttributes", [])))
        backend.tagging_service.delete_all_tags_for_resource(self.balancer.arn)
        backend.tagging_service.tag_resource(self.balancer.arn, asked.get("Tags", []))

    def remove(self) -> None:
        self.here(elbv2_backends).delete_load_balancer(self.balancer.arn)

    def reference(self) -> str:
        return str(self.balancer.arn)

    def attributes(self) -> Mapping[str, Any]:
        return {
            "CanonicalHostedZoneID": self.balancer.canonical_hosted_zone_id,
            "DNSName": self.balancer.dns_name,
            "LoadBalancerArn": self.balancer.arn,
            "LoadBalancerFullName": self.balancer.arn.split(":loadbalancer/")[-1],
            "LoadBalancerName": self.name,
            "SecurityGroups": self.balancer.security_groups,
        }


class Listener(TemplateResource, CloudFormationModel):
    """moto's own does not know forwarding to several target groups."""

    kind = "AWS::ElasticLoadBalancingV2::Listener"
    fixed = ("LoadBalancerArn",)
    known = (*fixed, "AlpnPolicy", "Certificates", "DefaultActions", "Port", "Protocol", "SslPolicy")
    listener: Any

    def actions(self) -> list[Properties]:
        shape = api_shape("elbv2", "Action")
        return [as_api(action, shape) for action in self.properties["DefaultActions"]]

    def create(self) -> None:
        asked = self.properties
        certificates = [each["CertificateArn"] for each in asked.get("Certificates", [])]
        self.listener = self.here(elbv2_backends).create_listener(
            asked["LoadBalancerArn"],
            asked.get("Protocol"),
            asked.get("Port"),
            asked.get("SslPolicy"),
            certificates[0] if certificates else None,
            self.actions(),
            alpn_policy=asked.get("AlpnPolicy"),
        )

    def settle(self) -> None:
        asked = self.properties
        self.here(elbv2_backends).modify_listener(
            self.listener.arn,
            asked.get("Port"),
            asked.get("Protocol"),
            asked.get("SslPolicy"),
            asked.get("Certificates", []),
            self.actions(),
        )

    def remove(self) -> None:
        balancers = self.here(elbv2_backends).load_balancers
        if self.properties["LoadBalancerArn"] in balancers:
            self.here(elbv2_backends).delete_listener(self.listener.arn)

    def reference(self) -> str:
        return str(self.listener.arn)

    def attributes(self) -> Mapping[str, Any]:
        return {"ListenerArn": self.listener.arn}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A resource type whose service moto does not have: kept with its stack alone, for Ref, Fn::GetAtt and updates.

    `reference` and `attributes` are patterns over the properties and `name`, `region`, `account` and `identifier`.
    """

    kind: str
    reference: str
    named_by: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


CONNECTION = "arn:aws:{service}:{{region}}:{{account}}:connection/{{identifier}}"
REPORT_GROUP = "arn:aws:codebuild:{region}:{account}:report-group/{name}"
NOTIFICATION_RULE = "arn:aws:codestar-notifications:{region}:{account}:notificationrule/{identifier}"
SCALABLE_TARGET = "{ResourceId}|{ScalableDimension}|{ServiceNamespace}"
SCALING_POLICY = "arn:aws:autoscaling:{region}:{account}:scalingPolicy:{identifier}:policyName/{name}"

RECORDS = (
    *(
        Record(
            kind=f"AWS::{kind}::Connection",
            named_by="ConnectionName",
            reference=CONNECTION.format(service=service),
            attributes={"ConnectionArn": CONNECTION.format(service=service), "ConnectionStatus": "PENDING"},
        )
        for kind, service in (
            ("CodeConnections", "codeconnections"),
            ("CodeStarConnections", "codestar-connections"),
        )
    ),
    Record(
        kind="AWS::CodeBuild::ReportGroup",
        named_by="Name",
        reference=REPORT_GROUP,
        attributes={"Arn": REPORT_GROUP},
    ),
    Record(
        kind="AWS::CodeStarNotifications::NotificationRule",
        named_by="Name",
        reference=NOTIFICATION_RULE,
        attributes={"Arn": NOTIFICATION_RULE},
    ),
    Record(
        kind="AWS::ApplicationAutoScaling::ScalableTarget",
        reference=SCALABLE_TARGET,
        attributes={"Id": SCALABLE_TARGET},
    ),
    Record(
        kind="AWS::ApplicationAutoScaling::ScalingPolicy",
        named_by="PolicyName",
        reference=SCALING_POLICY,
        attributes={"Arn": SCALING_POLICY},
    ),
    Record(kind="AWS::ECS::ClusterCapacityProviderAssociations", reference="{Cluster}"),
)


class RecordedResource(TemplateResource):
    record: ClassVar[Record]

    def create(self) -> None:
        self.identifier = str(uuid4())

    def fill(self, pattern: str) -> str:
        place = {"name": self.name, "region": self.region_name, "account": self.account_id}
        return pattern.format(**self.properties | place, identifier=self.identifier)

    def reference(self) -> str:
        return self.fill(self.record.reference)

    def attributes(self) -> Mapping[str, Any]:
        return {name: self.fill(pattern) for name, pattern in self.record.attributes.items()}


# Held in a constant: __subclasses__() alone would not keep the classes alive.
RECORDED_RESOURCES = tuple(
    type(
        record.kind.replace("::", ""),
        (RecordedResource, CloudFormationModel),
        {"__module__": __name__, "kind": record.kind, "named_by": record.named_by, "record": record},
    )
    for record in RECORDS
)

# moto's own models that are good enough but for attributes AWS documents and they do not have.
MISSING_ATTRIBUTES: Mapping[type, Mapping[str, Callable[[Any], Any]]] = {
    FakeListenerRule: {"RuleArn": lambda rule: rule.arn, "IsDefault": lambda _: False},
    SecurityGroup: {"GroupId": lambda group: group.id, "VpcId": lambda group: group.vpc_id},
}


def teach_attributes(model: Any, attributes: Mapping[str, Callable[[Any], Any]]) -> None:
    def get_cfn_attribute(resource: Any, attribute_name: str) -> Any:
        if attribute_name not in attributes:
            raise UnformattedGetAttTemplateException
        return attributes[attribute_name](resource)

    replace(model, "get_cfn_attribute", get_cfn_attribute)
    replace(model, "has_cfn_attr", classmethod(lambda _, attr: attr in attributes))


def delete_listener_rule(rule: FakeListenerRule, account_id: str, region_name: str) -> None:
    elbv2_backends[account_id][region_name].delete_rule(rule.arn)


# ---- Templates --------------------------------------------------------------------------------------------------


class TemplateLoader(yaml.CLoader):
    """Templates as CloudFormation reads them; moto's reader makes dates of versions and loses !Condition and mappings.

    And it is libyaml's: a deployment parses a template half a dozen times, and the Python one takes seconds for 50 kB.
    """

    def get_single_data(self) -> Any:
        return with_split_attributes(super().get_single_data())


def short_tag(loader: Any, name: str, node: Any) -> Any:
    key = name if name in ("Ref", "Condition") else f"Fn::{name}"
    if isinstance(node, yaml.ScalarNode):
        return {key: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {key: loader.construct_sequence(node, deep=True)}
    return {key: loader.construct_mapping(node, deep=True)}


def plain_text(loader: Any, node: Any) -> Any:
    return loader.construct_scalar(node)


TemplateLoader.add_multi_constructor("!", short_tag)
TemplateLoader.add_constructor("tag:yaml.org,2002:timestamp", plain_text)


def with_split_attributes(value: Any) -> Any:
    """Write every `Fn::GetAtt: Resource.Attribute` as the pair moto expects, in place."""
    if isinstance(value, dict):
        if isinstance(value.get("Fn::GetAtt"), str):
            value["Fn::GetAtt"] = value["Fn::GetAtt"].split(".", 1)
        for item in value.values():
            with_split_attributes(item)
    if isinstance(value, list):
        for item in value:
            with_split_attributes(item)
    return value


SUBSTITUTION = re.compile(r"\$\{(!?)([^}]*)\}")


def resolve(value: Any, resources: Any) -> Any:
    """Evaluate what moto's clean_json gets wrong, and leave the rest to it; it calls this for every nested value."""
    if isinstance(value, list):
        # AWS::NoValue removes an item of a list too; moto leaves a null.
        return [item for item in (resolve(each, resources) for each in value) if item is not None]
    if isinstance(value, dict) and "Fn::Sub" in value:
        return substitute(value["Fn::Sub"], resources)
    if isinstance(value, dict) and "Fn::ImportValue" in value:
        vars(resources).setdefault("imports", set()).add(resolve(value["Fn::ImportValue"], resources))
    result = original_resolve(value, resources)
    if result is None and isinstance(value, dict) and "Fn::GetAtt" in value:
        refuse(f"Template error: no value for Fn::GetAtt {value['Fn::GetAtt']}")
    return result


def substitute(template: Any, resources: Any) -> str:
    """Fn::Sub in one pass: moto's several passes eat `$$`, replace a plain `$NAME` and read their own results."""
    text, names = template if isinstance(template, list) else (template, {})

    def value(match: re.Match[str]) -> str:
        literal, name = match[1], match[2].strip()
        if literal:
            return f"${{{name}}}"
        if name in names:
            return as_text(resolve(names[name], resources))
        expression = {"Fn::GetAtt": name.split(".", 1)} if "." in name else {"Ref": name}
        return as_text(resolve(expression, resources))

    return SUBSTITUTION.sub(value, text)


def as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def name_property(kind: str) -> str | None:
    """The property with the name of a resource of this kind, of the model that counts; moto asks the first it finds."""
    model = parsing.get_model_map().get(kind)
    return model.cloudformation_name_type() if model else None


def physical_name(kind: str, stack: str, logical_id: str) -> str:
    """A generated name as AWS shortens it, and in lower case where capitals are illegal."""
    name = original_physical_name(kind, stack, logical_id)
    prefix, suffix = name.rsplit("-", 1)
    name = f"{prefix[: 63 - len(suffix)]}-{suffix}"
    return name.lower() if kind == "AWS::ECR::Repository" else name


# ---- Stacks -----------------------------------------------------------------------------------------------------


def realise(logical_id: str, declared: Properties, resources: Any, account_id: str, region_name: str) -> Any:
    """Create a resource, or bring the one of the stack's last version up to date if its properties now differ."""
    condition = declared.get("Condition")
    if condition and not resources.lazy_condition_map[condition]:
        return None
    if declared["Type"] in parsing.NULL_MODELS:
        return None
    model, resolved, name = parsing.parse_resource_and_generate_name(logical_id, deepcopy(declared), resources)
    # A copy: models change what they are given.
    asked = {"Type": resolved["Type"], "Properties": deepcopy(resolved["Properties"])}
    previous = vars(resources).get("previous", {}).get(logical_id)
    if previous is not None and previous.made_of == asked:
        return previous
    if previous is not None and previous.made_of["Type"] != asked["Type"]:
        refuse(f"Update of resource type is not permitted: {logical_id}")
    if previous is None:
        about = {"LogicalId": logical_id, "StackId": resources.stack_id, "ResourceType": asked["Type"]}
        resource = model.create_from_cloudformation_json(name, resolved, account_id, region_name, **about)
    else:
        if model.cloudformation_name_type() not in resolved["Properties"]:
            name = previous.given_name  # moto gives an updated resource another generated name
        resource = change(model, previous, name, resolved, resources)
    resource.cf_resource_type, resource.logical_resource_id = asked["Type"], logical_id
    resource.made_of, resource.given_name = asked, getattr(resource, "name", name)
    return resource


def realise_or_name(logical_id: str, *arguments: Any, **place: Any) -> Any:
    """Name the resource in an error; the first note is the innermost, because references are followed on the way."""
    try:
        return realise(logical_id, *arguments, **place)
    except Exception as error:
        error.add_note(logical_id)
        raise


def change(model: Any, previous: Any, name: str, resolved: Properties, resources: Any) -> Any:
    place = resources._account_id, resources._region_name
    if hasattr(model.update_from_cloudformation_json, "__isabstractmethod__"):
        # moto loses a resource whose model has no update; AWS would replace it.
        resources._delete_resource(previous, previous.made_of)
        return model.create_from_cloudformation_json(name, resolved, *place)
    return model.update_from_cloudformation_json(previous, name, resolved, *place)


def update_resources(resources: Any, template: Properties, parameters: Mapping[str, Any] | None = None) -> None:
    """Take a stack's resources to a new template: create and update in order of reference, then delete what is gone.

    moto compares unresolved texts instead, and so misses a change that comes through Fn::Sub, a condition, a mapping
    or another resource.
    """
    parsed, declared = resources._parsed_resources, resources._resource_json_map
    resources.previous = {name: each for name, each in parsed.items() if name in declared and each is not None}
    kept = {name for name, each in declared.items() if keeps(each)}
    resources._parsed_resources = {name: value for name, value in parsed.items() if name.startswith("AWS::")}
    resources._template, resources._resource_json_map = template, template["Resources"]
    resources.input_parameters, resources.resolved_parameters = dict(parameters or {}), {}
    resources.imports = set()
    try:
        resources.load()
        for logical_id in resources._ResourceMap__get_resources_in_dependency_order():
            resources[logical_id]
        for name, resource in reversed(resources.previous.items()):
            if name not in resources._parsed_resources and name not in kept:
                resources._delete_resource(resource, resource.made_of)
    except Exception:
        resources._parsed_resources = resources.previous | resources._parsed_resources
        raise
    finally:
        resources.previous = {}


def keeps(declared: Properties) -> bool:
    return declared.get("DeletionPolicy") in ("Retain", "RetainExceptOnCreate")


def delete_resources(resources: Any) -> None:
    """Delete a stack's resources, the last made first; moto tries any order, and a service without a cluster stays."""
    for name, resource in reversed(list(resources._parsed_resources.items())):
        declared = resources._resource_json_map.get(name)
        if declared is not None and resource is not None and not keeps(declared):
            resources._delete_resource(resource, declared)
            del resources._parsed_resources[name]


def delete_resource(resources: Any, resource: Any, declared: Properties) -> None:
    """Hand a model the properties it was made of; moto hands it the template's text with its references."""
    original_delete_resource(resources, resource, getattr(resource, "made_of", declared))


def stated_parameters(template: Properties, given: Mapping[str, Any]) -> dict[str, str]:
    """Every parameter's text: given, else the default; not split, converted or looked up."""
    declared = (template.get("Parameters") or {}).items()
    texts = {name: given.get(name, parameter.get("Default")) for name, parameter in declared}
    return {name: as_text(text) for name, text in texts.items() if text is not None}


def stack_parameters(stack: Any) -> dict[str, str]:
    """What UsePreviousValue means; moto gives the looked-up value of an SSM parameter, and a list for a list."""
    return stated_parameters(stack.template_dict, stack.parameters)


def parameter_list(stack: Any) -> list[dict[str, str]]:
    declared = stack.template_dict.get("Parameters") or {}
    shown = {name: "****" if declared[name].get("NoEcho") else text for name, text in stack_parameters(stack).items()}
    return [{"ParameterKey": name, "ParameterValue": text} for name, text in shown.items()]


def has_parameters(stack: Any, given: Mapping[str, Any]) -> bool:
    """Are these the parameters the stack has? moto compares what was typed, so that a default counts as a change."""
    texts = stated_parameters(stack.template_dict, given)
    if texts != stack_parameters(stack):
        return False
    resources = stack.resource_map
    kinds = {name: stack.template_dict["Parameters"][name]["Type"] for name in texts}
    looked_up = [name for name, kind in kinds.items() if kind.startswith("AWS::SSM::Parameter::")]
    # A value that changed in Parameter Store is a change of the stack.
    return all(
        resources.parse_ssm_parameter(texts[name], kinds[name]) == resources.resolved_parameters[name]
        for name in looked_up
    )


def create_change_set(response: Any) -> Any:
    """Refuse at once what CloudFormation refuses at once and moto does not."""
    url = response._get_param("TemplateURL")
    body = response._get_stack_from_s3_url(url) if url else response._get_param("TemplateBody")
    template = models.Stack.parse_template(body)
    kinds = {declared["Type"] for declared in template["Resources"].values()}
    unknown = [kind for kind in sorted(kinds) if not is_known(kind)]
    if unknown:
        refuse(f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]")
    given = {each["ParameterKey"] for each in response._get_param("Parameters", [])}
    parameters = (template.get("Parameters") or {}).items()
    missing = [name for name, each in parameters if "Default" not in each and name not in given]
    if missing:
        refuse(f"Parameters: [{', '.join(missing)}] must have values")
    require_capabilities(template, response._get_param("Capabilities", []))
    if response._get_param("ChangeSetType") == "UPDATE":
        response._validate_status(response.cloudformation_backend.get_stack(response._get_param("StackName")))
    return original_create_change_set(response)


def is_known(kind: str) -> bool:
    return kind in parsing.get_model_map() or kind in parsing.NULL_MODELS or kind.startswith("Custom::")


def require_capabilities(template: Properties, capabilities: Container[str]) -> None:
    """IAM resources need an acknowledgement, those with a name of the template's choice a stronger one."""
    iam = [each for each in template["Resources"].values() if each["Type"].startswith("AWS::IAM::")]
    named = any(NAMED_IAM_PROPERTIES.get(each["Type"]) in each.get("Properties", {}) for each in iam)
    enough = "CAPABILITY_NAMED_IAM" in capabilities or ("CAPABILITY_IAM" in capabilities and not named)
    if iam and not enough:
        needed = "CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM"
        raise CloudFormationError("InsufficientCapabilitiesException", f"Requires capabilities : [{needed}]")


def validate_different_update(response: Any, *arguments: Any) -> None:
    """An empty change set fails by its status; moto refuses to make it, as UpdateStack alone should."""
    if response._get_action() != "CreateChangeSet":
        original_validate_different_update(response, *arguments)


def get_stack_from_s3_url(response: Any, template_url: str) -> str:
    """Read a path-style URL, which is what the CLI sends; moto takes a server on an IP address for a bucket's host."""
    bucket, key = urlparse(template_url).path.lstrip("/").split("/", 1)
    found = s3_backends[response.current_account][response.partition].get_object(bucket, key)
    if found is None:
        refuse(f"S3 error: {template_url} does not exist")
    return str(found.value.decode())


def add_change_set(backend: Any, *arguments: Any, **keywords: Any) -> tuple[str, str]:
    """Let a stack that a change set creates import too; moto gives it no exports to find."""
    change_set_id, stack_id = original_add_change_set(backend, *arguments, **keywords)
    backend.stacks[stack_id].resource_map.cross_stack_resources = backend.exports
    return change_set_id, stack_id


def execute_change_set(backend: Any, change_set_name: str, stack_name: str | None = None) -> None:
    """Carry a change set out, so that the stack has its new template, parameters, outputs and exports afterwards.

    moto leaves those of the stack's first version, and answers a failure with a broken call and half a stack.
    """
    change_set = backend.describe_change_set(change_set_name)
    stack = backend.stacks[change_set.stack_id]
    kind = change_set.change_set_type
    stack._add_stack_event(f"{kind}_IN_PROGRESS", resource_status_reason="User Initiated")
    try:
        change_set.apply()
        adopt(backend, stack, change_set)
        stack.status = f"{kind}_COMPLETE"
    except Exception as error:
        logger.exception("Stack %s", stack.name)
        stack._add_stack_event(f"{kind}_FAILED", resource_status_reason=reason_of(error))
        stack.status = roll_back(stack, change_set)
    stack._add_stack_event(stack.status)
    change_set.execution_status = "EXECUTE_COMPLETE"


def reason_of(error: Exception) -> str:
    """The resource where it is known, the kind of error, and what it says."""
    resource = getattr(error, "__notes__", ())[:1]
    return ": ".join((*resource, type(error).__name__, str(getattr(error, "message", error))))


def adopt(backend: Any, stack: Any, change_set: Any) -> None:
    stack.template, stack.template_dict = change_set.template, change_set.template_dict
    stack.parameters = change_set.parameters
    stack.description = stack.template_dict.get("Description")
    stack.tags = change_set.tags or stack.tags
    conditions = stack.resource_map.lazy_condition_map
    outputs = (stack.template_dict.get("Outputs") or {}).items()
    present = {name: output for name, output in outputs if conditions.get(output.get("Condition"), True)}
    stack.output_map = parsing.OutputMap(stack.resource_map, {"Outputs": present}, stack.stack_id)
    publish(backend, stack, {export.name: export for export in stack.exports})


def publish(backend: Any, stack: Any, exports: Mapping[str, Any]) -> None:
    """Let a stack export these and nothing else, where neither another stack's name nor an importer is in the way."""
    others = {name: each for name, each in backend.exports.items() if each.exporting_stack_id != stack.stack_id}
    taken = sorted(others.keys() & exports.keys())
    if taken:
        refuse(f"Export with name {taken[0]} is already exported by stack {others[taken[0]].exporting_stack_id}")
    own = {name: each.value for name, each in backend.exports.items() if name not in others}
    changed = {name for name, value in own.items() if name not in exports or exports[name].value != value}
    for user in backend.stacks.values():
        used = sorted(changed & vars(user.resource_map).get("imports", set()))
        if used:
            refuse(f"Export {used[0]} cannot be deleted or updated as it is in use by {user.name}")
    backend.exports.clear()
    backend.exports.update(others | dict(exports))


def delete_stack(backend: Any, name_or_stack_id: str) -> None:
    """Delete a stack, or leave it as DELETE_FAILED with the reason; moto forgets the stack and keeps its resources."""
    for stack in list(backend.stacks.values()):
        if name_or_stack_id not in (stack.name, stack.stack_id):
            continue
        stack._add_stack_event("DELETE_IN_PROGRESS", resource_status_reason="User Initiated")
        try:
            publish(backend, stack, {})
            stack.resource_map.delete()
        except Exception as error:
            logger.exception("Deleting stack %s", stack.name)
            stack.status = "DELETE_FAILED"
            stack._add_stack_event(stack.status, resource_status_reason=reason_of(error))
        else:
            stack.status = "DELETE_COMPLETE"
            stack._add_stack_event(stack.status)
            backend.deleted_stacks[stack.stack_id] = backend.stacks.pop(stack.stack_id)


def roll_back(stack: Any, change_set: Any) -> str:
    """A new stack goes without a trace. An updated one stays as far as it came, and its status says so."""
    if change_set.change_set_type != "CREATE":
        return "UPDATE_ROLLBACK_FAILED"
    stack.template, stack.template_dict = change_set.template, change_set.template_dict
    try:
        stack.resource_map.delete()
    except Exception:
        logger.exception("Rolling back stack %s", stack.name)
        return "ROLLBACK_FAILED"
    return "ROLLBACK_COMPLETE"


def deployment_group_info(group: Any) -> Properties:
    """moto keeps the alarms of a deployment group, and leaves them out of the answer."""
    told: Properties = original_deployment_group_info(group)
    return told | {"alarmConfiguration": group.alarm_configuration or {}}


def replace(owner: Any, name: str, value: Any) -> Any:
    """Put `value` in the place of one of moto's functions, and give that one back."""
    original = getattr(owner, name, None)
    setattr(owner, name, value)
    return original


original_resolve = replace(parsing, "clean_json", resolve)
original_physical_name = replace(parsing, "generate_resource_name", physical_name)
original_delete_resource = replace(parsing.ResourceMap, "_delete_resource", delete_resource)
original_create_change_set = replace(CloudFormationResponse, "create_change_set", create_change_set)
original_validate_different_update = replace(
    CloudFormationResponse, "_validate_different_update", validate_different_update
)
original_add_change_set = replace(models.CloudFormationBackend, "create_change_set", add_change_set)
original_notification = replace(S3Response, "get_bucket_notification", get_bucket_notification)
original_deployment_group_info = replace(codedeploy_responses, "_deployment_group_info", deployment_group_info)
replace(codedeploy_responses.CodeDeployResponse, "get_deployment_config", get_deployment_config)
replace(parsing, "resource_name_property_from_type", name_property)
replace(parsing, "parse_and_create_resource", realise_or_name)
replace(parsing.ResourceMap, "update", update_resources)
replace(parsing.ResourceMap, "delete", delete_resources)
replace(models.CloudFormationBackend, "delete_stack", delete_stack)
replace(models.Stack, "stack_parameters", property(stack_parameters))
replace(models.Stack, "parameter_list", property(parameter_list))
replace(models.Stack, "has_parameters", has_parameters)
replace(models.CloudFormationBackend, "execute_change_set", execute_change_set)
replace(CloudFormationResponse, "_get_stack_from_s3_url", get_stack_from_s3_url)
replace(yaml, "Loader", TemplateLoader)
replace(FakeListenerRule, "delete", delete_listener_rule)
for model, attributes in MISSING_ATTRIBUTES.items():
    teach_attributes(model, attributes)
for known_models in (parsing.get_model_list, parsing.get_model_map, parsing.get_name_type_map):
    known_models.cache_clear()  # moto reads the list of models once
