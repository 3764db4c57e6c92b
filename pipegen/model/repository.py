"""ECR repositories: existing ones, by name, ARN or URI, and those that a stack creates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, fields, replace
from typing import Annotated, Any, ClassVar

from troposphere import AWSObject, GetAtt, ecr

from pipegen.errors import Problem
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Between
from pipegen.fields.gaps import could_match
from pipegen.fields.marks import Mapped
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.model.encryption import EncryptionKey, encrypt
from pipegen.model.retention import KEPT
from pipegen.model.suppressions import suppressed
from pipegen.syntax import names
from pipegen.values.create import create
from pipegen.values.expression import Expression
from pipegen.values.number import IntegerValue, number_text
from pipegen.values.shape import Shape, each_branch, shape, shapes, shown
from pipegen.values.value import ACCOUNT, REGION, URL_SUFFIX, Value, arn, concat

_ECR = r"\.dkr[.-]ecr(?:-fips)?\."
_URI = re.compile(rf"(?P<account>\d{{12}}){_ECR}(?P<region>[a-z0-9-]+)\.(?P<suffix>[a-z.]+)/(?P<name>.+)")
"""In any partition, IPv4 or dual-stack: https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html"""
_ARN = re.compile(r"arn:aws[a-z-]*:ecr:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):repository/(?P<name>.+)")

_OPEN_URI = re.compile(rf"(?P<account>[^/:.]+){_ECR}(?P<region>[^/:.]+)\.(?P<suffix>[^/:]+)/(?P<name>[^:@]+)")
_OPEN_ARN = re.compile(r"arn:[^:]+:ecr:(?P<region>[^:]+):(?P<account>[^:]+):repository/(?P<name>[^:@]+)")
"""The same for texts with gaps."""

_CACHES = ("azure/", "docker-hub/", "ecr-public/", "github/", "gitlab/", "kubernetes/", "quay/")
"""The prefixes that the console proposes for pull-through caches.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-working.html"""

HOST = re.compile(_ECR)
"""Matches a part of the host name of a registry."""

# https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
PUSH = (*PULL, "ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart")

LIMIT_FILTERS = 5
"""The maximum number of mutability exclusion filters of a repository.
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageTagMutability.html"""

_ONLY_CREATED = ("scan_on_push", "keep_images", "expire_untagged_days", "encryption_key")
"""Fields that have an effect only on repositories that the stack creates."""

LOGIN = Grant(
    actions=("ecr:GetAuthorizationToken",),
    resources=("*",),
    because="ecr:GetAuthorizationToken does not support resource-level permissions; "
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html",
)


@frozen
class Repository(Model):
    """An ECR repository: an existing one, or one that the stack creates and that is kept when the stack is deleted."""

    aws_type: ClassVar[str] = "AWS::ECR::Repository"

    name: Annotated[Value, Property("RepositoryName")]
    """The name, ARN or URI of an existing repository, or a `!Sub` or `!Join` that has one of these forms; any other
    expression is a name. For a repository to create, its name as a plain string."""
    _: KW_ONLY
    create: bool = False
    """Whether the stack creates the repository."""
    immutable: Annotated[bool, Property("ImageTagMutability")] | None = None
    """Whether tags are immutable. Default: tags in a created repository are immutable, except for literal tags such as
    `latest`, which every build pushes again. For an existing repository, set it to how the repository is configured.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html"""
    account: Value | None = None
    """The account of an existing repository if `name` is its name. Default: the account of the stack."""
    region: Value | None = None
    """The region of an existing repository if `name` is its name. Default: the region of the stack."""
    scan_on_push: Annotated[bool, Property("ImageScanningConfiguration.ScanOnPush")] = True
    """Whether a created repository scans every pushed image for vulnerabilities."""
    keep_images: Annotated[IntegerValue, Between(1), Property("LifecyclePolicy.LifecyclePolicyText")] = 500
    """The number of the newest tagged images that a created repository keeps.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html"""
    expire_untagged_days: Annotated[IntegerValue, Between(1), Property("LifecyclePolicy.LifecyclePolicyText")] = 14
    """The number of days after which a created repository deletes untagged images."""
    encryption_key: Annotated[EncryptionKey, Property("EncryptionConfiguration")] | None = None
    """The ARN of the KMS key that encrypts a created repository, which cannot change later. Default: the
    `encryption_key` of the definition.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html"""
    pull_through: bool | None = None
    """Whether an existing repository is a pull-through cache. The first pull of an image from a cache requires
    permissions to import the image and to create the repository. Default: true if the name begins with one of the
    prefixes that the ECR console proposes for caches, such as `docker-hub/`.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-working.html"""

    @staticmethod
    def of(reference: Value | Repository) -> Repository:
        """The repository that a field refers to, by the name, ARN or URI of an existing one, or as an object."""
        return reference if isinstance(reference, Repository) else Repository(reference)

    def _located(self, name: Shape | None = None) -> tuple[Value, Value, Value]:
        """The account, region and name."""
        name = name or shape(self.name)
        if match := _location(name):
            return name.value(match["account"]), name.value(match["region"]), name.value(match["name"])
        return self.account or ACCOUNT, self.region or REGION, name.value()

    @property
    def is_located(self) -> bool:
        """Whether the name is an ARN or a URI."""
        return any(_location(each) is not None for each in shapes(self.name))

    @property
    def is_cache(self) -> bool:
        """Whether it is a pull-through cache."""
        if self.pull_through is not None:
            return self.pull_through
        name = self.bare_name
        return not self.create and isinstance(name, str) and name.startswith(_CACHES)

    @property
    def bare_name(self) -> Value:
        return self._located()[2]

    @property
    def identity(self) -> str:
        """A text that is equal for equal repositories, whether given by ARN, by URI or by name, account and region."""
        parts = self._located()
        texts = [part if isinstance(part, str) else json.dumps(part.to_dict(), sort_keys=True) for part in parts]
        return texts[2] if parts[:2] == (ACCOUNT, REGION) else f"{texts[2]} of account {texts[0]} in {texts[1]}"

    @property
    def logical_id(self) -> str:
        return names.logical_id(str(self.name), "Repository")

    @property
    def uri(self) -> Value:
        """The URI that images are pushed to and pulled from, without a tag."""
        if self.create:
            return GetAtt(self.logical_id, "RepositoryUri")
        return each_branch(self.name, self._uri)

    def _uri(self, name: Shape) -> Value:
        if _matched(_URI, _OPEN_URI, name) and ".dkr-ecr." not in name.text:
            return name.value()  # builds read the region from the host, which dual-stack hosts have elsewhere
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
        """The same repository as stacks refer to it that do not create it."""
        return replace(self, create=False) if self.create else self

    def seen_from_elsewhere(self, account: str | None, region: str | None) -> Repository:
        """The same repository as stacks in other accounts and regions refer to it. A name, ARN or URI that contains
        the account and region is kept."""
        if self.is_located:
            return self.existing()
        return replace(self, create=False, account=self.account or account, region=self.region or region)

    def has_immutable(self, tag: object) -> bool:
        """Whether a tag that a build adds to the commit's is known to be immutable."""
        return (self.create and not isinstance(tag, str)) if self.immutable is None else self.immutable

    def problems(self) -> Iterator[Problem]:
        if not all(could_match(_name(each), names.REPOSITORY.matches) for each in shapes(self.name)):
            text = f"name must be the name, ARN or URI of an ECR repository, got {shown(self.name)}"
            yield Problem("repository-name", ("name",), text, f"write {names.REPOSITORY.words}")
        if self.create and (not isinstance(self.name, str) or self.bare_name != self.name):
            yield Problem("repository-create", ("name",), "a repository to create needs a plain name", "give its name")
        yield from self._idle_problems()

    def _idle_problems(self) -> Iterator[Problem]:
        """Settings that have no effect."""
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name in _ONLY_CREATED and not self.create and value != each.default:
                text = f"{each.name} has no effect on a repository that the stack does not create"
                yield Problem("repository-create", (each.name,), text, "leave it out, or add create: true", "warning")
            if each.name in ("account", "region") and value is not None and (self.create or self.is_located):
                text = f"{each.name} has no effect: the repository is this stack's"
                if not self.create:
                    text = f"{each.name} has no effect: {self.name} says where the repository is"
                yield Problem("repository-name", (each.name,), text, "leave it out", "warning")

    def resource(self, tags: Sequence[object]) -> AWSObject:
        """Create the resource. tags: those that builds push besides the commit's, with `*` for any characters."""
        mutability, filters = self._mutability(tags)
        reasons = {"CKV_AWS_136": "ECR encrypts with AES-256 by default; a customer-managed key is not required"}
        if mutability != "IMMUTABLE":
            reasons["CKV_AWS_51"] = "builds push mutable tags as configured; deployments use digests"
        optional: dict[str, Any] = {"ImageTagMutabilityExclusionFilters": filters} if filters else {}
        repository = create(
            ecr.Repository,
            self.logical_id,
            RepositoryName=self.name,
            ImageTagMutability=mutability,
            **optional,
            ImageScanningConfiguration=create(ecr.ImageScanningConfiguration, ScanOnPush=self.scan_on_push),
            LifecyclePolicy=create(ecr.LifecyclePolicy, LifecyclePolicyText=self._lifecycle()),
            Metadata=suppressed(**reasons),
            **KEPT,
        )
        return encrypt(repository, self.encryption_key)

    def _mutability(self, tags: Sequence[object]) -> tuple[str, list[ecr.ImageTagMutabilityExclusionFilter]]:
        """The tag mutability and the filters that exclude mutable tags. With more mutable tags than ECR allows filters,
        all tags are mutable.
        https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageTagMutability.html"""
        mutable = list(dict.fromkeys(tag for tag in tags if isinstance(tag, str)))
        if self.immutable is False or (self.immutable is None and len(mutable) > LIMIT_FILTERS):
            return "MUTABLE", []
        if self.immutable or not mutable:
            return "IMMUTABLE", []
        return "IMMUTABLE_WITH_EXCLUSION", [
            create(
                ecr.ImageTagMutabilityExclusionFilter,
                ImageTagMutabilityExclusionFilterType="WILDCARD",
                ImageTagMutabilityExclusionFilterValue=tag,
            )
            for tag in mutable
        ]

    def _lifecycle(self) -> Value:
        rules = (
            ("Expire untagged images", "untagged", "sinceImagePushed"),
            ("Keep the newest tagged images", "tagged", "imageCountMoreThan"),
        )
        policy = {"rules": [_rule(index, *rule) for index, rule in enumerate(rules, start=1)]}
        before, between, after = json.dumps(policy, indent=2).split(json.dumps(_NUMBER))
        days, images = number_text(self.expire_untagged_days), number_text(self.keep_images)
        return concat(before, days, between, images, after)


