"""An ECR repository: one that exists, by name, ARN or URI, or one that the stack creates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, fields, replace
from typing import Annotated, Any, ClassVar

from troposphere import AWSHelperFn, GetAtt, ecr

from pipegen.errors import Problem
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Between
from pipegen.fields.gaps import could_match
from pipegen.fields.model import Mapped, Model
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.model.retention import KEPT
from pipegen.model.suppressions import accepted
from pipegen.syntax import names
from pipegen.values.shape import Shape, each_branch, shape, shapes, shown
from pipegen.values.value import ACCOUNT, REGION, URL_SUFFIX, Value, arn, concat

_ECR = r"\.dkr[.-]ecr(?:-fips)?\."
_URI = re.compile(rf"(?P<account>\d{{12}}){_ECR}(?P<region>[a-z0-9-]+)\.(?P<suffix>[a-z.]+)/(?P<name>.+)")
"""Of any partition, by IPv4 or dual-stack: https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html"""
_ARN = re.compile(r"arn:aws[a-z-]*:ecr:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):repository/(?P<name>.+)")

_OPEN_URI = re.compile(rf"(?P<account>[^/:.]+){_ECR}(?P<region>[^/:.]+)\.(?P<suffix>[^/:]+)/(?P<name>[^:@]+)")
_OPEN_ARN = re.compile(r"arn:[^:]+:ecr:(?P<region>[^:]+):(?P<account>[^:]+):repository/(?P<name>[^:@]+)")
"""The same with gaps in them."""

_CACHES = ("azure/", "docker-hub/", "ecr-public/", "github/", "gitlab/", "kubernetes/", "quay/")
"""https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-working.html (the console's prefixes)"""

HOST = re.compile(_ECR)
"""In the name of a registry's host."""

# https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
PUSH = (*PULL, "ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart")

MOST_FILTERS = 5
"""How many filters a repository takes for tags that may move."""

_OF_A_CREATED = ("scan_on_push", "keep_images", "expire_untagged_days")

LOGIN = Grant(
    actions=("ecr:GetAuthorizationToken",),
    resources=("*",),
    because="ecr:GetAuthorizationToken takes no resource; "
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html",
)


@frozen
class Repository(Model):
    """An ECR repository: an existing one, or one that the stack creates and keeps when it is deleted."""

    aws_type: ClassVar[str] = "AWS::ECR::Repository"

    name: Annotated[Value, Property("RepositoryName")]
    """The name, ARN or URI of an existing repository, also as a `!Sub` or `!Join` that shows which it is; any other
    expression is a name. For one to create, its name as plain text."""
    _: KW_ONLY
    create: bool = False
    """Whether the stack creates the repository."""
    immutable: Annotated[bool, Property("ImageTagMutability")] | None = None
    """Whether a tag can be pushed only once. Default: a created repository is immutable, except for literal tags such
    as `latest`, which every build pushes again. For an existing one, set it to tell pipegen how the repository is
    configured.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html"""
    account: Value | None = None
    """The account of an existing repository that is given by its name. Default: the stack's."""
    region: Value | None = None
    """The region of an existing repository that is given by its name. Default: the stack's."""
    scan_on_push: Annotated[bool, Property("ImageScanningConfiguration.ScanOnPush")] = True
    """Whether a created repository scans every pushed image for vulnerabilities."""
    keep_images: Annotated[int, Between(1), Property("LifecyclePolicy.LifecyclePolicyText")] = 500
    """The number of tagged images that a created repository keeps, the newest ones.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html"""
    expire_untagged_days: Annotated[int, Between(1), Property("LifecyclePolicy.LifecyclePolicyText")] = 14
    """Days after which a created repository deletes untagged images."""
    pull_through: bool | None = None
    """Whether an existing repository is a pull-through cache. The first pull of an image from a cache needs permissions
    to import the image and to create the repository. Default: true if the name begins with one of the prefixes that
    ECR's console proposes for caches, such as `docker-hub/`.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-working.html"""

    @staticmethod
    def of(reference: Value | Repository) -> Repository:
        """The repository that a field refers to; a bare value is an existing one's name, ARN or URI."""
        return reference if isinstance(reference, Repository) else Repository(reference)

    def _located(self, name: Shape | None = None) -> tuple[Value, Value, Value]:
        """Account, region and name."""
        name = name or shape(self.name)
        if found := _location(name):
            return name.value(found["account"]), name.value(found["region"]), name.value(found["name"])
        return self.account or ACCOUNT, self.region or REGION, name.value()

    @property
    def is_located(self) -> bool:
        """Whether the name is an ARN or a URI."""
        return any(_location(each) is not None for each in shapes(self.name))

    @property
    def is_cache(self) -> bool:
        """Whether images get into it by being pulled."""
        if self.pull_through is not None:
            return self.pull_through
        name = self.bare_name
        return not self.create and isinstance(name, str) and name.startswith(_CACHES)

    @property
    def bare_name(self) -> Value:
        return self._located()[2]

    @property
    def spelled(self) -> str:
        """The same text for the same repository, whether by ARN, by URI or by name, account and region."""
        parts = self._located()
        shown = [part if isinstance(part, str) else json.dumps(part.to_dict(), sort_keys=True) for part in parts]
        return shown[2] if parts[:2] == (ACCOUNT, REGION) else f"{shown[2]} of account {shown[0]} in {shown[1]}"

    @property
    def logical_id(self) -> str:
        return names.logical_id(str(self.name), "Repository")

    @property
    def uri(self) -> Value:
        """What images are pushed to and pulled from, without a tag."""
        if self.create:
            return GetAtt(self.logical_id, "RepositoryUri")
        return each_branch(self.name, self._uri)

    def _uri(self, name: Shape) -> Value:
        if _matched(_URI, _OPEN_URI, name) and ".dkr-ecr." not in name.text:
            return name.value()  # builds take the region from the host, and that of dual-stack has it elsewhere
        account, region, bare = self._located(name)
        return concat(account, ".dkr.ecr.", region, ".", URL_SUFFIX, "/", bare)

    @property
    def arn(self) -> Value:
        if self.create:
            return GetAtt(self.logical_id, "Arn")
        return each_branch(self.name, self._arn)

    def _arn(self, name: Shape) -> Value:
        if name.is_arn:
            return name.value()
        account, region, bare = self._located(name)
        return arn("ecr", "repository/", bare, region=region, account=account)

    def existing(self) -> Repository:
        """The same as other stacks than the one that creates it refer to it."""
        return replace(self, create=False) if self.create else self

    def freezes(self, tag: object) -> bool:
        """Whether an image that has this further tag of a build is known to keep it."""
        return (self.create and not isinstance(tag, str)) if self.immutable is None else self.immutable

    def problems(self) -> Iterator[Problem]:
        if not all(could_match(_name(each), names.REPOSITORY.matches) for each in shapes(self.name)):
            text = f"{shown(self.name)} is not the name, ARN or URI of an ECR repository"
            yield Problem("repository-name", ("name",), text, names.REPOSITORY.words)
        if self.create and (not isinstance(self.name, str) or self.bare_name != self.name):
            yield Problem("repository-create", ("name",), "a repository to create needs a plain name", "give its name")
        yield from self._idle_problems()

    def _idle_problems(self) -> Iterator[Problem]:
        """Settings that change nothing."""
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name in _OF_A_CREATED and not self.create and value != each.default:
                text = f"{each.name} has no effect on a repository that the stack does not create"
                yield Problem("repository-create", (each.name,), text, "leave it out, or add create: true", "warning")
            if each.name in ("account", "region") and value is not None and (self.create or self.is_located):
                text = f"{each.name} has no effect: the repository is this stack's"
                if not self.create:
                    text = f"{each.name} has no effect: {self.name} says where the repository is"
                yield Problem("repository-name", (each.name,), text, "leave it out", "warning")

    def resource(self, tags: Sequence[object]) -> ecr.Repository:
        """The repository as the stack creates it. tags: beside the commit's, with `*` for any characters."""
        mutability, filters = self._mutability(tags)
        reasons = {"CKV_AWS_136": "ECR encrypts with AES-256 by default; a customer-managed key is not required"}
        if mutability != "IMMUTABLE":
            reasons["CKV_AWS_51"] = "tags that move with every build are asked for; deploys use digests"
        optional: dict[str, Any] = {"ImageTagMutabilityExclusionFilters": filters} if filters else {}
        return ecr.Repository(
            self.logical_id,
            RepositoryName=self.name,
            ImageTagMutability=mutability,
            **optional,
            ImageScanningConfiguration=ecr.ImageScanningConfiguration(ScanOnPush=self.scan_on_push),
            LifecyclePolicy=ecr.LifecyclePolicy(LifecyclePolicyText=self._lifecycle()),
            Metadata=accepted(**reasons),
            **KEPT,
        )

    def _mutability(self, tags: Sequence[object]) -> tuple[str, list[ecr.ImageTagMutabilityExclusionFilter]]:
        """ECR keeps every tag where it is, but for those that filters name. It takes five filters at most; with more
        tags that move, all can be moved.
        https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageTagMutability.html"""
        moving = list(dict.fromkeys(tag for tag in tags if isinstance(tag, str)))
        if self.immutable is False or (self.immutable is None and len(moving) > MOST_FILTERS):
            return "MUTABLE", []
        if self.immutable or not moving:
            return "IMMUTABLE", []
        return "IMMUTABLE_WITH_EXCLUSION", [
            ecr.ImageTagMutabilityExclusionFilter(
                ImageTagMutabilityExclusionFilterType="WILDCARD", ImageTagMutabilityExclusionFilterValue=tag
            )
            for tag in moving
        ]

    def _lifecycle(self) -> str:
        rules = (
            ("Untagged images go after a while", "untagged", "sinceImagePushed", self.expire_untagged_days),
            ("The newest tagged images stay", "tagged", "imageCountMoreThan", self.keep_images),
        )
        policy = {"rules": [_rule(index, *rule) for index, rule in enumerate(rules, start=1)]}
        return json.dumps(policy, indent=2)


def _name(reference: Shape) -> str:
    """The text of a repository's name, wherever the repository is."""
    found = _location(reference)
    return found["name"] if found else reference.text


def _location(name: Shape) -> re.Match[str] | None:
    return _matched(_URI, _OPEN_URI, name) or _matched(_ARN, _OPEN_ARN, name)


def _matched(literal: re.Pattern[str], with_gaps: re.Pattern[str], name: Shape) -> re.Match[str] | None:
    return (with_gaps if name.gaps else literal).fullmatch(name.text)


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


@frozen(kw_only=True)
class Pushed(Model):
    """A repository that an action pushes to: an image for a container, or its cache. tags: beside the commit's; literal
    ones may have `*` for any characters. platform: of the image, as far as the build decides it."""

    repository: Repository
    container: str | None = None
    tags: Sequence[object] = ()
    platform: str | None = None


RepositoryReference = Annotated[str | AWSHelperFn | Repository, Mapped(Repository, otherwise=Value)]
"""An existing repository's name, ARN or URI, or a `Repository`."""
