"""Several accounts on one cloud, and what is in each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.support.cloud import CREDENTIALS, REGION, Cloud, deployer


@dataclass(frozen=True, slots=True)
class Accounts:
    """A cloud with nothing in it, in which every account and region has credentials of its own."""

    cloud: Cloud

    def at(self, account: str, region: str = REGION) -> Cloud:
        """The cloud as seen with the credentials of an account."""
        there = self.cloud.elsewhere(account, region)
        identity = there.aws_json("sts", "get-caller-identity")["Arn"]
        assert identity.startswith(deployer(account).replace(":iam:", ":sts:").replace(":role/", ":assumed-role/"))
        return there

    def person(self, file: Path, profiles: Mapping[str, Cloud]) -> Cloud:
        """The cloud for a person who has profiles, which are written to a file, and no other credentials."""
        lines = []
        for name, there in profiles.items():
            keys = (f"{variable.lower()} = {there.environment[variable]}" for variable in CREDENTIALS)
            lines += [f"[profile {name}]", *keys]
        file.write_text("\n".join([*lines, ""]))
        rest = {name: value for name, value in self.cloud.environment.items() if name not in CREDENTIALS}
        return replace(self.cloud, environment=rest | {"AWS_CONFIG_FILE": str(file)})


def contents(cloud: Cloud) -> Mapping[str, tuple[str, ...]]:
    """What an account has in a region: the names of stacks, services, task definitions and so on, by kind."""
    found = {kind: tuple(sorted(_names(cloud, *listing))) for kind, listing in LISTINGS.items()}
    found["services"] = tuple(sorted(_services(cloud)))
    return {kind: names for kind, names in found.items() if names}


LISTINGS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "buckets": (("s3api", "list-buckets"), "Buckets[].Name"),
    "images": (("ssm", "describe-parameters"), "Parameters[].Name"),
    "keys": (("kms", "list-aliases"), "Aliases[?!starts_with(AliasName, 'alias/aws/')].AliasName"),
    "pipelines": (("codepipeline", "list-pipelines"), "pipelines[].name"),
    "projects": (("codebuild", "list-projects"), "projects[]"),
    "repositories": (("ecr", "describe-repositories"), "repositories[].repositoryName"),
    "roles": (("iam", "list-roles"), "Roles[].RoleName"),
    "stacks": (("cloudformation", "describe-stacks"), "Stacks[].StackName"),
    "task definitions": (("ecs", "list-task-definitions"), "taskDefinitionArns[]"),
}
"""For every kind: the command that lists it, and the names in the answer."""


def _names(cloud: Cloud, command: tuple[str, ...], query: str) -> list[str]:
    return [name.rpartition("task-definition/")[2] for name in _queried(cloud, query, *command)]


def _services(cloud: Cloud) -> list[str]:
    clusters = _queried(cloud, "clusterArns[]", "ecs", "list-clusters")
    arns = [
        arn for each in clusters for arn in _queried(cloud, "serviceArns[]", "ecs", "list-services", "--cluster", each)
    ]
    return [arn.rpartition(":service/")[2] for arn in arns]


def _queried(cloud: Cloud, query: str, *command: str) -> list[Any]:
    return list(cloud.aws_json(*command, "--query", query) or ())
