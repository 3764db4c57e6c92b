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


LISTINGS: Mapping[str, tuple[str, str, str, str]] = {
    "buckets": ("s3", "list_buckets", "Buckets", "Name"),
    "images": ("ssm", "describe_parameters", "Parameters", "Name"),
    "keys": ("kms", "list_aliases", "Aliases", "AliasName"),
    "pipelines": ("codepipeline", "list_pipelines", "pipelines", "name"),
    "projects": ("codebuild", "list_projects", "projects", ""),
    "repositories": ("ecr", "describe_repositories", "repositories", "repositoryName"),
    "roles": ("iam", "list_roles", "Roles", "RoleName"),
    "stacks": ("cloudformation", "describe_stacks", "Stacks", "StackName"),
    "task definitions": ("ecs", "list_task_definitions", "taskDefinitionArns", ""),
}
"""For every kind: the operation that lists it, the list in the answer, and the name in an item that is not a text."""


def _names(cloud: Cloud, service: str, operation: str, key: str, name: str) -> list[str]:
    found: list[Any] = cloud.api(service, operation).get(key, [])
    names = [each[name] if name else each.rpartition("task-definition/")[2] or each for each in found]
    return [each for each in names if not each.startswith("alias/aws/")]


def _services(cloud: Cloud) -> list[str]:
    clusters = cloud.api("ecs", "list_clusters")["clusterArns"]
    arns = [arn for each in clusters for arn in cloud.api("ecs", "list_services", cluster=each)["serviceArns"]]
    return [arn.rpartition(":service/")[2] for arn in arns]