def _name(reference: Shape) -> str:
    """The name in a repository's name, ARN or URI."""
    match = _location(reference)
    return match["name"] if match else reference.text


def _location(name: Shape) -> re.Match[str] | None:
    return _matched(_URI, _OPEN_URI, name) or _matched(_ARN, _OPEN_ARN, name)


def _matched(literal: re.Pattern[str], with_gaps: re.Pattern[str], name: Shape) -> re.Match[str] | None:
    return (with_gaps if name.gaps else literal).fullmatch(name.text)


_NUMBER = "NUMBER"
"""Represents the number of a rule, which can be an expression, in the JSON of a lifecycle policy."""


def _rule(priority: int, description: str, status: str, count_type: str) -> dict[str, object]:
    selection: dict[str, object] = {"tagStatus": status}
    if status == "tagged":
        selection["tagPatternList"] = ["*"]
    selection["countType"] = count_type
    if count_type == "sinceImagePushed":
        selection["countUnit"] = "days"
    selection["countNumber"] = _NUMBER
    return {
        "rulePriority": priority,
        "description": description,
        "selection": selection,
        "action": {"type": "expire"},
    }


@frozen(kw_only=True)
class Pushed(Model):
    """A repository that an action pushes an image or its cache to.

    container: the container that the image is for. tags: besides the commit's; literal tags can contain `*` for any
    characters. platform: of the image, as far as the build decides it.
    """

    repository: Repository
    container: str | None = None
    tags: Sequence[object] = ()
    platform: str | None = None


RepositoryReference = Annotated[str | Expression | Repository, Mapped(Repository, otherwise=Value)]
"""An existing repository's name, ARN or URI, or a `Repository`."""
