"""S3 sources, with change detection through EventBridge.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Annotated, ClassVar, Literal, get_args

from pipegen.errors import Problem, quoted
from pipegen.fields.aws import ConfigurationKey
from pipegen.fields.constraints import Matches
from pipegen.fields.gaps import is_known
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant, objects_of
from pipegen.pipeline.action import Action, ActionType, variable_of
from pipegen.pipeline.artifact import Artifact, Output, SourceTree, Tree
from pipegen.pipeline.binding import Bound, Context, EventTrigger
from pipegen.references.kinds import BUCKET, KEY
from pipegen.references.mark import Refers
from pipegen.values.value import PARTITION, Value, concat

_KEY = Matches(
    r"(?!/|s3://|arn:)[^\n*]*[^\n*/]",
    "the key of one object, such as releases/app.zip, without the bucket, wildcards, or / at the start or end",
)

_ZIPPED = (".zip", ".jar", ".war", ".ear")

_TYPE = ActionType(category="Source", provider="S3", outputs=(1, 1))


S3Variable = Literal["BucketName", "ETag", "ObjectKey", "VersionId"]


@frozen(kw_only=True)
class S3(Action):
    """A ZIP file in an S3 bucket.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html"""

    kind: Literal["s3"] = "s3"
    bucket: Annotated[Value, Refers(BUCKET), ConfigurationKey("S3Bucket")]
    """The name of the bucket. It must have versioning enabled, and for `detect_changes` notifications to EventBridge:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-event-notifications-eventbridge.html"""
    key: Annotated[Value, _KEY, ConfigurationKey("S3ObjectKey")]
    """The key of the ZIP file."""
    detect_changes: bool = True
    """Whether the pipeline starts when the file is written, through an EventBridge rule. Default: true."""
    allow_key_override: Annotated[bool, ConfigurationKey("AllowOverrideForS3ObjectKey")] = False
    """Whether a start of the pipeline may use another key. Default: false."""
    encryption_key: Annotated[Value, Refers(KEY)] | None = None
    """The ARN of the KMS key that encrypts the object, if it is a customer managed one. If it belongs to another
    account, its policy must allow the pipeline's role to decrypt:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html"""

    variables: ClassVar[tuple[str, ...]] = get_args(S3Variable)

    @property
    def action_type(self) -> ActionType:
        return _TYPE

    def variable(self, name: S3Variable) -> str:
        return variable_of(self, name)

    @property
    def output(self) -> Artifact[Tree]:
        return self.reference()

    def makes(self) -> Sequence[Output]:
        return (Output(name="source", contents=SourceTree()),)

    def plain_variables(self) -> AbstractSet[str]:
        # ETags contain quotes.
        return {"BucketName", "VersionId"} if self.allow_key_override else {"BucketName", "ObjectKey", "VersionId"}

    def problems(self) -> Iterator[Problem]:
        # https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html
        if is_known(self.key) and _KEY.matches(self.key) and not self.key.lower().endswith(_ZIPPED):
            text = f"key should be a ZIP file, got {quoted(self.key)}"
            yield Problem("source-key", ("key",), text, "upload the files as one .zip file", severity="warning")

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
                Grant(actions=look, resources=(bucket,), because="checks that the bucket is versioned"),
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
