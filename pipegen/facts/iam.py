"""IAM's reference: services, their actions, and the resource types that each action supports.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache

from pipegen.facts import load
from pipegen.frozen import frozen


@frozen
class Action:
    """An action. types: the resource types that it supports; empty if it supports only `*`."""

    name: str
    types: tuple[str, ...]


@frozen
class Service:
    """A service.

    actions: by name in lower case, as IAM ignores case.
    arns: the ARNs of each resource type, without partition; `*` represents a name, `+` a region or an account.
    keys: the condition keys; `*` represents the key of a tag.
    """

    prefix: str
    actions: Mapping[str, Action]
    arns: Mapping[str, tuple[str, ...]]
    keys: Collection[str]


def prefixes() -> Collection[str]:
    """The prefixes of all services."""
    found: Collection[str] = load("iam").values.keys()
    return found


@cache
def service(prefix: str) -> Service | None:
    """The service with a prefix such as `sqs`; None if it is unknown."""
    found = load("iam").values.get(prefix)
    if found is None:
        return None
    actions = {
        name.lower(): Action(name, tuple(types.split()))
        for types, names in found["actions"].items()
        for name in names.split()
    }
    arns = {kind: tuple(each.split()) for kind, each in found["arns"].items()}
    return Service(prefix, actions, arns, frozenset(found["keys"].split()))


@cache
def global_keys() -> Collection[str]:
    """The global condition keys; `*` represents the key of a tag."""
    return tuple(load("condition_keys").values)


@cache
def service_principals() -> Collection[str]:
    """Services that assume roles, such as `ecs-tasks`, according to AWS managed policies."""
    return tuple(load("service_principals").values)
