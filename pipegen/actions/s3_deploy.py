"""Deployments of files to S3 buckets.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3Deploy.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pipegen.errors import Problem
from pipegen.fields.aws import ConfigurationKey
from pipegen.fields.constraints import Matches
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.pipeline.action import INPUT_ARTIFACTS, Action, ActionType
from pipegen.pipeline.artifact import Contents, Reference
from pipegen.pipeline.binding import Bound, Context
from pipegen.pipeline.requirement import AnyArtifact, AnyTree, Input
from pipegen.references.arn_parts import BOTH
from pipegen.references.kinds import BUCKET, KEY
from pipegen.references.mark import Refers
from pipegen.values.value import PARTITION, Value, concat

_KEY = Matches(
    r"(?!/|s3://|arn:)[^\n*]+",
    "a key in the bucket, such as site/index.html, without the bucket, wildcards, or / at the start",
)

_TYPE = ActionType(category="Deploy", provider="S3", inputs=(1, 1))

CannedAcl = Literal[
    "authenticated-read",
    "aws-exec-read",
    "bucket-owner-full-control",
    "bucket-owner-read",
    "private",
    "public-read",
    "public-read-write",
]
"""https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html (x-amz-acl)"""


@frozen(kw_only=True)
class S3Deploy(Action):
    """A deployment of the files of an artifact to an S3 bucket, for at most 90 minutes. Objects that the artifact does
    not contain are kept.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3Deploy.html"""

    kind: Literal["s3-deploy"] = "s3-deploy"
    bucket: Annotated[Value, Refers(BUCKET), ConfigurationKey("BucketName")]
    """The name of the bucket, in the account of the action."""
    input: Annotated[Reference[Contents], INPUT_ARTIFACTS] | None = None
    """The artifact with the files. Default: the only source tree."""
    extract: Annotated[bool, ConfigurationKey("Extract")] = True
    """Whether the files are extracted. Otherwise the ZIP file is one object. Default: true."""
    key: Annotated[Value, _KEY, ConfigurationKey("ObjectKey")] | None = None
    """The key of the ZIP file, or the start of the keys of extracted files, which may use `#{namespace.variable}`.
    Required if `extract` is false. Default: the files are at the root of the bucket."""
    cache_control: Annotated[Value, ConfigurationKey("CacheControl")] | None = None
    """The `Cache-Control` header of the objects, such as `public, max-age=300`."""
    canned_acl: Annotated[CannedAcl, ConfigurationKey("CannedACL")] | None = None
    """The canned ACL of the objects. The bucket must have ACLs enabled. Default: none.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl"""
    encryption_key: Annotated[Value, Refers(KEY, near=BOTH), ConfigurationKey("KMSEncryptionKeyARN")] | None = None
    """The ARN of the customer managed KMS key that encrypts the objects. Default: the encryption of the bucket."""

    @property
    def action_type(self) -> ActionType:
        return _TYPE

    def reads(self) -> Sequence[Input]:
        requires = AnyTree() if self.input is None else AnyArtifact()
        return (Input(path=("input",), requires=requires, artifact=self.input),)

    def problems(self) -> Iterator[Problem]:
        if not self.extract and self.key is None:
            text = "key is missing; with extract: false the ZIP file is one object"
            yield Problem("deploy-key", ("extract",), text, "add key, such as releases/site.zip")

    def bind(self, context: Context) -> Bound:
        settings: dict[str, Value | bool | None] = {
            "BucketName": self.bucket,
            "Extract": self.extract,
            "ObjectKey": self.key,
            "CacheControl": self.cache_control,
            "CannedACL": self.canned_acl,
            "KMSEncryptionKeyARN": self.encryption_key,
        }
        return Bound(
            configuration={key: value for key, value in settings.items() if value is not None},
            grants=[*self._grants()],
        )

    def _grants(self) -> Iterator[Grant]:
        """https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3Deploy.html#edit-role-s3deploy"""
        bucket = concat("arn:", PARTITION, ":s3:::", self.bucket)
        objects = (self._objects(bucket),)
        look = ("s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning")
        yield Grant(actions=look, resources=(bucket,), because="looks up the bucket")
        put = ("s3:GetObjectTagging", "s3:GetObjectVersionTagging", "s3:PutObject", "s3:PutObjectTagging")
        yield Grant(actions=put, resources=objects, because="writes the objects, which may have tags")
        if self.canned_acl is not None:
            actions = ("s3:PutObjectAcl", "s3:PutObjectVersionAcl")
            yield Grant(actions=actions, resources=objects, because="sets the ACL of the objects")
        if self.encryption_key is not None:
            # https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html (multipart uploads decrypt)
            actions = ("kms:Decrypt", "kms:GenerateDataKey")
            yield Grant(actions=actions, resources=(self.encryption_key,), because="encrypts the objects")

    def _objects(self, bucket: Value) -> Value:
        if self.key is None:
            return concat(bucket, "/*")
        return concat(bucket, "/", self.key, "*") if self.extract else concat(bucket, "/", self.key)
