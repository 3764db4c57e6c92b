"""An ECR repository: one that exists, by name, ARN or URI, or one that the stack creates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from troposphere import AWSHelperFn, GetAtt, ecr

from pipegen import names
from pipegen.accepted import accepted
from pipegen.errors import Problem
from pipegen.grant import Grant
from pipegen.model import Mapped, Model
from pipegen.retention import KEPT
from pipegen.values import ACCOUNT, REGION, URL_SUFFIX, Value, arn, concat

_URI = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<name>.+)")
_ARN = re.compile(r"arn:aws[a-z-]*:ecr:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):repository/(?P<name>.+)")

# https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
PUSH = (*PULL, "ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart")

LOGIN = Grant(
    actions=("ecr:GetAuthorizationToken",),
    resources=("*",),
    because="ecr:GetAuthorizationToken takes no resource; "
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository(Model):
    """An ECR repository.

    name: of an existing repository: its name, ARN or URI, where an expression is taken for a name; of one to create:
        its name.
    create: let the stack create it; it is kept when the stack is deleted.
    immutable: whether a tag can be pushed once only. A created repository is immutable unless a literal tag such as
        `latest` is pushed to it by every build; of an existing one pipegen knows only what is said here.
    account, region: of an existing repository given by an expression; elsewhere they are part of the ARN or URI.
    scan_on_push, keep_images, expire_untagged_days: of a created one. The newest `keep_images` tagged images are kept,
        untagged ones so many days. https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
    """

    name: Value
    create: bool = False
    immutable: bool | None = None
    account: Value | None = None
    region: Value | None = None
    scan_on_push: bool = True
    keep_images: int = 500
    expire_untagged_days: int = 14

    @staticmethod
    def of(reference: Value | Repository) -> Repository:
        """The repository that a field refers to; a bare value is an existing one's name, ARN or URI."""
        return reference if isinstance(reference, Repository) else Repository(name=reference)

    def _located(self) -> tuple[Value, Value, Value]:
        """Account, region and name."""
        text = self.name if isinstance(self.name, str) else ""
        if match := _URI.fullmatch(text) or _ARN.fullmatch(text):
            return match["account"], match["region"], match["name"]
        return self.account or ACCOUNT, self.region or REGION, self.name

    @property
    def bare_name(self) -> Value:
        return self._located()[2]

    @property
    def logical_id(self) -> str:
        return names.logical_id(str(self.name), "Repository")

    @property
    def uri(self) -> Value:
        """What images are pushed to and pulled from, without a tag."""
        if self.create:
            return GetAtt(self.logical_id, "RepositoryUri")
        if isinstance(self.name, str) and _URI.fullmatch(self.name):
            return self.name
        account, region, name = self._located()
        return concat(account, ".dkr.ecr.", region, ".", URL_SUFFIX, "/", name)

    @property
    def arn(self) -> Value:
        if self.create:
            return GetAtt(self.logical_id, "Arn")
        if isinstance(self.name, str) and _ARN.fullmatch(self.name):
            return self.name
        account, region, name = self._located()
        return arn("ecr", "repository/", name, region=region, account=account)

    def existing(self, tags: Sequence[object] = ()) -> Repository:
        """The same as other stacks than the one that creates it refer to it."""
        return replace(self, create=False, immutable=self.is_immutable(tags)) if self.create else self

    def is_immutable(self, tags: Sequence[object]) -> bool:
        """Whether a tag that exists can be counted on to be the image that was pushed first."""
        if self.immutable is None:
            return self.create and not any(isinstance(tag, str) for tag in tags)
        return self.immutable

    def problems(self) -> Iterator[Problem]:
        name = self.bare_name
        if isinstance(name, str) and not names.REPOSITORY.matches(name):
            text = f"{name!r} is no ECR repository: its name, ARN or URI is expected"
            yield Problem("repository-name", ("name",), text, names.REPOSITORY.words)
        if self.create and (not isinstance(self.name, str) or name != self.name):
            yield Problem("repository-create", ("name",), "a repository to create needs a plain name", "give its name")
        for field, value in (("keep_images", self.keep_images), ("expire_untagged_days", self.expire_untagged_days)):
            if value < 1:
                yield Problem("repository-lifecycle", (field,), f"{field} is {value}", "1 or more")

    def resource(self, tags: Sequence[object]) -> ecr.Repository:
        """The repository as the stack creates it."""
        immutable = self.is_immutable(tags)
        reasons = {"CKV_AWS_136": "ECR encrypts with AES-256 by itself; no key of one's own is asked for"}
        if not immutable:
            reasons["CKV_AWS_51"] = "a tag that moves with every build is asked for; deploys use digests"
        return ecr.Repository(
            self.logical_id,
            RepositoryName=self.name,
            ImageTagMutability="IMMUTABLE" if immutable else "MUTABLE",
            ImageScanningConfiguration=ecr.ImageScanningConfiguration(ScanOnPush=self.scan_on_push),
            LifecyclePolicy=ecr.LifecyclePolicy(LifecyclePolicyText=self._lifecycle()),
            Metadata=accepted(**reasons),
            **KEPT,
        )

    def _lifecycle(self) -> str:
        rules = (
            ("Untagged images go after a while", "untagged", "sinceImagePushed", self.expire_untagged_days),
            ("The newest tagged images stay", "tagged", "imageCountMoreThan", self.keep_images),
        )
        policy = {"rules": [_rule(index, *rule) for index, rule in enumerate(rules, start=1)]}
        return json.dumps(policy, indent=2)


def _rule(priority: int, description: str, status: str, count_type: str, number: int) -> dict[str, object]:
    selection: dict[str, object] = {"tagStatus": status}
    if status == "tagged":
        selection["tagPatternList"] = ["*"]
    selection["countType"] = count_type
    if count_type == "sinceImagePushed":
        selection["countUnit"] = "days"
    selection["countNumber"] = number
    return {
        "rulePriority": priority,
        "description": description,
        "selection": selection,
        "action": {"type": "expire"},
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed(Model):
    """A repository that an action pushes to: an image for a container, or its cache. tags: beside the commit's."""

    repository: Repository
    container: str | None = None
    tags: Sequence[object] = ()


RepositoryReference = Annotated[str | AWSHelperFn | Repository, Mapped(Repository, otherwise=Value)]
"""An existing repository's name, ARN or URI, or a `Repository`."""
