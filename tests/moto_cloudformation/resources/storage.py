"""S3 buckets, ECR repositories and KMS keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from moto.core.common_models import CloudFormationModel
from moto.core.responses import ActionResult
from moto.ecr.models import ecr_backends
from moto.kms.models import kms_backends
from moto.s3.cloud_formation import cfn_to_api_encryption
from moto.s3.models import s3_backends
from moto.s3.responses import S3Response

from tests.moto_cloudformation.conversion import (
    Properties,
    api_shape,
    as_api,
    as_json,
    refuse,
    replace,
    tag_map,
)
from tests.moto_cloudformation.resource import TemplateResource


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
        "ImageTagMutabilityExclusionFilters",
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
        filters = asked.get("ImageTagMutabilityExclusionFilters", [])
        if bool(filters) != repository.image_tag_mutability.endswith("_WITH_EXCLUSION"):
            refuse("filters of tags belong to a mutability WITH_EXCLUSION, and that wants filters")
        repository.image_tag_mutability_exclusion_filters = [
            {
                "filterType": each["ImageTagMutabilityExclusionFilterType"],
                "filter": each["ImageTagMutabilityExclusionFilterValue"],
            }
            for each in filters
        ]
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


original_notification = replace(S3Response, "get_bucket_notification", get_bucket_notification)
