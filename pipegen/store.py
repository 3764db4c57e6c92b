"""Where a pipeline keeps its artifacts: a bucket of its own, or one that exists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipegen import names
from pipegen.arns import KEY
from pipegen.errors import Path, Problem
from pipegen.model import Model
from pipegen.shape import contradicts, shapes, shown
from pipegen.values import Value

KEPT_DAYS = 90
"""How long artifacts are kept by default: an approval may take 60 days, and a stage is rolled back to an earlier run.
https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html,
https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback.html"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactStore(Model):
    """The artifact bucket and its encryption.

    bucket: the name of an existing bucket, in the pipeline's own region; without it the stack creates one: private,
        versioned, TLS only, kept when the stack is deleted.
    create_key: encrypt with a KMS key that the stack creates, rotated yearly (default: the key that S3 manages).
    key_arn: encrypt with this existing KMS key; an ARN, not an id or alias.
    expire_days: objects of the created bucket are deleted after so many days, 1 or more; 90 by default. A run needs
        its artifacts until its last approval is given, and for as long as a stage may be rolled back to it.

    Where the definition has a foundation, a bucket that is named here is used in place of the foundation's, with the
    key that is said here, if any. A key alone encrypts what the pipeline keeps in the foundation's bucket.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/S3-artifact-encryption.html
    """

    bucket: Value | None = None
    create_key: bool = False
    key_arn: Value | None = None
    expire_days: int = KEPT_DAYS

    def problems(self) -> Iterator[Problem]:
        if self.create_key and self.key_arn is not None:
            yield Problem("store-key", ("key_arn",), "the store names a key and creates one", "keep one of the two")
        if self.bucket is not None and contradicts(self.bucket, names.BUCKET.matches):
            text = f"{shown(self.bucket)} is no bucket name"
            yield Problem("bucket-name", ("bucket",), text, names.BUCKET.words)
        yield from key_problems(self.key_arn, "store-key")
        yield from expiry_problems(self.expire_days)


def key_problems(key: Value | None, code: str, path: Path = ("key_arn",)) -> Iterator[Problem]:
    """A policy names a key by its own ARN: that of an alias allows nothing.
    https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html"""
    if key is not None and (KEY.refuses(key) or any(":alias/" in each.text for each in shapes(key))):
        text = f"{shown(key)} is not the ARN of a KMS key"
        yield Problem(code, path, text, "an id or alias is not enough: give arn:aws:kms:REGION:ACCOUNT:key/ID")


def expiry_problems(days: int) -> Iterator[Problem]:
    if days < 1:
        yield Problem("store-expiry", ("expire_days",), f"{days} days is no age", "1 or more")
