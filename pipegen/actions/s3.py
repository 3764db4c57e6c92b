"""A zip in an S3 bucket, watched through EventBridge.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar, Literal

from pipegen import names
from pipegen.action import Action, ActionType, Bound, Context, EventTrigger
from pipegen.artifact import Artifact, Output, SourceTree, Tree
from pipegen.errors import Problem
from pipegen.fields.gaps import is_known
from pipegen.grant import Grant, objects_of
from pipegen.shape import contradicts, shown
from pipegen.store import key_problems
from pipegen.values import PARTITION, Value, concat


@dataclass(frozen=True, slots=True, kw_only=True)
class S3(Action):
    """A zip file in a bucket.

    The bucket must have versioning on, and "Send notifications to Amazon EventBridge" enabled: the pipeline starts by
    EventBridge's `Object Created`, not by polling and not through CloudTrail.

    bucket, key: where the zip is. detect_changes: start the pipeline when it is written.
    allow_key_override: let a start of the pipeline name another key.
    encryption_key: the ARN of the KMS key that encrypts the object, if it is a customer-managed one; the key's policy
        must let the pipeline's role decrypt with it too where the key belongs to another account.
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
    """

    kind: Literal["s3"] = "s3"
    bucket: Value
    key: Value
    detect_changes: bool = True
    allow_key_override: bool = False
    encryption_key: Value | None = None

    variables: ClassVar[tuple[str, ...]] = ("BucketName", "ETag", "ObjectKey", "VersionId")

    @property
    def action_type(self) -> ActionType:
        return ActionType(category="Source", provider="S3", outputs=(1, 1))

    @property
    def output(self) -> Artifact[Tree]:
        return self.reference()

    def makes(self) -> Sequence[Output]:
        return (Output(name="source", holds=SourceTree()),)

    def plain_variables(self) -> AbstractSet[str]:
        # An ETag is a text in quotes.
        return {"BucketName", "VersionId"} if self.allow_key_override else {"BucketName", "ObjectKey", "VersionId"}

    def problems(self) -> Iterator[Problem]:
        if contradicts(self.bucket, names.BUCKET.matches):
            text = f"{shown(self.bucket)} is no bucket name"
            yield Problem("bucket-name", ("bucket",), text, names.BUCKET.words)
        if is_known(self.key) and (not self.key or self.key.startswith("/")):
            yield Problem("source-key", ("key",), f"{self.key!r} is no object key", "such as releases/app.zip")
        yield from key_problems(self.encryption_key, "source-key", ("encryption_key",))

    def bind(self, context: Context) -> Bound:
        bucket = concat("arn:", PARTITION, ":s3:::", self.bucket)
        objects = concat(bucket, "/", self.key) if not self.allow_key_override else objects_of(bucket)
        read = ("s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionTagging")
        look = ("s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:ListBucket")
        return Bound(
            configuration={
                "S3Bucket": self.bucket,
                "S3ObjectKey": self.key,
                "PollForSourceChanges": False,
                "AllowOverrideForS3ObjectKey": self.allow_key_override,
            },
            grants=(
                Grant(actions=read, resources=(objects,), because="fetches the object"),
                Grant(actions=look, resources=(bucket,), because="makes sure that the bucket keeps versions"),
                *self._key_grants(),
            ),
            trigger=self._trigger() if self.detect_changes else None,
        )

    def _key_grants(self) -> Iterator[Grant]:
        if self.encryption_key is not None:
            yield Grant(actions=("kms:Decrypt",), resources=(self.encryption_key,), because="decrypts the object")

    def _trigger(self) -> EventTrigger:
        """https://docs.aws.amazon.com/codepipeline/latest/userguide/create-S3-source-events.html"""
        detail = {"bucket": {"name": [self.bucket]}, "object": {"key": [self.key]}}
        pattern = {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail}
        return EventTrigger(
            pattern=pattern,
            description="a new version of the object",
            revision_type="S3_OBJECT_VERSION_ID",
            revision_path="$.detail.object.version-id",
        )
