"""What IAM knows: services, their actions, and the resources that each action is granted on.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache

from pipegen.facts import load
from pipegen.frozen import frozen


@frozen
class Action:
    """types: of resources that it is granted on; none where it is only granted on `*`."""

    name: str
    types: tuple[str, ...]


@frozen
class Service:
    """actions: by name in lower case, as IAM ignores the case.

    arns: of the resources of each type, without partition: `*` stands for a name, `+` for a region or an account. keys:
    condition keys, where `*` stands for the key of a tag.
    """

    prefix: str
    actions: Mapping[str, Action]
    arns: Mapping[str, tuple[str, ...]]
    keys: Collection[str]


def prefixes() -> Collection[str]:
    """Of all services."""
    found: Collection[str] = load("iam").values.keys()
    return found


@cache
def service(prefix: str) -> Service | None:
    """The service with a prefix, such as `sqs`."""
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
    """Condition keys of all services, where `*` stands for the key of a tag."""
    return tuple(load("condition_keys").values)


@cache
def service_principals() -> Collection[str]:
    """Services that assume roles, such as `ecs-tasks`: those that AWS's own policies name."""
    return tuple(load("service_principals").values)
