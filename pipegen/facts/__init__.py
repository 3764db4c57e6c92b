"""Lists of AWS's, as data that `scripts/facts` takes from the packages in requirements/facts.txt.

A file is read when a definition first needs it. Lists that AWS extends are older than AWS is: a name that one lacks may
still exist, which `unlisted` reports as a warning. What a closed list lacks is an error.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any

from pipegen.errors import Path, Problem, last_of, quoted
from pipegen.frozen import frozen

Schema = Mapping[str, Any]


@frozen
class Facts:
    """The content of a file. source: the packages, or the repository. date: of the newest of them."""

    source: str
    version: str
    date: str
    values: Any


@cache
def load(name: str) -> Facts:
    """The file of that name, without its suffix."""
    import json
    import pkgutil  # quicker to import than importlib.resources

    data = pkgutil.get_data(__name__, f"{name}.json")
    assert data is not None
    return Facts(**json.loads(data))


def regions() -> Mapping[str, Collection[str]]:
    """By partition."""
    found: Mapping[str, Collection[str]] = load("regions").values
    return found


@cache
def region_names() -> Collection[str]:
    """The regions of all partitions."""
    return tuple(name for names in regions().values() for name in names)


@cache
def partition_of(region: str) -> str:
    """The partition of a region; nothing for one that is not listed."""
    return next((partition for partition, names in regions().items() if region in names), "")


@cache
def time_zones() -> frozenset[str]:
    """The names of the IANA time zone database, among them the old ones."""
    return frozenset(load("time_zones").values)


def managed_policies() -> Mapping[str, Collection[str]]:
    """The names of AWS managed policies, by path: `/`, `/service-role/`, …"""
    found: Mapping[str, Collection[str]] = load("managed_policies").values
    return found


def ssl_policies() -> Collection[str]:
    """The security policies of load balancers."""
    return tuple(load("ssl_policies").values)


@cache
def enum(name: str) -> Collection[str]:
    """The values of one of AWS's own types, such as `ecs.UlimitName`, or constants of its construct library, such as
    `codebuild.Image`."""
    constants: Mapping[str, Collection[str]] = load("constructs").values
    return tuple(constants[name] if name in constants else load("enums").values[name])


def attributes(kind: str) -> Collection[str] | None:
    """What `GetAtt` takes of a type of resource; None of a type that no template of pipegen has."""
    found: Collection[str] | None = load("attributes").values.get(kind)
    return found


def properties(kind: str) -> Schema | None:
    """The schema of the properties of a type of resource; None of a type that no template of pipegen has.

    It says `type`, `properties`, `items` and `enum`, as JSON Schema does; `$ref` is the name of one in `definitions`.
    """
    found: Schema | None = load("resources").values.get(kind)
    return found


def runtimes() -> Mapping[str, Mapping[str, Collection[str]]]:
    """The versions of each runtime in a build image, by the directory of the image in the repository of its source."""
    found: Mapping[str, Mapping[str, Collection[str]]] = load("runtimes").values
    return found


@cache
def image_variables() -> frozenset[str]:
    """The environment variables that AWS's build images set."""
    return frozenset(load("image_variables").values)


def closest(name: str, known: Iterable[str]) -> str:
    """The name that was probably meant, whatever its case; nothing where no name is like it."""
    spelled = {each.lower(): each for each in known}
    near = difflib.get_close_matches(name.lower(), spelled, n=1)
    return spelled[near[0]] if near else ""


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
) -> Problem:
    """A name at a path that a list lacks.

    noun: what is listed, such as "region". closed: whether AWS does not extend the list, so that the name is wrong.
    fix: where no name is like it. Default: the list, if it is short. is_field: whether the path leads to the name.
    """
    near = closest(name, known)
    few = f"known are {', '.join(known)}" if len(known) <= _FEW else ""
    shown, kind = quoted(name), f"not a {'valid' if closed else 'known'} {noun}"
    text = (
        f"{shown} is {kind}" if not is_field or path[-1:] == (name,) else f"{last_of(path)} is {shown}, which is {kind}"
    )
    return Problem(code, path, text, f"did you mean {near}?" if near else fix or few, "error" if closed else "warning")


_FEW = 12
"""Names that a message lists."""
