"""Lists that AWS publishes, as data that `scripts/facts` extracts from the packages in requirements/facts.txt.

A file is read when it is first needed. AWS extends most lists, so `unlisted` reports a name that is not in the list as
a warning; for closed lists it is an error.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from pipegen.errors import Path, Problem, did_you_mean, last_of, quoted
from pipegen.frozen import frozen

Schema = Mapping[str, Any]


@frozen
class Facts:
    """The contents of a file. source: the packages or repository. date: the date of the newest one."""

    source: str
    version: str
    date: str
    values: Any


@cache
def load(name: str) -> Facts:
    """Load a file. name: without its suffix."""
    import json
    import pkgutil  # quicker to import than importlib.resources

    data = pkgutil.get_data(__name__, f"{name}.json")
    assert data is not None
    return Facts(**json.loads(data))


def regions() -> Mapping[str, Collection[str]]:
    """The regions, by partition."""
    by_partition: Mapping[str, Collection[str]] = load("regions").values
    return by_partition


@cache
def region_names() -> Collection[str]:
    """The regions of all partitions."""
    return tuple(name for names in regions().values() for name in names)


@cache
def partition_of(region: str) -> str:
    """The partition of a region; empty if the region is not listed."""
    return next((partition for partition, names in regions().items() if region in names), "")


@cache
def time_zones() -> frozenset[str]:
    """The names in the IANA time zone database, including deprecated ones."""
    return frozenset(load("time_zones").values)


def managed_policies() -> Mapping[str, Collection[str]]:
    """The names of AWS managed policies, by path: `/`, `/service-role/`, …"""
    by_partition: Mapping[str, Collection[str]] = load("managed_policies").values
    return by_partition


def ssl_policies() -> Collection[str]:
    """The security policies of load balancers."""
    return tuple(load("ssl_policies").values)


@cache
def enum(name: str) -> Collection[str]:
    """The values of an enumeration such as `ecs.UlimitName`, or the constants in the AWS CDK such as
    `codebuild.Image`."""
    constants: Mapping[str, Collection[str]] = load("constructs").values
    return tuple(constants[name] if name in constants else load("enums").values[name])


def attributes(kind: str) -> Collection[str] | None:
    """The attributes of a resource type for `GetAtt`; None for types that pipegen does not use."""
    names: Collection[str] | None = load("attributes").values.get(kind)
    return names


def properties(kind: str) -> Schema | None:
    """The schema of the properties of a resource type; None for types that pipegen does not use.

    It contains `type`, `properties`, `items` and `enum` as in JSON Schema; `$ref` is a name in `definitions`.
    """
    schema: Schema | None = load("resources").values.get(kind)
    return schema


def create_only(kind: str) -> tuple[Sequence[str], Sequence[str]]:
    """The properties of any resource type whose change replaces a resource, and those whose change may do so.

    A property inside others is a path, such as `Budget.BudgetName`; `*` in it is any item of a list.
    """
    always, sometimes = load("create_only").values.get(kind, ("", ""))
    return tuple(always.split()), tuple(sometimes.split())


def runtimes() -> Mapping[str, Mapping[str, Collection[str]]]:
    """The versions of each runtime in a build image, by the directory of the image in its source repository."""
    by_image: Mapping[str, Mapping[str, Collection[str]]] = load("runtimes").values
    return by_image


@cache
def image_variables() -> frozenset[str]:
    """The environment variables that AWS's build images set."""
    return frozenset(load("image_variables").values)


def closest(name: str, known: Iterable[str]) -> str:
    """The most similar known name, ignoring case; empty if none is similar."""
    lower = {each.lower(): each for each in known}
    near = difflib.get_close_matches(name.lower(), lower, n=1)
    return lower[near[0]] if near else ""


def unlisted(
    code: str,
    path: Path,
    name: str,
    known: Collection[str],
    noun: str,
    *,
    closed: bool = False,
    fix: str = "",
    is_field: bool = True,
    origin: str = "",
) -> Problem:
    """The problem of a name that is not in a list.

    noun: the term for the names, such as "region". closed: whether the list is complete, so that the name is invalid.
    fix: used if no name is similar. Default: the list, if it is short. is_field: whether the path leads to the name.
    origin: " from !Ref" if the name is a possible value of an expression.
    """
    near = closest(name, known)
    few = f"known are {', '.join(known)}" if len(known) <= _FEW else ""
    shown, kind = f"{quoted(name)}{origin}", f"not a {'valid' if closed else 'known'} {noun}"
    text = (
        f"{shown} is {kind}" if not is_field or path[-1:] == (name,) else f"{last_of(path)} is {shown}, which is {kind}"
    )
    return Problem(code, path, text, did_you_mean(near) or fix or few, "error" if closed else "warning")


_FEW = 12
"""The maximum number of names that a message lists."""
