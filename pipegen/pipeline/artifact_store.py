"""Artifact stores: a bucket that the stack creates, or an existing one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY
from typing import Annotated, ClassVar

from pipegen.errors import Problem
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Between
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.references.arn_parts import REGION_ONLY
from pipegen.references.kinds import BUCKET, KEY
from pipegen.references.mark import Refers
from pipegen.values.number import IntegerValue
from pipegen.values.value import Value

KEPT_DAYS = 90
"""The default expiration of artifacts. An approval may take 60 days, and a stage can be rolled back to an earlier run.
https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html,
https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback.html"""


@frozen
class ArtifactStore(Model):
    """The artifact bucket and its encryption. In a definition with a foundation, `bucket` replaces the foundation's.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/S3-artifact-encryption.html"""

    aws_type: ClassVar[str] = "AWS::CodePipeline::Pipeline"

    bucket: Annotated[Value, Refers(BUCKET), Property("ArtifactStore.Location")] | None = None
    """The name of an existing bucket in the pipeline's region. Default: one that the stack creates: private, versioned,
    only accessible by TLS, and retained when the stack is deleted."""
    _: KW_ONLY
    create_key: bool = False
    """Whether the stack creates a KMS key for the artifacts, rotated yearly. Default: the key that S3 manages, or the
    foundation's."""
    key_arn: Annotated[Value, Refers(KEY, near=REGION_ONLY), Property("EncryptionKey.Id")] | None = None
    """The ARN of an existing KMS key for the artifacts, not its id or an alias. With a foundation and no `bucket`, it
    encrypts the pipeline's artifacts in the foundation's bucket."""
    expire_days: Annotated[IntegerValue, Between(1), Property("AWS::S3::Bucket.Rule.ExpirationInDays")] = KEPT_DAYS
    """Days after which the created bucket deletes artifacts. A run needs its artifacts until its last approval, and as
    long as a stage can be rolled back to it."""

    def problems(self) -> Iterator[Problem]:
        if self.create_key and self.key_arn is not None:
            yield Problem("store-key", ("key_arn",), "key_arn and create_key cannot both be set", "remove one of them")
